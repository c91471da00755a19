// Runs that are being trained: curves and samples so far, and how long it will take.

import { ask } from "./ask.js";
import { find, say } from "./say.js";

const OFTEN = 3000;
let timer, shown = "";

function time(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

async function look() {
  clearTimeout(timer);
  if (find("training").hidden) return;
  timer = setTimeout(look, OFTEN);
  try {
    const { trainings } = await ask("page/models");
    find("no-training").hidden = trainings.length > 0;
    find("some-training").hidden = !trainings.length;
    if (!trainings.length) return;
    const select = find("training-model"), before = select.value;
    select.replaceChildren(...trainings.map((name) => new Option(name, name, false, name === before)));
    const found = await ask(`page/training?name=${encodeURIComponent(select.value)}`);
    const left = found.finished ? say("finished") : found.left === null ? "" : `${time(found.left)} ${say("left")}`;
    find("training-left").textContent = [`${say("step")} ${found.step.toLocaleString()}`, left].filter(Boolean).join(" · ");
    if (found.page !== shown) {
      // The reader's place in the page stays.
      const frame = find("training-page"), place = frame.contentWindow?.scrollY ?? 0;
      frame.addEventListener("load", () => frame.contentWindow.scrollTo(0, place), { once: true });
      frame.srcdoc = shown = found.page;
    }
  } catch { /* it was shown */ }
}

/** Begin. */
export function begin() {
  document.addEventListener("opened", look);
  find("training-model").addEventListener("change", look);
}
