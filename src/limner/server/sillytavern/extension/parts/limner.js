/** Asking limner: where it is, what it says, and what it tells as it happens. */
import { endpoint, kept } from "./tavern.js";

/** What limner refused, or could not do. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} told
   */
  constructor(status, told) {
    super(told);
    this.status = status;
  }
}

/** Nobody answered, or the browser may not read the answer. */
export class Unreachable extends Error {}

/** Where limner is: as was typed, or where the chats are sent to. */
export function address() {
  const typed = String(kept().address ?? "").trim();
  return (typed || endpoint()).replace(/\/+$/, "").replace(/\/v1$/, "");
}

/** Whether chats are sent to limner. */
export function isAsked() {
  return address() !== "" && endpoint().startsWith(address());
}

/** @param {Record<string, string>} [more] */
function headers(more = {}) {
  const token = String(kept().token ?? "").trim();
  return token ? { ...more, authorization: `Bearer ${token}` } : more;
}

/**
 * Ask for something.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 */
export async function call(method, path, body) {
  /** @type {RequestInit} */
  const options = { method, cache: "no-store", headers: headers() };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = headers({ "content-type": "application/json" });
  }
  let answer;
  try {
    answer = await fetch(address() + path, options);
  } catch {
    throw new Unreachable("limner does not answer");
  }
  if (answer.status === 204) return null;
  const said = await answer.json().catch(() => null);
  if (answer.ok) return said;
  throw new Refused(answer.status, said?.error?.message ?? `HTTP ${answer.status}`);
}

/** Whether limner is there, even if it has not let this page in: what everybody may ask is answered. */
export async function isThere() {
  try {
    await fetch(`${address()}/api/pairing/${"0".repeat(32)}`, { cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

/**
 * An address that an `<img>` can show; where a token is wanted, a copy of what is there.
 * @param {string} path
 */
export async function shownAt(path) {
  if (!String(kept().token ?? "").trim()) return address() + path;
  const answer = await fetch(address() + path, { headers: headers() });
  if (!answer.ok) throw new Refused(answer.status, `HTTP ${answer.status}`);
  return URL.createObjectURL(await answer.blob());
}

/** @param {string} slot */
export const slotPath = (slot) => `/api/slots/${slot.split("/").map(encodeURIComponent).join("/")}`;

/**
 * Listen to limner until told to stop; a lost connection heals by itself.
 * @param {object} how
 * @param {(kind: string, data: any) => void} how.heard
 * @param {() => void} how.anew Called when something was missed: load what is shown.
 * @param {(there: boolean) => void} how.connected
 * @param {() => string | null} how.chat Of which chat, where this token may not hear of all.
 * @param {AbortSignal} how.signal
 */
export async function listen({ heard, anew, connected, chat, signal }) {
  let last = "";
  let failures = 0;
  let only = "";
  while (!signal.aborted) {
    try {
      const after = last ? `&after=${encodeURIComponent(last)}` : "";
      const path = `/api/events?${only ? `chat=${encodeURIComponent(only)}` : ""}${after}`;
      const answer = await fetch(address() + path, { headers: headers(), signal, cache: "no-store" });
      if (answer.status === 403 && !only && chat()) {
        only = chat() ?? "";
        continue;
      }
      if (!answer.ok || !answer.body) throw new Refused(answer.status, "no events");
      failures = 0;
      connected(true);
      for await (const event of events(answer.body)) {
        if (event.id) last = event.id;
        if (event.kind === "reset" || (event.kind === "hello" && event.data.resumed !== true)) anew();
        if (event.kind === "closing") break;
        heard(event.kind, event.data);
      }
    } catch {
      if (signal.aborted) return;
    }
    connected(false);
    await pause(Math.min(500 * 2 ** failures++, 10_000), signal);
  }
}

/**
 * The events of a stream, one by one (HTML standard, "Server-sent events").
 * @param {ReadableStream<Uint8Array>} body
 */
async function* events(body) {
  const reader = body.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const event = read(part);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** @param {string} part */
function read(part) {
  let kind = "message";
  let id = "";
  const data = [];
  for (const line of part.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const value = line.slice(colon + 1).replace(/^ /, "");
    if (line.startsWith("event:")) kind = value;
    else if (line.startsWith("id:")) id = value;
    else if (line.startsWith("data:")) data.push(value);
  }
  return data.length ? { kind, id, data: JSON.parse(data.join("\n")) } : null;
}

/**
 * Wait, no longer than a signal has it.
 * @param {number} ms
 * @param {AbortSignal} signal
 */
export function pause(ms, signal) {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      done(undefined);
    };
    const timer = setTimeout(end, ms);
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
  });
}
