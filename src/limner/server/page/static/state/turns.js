/** Turns of a conversation: say something, have it answered, stop, go on, write anew. */

import { add, began, chatId, choices, loadMessage, messages, remove, writing } from "./conversation.js";
import { attempt, tell } from "./notices.js";
import { call, path, post } from "./server.js";
import { about } from "./settings.js";
import { go, route } from "./view.js";
import { t } from "./words.js";

/** @typedef {import("./conversation.js").Shown} Shown */

export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
}

/**
 * Say something; the answer comes by itself.
 * @param {string} text
 * @param {string | null} [model]
 * @returns {Promise<boolean>} Whether it was taken.
 */
export async function say(text, model) {
  const from = route.value;
  const id = chatId.value ?? newId();
  const body = model ? { text, model } : { text };
  if (!chatId.value && choices.value) await attempt(() => call("PATCH", path`/api/chats/${id}/settings`, choices.value));
  const told = await attempt(() => post(path`/api/chats/${id}/messages`, body));
  if (!told) return false;
  if (route.value !== from) return true; // Somebody has gone on meanwhile, and stays there.
  if (chatId.value !== id) go("chat", id);
  if (told.asked) add(told.asked, told.message);
  began({ message: told.message, chat: id, variant: told.variant });
  return true;
}

/** Have the bundled story told and illustrated. */
export async function tellSample() {
  const text = about.value?.sample;
  if (text) await say(text);
}

/** Stop the text that is written; its pictures are drawn to their end. */
export function stopWriting() {
  const message = writing.value;
  return message ? attempt(() => post(path`/api/messages/${message.id}/stop`, { what: "text" })) : undefined;
}

/** Stop all that is drawn of this conversation, and what waits; the text goes on. */
export function stopDrawing() {
  const id = chatId.value;
  return id ? attempt(() => post(path`/api/chats/${id}/stop`, { what: "pictures" })) : undefined;
}

/** @param {Shown} message */
export async function another(message) {
  const told = await attempt(() => post(path`/api/messages/${message.id}/variants`));
  if (told) began({ message: message.id, chat: message.told.value.chat, variant: told.variant });
}

/** @param {Shown} message */
export async function goOn(message) {
  const told = await attempt(() => post(path`/api/messages/${message.id}/continue`));
  if (!told) return;
  const chat = message.told.value.chat;
  began({ message: message.id, chat, variant: told.variant, continuing: true });
}

/**
 * Show the answer before or behind; behind the last one a new one is written.
 * @param {Shown} message
 * @param {number} by
 */
export async function flip(message, by) {
  const { variant, variants } = message.told.value;
  const wanted = variants[variants.indexOf(variant) + by];
  if (wanted === undefined) return by > 0 ? another(message) : undefined;
  await attempt(() => call("PUT", path`/api/messages/${message.id}/selected/${wanted}`));
  await loadMessage(message.id);
}

/** @param {Shown} message */
export async function discardMessage(message) {
  const where = path`/api/messages/${message.id}`;
  const gone = await attempt(() => call("DELETE", where));
  if (gone === undefined) return;
  remove(message.id);
  tell(t("message.deleted"), { label: t("undo"), act: () => attempt(() => post(`${where}/restore`)) });
}

/**
 * A new conversation, as this one was up to a message.
 * @param {Shown} message
 */
export async function branch(message) {
  const chat = message.told.value.chat;
  const made = await attempt(() => post(path`/api/chats/${chat}/branch`, { message: message.id }));
  if (made) go("chat", made.id);
}

/**
 * Say something else in a message's place: in a branch, so that nothing is lost.
 * @param {Shown} message
 * @param {string} text
 */
export async function sayInstead(message, text) {
  const all = messages.value;
  const before = all[all.findIndex((one) => one.id === message.id) - 1];
  const chat = message.told.value.chat;
  let id = newId();
  if (before) {
    const made = await attempt(() => post(path`/api/chats/${chat}/branch`, { message: before.id }));
    if (!made) return false;
    id = made.id;
  }
  const told = await attempt(() => post(path`/api/chats/${id}/messages`, { text }));
  if (told) go("chat", id);
  return Boolean(told);
}

/**
 * @param {string} text A finished text.
 * @param {string} scenes Who finds places for pictures where it asks for none.
 */
export async function illustrate(text, scenes) {
  const id = newId();
  const told = await attempt(() => post(path`/api/chats/${id}/illustrate`, { text, scenes }));
  if (told) go("chat", id);
  return Boolean(told);
}

