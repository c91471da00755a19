// Looks inside a model: the server draws them, as `seqgen report` does.

import { ask } from "./ask.js";
import { find, say } from "./say.js";

async function look() {
  const button = find("inside-go");
  button.disabled = true;
  button.textContent = say("looking");
  try {
    const { page } = await ask("page/look", { model: find("inside-model").value, text: find("inside-text").value });
    find("inside-page").srcdoc = page;
    find("inside-page").hidden = false;
  } catch { /* it was shown */ }
  button.disabled = false;
  button.textContent = say("look");
}

/** Begin. */
export function begin() {
  find("inside-go").addEventListener("click", look);
  find("inside-text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) look();
  });
}
