// What a page does where scripts run: a button that copies an example, and a search over all pages. The words of the
// pages come as a script of their own, because a page that is a file may not read another one.
"use strict";
const root = document.documentElement.dataset.root;

// A command is copied without its prompt and without what it prints.
function example(block) {
  const commands = block.querySelectorAll(".command");
  return commands.length ? Array.from(commands, (command) => command.textContent + "\n").join("") : block.textContent;
}

async function copy(text) {
  // A page that is a file is no secure context in every browser, and has no clipboard then.
  try {
    return await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    if (!copied) throw new Error("the browser does not let this page copy");
  }
}

for (const box of document.querySelectorAll(".example")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "copy";
  button.className = "copy";
  button.addEventListener("click", async () => {
    try {
      await copy(example(box.querySelector("code")));
      button.textContent = "copied";
    } catch {
      button.textContent = "cannot copy";
    }
    setTimeout(() => (button.textContent = "copy"), 1500);
  });
  box.append(button);
}

// The list of pages stands open where it is beside the text.
const pages = document.querySelector("nav details");
const wide = matchMedia("(min-width: 900px)");
const unfold = () => (pages.open = wide.matches);
wide.addEventListener("change", unfold);
unfold();

const form = document.querySelector(".search");
const input = form.querySelector("input");
const results = form.querySelector(".results");
let index; // of all pages, once it has been asked for
form.hidden = false;

function load() {
  index ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = root + "search.js";
    script.onload = () => done(sockPages);
    script.onerror = failed;
    document.head.append(script);
  });
  return index;
}

/** How well a part of a page fits: 0 when a word is missing. */
function score(part, words) {
  let sum = 0;
  for (const word of words) {
    const title = part.title.toLowerCase();
    part.lower ??= part.text.toLowerCase();
    if (title === word || title.split(" ").pop() === word) sum += 100 - title.length / 100;
    else if (title.startsWith(word)) sum += 50;
    else if (title.includes(word)) sum += 20;
    else if (part.lower.includes(word)) sum += 1 + Math.min(9, part.lower.split(word).length - 1) / 10;
    else return 0;
  }
  // A file of the repository is rarely what is looked for.
  return part.page === "file" ? sum / 100 : sum;
}

/** The text around the first word that is found, with that word marked. */
function excerpt(part, words) {
  const line = document.createElement("span");
  const at = Math.min(...words.map((word) => part.lower.indexOf(word)).filter((place) => place >= 0));
  if (!Number.isFinite(at)) {
    line.textContent = part.text.slice(0, 120);
    return line;
  }
  const word = words.find((each) => part.lower.startsWith(each, at));
  const from = Math.max(0, at - 40);
  const mark = document.createElement("mark");
  mark.textContent = part.text.slice(at, at + word.length);
  line.append((from ? "…" : "") + part.text.slice(from, at), mark, part.text.slice(at + word.length, at + 80));
  return line;
}

async function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return void (results.hidden = true);
  let parts;
  try {
    parts = await load();
  } catch {
    parts = [];
  }
  const found = parts.map((part) => [score(part, words), part]).filter(([points]) => points > 0);
  found.sort(([a], [b]) => b - a);
  results.replaceChildren(
    ...found.slice(0, 20).map(([, part]) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      const title = document.createElement("b");
      const page = document.createElement("small");
      title.textContent = part.title;
      page.textContent = part.page;
      link.href = root + part.url;
      link.append(title, " ", page, excerpt(part, words));
      item.append(link);
      return item;
    }),
  );
  if (!found.length) {
    const item = document.createElement("li");
    item.textContent = "nothing has these words";
    results.append(item);
  }
  results.hidden = false;
}

input.addEventListener("focus", () => load().catch(() => {}));
input.addEventListener("input", search);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  results.querySelector("a")?.click();
});
// A browser that gives a clicked link no focus would close the list before the click.
results.addEventListener("mousedown", (event) => event.preventDefault());
form.addEventListener("focusout", (event) => {
  if (!form.contains(event.relatedTarget)) results.hidden = true;
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    input.focus();
    input.select();
  } else if (event.key === "Escape") {
    results.hidden = true;
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && form.contains(event.target) && !results.hidden) {
    const links = [...results.querySelectorAll("a")];
    const next = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    (links[next] ?? input).focus();
  }
});
