// Typing in a sheet: Enter goes to the next line, and after the last of them to a new one; Ctrl+Enter keeps the sheet.
const form = document.querySelector("form.sheet-grid");
const body = form.querySelector("tbody");
const total = form.querySelector("[name=line-TOTAL_FORMS]");
const most = Number(form.querySelector("[name=line-MAX_NUM_FORMS]").value);

const grow = () => {
  const number = body.rows.length;
  if (number >= most) return;
  const row = body.rows[number - 1].cloneNode(true);
  row.querySelector("th").textContent = number + 1;
  for (const input of row.querySelectorAll("input")) {
    input.value = "";
    input.removeAttribute("autofocus");
    input.name = input.name.replace(/\d+/, number);
    input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+/, number + 1));
  }
  body.append(row);
  total.value = number + 1;
};

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input:not([type=submit])")) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) return form.requestSubmit();
  const row = event.target.closest("tbody tr");
  if (!row) return body.rows[0].querySelector("input").focus();
  if (!row.nextElementSibling) grow();
  (row.nextElementSibling?.querySelector("input") ?? form.querySelector("[type=submit]")).focus();
});
