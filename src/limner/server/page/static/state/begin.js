/** Loads what the page needs, and follows the address. */
import { effect } from "../vendor/signals.js";
import { chats, loadChats } from "./chats.js";
import { chatId, open } from "./conversation.js";
import { connect } from "./live.js";
import { recall, remember } from "./memory.js";
import { attempt } from "./notices.js";
import { loadQueue } from "./queue.js";
import { go, route } from "./route.js";
import { about, loadAbout, loadSettings } from "./settings.js";
import { tellSample } from "./turns.js";

export function begin() {
  connect();
  effect(() => {
    if (route.value.view === "chat") open(route.value.id);
  });
  effect(() => {
    if (chatId.value) remember("chat", chatId.value);
  });
  attempt(async () => {
    await Promise.all([loadAbout(), loadSettings(), loadChats(), loadQueue()]);
    await welcome();
    await import("./origins.js");
  });
}

/** The first thing one sees: where one was, else, where nothing can cost anything, a story. */
async function welcome() {
  if (location.hash.length > 1) return; // Somebody has said where to go.
  const known = chats.value ?? [];
  const last = recall("chat");
  if (known.length) {
    const again = known.find((chat) => chat.id === last) ?? known[0];
    go("chat", again.id, { replace: true });
    return;
  }
  if (!about.value?.sample || recall("welcomed")) return;
  remember("welcomed", "1");
  await tellSample();
}
