// How the page asks the server: JSON, the key where there is one, and one place where trouble is shown.

let tell = () => {};

/** `shown` is called with a sentence, or "" where all is well again, and whether a key is needed. */
export function onTrouble(shown) { tell = shown; }

function key() {
  try { return localStorage.getItem("seqgen-key"); } catch { return null; }
}

/** The answer to a request, whose body is read by the caller. Throws, after it has been shown, where there is none. */
export async function request(path, given, signal) {
  const headers = { ...(given && { "Content-Type": "application/json" }), ...(key() && { Authorization: `Bearer ${key()}` }) };
  let reply;
  try {
    reply = await fetch(path, { method: given ? "POST" : "GET", headers, body: given && JSON.stringify(given), signal });
  } catch (error) {
    if (error.name !== "AbortError") tell(String(error.message), false);
    throw error;
  }
  if (!reply.ok) {
    const found = await reply.json().catch(() => ({}));
    const text = found.error?.message ?? found.error ?? reply.statusText;
    tell(text, reply.status === 401);
    throw new Error(text);
  }
  tell("", false);
  return reply;
}

/** The same, as JSON. */
export async function ask(path, given, signal) {
  return (await request(path, given, signal)).json();
}

/** The events of a stream, one after another. */
export async function* events(path, given, signal) {
  const reader = (await request(path, given, signal)).body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const text = part.replace(/^data: /, "");
      if (text === "[DONE]") return;
      const event = JSON.parse(text);
      if (event.error) { tell(event.error.message, false); return; }
      yield event;
    }
  }
}

/** Of a probability: 0 likely to 4 unlikely, in steps of two bits. */
export function level(p) {
  return p === null ? 0 : Math.min(4, Math.floor(-Math.log2(Math.max(p, 1e-9)) / 2 + 0.5));
}

/** A probability as people read it. */
export function percent(p) {
  return p >= 0.1 ? `${(100 * p).toFixed(0)}%` : p >= 0.001 ? `${(100 * p).toFixed(1)}%` : "<0.1%";
}
