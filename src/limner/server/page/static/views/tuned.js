/** Changes what holds in the conversation that is shown. */
import { chatId, choices } from "../state/conversation.js";
import { attempt } from "../state/notices.js";
import { call, path } from "../state/server.js";

/** @typedef {import("../state/conversation.js").ChatChoices} ChatChoices */

/** @type {ChatChoices} */
const NOTHING = { system_prompt: null, model: null, preset: null, blurred: false };

/** @param {Partial<ChatChoices>} wanted null brings back what holds everywhere. */
export async function tune(wanted) {
  const id = chatId.value;
  if (!id) {
    choices.value = { ...(choices.value ?? NOTHING), ...wanted }; // Told with the first thing that is said.
    return { chosen: choices.value };
  }
  const told = await attempt(() => call("PATCH", path`/api/chats/${id}/settings`, wanted));
  if (told && chatId.value === id) choices.value = told.chosen;
  return told;
}
