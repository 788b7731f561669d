// Shows the phone's own share button where there is one. Closing its sheet is no error.
const share = document.querySelector("[data-share]");
if (share && navigator.share) {
  share.hidden = false;
  share.addEventListener("click", () => {
    const { title, text, url } = share.dataset;
    navigator.share({ title, text, url }).catch((error) => {
      if (error.name !== "AbortError") throw error;
    });
  });
}
