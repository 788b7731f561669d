// Shows a button beside each address that can be copied, and says so when it was; where a frame or the browser forbids
// that, the address is selected and the keys are named.
for (const button of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  const said = document.querySelector(`[data-said="${button.dataset.copies}"]`);
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", () => {
    field.select();
    navigator.clipboard.writeText(field.value).then(
      () => (said.textContent = "Link copied"),
      () => (said.textContent = "The link is selected. Copy it with Ctrl+C."),
    );
  });
}
