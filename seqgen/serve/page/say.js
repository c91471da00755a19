// What the page says, in English and in Korean. Elements name their text with data-say, labels with data-label and data-title.

const TEXTS = {
  translate: ["Translate", "번역"],
  write: ["Write", "글쓰기"],
  inside: ["Look inside", "들여다보기"],
  training: ["Training", "학습"],
  dark: ["Dark", "어둡게"],
  light: ["Light", "밝게"],
  key: ["This server wants a key:", "이 서버는 키가 필요합니다:"],
  use: ["Use it", "사용"],
  model: ["Model", "모델"],
  run: ["Run", "학습 결과"],
  source: ["Text to translate; it is translated as you type", "번역할 글. 쓰는 대로 번역됩니다"],
  likely: ["likely", "확률 높음"],
  unlikely: ["unlikely", "확률 낮음"],
  kept: ["put back as it was", "원문 그대로 넣은 것"],
  "translate-hint": [
    "Point at a word, or walk with the arrow keys, to see which words it came from.",
    "단어를 가리키거나 화살표 키로 옮겨 가면 어느 단어에서 왔는지 보입니다.",
  ],
  prompt: ["How the text begins", "글의 첫머리"],
  samplers: ["How symbols are chosen", "기호를 고르는 방법"],
  go: ["Write (Ctrl+Enter)", "쓰기 (Ctrl+Enter)"],
  stop: ["Stop (Esc)", "멈추기 (Esc)"],
  "write-hint": [
    "Click a symbol, or press Enter on it, to see what else might have come; take another, and the text goes on from there.",
    "기호를 누르거나 그 위에서 Enter를 누르면 대신 올 수 있었던 것이 보입니다. 다른 것을 고르면 거기서부터 글이 이어집니다.",
  ],
  "inside-text": ["Text to look at", "살펴볼 글"],
  look: ["Look", "보기"],
  looking: ["Looking…", "살펴보는 중…"],
  "no-training": [
    "No run is being trained. This fills when `seqgen train` runs in the same folder.",
    "학습 중인 모델이 없습니다. 같은 폴더에서 `seqgen train`을 실행하면 여기에 보입니다.",
  ],
  left: ["left", "남음"],
  step: ["step", "단계"],
  finished: ["finished", "끝남"],
  written: ["The text, symbol by symbol", "기호 하나하나로 본 글"],
  choices: ["What else might have come", "대신 올 수 있었던 것"],
  others: ["Other translations", "다른 번역"],
  length: ["symbols to write", "쓸 기호 수"],
  temperature: ["temperature", "온도(temperature)"],
  top_k: ["only the k likeliest (0: all)", "확률이 높은 k개만 (0: 모두)"],
  top_p: ["only the likeliest that make up this share", "확률을 더해 이 몫이 되는 것까지만"],
  min_p: ["at least this share of the likeliest", "가장 높은 확률의 이 비율 이상만"],
  repeat_penalty: ["penalty for what was just said", "방금 나온 기호에 주는 벌점"],
  newline: ["new line", "줄바꿈"],
  space: ["space", "공백"],
};

/** An element by its id. */
export const find = (id) => document.getElementById(id);

let language = "en";

/** The language that is spoken: en or ko. */
export const spoken = () => language;

/** A text by its name. */
export const say = (name) => TEXTS[name]?.[language === "ko" ? 1 : 0] ?? name;

/** Speak a language from now on. */
export function sayIn(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
  for (const element of document.querySelectorAll("[data-title]")) element.title = say(element.dataset.title);
  const other = find("language");
  other.textContent = chosen === "ko" ? "English" : "한국어";
  other.lang = chosen === "ko" ? "en" : "ko";
}
