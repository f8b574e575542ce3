/** The server's events, from one stream that heals itself. */
import { signal } from "../vendor/signals.js";
import { at } from "./server.js";

/** @typedef {(data: any) => void} Handler */

/** Whether the stream is there: "on", "lost", or "new" before the first event. */
export const connection = signal("new");

/** @type {Map<string, Set<Handler>>} */
const handlers = new Map();
/** @type {Set<() => void>} */
const loaders = new Set();
/** @type {EventSource | null} */
let source = null;
let last = "";
let count = 0;
let again = 0;
/** @type {number | undefined} */
let silence;

const QUIET = 40_000; // The server says something every 15 seconds.

/**
 * A moment, by how many events were heard until then: what an answer tells that was asked for at one may
 * be older than what was heard since, and is passed over then. Events tell of every change.
 */
export const moment = () => count;

/**
 * Hear of one kind of event.
 * @param {string} kind
 * @param {Handler} handler
 * @returns {() => void} Ends it.
 */
export function on(kind, handler) {
  const known = handlers.get(kind) ?? new Set();
  handlers.set(kind, known.add(handler));
  if (known.size === 1) source?.addEventListener(kind, heard);
  return () => {
    known.delete(handler);
    if (!known.size) source?.removeEventListener(kind, heard);
  };
}

/**
 * Have something loaded anew whenever events were missed.
 * @param {() => void} load
 */
export function onReset(load) {
  loaders.add(load);
}

/** @param {MessageEvent<string>} event */
function heard(event) {
  last = event.lastEventId;
  count++;
  listening();
  const data = JSON.parse(event.data);
  for (const handler of handlers.get(event.type) ?? []) handler(data);
}

function listening() {
  connection.value = "on";
  again = 0;
}

export function connect() {
  source?.close();
  source = new EventSource(at(`/api/events?blocks=true${last ? `&after=${last}` : ""}`));
  source.addEventListener("hello", (event) => {
    last = event.lastEventId;
    listening();
  });
  source.addEventListener("reset", (event) => {
    last = event.lastEventId;
    listening();
    for (const load of loaders) load();
  });
  source.addEventListener("closing", lost);
  source.onerror = lost;
  for (const kind of handlers.keys()) source.addEventListener(kind, heard);
}

/** The browser tries again by itself unless it was sent away; then we do. */
function lost() {
  connection.value = "lost";
  clearTimeout(silence);
  silence = setTimeout(connect, Math.min(500 * 2 ** again++, 8000));
}

addEventListener("online", () => connection.value === "lost" && connect());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && connection.value === "lost") connect();
});
setInterval(() => {
  if (source?.readyState === EventSource.CLOSED) lost();
}, QUIET);
