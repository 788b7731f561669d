// Single keys in the queue of comments, for moderators who switched them on (WCAG 2.1.4): j k a u s d r q e x z.
const cards = [...document.querySelectorAll("[data-card]")];
const kept = "undersigned.queue";
let here = Math.min(Number(sessionStorage.getItem(kept) ?? 0), cards.length - 1);

const show = (place) => {
  if (!cards.length) return;
  here = Math.max(0, Math.min(place, cards.length - 1));
  sessionStorage.setItem(kept, here);
  cards.forEach((card, index) => card.classList.toggle("card-here", index === here));
  cards[here].scrollIntoView({ block: "nearest" });
};

const turn = (step) => {
  const beyond = here + step < 0 || here + step >= cards.length;
  const page = document.querySelector(step > 0 ? ".key-pages a:last-of-type" : ".key-pages a:first-of-type");
  if (beyond && step > 0 && page?.textContent === "Older") {
    sessionStorage.setItem(kept, 0);
    page.click();
  } else show(here + step);
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  if (event.key === "j") turn(1);
  else if (event.key === "k") turn(-1);
  else if (event.key === "x") cards[here]?.querySelector(".action-select")?.click();
  else if (event.key === "z") document.querySelector('[data-key="z"]')?.click();
  else if (/^[ausdrqe]$/.test(event.key)) cards[here]?.querySelector(`[data-key="${event.key}"]`)?.click();
});

show(here);
