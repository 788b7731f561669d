// How many a mail would go to, counted anew whenever the choice of whom it is for changes.
const form = document.querySelector("form[data-counts]");
const QUIET = 300;
let timer = 0;
let asked = 0;

const count = async () => {
  const number = ++asked;
  const chosen = [...new FormData(form)].filter(([name, value]) => value && name !== "csrfmiddlewaretoken" && !name.startsWith("at_"));
  const answer = await fetch(`${form.dataset.counts}?${new URLSearchParams(chosen)}`).catch(() => null);
  if (!answer?.ok || number !== asked) return;
  const told = await answer.json();
  for (const place of form.querySelectorAll("[data-counted]")) {
    const words = told[place.dataset.counted];
    if (words) place.textContent = place.dataset.words ? place.dataset.words.replace("%s", words) : words;
  }
};

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(count, QUIET);
});
