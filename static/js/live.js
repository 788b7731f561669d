// Asks for the number every 10 seconds; the button stops and starts it (WCAG 2.2.2).
const place = document.querySelector("[data-count]");
const number = place.querySelector("[data-number]");
const button = place.querySelector("[data-pause]");
let paused = false;
button.hidden = false;
button.addEventListener("click", () => {
  paused = !paused;
  button.textContent = paused ? "Go on" : "Pause";
});
setInterval(async () => {
  if (paused || document.hidden) return;
  try {
    const { signatures } = await (await fetch(place.dataset.count)).json();
    number.textContent = signatures.toLocaleString("en-GB");
  } catch {
    // No network just now: the next time will do.
  }
}, 10000);
