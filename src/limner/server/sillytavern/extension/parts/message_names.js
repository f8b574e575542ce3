/** Names of messages, which stay the same however often a message is written anew or moved. */
import { hear, randomName, tavern } from "./tavern.js";

const GROUP = "group_chat"; // what each member of a group says, whatever it was that had them speak

/** @typedef {{name: string, chat: unknown, at: number}} Awaited */

/** What was taken away to be written anew, in its order. @type {TavernMessage[]} */
let removed = [];
/** The message that is being written, until it is there. @type {Awaited | null} */
let awaited = null;

/** From now on each answer has a name, kept with its message in the chat's own file. */
export function nameMessages() {
  hear(["GENERATION_STARTED"], (type, _, dry) => {
    if (dry || type === GROUP) return;
    removed = type === "regenerate" ? answersAtTheEnd() : [];
  });
  hear(["STREAM_TOKEN_RECEIVED", "MESSAGE_RECEIVED", "GENERATION_ENDED", "GENERATION_STOPPED"], give);
}

/**
 * The name of the message that an answer is for.
 * @param {string} type What SillyTavern generates.
 */
export function messageName(type) {
  const { chat, chatMetadata, name2 } = tavern();
  const last = chat.at(-1);
  if ((type === "swipe" || type === "continue") && last && !last.is_user) {
    last.limner ??= randomName();
    return last.limner;
  }
  const before = removed.findIndex((one) => one.limner && one.name === name2);
  const [again] = before < 0 ? [] : removed.splice(before, 1);
  awaited = { name: again?.limner ?? randomName(), chat: chatMetadata, at: chat.length };
  return awaited.name;
}

function answersAtTheEnd() {
  const { chat } = tavern();
  return chat.slice(chat.findLastIndex((one) => one.is_user) + 1);
}

/** Give the message its name, if it is there by now. */
function give() {
  const { chat, chatMetadata } = tavern();
  const message = awaited && chat[awaited.at];
  if (!awaited || chatMetadata !== awaited.chat || !message || message.is_user) return;
  message.limner = awaited.name;
  awaited = null;
}
