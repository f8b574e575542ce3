/** What this browser remembers, where it can: drafts, language, theme. */

/** @param {string} name */
export function recall(name) {
  try {
    return localStorage.getItem(`limner.${name}`);
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {string | null} value null: forget it.
 */
export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(`limner.${name}`);
    else localStorage.setItem(`limner.${name}`, value);
  } catch {
    /* It is full or switched off: the page works all the same. */
  }
}

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
