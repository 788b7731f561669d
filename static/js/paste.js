// Paste from Word, Google Docs, LibreOffice, mail and web pages: headings, bold, italics, lists, links and the words of
// tables survive as the editor has them; everything else goes, and a line under the editor says what went.
// What is pasted is read in a document without scripts, styles or pictures, so nothing is loaded from anywhere.
const TEXT = 3;
const BLOCK = new Set(
  "ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY CENTER DD DETAILS DIV DL DT FIGCAPTION FIGURE FIELDSET FOOTER FORM H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN NAV OL P PRE SECTION SUMMARY TABLE UL".split(" "),
);
const NOTHING = new Set("SCRIPT STYLE TITLE META LINK HEAD TEMPLATE NOSCRIPT BUTTON INPUT SELECT TEXTAREA".split(" "));
const PICTURE = new Set("IMG PICTURE SVG FIGURE-IMG V:IMAGEDATA CANVAS".split(" "));
const FILM = new Set("IFRAME VIDEO AUDIO OBJECT EMBED".split(" "));

const style = (node) => (node.dataset?.style ?? "").toLowerCase().replace(/\s*:\s*/g, ":");
const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

// Links that lead round by a counter lead straight on, and what lacks its scheme gets it.
const ROUND = [
  [/(^|\.)google\.[a-z.]+$/, ["q", "url"]],
  [/\.safelinks\.protection\.outlook\.com$/, ["url"]],
  [/^lm?\.(facebook|instagram)\.com$/, ["u"]],
  [/^(t\.umblr\.com|out\.reddit\.com|www\.youtube\.com|slack-redir\.net)$/, ["z", "url", "q"]],
];
const ENDS = "org|com|net|info|eu|uk|ie|de|fr|es|it|nl|be|at|ch|pl|pt|se|no|dk|fi|us|ca|au|nz|int|coop|scot|wales|cymru";
const HOST = `(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)+(?:${ENDS})`;
const BARE = new RegExp(`^(?:www\\.[^\\s/]+\\.[a-z]{2,}|${HOST})(?::\\d+)?(?:[/?#]\\S*)?$`, "i");
const MAILBOX = /^[^\s@<>"/:]+@[^\s@<>"/:]+\.[a-z]{2,}$/i;

export const address = (written) => {
  let href = written.trim();
  if (MAILBOX.test(href)) return `mailto:${href}`;
  if (BARE.test(href)) href = `https://${href}`;
  for (let turns = 0; turns < 5; turns += 1) {
    let url;
    try {
      url = new URL(href);
    } catch {
      return "";
    }
    if (url.protocol === "mailto:") return href;
    if (!["http:", "https:"].includes(url.protocol)) return "";
    const proof = /^\/v3\/__(.+?)__;/.exec(url.pathname + url.search);
    const isRound = ROUND.find(([host]) => host.test(url.hostname) && /^\/(url|l\.php|redirect|link|$)?/.test(url.pathname));
    const names = isRound && (url.pathname !== "/" || url.hostname.endsWith("outlook.com")) ? isRound[1] : [];
    const inner = url.hostname === "urldefense.com" && proof ? proof[1] : names.map((name) => url.searchParams.get(name)).find((found) => /^https?:/i.test(found ?? ""));
    if (!inner) {
      const counters = ["fbclid", "gclid"].filter((name) => url.searchParams.has(name));
      for (const name of counters) url.searchParams.delete(name);
      return counters.length ? url.href : href;
    }
    href = inner;
  }
  return "";
};

// Addresses within plain words become links, without the full stop or bracket behind them.
const WRITTEN = new RegExp(`(^|[\\s(\\[“"'])((?:https?://|www\\.)[^\\s<>"]+|${HOST}(?:/[^\\s<>"]*)?)(?![\\w@])`, "gi");
const linked = (text) =>
  text.replace(WRITTEN, (whole, before, found) => {
    const words = found.replace(/[.,;:!?)\]}’”'"]+$/, "");
    const href = address(words);
    return href ? `${before}\u0001${href}\u0002${words}\u0003${found.slice(words.length)}` : whole;
  });
const drawn = (text) =>
  escaped(linked(text)).replace(/\u0001(.*?)\u0002(.*?)\u0003/g, (_all, href, words) => `<a href="${href}">${words}</a>`);

class Flow {
  constructor(left) {
    this.left = left;
    this.blocks = [];
    this.line = "";
  }

  flush(tag = "p") {
    const lines = this.line.split(/(?:<br>\s*){2,}/).map((line) => line.replace(/^(?:\s|<br>)+|(?:\s|<br>)+$/g, ""));
    for (const line of lines) if (line.replace(/<[^>]*>/g, "").trim()) this.blocks.push({ kind: tag, html: line });
    this.line = "";
  }

  read(node, marks) {
    for (const child of node.childNodes) {
      if (child.nodeType === TEXT) this.say(child.data, marks);
      else if (child.nodeType === 1) this.meet(child, marks);
    }
  }

