// Translating as somebody types: words coloured by their probability, linked to the words they came from, and other translations.

import { ask, level, percent } from "./ask.js";
import { find, say } from "./say.js";

// Milliseconds without a key before a translation is asked for.
const PAUSE = 150;
let timer, going;

function word(text, side, number, title) {
  const made = document.createElement("span");
  made.className = "word";
  made.textContent = text;
  made.dataset[side] = number;
  if (title) made.title = title;
  return made;
}

function row(kind, words, language) {
  const made = document.createElement("p");
  made.className = `words ${kind}`;
  if (language) made.lang = language;
  made.append(...words.flatMap((one, place) => (place ? [" ", one] : [one])));
  return made;
}

function pair(line, languages) {
  const made = document.createElement("div");
  made.className = "pair";
  const from = line.source.map((text, number) => word(text, "from", number));
  const to = line.words.map(({ text, p }, number) => {
    const shown = word(text, "to", number, p === null ? say("kept") : percent(p));
    shown.dataset.level = level(p);
    if (p === null) shown.classList.add("kept");
    return shown;
  });
  made.append(row("from", from, languages?.[0]), row("to", to, languages?.[1]));
  if (to.length) to[0].tabIndex = 0;
  if (line.others.length) {
    const others = document.createElement("ul");
    others.className = "others";
    others.setAttribute("aria-label", say("others"));
    others.append(...line.others.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    made.append(others);
  }
  link(made, line.links, from, to);
  return made;
}

// What is pointed at, or has the focus, shows its partners.
function link(made, links, from, to) {
  const light = (element, on) => {
    const [side, number] = "from" in element.dataset ? [0, +element.dataset.from] : [1, +element.dataset.to];
    for (const one of links.filter((found) => found[side] === number)) {
      from[one[0]]?.classList.toggle("linked", on);
      to[one[1]]?.classList.toggle("linked", on);
    }
  };
  for (const element of [...from, ...to]) {
    for (const [event, on] of [["pointerenter", true], ["pointerleave", false], ["focus", true], ["blur", false]]) {
      element.addEventListener(event, () => light(element, on));
    }
  }
  made.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = to.indexOf(document.activeElement);
    if (!step || at < 0 || !to[at + step]) return;
    to[at].tabIndex = -1;
    to[at + step].tabIndex = 0;
    to[at + step].focus();
    event.preventDefault();
  });
}

async function translate(models) {
  going?.abort();
  going = new AbortController();
  const text = find("translate-text").value, name = find("translate-model").value;
  if (!text.trim() || !name) {
    find("translation").replaceChildren();
    find("translate-scale").hidden = true;
    return;
  }
  try {
    const { lines } = await ask("page/translate", { model: name, text }, going.signal);
    const languages = models.find((model) => model.name === name)?.languages;
    find("translation").replaceChildren(...lines.filter((line) => line.source.length).map((line) => pair(line, languages)));
    find("translate-scale").hidden = false;
  } catch { /* it was shown, or another one is on its way */ }
}

/** Begin. */
export function begin() {
  let models = [];
  document.addEventListener("models", (event) => { models = event.detail; });
  const soon = () => { clearTimeout(timer); timer = setTimeout(() => translate(models), PAUSE); };
  find("translate-text").addEventListener("input", soon);
  find("translate-model").addEventListener("change", soon);
}
