// Shows the phone's own share button where there is one. Closing its sheet is no error.
const button = document.querySelector("[data-share]");
if (button && navigator.share) {
  button.closest("li").hidden = false;
  button.addEventListener("click", () => {
    const { title, url } = button.dataset;
    navigator.share({ title, url }).catch((error) => {
      if (error.name !== "AbortError") throw error;
    });
  });
}
