// Shows the phone's own share button where there is one. Closing its sheet is no error.
const button = document.querySelector("[data-share]");
if (button && navigator.share) {
  button.closest("li").hidden = false;
  button.addEventListener("click", () => {
    const { title, text, url } = button.dataset;
    navigator.share({ title, text, url }).catch((error) => {
      if (error.name !== "AbortError") throw error;
    });
  });
}

// Remembers on this device, and only once it is used, which Mastodon server its owner shares on.
const form = document.querySelector("form[data-remembers]");
if (form) {
  const field = form.elements[form.dataset.remembers];
  try {
    field.value ||= localStorage.getItem("mastodon") ?? "";
    form.addEventListener("submit", () => localStorage.setItem("mastodon", field.value));
  } catch {
    // A browser that keeps nothing for us: typing it again will do.
  }
}
