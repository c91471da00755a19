// The page: tabs, themes, the two languages it speaks, and which models there are.

import { ask, onTrouble } from "./ask.js";
import { begin as beginInside } from "./inside.js";
import { find, say, sayIn, spoken } from "./say.js";
import { begin as beginTraining } from "./training.js";
import { begin as beginTranslate } from "./translate.js";
import { begin as beginWrite } from "./write.js";

// Storage may be forbidden; the page then forgets.
const kept = {
  get: (name) => { try { return localStorage.getItem(`seqgen-${name}`); } catch { return null; } },
  set: (name, value) => { try { localStorage.setItem(`seqgen-${name}`, value); } catch { /* forgets */ } },
};

const tabs = [...document.querySelectorAll("[role=tab]")];

function open(tab, focus) {
  for (const one of tabs) {
    const chosen = one === tab;
    one.setAttribute("aria-selected", chosen);
    one.tabIndex = chosen ? 0 : -1;
    find(one.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (focus) tab.focus();
  history.replaceState(null, "", `#${tab.getAttribute("aria-controls")}`);
  document.dispatchEvent(new CustomEvent("opened", { detail: tab.getAttribute("aria-controls") }));
}

function beginTabs() {
  for (const tab of tabs) tab.addEventListener("click", () => open(tab));
  find("tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = tabs.findIndex((tab) => tab.tabIndex === 0);
    open(tabs[(at + step + tabs.length) % tabs.length], true);
    event.preventDefault();
  });
  open(tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash) ?? tabs[0]);
}

function paint(theme) {
  document.documentElement.dataset.theme = theme;
  find("theme").textContent = say(theme === "dark" ? "light" : "dark");
  find("theme").dataset.say = theme === "dark" ? "light" : "dark";
}

function beginSettings() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  paint(kept.get("theme") ?? (system.matches ? "dark" : "light"));
  system.addEventListener("change", () => { if (!kept.get("theme")) paint(system.matches ? "dark" : "light"); });
  find("theme").addEventListener("click", () => {
    kept.set("theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    paint(kept.get("theme"));
  });
  sayIn(kept.get("language") ?? (navigator.language.startsWith("ko") ? "ko" : "en"));
  find("language").addEventListener("click", () => {
    sayIn(spoken() === "ko" ? "en" : "ko");
    kept.set("language", spoken());
  });
}

function fill(select, models) {
  const chosen = select.value || kept.get(select.id);
  select.replaceChildren(...models.map((model) => {
    const pair = model.languages ? ` (${model.languages.join("–")})` : "";
    return new Option(model.name + pair, model.name, false, model.name === chosen);
  }));
  select.addEventListener("change", () => kept.set(select.id, select.value));
}

async function beginModels() {
  const { models } = await ask("page/models");
  fill(find("translate-model"), models.filter((model) => model.translates));
  fill(find("write-model"), models.filter((model) => !model.translates));
  fill(find("inside-model"), models);
  document.dispatchEvent(new CustomEvent("models", { detail: models }));
}

onTrouble((text, needsKey) => {
  find("trouble").textContent = text;
  find("trouble").hidden = !text;
  find("key").hidden = !needsKey;
  if (needsKey) find("key-text").focus();
});
find("key").addEventListener("submit", (event) => {
  event.preventDefault();
  kept.set("key", find("key-text").value);
  beginModels();
});
beginSettings();
beginTranslate();
beginWrite();
beginInside();
beginTraining();
beginTabs();
beginModels();
