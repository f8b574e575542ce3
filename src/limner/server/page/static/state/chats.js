/** The list of conversations. */
import { computed, signal } from "../vendor/signals.js";
import { on, onReset } from "./live.js";
import { attempt, tell } from "./notices.js";
import { call, get, path, post } from "./server.js";
import { change, settings } from "./settings.js";
import { t } from "./words.js";

/** @typedef {import("../api.js").Chat} Chat */

/** @type {import("../vendor/signals.js").Signal<Chat[] | null>} */
export const chats = signal(null);
/** @type {import("../vendor/signals.js").Signal<string | null>} */
const next = signal(null);
export const more = computed(() => next.value !== null);

/** What is searched for, and what was found: the ids of conversations, with the words there. */
export const sought = signal("");
/** @type {import("../vendor/signals.js").Signal<Map<string, string> | null>} */
export const found = signal(null);

export const pinned = computed(() => new Set(settings.value?.settings.pinned_chats ?? []));

export async function loadChats() {
  const most = Math.min(200, Math.max(60, chats.value?.length ?? 0));
  const page = await get(`/api/chats?limit=${most}`);
  chats.value = page.chats;
  next.value = page.next;
}

export async function loadMore() {
  const page = await get(path`/api/chats?limit=60&after=${next.value ?? ""}`);
  chats.value = [...(chats.value ?? []), ...page.chats];
  next.value = page.next;
}

/** @param {string} words */
export async function search(words) {
  sought.value = words;
  if (!words.trim()) {
    found.value = null;
    return;
  }
  const told = await attempt(() => get(path`/api/search?q=${words.trim()}`));
  if (sought.value !== words || !told) return;
  found.value = new Map(told.passages.map((/** @type {any} */ one) => [one.chat, one.excerpt]));
}

/**
 * @param {string} id
 * @param {string} title
 */
export function rename(id, title) {
  return attempt(() => call("PATCH", path`/api/chats/${id}`, { title: title.trim() || null }));
}

/**
 * Delete a conversation, with a way back.
 * @param {Chat} chat
 */
export async function discard(chat) {
  const where = path`/api/chats/${chat.id}`;
  const gone = await attempt(() => call("DELETE", where));
  if (gone === undefined) return;
  chats.value = (chats.value ?? []).filter((one) => one.id !== chat.id);
  tell(t("chat.deleted", { title: titleOf(chat) }), {
    label: t("undo"),
    act: () => attempt(() => post(`${where}/restore`)),
  });
}

/** @param {string} id */
export function pin(id) {
  const now = [...pinned.value];
  const wanted = pinned.value.has(id) ? now.filter((one) => one !== id) : [id, ...now];
  return attempt(() => change({ pinned_chats: wanted }));
}

/** @param {Chat | undefined} chat */
export function titleOf(chat) {
  return chat?.title?.trim() || t("chat.untitled");
}

/** @type {number | undefined} */
let soon;
function loadSoon() {
  clearTimeout(soon);
  soon = setTimeout(() => loadChats().catch(() => {}), 150);
}

for (const kind of ["chat.created", "chat.changed", "chat.deleted", "chat.restored"]) on(kind, loadSoon);
for (const kind of ["message.started", "message.finished", "message.text_ended"]) on(kind, loadSoon);
onReset(loadSoon);
