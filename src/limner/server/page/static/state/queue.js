/** What is drawn and what waits, here and everywhere. */
import { signal } from "../vendor/signals.js";
import { on, onReset } from "./live.js";
import { attempt } from "./notices.js";
import { call, get, path, post } from "./server.js";

/** @type {import("../vendor/signals.js").Signal<import("../api.js").QueueSummary | null>} */
export const summary = signal(null);
/** @type {import("../vendor/signals.js").Signal<import("../api.js").Progress | null>} */
export const overall = signal(null);
/** @type {import("../vendor/signals.js").Signal<import("../api.js").Queue | null>} */
export const queue = signal(null);
/** Whether the panel is open, so that all of the queue is wanted. */
export const shown = signal(false);

export async function loadQueue() {
  const told = await get("/api/queue");
  queue.value = told;
  summary.value = told;
  overall.value = told.progress;
}

/** @param {string} id */
export function cancelJob(id) {
  return attempt(() => call("DELETE", path`/api/jobs/${id}`));
}

export function pauseQueue() {
  return attempt(() => post("/api/queue/pause"));
}

export function resumeQueue() {
  return attempt(() => post("/api/queue/resume"));
}

/** @type {number | undefined} */
let soon;
on("queue", (told) => {
  summary.value = told;
  if (!shown.value || soon) return;
  soon = setTimeout(() => {
    soon = undefined;
    loadQueue().catch(() => {});
  }, 250);
});
on("progress", (told) => {
  overall.value = told.overall;
});
onReset(loadQueue);
