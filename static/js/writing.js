// Beside each text editor: how many words it has, what looks like a heading and is none, and a way to fill the window.
const words = document.getElementById("writing-words");
const A_MINUTE = 220; // words that are read
const MOST = 80; // letters of a heading

const counted = (editor) => {
  const found = editor.innerText.trim();
  return found ? found.split(/\s+/).length : 0;
};
const looksLikeHeading = (paragraph) => {
  const text = paragraph.textContent.trim();
  if (!text || text.length > MOST || /[.!?:;,…]$/.test(text) || !paragraph.nextElementSibling) return false;
  const bold = [...paragraph.querySelectorAll("strong")].map((one) => one.textContent).join("");
  return bold.trim() === text;
};

const attend = (editor) => {
  const box = editor.closest(".prose-editor");
  if (!box || box.dataset.isAttended || !words) return;
  box.dataset.isAttended = "yes";
  const line = Object.assign(document.createElement("p"), { className: "writing-line" });
  const number = document.createElement("span");
  const hint = Object.assign(document.createElement("output"), { className: "writing-hint" });
  const wide = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: words.dataset.wide });
  const spread = (isWide) => {
    box.classList.toggle("is-wide", isWide);
    wide.textContent = isWide ? words.dataset.narrow : words.dataset.wide;
    wide.setAttribute("aria-pressed", isWide);
    document.documentElement.classList.toggle("has-wide", isWide);
    editor.focus();
  };
  wide.setAttribute("aria-pressed", "false");
  wide.addEventListener("click", () => spread(!box.classList.contains("is-wide")));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && box.classList.contains("is-wide")) spread(false);
  });
  line.append(number, wide);
  box.append(line, hint);
  const look = () => {
    const many = counted(editor);
    const minutes = Math.max(1, Math.round(many / A_MINUTE));
    number.textContent = many === 1 ? words.dataset.word : words.dataset.words.replace("%s", many).replace("%m", minutes);
    const found = [...editor.querySelectorAll(":scope > p")].find(looksLikeHeading);
    const said = found ? words.dataset.heading.replace("%s", found.textContent.trim()) : "";
    if (hint.textContent !== said) hint.textContent = said;
  };
  new MutationObserver(look).observe(editor, { childList: true, subtree: true, characterData: true });
  look();
};
const attendAll = () => document.querySelectorAll(".prose-editor .tiptap").forEach(attend);
new MutationObserver(attendAll).observe(document.body, { childList: true, subtree: true });
attendAll();
