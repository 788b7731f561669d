// Calls to action in order: drag them, or move them by their buttons. Without this the numbers do it.
const list = document.querySelector("[data-calls]");
const place = (row) => row.querySelector("input[name$='-number']");
const says = (row) => row.querySelector("select[name$='-kind']").value !== "";
const count = () =>
  [...list.children].forEach((row, index) => {
    place(row).value = says(row) || place(row).value ? index + 1 : "";
    place(row).dispatchEvent(new Event("input", { bubbles: true }));
  });
const button = (row, words, move) => {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: words });
  made.addEventListener("click", () => {
    move();
    count();
    made.focus();
  });
  return made;
};
for (const row of list.children) {
  const bar = Object.assign(document.createElement("p"), { className: "calls-move" });
  bar.append(
    button(row, list.dataset.up, () => row.previousElementSibling?.before(row)),
    " ",
    button(row, list.dataset.down, () => row.nextElementSibling?.after(row)),
  );
  row.querySelector("legend").after(bar);
  const handle = row.querySelector("legend");
  handle.draggable = true;
  handle.addEventListener("dragstart", (event) => {
    event.dataTransfer.setData("text/plain", "");
    event.dataTransfer.effectAllowed = "move";
    row.classList.add("dragged");
  });
  handle.addEventListener("dragend", () => {
    row.classList.remove("dragged");
    count();
  });
  row.addEventListener("dragover", (event) => {
    const moved = list.querySelector(".dragged");
    if (!moved || moved === row) return;
    event.preventDefault();
    const box = row.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) row.before(moved);
    else row.after(moved);
  });
}
