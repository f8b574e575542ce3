/** What one is about to say, for each conversation; a reload keeps it. */
import { signal } from "../vendor/signals.js";
import { recall, remember } from "./memory.js";

/** A message of one's own that is said otherwise. */
export const revised = signal(/** @type {import("./conversation.js").Shown | null} */ (null));

/** @param {string | null} chat */
export function draftOf(chat) {
  return recall(`draft.${chat ?? ""}`) ?? "";
}

/**
 * @param {string | null} chat
 * @param {string} text
 */
export function keepDraft(chat, text) {
  remember(`draft.${chat ?? ""}`, text || null);
}
