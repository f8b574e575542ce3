/** Begins the page: the words of the language first, then what is shown, then what is known. */

import { html } from "./html.js";
import { chats, loadChats } from "./state/chats.js";
import { chatId, open } from "./state/conversation.js";
import { connect, on } from "./state/live.js";
import { recall, remember } from "./state/memory.js";
import { attempt } from "./state/notices.js";
import { loadQueue } from "./state/queue.js";
import { about, loadAbout, loadSettings } from "./state/settings.js";
import { tellSample } from "./state/turns.js";
import { go, route, settled } from "./state/view.js";
import { chooseLanguage } from "./state/words.js";
import { render } from "./vendor/preact.js";
import { effect } from "./vendor/signals.js";
import { App } from "./views/app.js";

await chooseLanguage();
const place = /** @type {HTMLElement} */ (document.getElementById("page"));
place.replaceChildren();
render(html`<${App} />`, place);
begin();

function begin() {
  connect();
  on("origins", () => import("./state/origins.js"));
  effect(() => {
    if (route.value.view === "chat") open(route.value.id);
  });
  effect(() => {
    if (chatId.value) remember("chat", chatId.value);
  });
  attempt(async () => {
    await Promise.all([loadAbout(), loadSettings(), loadChats(), loadQueue()]);
    if (about.value?.asking) await import("./state/origins.js");
    await welcome();
  }).finally(() => {
    settled.value = true;
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
