/** SillyTavern, as far as limner needs it; all of it through what it gives to extensions. */

/** What SillyTavern gives: asked for anew each time, since chat and character change. */
export const tavern = () => SillyTavern.getContext();

/** Whatever is kept of limner's in SillyTavern's own settings. */
export function kept() {
  const all = tavern().extensionSettings;
  all.limner ??= {};
  return all.limner;
}

/** @param {Record<string, unknown>} values */
export function keep(values) {
  Object.assign(kept(), values);
  tavern().saveSettingsDebounced();
}

/** What is kept with the chat that is open. */
export function keptWithChat() {
  return tavern().chatMetadata?.limner ?? {};
}

/** @param {Record<string, unknown>} values */
export function keepWithChat(values) {
  const now = tavern();
  now.updateChatMetadata({ limner: { ...keptWithChat(), ...values } });
  (now.saveMetadataDebounced ?? now.saveMetadata)();
}

/**
 * Whose chat is open: limner knows it again by this, also after it was renamed.
 * A branch carries it on, and is known as a branch of the same chat by what is said in it.
 */
export function chatIdentity() {
  const known = keptWithChat().id;
  if (known) return String(known);
  const id = randomName();
  keepWithChat({ id });
  return id;
}

/** A name that nothing else has. */
export const randomName = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (one) => one.toString(16).padStart(2, "0")).join("");

/**
 * Where chats are sent to; "" if that is no custom endpoint.
 * The first versions that know extensions like this one tell it on their page only.
 */
export function endpoint() {
  const chats = tavern().chatCompletionSettings;
  const source = chats?.chat_completion_source ?? fieldValue("#chat_completion_source");
  return source === "custom" ? String(chats?.custom_url ?? fieldValue("#custom_api_url_text")).trim() : "";
}

/** @param {string} field */
function fieldValue(field) {
  const found = document.querySelector(field);
  return found instanceof HTMLInputElement || found instanceof HTMLSelectElement ? found.value : "";
}

/** Whether a chat is open at all. */
export function isChatOpen() {
  const now = tavern();
  return Boolean(now.groupId ?? now.characterId ?? false) || now.chat.length > 0;
}

/**
 * Hear of something in SillyTavern; a name that this version does not know is never heard.
 * @param {string[]} names
 * @param {(...given: any[]) => void} handler
 */
export function hear(names, handler) {
  const now = tavern();
  const types = now.eventTypes ?? now.event_types;
  for (const name of names) if (types[name]) now.eventSource.on(types[name], handler);
}

/**
 * Say something at the edge of the page.
 * @param {"info" | "success" | "warning" | "error"} kind
 * @param {string} text
 * @param {() => void} [act] What a click on it does.
 */
export function tell(kind, text, act) {
  const options = act ? { onclick: act, timeOut: 8000 } : {};
  toastr[kind](text, "limner", { ...options, escapeHtml: true });
}
