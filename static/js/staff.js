// Gives each text editor the name of its field: the library puts an editing area beside the labelled, hidden one.
const name = (editor) => {
  const field = editor.closest(".prose-editor")?.querySelector("textarea");
  const label = field?.labels?.[0];
  if (label) editor.setAttribute("aria-label", label.textContent.trim().replace(/:$/, ""));
};
const nameAll = () => document.querySelectorAll(".tiptap:not([aria-label])").forEach(name);
new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
nameAll();
