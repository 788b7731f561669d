// Loses nothing: warns before a changed form is left, keeps drafts of forms that can, says who else is here.
const kept = document.getElementById("kept");
const FIELDS = "input:not([type=hidden]):not([type=submit]), textarea, select";
const forms = [...document.querySelectorAll("#content form[method=post]")].filter(
  (form) => form.id !== "changelist-form" && !form.matches(".undo") && form.querySelector(FIELDS),
);
const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
const said = kept?.querySelector("output");
const say = (words, isTrouble = false) => {
  if (!said) return;
  said.textContent = words;
  said.classList.toggle("trouble-said", isTrouble);
};

const data = (form) => {
  const entries = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
  return new URLSearchParams(entries);
};
// How each form stood before somebody put a hand on it: an editor may tidy its text while it starts.
const before = new Map();
const touch = (form) => before.has(form) || before.set(form, `${data(form)}`);
const isChanged = (form) => before.has(form) && before.get(form) !== `${data(form)}`;
let isLeaving = false;

for (const form of forms) {
  for (const kind of ["pointerdown", "focusin", "keydown"]) form.addEventListener(kind, () => touch(form), true);
  form.addEventListener("submit", (event) => {
    const most = Number(kept?.dataset.most ?? 0);
    if (most && form.contains(kept) && `${data(form)}`.length > most) {
      event.preventDefault();
      return say(kept.dataset.tooMuch, true);
    }
    isLeaving = true;
  });
}
addEventListener("beforeunload", (event) => {
  if (!isLeaving && forms.some(isChanged)) event.preventDefault();
});
addEventListener("pageshow", () => (isLeaving = false));

// Drafts: a while after the last key, and when the page is put away; the same form, posted to be kept.
const form = kept?.closest("form");
if (said) [...form.querySelectorAll(".submit-row")].at(-1)?.append(said); // beside the buttons, which stay in sight
const QUIET = 3000;
const AGAIN = 30000;
let timer = 0;
let last = "";
let isOut = false;
const keep = async (isGoing = false) => {
  clearTimeout(timer);
  const now = data(form);
  if (isOut || isLeaving || !isChanged(form) || `${now}` === last) return;
  now.append("csrfmiddlewaretoken", token);
  now.append("_keep", "1");
  try {
    const answer = await fetch(form.action || location.href, { method: "POST", body: now, keepalive: isGoing && `${now}`.length < 60000 });
    if (answer.status === 401) {
      isOut = true;
      return say(kept.dataset.loggedOut, true);
    }
    if (!answer.ok) throw new Error(answer.status);
    const told = await answer.json();
    now.delete("csrfmiddlewaretoken");
    now.delete("_keep");
    last = `${now}`;
    if (told.kept) say(kept.dataset.said.replace("%s", told.kept) + (told.others ? ` ${told.others}.` : ""), Boolean(told.others));
  } catch {
    say(kept.dataset.failed, true);
    timer = setTimeout(keep, AGAIN);
  }
};
if (form) {
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, QUIET);
  };
  for (const kind of ["input", "change", "keyup"]) form.addEventListener(kind, soon);
  document.addEventListener("visibilitychange", () => document.hidden && keep(true));
}

// Who else is here: once a minute while the page is before somebody's eyes, and no more after ten idle minutes.
const place = document.querySelector("[data-model]");
const MINUTE = 60000;
let awake = Date.now();
for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, () => (awake = Date.now()), { passive: true });
const meet = async () => {
  if (document.hidden || Date.now() - awake > 10 * MINUTE) return;
  const body = new URLSearchParams({ csrfmiddlewaretoken: token, model: place.dataset.model, object: place.dataset.object ?? "" });
  const answer = await fetch(place.dataset.here, { method: "POST", body }).catch(() => null);
  if (!answer?.ok) return;
  const line = document.querySelector("[data-company]");
  const { others } = await answer.json();
  line.hidden = !others;
  line.textContent = others;
};
if (place && token) {
  meet();
  setInterval(meet, MINUTE);
}

// One begins at the field that is wrong, or the one the page names, or the first of a page that asks; not on a touch screen,
// where a keyboard would jump up. The page's own is asked for first: a browser may come to its autofocus after this.
const wrong = document.querySelector(".errorlist")?.closest(".form-row, form > div")?.querySelector(FIELDS);
const isNew = document.querySelector("body.decision") && !document.getElementById("keys"); // whose keys would be typed
const only = isNew && forms.length === 1 ? [...forms[0].querySelectorAll(FIELDS)] : [];
const first = wrong ?? document.querySelector("form [autofocus]") ?? only.find((field) => field.offsetParent);
if (first && !location.hash && document.activeElement === document.body && matchMedia("(hover: hover)").matches) {
  first.focus({ preventScroll: !wrong });
}
