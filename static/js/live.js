// Asks for the number every 10 seconds; one button stops and starts it (WCAG 2.2.2), another fills the screen. While it
// runs, the screen stays awake where the browser allows that.
const place = document.querySelector("[data-count]");
const number = place.querySelector("[data-number]");
const pause = place.querySelector("[data-pause]");
const fill = place.querySelector("[data-fill]");
const said = place.querySelector("[data-said]");
let paused = false;
let awake = null;

const stayAwake = async () => {
  if (paused || document.hidden || !navigator.wakeLock) return;
  try {
    awake = await navigator.wakeLock.request("screen");
  } catch {
    // A low battery, or a rule of the browser: the screen sleeps as it likes.
  }
};

const look = async () => {
  if (paused || document.hidden || !number) return;
  try {
    const { signatures } = await (await fetch(place.dataset.count)).json();
    if (signatures === null) return;
    number.textContent = signatures.toLocaleString("en-GB");
    number.dataset.letters = number.textContent.length;
    said.textContent = "";
  } catch {
    said.textContent = "No connection just now. This is the last number we heard.";
  }
};

pause.hidden = !number;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Go on" : "Pause";
  if (paused) awake?.release();
  else Promise.all([stayAwake(), look()]);
});

fill.hidden = !document.fullscreenEnabled;
fill.addEventListener("click", () =>
  document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen(),
);
document.addEventListener("fullscreenchange", () => {
  fill.textContent = document.fullscreenElement ? "Leave full screen" : "Fill the screen";
});

document.addEventListener("visibilitychange", () => Promise.all([stayAwake(), look()]));
setInterval(look, 10000);
stayAwake();
