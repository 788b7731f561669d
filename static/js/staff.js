// Gives each text editor the name of its field: the library puts an editing area beside the labelled, hidden one.
const name = (editor) => {
  const field = editor.closest(".prose-editor")?.querySelector("textarea");
  const label = field?.labels?.[0];
  if (label) editor.setAttribute("aria-label", label.textContent.trim().replace(/:$/, ""));
};
const nameAll = () => document.querySelectorAll(".tiptap:not([aria-label])").forEach(name);
new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
nameAll();

// Counts what is typed where its length matters: "57 of 80 characters".
for (const field of document.querySelectorAll("[data-count]")) {
  const most = Number(field.dataset.count);
  const said = Object.assign(document.createElement("output"), { className: "count" });
  const count = () => {
    said.textContent = `${field.value.length} of ${most} characters`;
    said.classList.toggle("count-over", field.value.length > most);
  };
  field.after(said);
  field.addEventListener("input", count);
  count();
}
