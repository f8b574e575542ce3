/** What one does to many of the queue at once. */
import { chatId } from "../../state/conversation.js";
import { on } from "../../state/live.js";
import { attempt, tell } from "../../state/notices.js";
import { cancelJob, loadQueue, queue } from "../../state/queue.js";
import { get, path, post } from "../../state/server.js";
import { admin } from "../../state/settings.js";
import { counted } from "../../state/words.js";
import { signal } from "../../vendor/signals.js";

/** @typedef {import("../../api.js").Job} Job */

/** How many places have no picture because drawing it failed. */
export const failedCount = signal(0);
/** @type {Set<string>} The conversations these are in. */
let failedChats = new Set();

export async function loadFailed() {
  const one = admin.value ? null : chatId.value; // those of all are an admin's to see
  if (!admin.value && !one) return;
  const { failed } = await get(one ? path`/api/failed?chat=${one}` : "/api/failed");
  failedCount.value = failed.length;
  failedChats = new Set(failed.map((/** @type {{chat: string}} */ one) => one.chat));
}

let soon = 0;
const again = () => {
  clearTimeout(soon);
  soon = setTimeout(() => loadFailed().catch(() => {}), 400);
};
for (const kind of ["slot.failed", "slot.ready", "slot.changed"]) on(kind, again);

/** Try all failed ones again, each in its place. */
export async function retryFailed() {
  const told = await Promise.all([...failedChats].map((chat) => attempt(() => post(path`/api/chats/${chat}/retry`))));
  const count = told.reduce((sum, one) => sum + (one?.slots.length ?? 0), 0);
  tell(counted("queue.retried", count));
  again();
}

/** Also those that the panel does not show, since they are too many. @param {(job: Job) => boolean} which */
async function cancel(which) {
  for (let more = true; more; ) {
    const jobs = queue.value?.jobs.filter(which) ?? [];
    more = jobs.length > 0 && (queue.value?.more ?? 0) > 0;
    const done = await Promise.all(jobs.map((job) => cancelJob(job.id)));
    if (done.every((told) => told === undefined)) more = false; // Nobody takes that, so why go on?
    await attempt(loadQueue);
  }
}

/** All that waits; what is drawn goes on. */
export const cancelWaiting = () => cancel((job) => job.state === "queued");

/**
 * Those that were chosen and wait still; what is drawn by now goes on.
 * @param {string[]} ids
 */
export async function cancelChosen(ids) {
  await attempt(loadQueue);
  const still = queue.value?.jobs.filter((job) => job.state === "queued" && ids.includes(job.id)) ?? [];
  const done = await Promise.all(still.map((job) => cancelJob(job.id)));
  tell(counted("queue.cancelled", done.filter((told) => told !== undefined).length));
  await attempt(loadQueue);
}

/** Everything but one; null: really everything. @param {string | null} id */
export const cancelAllBut = (id) => cancel((job) => job.id !== id);

/**
 * Have some of those that wait drawn before all others, in this order.
 * @param {string[]} ids
 */
export async function putFirst(ids) {
  const held = queue.value;
  if (held) {
    const first = ids.flatMap((id) => held.jobs.find((job) => job.id === id) ?? []);
    const rest = held.jobs.filter((job) => job.state === "queued" && !ids.includes(job.id));
    const running = held.jobs.filter((job) => job.state !== "queued");
    queue.value = { ...held, jobs: [...running, ...first, ...rest] };
  }
  await attempt(() => post("/api/queue/order", { jobs: ids }));
  await attempt(loadQueue);
}
