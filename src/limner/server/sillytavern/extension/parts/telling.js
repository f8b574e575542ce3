/** Telling limner what it cannot see: which chat this is, and what an answer is for. */
import { isAsked } from "./limner.js";
import { messageName, nameMessages } from "./message_names.js";
import { chatIdentity, hear, isChatOpen, kept, keptWithChat } from "./tavern.js";

const ASIDE = ["quiet", "impersonate"]; // what becomes no message
const SAFE = /^[\w.-]{1,100}$/;

/** Have each question to limner say where it belongs. */
export function tellLimner() {
  let begun = ""; // the first versions say it here alone
  hear(["GENERATION_STARTED"], (type, _, dry) => {
    if (!dry) begun = String(type ?? "");
  });
  nameMessages();
  hear(["CHAT_COMPLETION_SETTINGS_READY"], (request) => {
    if (kept().enabled === false || request?.chat_completion_source !== "custom" || !isAsked()) return;
    request.custom_include_headers = withHeaders(request.custom_include_headers, told(String(request.type ?? begun)));
  });
}

/** @param {string} type What SillyTavern generates: normal, swipe, continue, quiet, impersonate… */
function told(type) {
  /** @type {Record<string, string>} */
  const said = {};
  if (isChatOpen()) said["X-Limner-Chat"] = chatIdentity();
  if (SAFE.test(type)) said["X-Limner-Generation"] = type;
  if (ASIDE.includes(type)) return said;
  if (isChatOpen()) said["X-Limner-Message"] = messageName(type);
  const mode = String(keptWithChat().mode ?? "");
  if (SAFE.test(mode)) said["X-Limner-Mode"] = mode;
  return said;
}

/**
 * The headers that a user has written, in YAML or JSON, and ours.
 * @param {string | undefined} written
 * @param {Record<string, string>} more
 */
export function withHeaders(written, more) {
  const text = String(written ?? "").trim();
  if (text.startsWith("{") || text.startsWith("[")) {
    try {
      const read = JSON.parse(text);
      return JSON.stringify(Array.isArray(read) ? [...read, more] : { ...read, ...more });
    } catch {
      return text; // whatever it is, it is the user's
    }
  }
  const dash = text.startsWith("- ") ? "- " : "";
  const lines = Object.entries(more).map(([name, value]) => `${dash}${name}: "${value}"`);
  return [text, ...lines].filter(Boolean).join("\n");
}
