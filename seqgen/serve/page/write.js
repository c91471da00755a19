// Writing symbol by symbol: coloured by surprise, what else might have come on a click, and going on from there.

import { events, level, percent } from "./ask.js";
import { find, say } from "./say.js";

// name, least, most, step, and the value that changes nothing
const SLIDERS = [
  ["length", 10, 2000, 10, 300],
  ["temperature", 0, 2, 0.05, 1],
  ["top_k", 0, 100, 1, 0],
  ["top_p", 0.05, 1, 0.05, 1],
  ["min_p", 0, 0.5, 0.01, 0],
  ["repeat_penalty", 1, 2, 0.05, 1],
];
const SHOWN = 10;
let symbols = [], prompt = "", at = 0, going;

function sliders() {
  for (const [name, min, max, step, value] of SLIDERS) {
    const made = document.createElement("div");
    made.className = "slider";
    const label = Object.assign(document.createElement("label"), { htmlFor: `slider-${name}`, textContent: say(name) });
    label.dataset.say = name;
    const input = Object.assign(document.createElement("input"), { type: "range", id: `slider-${name}`, min, max, step });
    input.value = value;
    const output = Object.assign(document.createElement("output"), { htmlFor: input.id, textContent: input.value });
    input.addEventListener("input", () => { output.textContent = input.value; });
    made.append(label, input, output);
    find("sliders").append(made);
  }
}

const setting = (name) => Number(find(`slider-${name}`).value);
const visible = (text) => (text === "\n" ? "⏎" : text === " " ? "␣" : text);

function show(symbol) {
  const made = document.createElement("span");
  made.className = "symbol";
  made.role = "option";
  made.id = `symbol-${symbols.length}`;
  made.setAttribute("aria-selected", "false");
  made.textContent = symbol.text;
  made.dataset.level = level(symbol.p);
  made.title = percent(symbol.p);
  if (!symbol.text.trim()) made.setAttribute("aria-label", say(symbol.text === "\n" ? "newline" : "space"));
  symbols.push({ ...symbol, element: made });
  find("written").append(made);
}

function point(number, scroll = true) {
  symbols[at]?.element.classList.remove("at");
  symbols[at]?.element.setAttribute("aria-selected", "false");
  at = Math.max(0, Math.min(symbols.length - 1, number));
  if (!symbols[at]) return;
  symbols[at].element.classList.add("at");
  symbols[at].element.setAttribute("aria-selected", "true");
  find("written").setAttribute("aria-activedescendant", symbols[at].element.id);
  if (scroll) symbols[at].element.scrollIntoView({ block: "nearest" });
}

function choose() {
  const symbol = symbols[at];
  if (!symbol) return;
  find("choices").replaceChildren(...symbol.tops.map(({ text, p }) => {
    const made = document.createElement("button");
    made.type = "button";
    made.role = "menuitem";
    const share = Object.assign(document.createElement("span"), { className: "p", textContent: ` ${percent(p)}` });
    made.append(visible(text), share);
    made.addEventListener("click", () => take(text, p, symbol.tops));
    return made;
  }));
  find("choices").hidden = false;
  find("choices").firstElementChild?.focus();
}

// Another symbol in the place of this one; what came behind it is gone, and the text goes on.
function take(text, p, tops) {
  going?.abort();
  while (symbols.length > at) symbols.pop().element.remove();
  show({ text, p, tops });
  point(symbols.length - 1);
  find("choices").hidden = true;
  find("written").focus();
  write();
}

async function write() {
  going?.abort();
  const mine = going = new AbortController();
  const written = symbols.map((symbol) => symbol.text).join("");
  const left = setting("length") - symbols.length;
  if (left <= 0) return;
  const asked = { model: find("write-model").value, prompt: prompt + written, max_tokens: left, stream: true, logprobs: SHOWN };
  for (const [name, , , , neutral] of SLIDERS.slice(1)) if (setting(name) !== neutral) asked[name] = setting(name);
  find("write-stop").disabled = false;
  try {
    for await (const event of events("v1/completions", asked, mine.signal)) {
      const found = event.choices[0]?.logprobs;
      found?.tokens.forEach((text, place) => {
        const tops = Object.entries(found.top_logprobs[place] ?? {}).map(([one, log]) => ({ text: one, p: Math.exp(log) }));
        show({ text, p: Math.exp(found.token_logprobs[place]), tops });
      });
    }
  } catch { /* it was shown, or stopped */ }
  if (going === mine) find("write-stop").disabled = true;
}

function start() {
  symbols = [];
  prompt = find("write-text").value;
  const given = Object.assign(document.createElement("span"), { className: "given", textContent: prompt, role: "presentation" });
  find("written").replaceChildren(given);
  find("written").removeAttribute("aria-activedescendant");
  find("choices").hidden = true;
  at = 0;
  write();
}

function stop() {
  going?.abort();
  find("write-stop").disabled = true;
}

/** Begin. */
export function begin() {
  sliders();
  find("write-go").addEventListener("click", start);
  find("write-stop").addEventListener("click", stop);
  find("write").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) { start(); event.preventDefault(); }
    if (event.key === "Escape") {
      if (!find("choices").hidden) { find("choices").hidden = true; find("written").focus(); } else stop();
    }
  });
  find("written").addEventListener("click", (event) => {
    const number = symbols.findIndex((symbol) => symbol.element === event.target);
    if (number >= 0) { point(number, false); choose(); }
  });
  find("written").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 20, ArrowUp: -20 }[event.key];
    if (step) { point(at + step); event.preventDefault(); }
    if (event.key === "Enter" && !event.ctrlKey) { choose(); event.preventDefault(); }
  });
  find("choices").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const all = [...find("choices").children];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
    event.preventDefault();
  });
}
