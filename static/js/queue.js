// Single keys in the queues, for whoever switched them on (WCAG 2.1.4). The page's own list says what each key does:
// a button or link of the row with data-key comes first, then one anywhere on the page, then an action of the list.
const list = document.getElementById("keys");
const rows = [...document.querySelectorAll("[data-card], #result_list tbody tr")];
const kept = `undersigned.queue:${location.pathname}`;
let here = Math.min(Number(sessionStorage.getItem(kept) ?? 0), rows.length - 1);

const show = (place, first = false) => {
  if (!rows.length) return;
  here = Math.max(0, Math.min(place, rows.length - 1));
  sessionStorage.setItem(kept, here);
  rows.forEach((row, index) => row.classList.toggle("card-here", index === here));
  // The first row is on the screen as the page opens, below what the page has to say.
  if (!first || here > 0) rows[here].scrollIntoView({ block: "nearest" });
};

const turn = (step) => {
  const beyond = here + step >= rows.length;
  const older = [...document.querySelectorAll(".key-pages a")].find((link) => link.textContent === "Older");
  if (!beyond || !older) return show(here + step);
  sessionStorage.setItem(kept, 0);
  older.click();
};

const boxes = () => rows.map((row) => row.querySelector(".action-select")).filter(Boolean);
const choose = (box, on) => box.checked !== on && box.click();
const chooseAll = () => {
  const all = boxes().every((box) => box.checked);
  boxes().forEach((box) => choose(box, !all));
};

const act = ({ action, why }) => {
  const form = document.getElementById("changelist-form");
  const chosen = form?.querySelector("select[name=action]");
  if (![...(chosen?.options ?? [])].some((option) => option.value === action)) return;
  if (!boxes().some((box) => box.checked)) return;
  chosen.value = action;
  const quick = Object.assign(document.createElement("input"), { type: "hidden", name: "quick", value: why });
  form.append(quick);
  form.submit();
};

const elsewhere = (letter) =>
  [...document.querySelectorAll(`[data-key="${letter}"]`)].find((one) => !one.closest("[data-card], #result_list"));
const press = (target) => (target.matches("a, button") ? target.click() : target.focus());
const open = (fragment) => {
  const link = rows[here]?.querySelector("th a, [data-key=e]");
  if (link) location.href = link.href + fragment;
};

const single = (letter, does) => {
  const row = rows[here];
  const target = row?.querySelector(`[data-key="${letter}"]`) ?? elsewhere(letter);
  if (target) return press(target);
  if (letter === "e") return open("");
  if ("opens" in does) return open(`#key-${letter}`);
  const box = row?.querySelector(".action-select");
  if (!does.action || !box) return;
  boxes().forEach((other) => choose(other, other === box));
  act(does);
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || list.open) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const letter = event.key.toLowerCase();
  const line = [...list.querySelectorAll("[data-letter]")].find((one) => one.dataset.letter === letter);
  if (!line) return;
  event.preventDefault();
  if (letter === "?") list.showModal();
  else if (letter === "x") event.shiftKey ? chooseAll() : rows[here]?.querySelector(".action-select")?.click();
  else if (event.shiftKey) line.dataset.action && act(line.dataset);
  else if (rows.length && "jk".includes(letter)) turn(letter === "j" ? 1 : -1);
  else single(letter, line.dataset);
});

show(here, true);
if (location.hash.startsWith("#key-")) elsewhere(location.hash.slice(5))?.focus();