  say(data, marks) {
    const text = marks.keeps ? data : data.replace(/[\t\n\f\r ]+/g, " ").replace(/[ \u00a0]*\u00a0[ \u00a0]+|[ \u00a0]+\u00a0[ \u00a0]*/g, " ");
    if (!text) return;
    const parts = marks.keeps ? text.split(/\r?\n/) : [text];
    parts.forEach((part, at) => {
      if (at) this.line += "<br>";
      const isFirst = !this.line || this.line.endsWith("<br>") || /\s(?:<\/\w+>)*$/.test(this.line);
      const shown = isFirst && !marks.keeps ? part.replace(/^ +/, "") : part;
      if (!shown) return;
      let html = marks.href ? escaped(shown) : drawn(shown);
      if (shown.trim()) {
        if (marks.italic) html = `<em>${html}</em>`;
        if (marks.bold) html = `<strong>${html}</strong>`;
        if (marks.href) html = `<a href="${escaped(marks.href)}">${html}</a>`;
      }
      this.line += html;
    });
  }

  meet(node, marks) {
    const name = node.nodeName.toUpperCase();
    const how = style(node);
    if (NOTHING.has(name) || /display:none|mso-hide:all|mso-list:ignore/.test(how)) return;
    if (/mso-element:comment/.test(how) || (node.getAttribute("id") ?? "").startsWith("_anchor_")) return this.left.add("comments");
    if (PICTURE.has(name)) return this.left.add("pictures");
    if (FILM.has(name)) return this.left.add("films");
    if (name === "BR") return void (this.line += "<br>");
    if (BLOCK.has(name)) return this.block(node, name, how, marked(node, name, how, marks));
    this.read(node, marked(node, name, how, marks));
    if (name === "TD" || name === "TH") this.line += " ";
  }

  block(node, name, how, marks) {
    this.flush();
    const word = /mso-list:\s*(l\d+)\s+level(\d)/.exec(how);
    const inner = new Flow(this.left);
    if (word) {
      const marker = [...node.querySelectorAll("[data-style]")].find((one) => /mso-list:ignore/.test(style(one)))?.textContent ?? "";
      inner.read(node, marks);
      inner.flush();
      const isOrdered = /^\s*\(?[\da-z]{1,4}[.)]/i.test(marker);
      this.blocks.push({ kind: "item", list: word[1], level: Number(word[2]), isOrdered, html: inner.blocks.map((one) => one.html).join("<br>") });
    } else if (/^H[1-6]$/.test(name) || /(^|\s)MsoTitle/.test(node.className)) {
      inner.read(node, { ...marks, bold: false, italic: false });
      inner.flush();
      const level = name === "P" ? 1 : Number(name[1]);
      const html = inner.blocks.map((one) => one.html).join(" ").replace(/<br>/g, " ");
      if (html) this.blocks.push({ kind: "heading", level, html });
    } else if (name === "UL" || name === "OL") {
      const html = list(node, this.left, marks);
      if (html) this.blocks.push({ kind: "html", html });
    } else if (name === "TABLE") this.table(node, marks);
    else if (name === "BLOCKQUOTE") {
      inner.read(node, marks);
      inner.flush();
      const html = put(inner.blocks);
      if (html) this.blocks.push({ kind: "html", html: `<blockquote>${html}</blockquote>` });
    } else if (name === "LI") {
      this.blocks.push({ kind: "html", html: `<ul>${item(node, this.left, marks)}</ul>` });
    } else {
      this.read(node, name === "PRE" ? { ...marks, keeps: true } : marks);
      this.flush();
    }
  }

  // A table that only lays out a page is read as what it holds; another becomes a line for each row.
  table(node, marks) {
    const rows = [...node.querySelectorAll("tr")].filter((row) => row.closest("table") === node);
    const cells = rows.map((row) => [...row.children].filter((cell) => /^T[DH]$/.test(cell.nodeName)));
    if (cells.every((row) => row.length < 2) || node.querySelector("table")) {
      for (const cell of cells.flat()) {
        this.read(cell, marks);
        this.flush();
      }
      return;
    }
    this.left.add("tables");
    for (const row of cells) {
      const words = row.map((cell) => {
        const flow = new Flow(this.left);
        flow.read(cell, cell.nodeName === "TH" ? { ...marks, bold: true } : marks);
        flow.flush();
        return flow.blocks.map((one) => one.html.replace(/<br>/g, " ").replace(/<\/?(?:ul|ol|li|p|blockquote)>/g, " ").trim()).join(" ");
      });
      if (words.some(Boolean)) this.blocks.push({ kind: "p", html: words.map((word) => word || "–").join(" · ") });
    }
  }
}

