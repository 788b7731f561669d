// The preview follows what is typed; without this the button does it.
const button = document.querySelector("[data-preview]");
let soon;
const follow = () => {
  clearTimeout(soon);
  soon = setTimeout(() => button.form.requestSubmit(button), 800);
};
for (const event of ["input", "change"]) button.form.addEventListener(event, follow);