const marked = (node, name, how, marks) => {
  const next = { ...marks };
  if (name === "B" || name === "STRONG") next.bold = true;
  if (name === "I" || name === "EM" || name === "CITE") next.italic = true;
  const weight = /font-weight:\s*(\w+)/.exec(how)?.[1];
  if (weight) next.bold = weight === "bold" || weight === "bolder" || Number(weight) >= 600;
  const slope = /font-style:\s*(\w+)/.exec(how)?.[1];
  if (slope) next.italic = slope === "italic" || slope === "oblique";
  if (/white-space:\s*pre/.test(how) && node.textContent.includes("\n")) next.keeps = true;
  if (name === "A" && node.hasAttribute("href")) next.href = address(node.getAttribute("href"));
  return next;
};

const item = (node, left, marks) => {
  const flow = new Flow(left);
  flow.read(node, marks);
  flow.flush();
  return flow.blocks.length ? `<li>${put(flow.blocks)}</li>` : "";
};

// Google Docs puts the inner list beside its item, where it belongs inside.
const list = (node, left, marks) => {
  const items = [];
  for (const child of node.children) {
    if (child.nodeName === "LI") items.push(item(child, left, marked(child, "LI", style(child), marks)));
    else if (child.nodeName === "UL" || child.nodeName === "OL") {
      const inner = list(child, left, marks);
      if (inner && items.length) items[items.length - 1] = items[items.length - 1].replace(/<\/li>$/, `${inner}</li>`);
      else if (inner) items.push(`<li>${inner}</li>`);
    } else items.push(item(child, left, marks));
  }
  const tag = node.nodeName.toLowerCase();
  return items.some(Boolean) ? `<${tag}>${items.join("")}</${tag}>` : "";
};

const nested = (items) => {
  const least = Math.min(...items.map((one) => one.level));
  let html = "";
  for (let at = 0; at < items.length; ) {
    const inner = [];
    const first = items[at];
    at += 1;
    while (at < items.length && items[at].level > least) inner.push(items[at++]);
    html += `<li><p>${first.html}</p>${inner.length ? nested(inner) : ""}</li>`;
  }
  const tag = items[0].isOrdered ? "ol" : "ul";
  return `<${tag}>${html}</${tag}>`;
};

const put = (blocks) => {
  const levels = [...new Set(blocks.filter((one) => one.kind === "heading").map((one) => one.level))].sort();
  let html = "";
  for (let at = 0; at < blocks.length; ) {
    const one = blocks[at];
    if (one.kind === "item") {
      const items = [one];
      at += 1;
      const goesOn = (next) => next?.kind === "item" && (next.level > one.level || next.list === one.list);
      while (goesOn(blocks[at])) items.push(blocks[at++]);
      html += nested(items);
      continue;
    }
    at += 1;
    if (one.kind === "html") html += one.html;
    else if (one.kind === "heading") html += levels.indexOf(one.level) ? `<h3>${one.html}</h3>` : `<h2>${one.html}</h2>`;
    else html += `<p>${one.html}</p>`;
  }
  return html;
};

export const clean = (raw) => {
  const counted = {};
  const left = { add: (what) => void (counted[what] = (counted[what] ?? 0) + 1) };
  const flow = new Flow(left);
  // Our policy refuses styles and scripts within a page, even in one that is only read, and says so: here they are words.
  const inert = raw.replace(/<style\b[\s\S]*?<\/style\s*>/gi, "").replace(/<[a-z](?:[^<>"']|"[^"]*"|'[^']*')*>/gi, (tag) => tag.replace(/(\s)(style|on\w+)(?=\s*=)/gi, "$1data-$2"));
  flow.read(new DOMParser().parseFromString(inert, "text/html").body, {});
  flow.flush();
  return { html: put(flow.blocks), left: counted };
};

const words = document.getElementById("writing-words");
const told = (left) =>
  Object.entries(left)
    .map(([what, number]) => words?.dataset[what]?.replace("%s", number))
    .filter(Boolean)
    .join(" ");

addEventListener(
  "paste",
  (event) => {
    const editor = event.target instanceof Element ? event.target.closest(".tiptap") : null;
    const raw = event.clipboardData?.getData("text/html");
    if (!editor || event.isCleaned) return;
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    const plain = event.clipboardData?.getData("text/plain") ?? "";
    if (!raw && !files.length && !WRITTEN.test(plain)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const lines = raw ? raw : plain.split(/\r?\n\s*\r?\n/).map((one) => `<p>${escaped(one).replace(/\r?\n/g, "<br>")}</p>`).join("");
    const { html, left } = clean(lines);
    if (!raw && files.length) left.pictures = files.length;
    if (html) {
      const data = new DataTransfer();
      data.setData("text/html", html);
      data.setData("text/plain", plain);
      const again = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
      again.isCleaned = true;
      event.target.dispatchEvent(again);
    }
    const box = editor.closest(".prose-editor");
    let said = box.parentElement.querySelector("output.pasted");
    if (!said) {
      said = Object.assign(document.createElement("output"), { className: "pasted" });
      box.after(said);
    }
    said.textContent = told(left);
  },
  true,
);
