/** The extension as a whole: connected or not, and what follows from that. */

import { closeDrawer, drawGallery, limitIs, queueChanged, toggleDrawer } from "./drawer.js";
import { make } from "./element.js";
import { address, call, isAsked, isThere, listen, pause, Refused, Unreachable } from "./limner.js";
import { hidePlaces, picturesShown, showPlaces } from "./messages.js";
import { showSettings } from "./settings_page.js";
import { all, askAnew, heard, onState } from "./states.js";
import { hear, kept, tavern, tell } from "./tavern.js";
import { tellLimner } from "./telling.js";
import { lookThrough } from "./viewer.js";
import { t } from "./words.js";

const POLL = 1500; // milliseconds between two questions whether we were let in
const AGAIN = [3, 6, 12, 30]; // seconds until a limner that is not there is looked for again

/** @type {import("./settings_page.js").SettingsPage} */
let page;
/** @type {HTMLElement} Opens the drawer. */
let inMenu;
/** What goes on now; it is aborted by whatever goes on instead. */
let working = new AbortController();
let settled = false; // connected, or asking to be let in: nothing that SillyTavern says changes that
let missed = 0;
let warned = false;
let later = 0;

export function begin() {
  page = showSettings({ again: connect, pair });
  tellLimner();
  lookThrough(picturesShown);
  const item = make("div.list-group-item.flex-container.flexGap5.interactable", { id: "limner_open", tabindex: "0", role: "button" });
  item.append(make("div.fa-solid.fa-images.extensionsMenuExtensionButton"), t("drawer"));
  item.addEventListener("click", toggleDrawer);
  inMenu = item;
  document.getElementById("extensionsMenu")?.append(item);
  hear(["CHAT_CHANGED"], () => {
    page.chat();
    drawGallery();
  });
  hear(["MESSAGE_RECEIVED", "MESSAGE_SWIPED", "MESSAGE_DELETED", "MESSAGE_UPDATED", "GENERATION_ENDED"], drawGallery);
  // The first versions forget an answer that was stopped, and its pictures with it.
  hear(["GENERATION_STOPPED"], () => kept().enabled !== false && tavern().chat.length && tavern().saveChat?.());
  hear(["CHATCOMPLETION_SOURCE_CHANGED", "ONLINE_STATUS_CHANGED"], () => !settled && connect());
  onState(galleryLater);
  page.chat();
  connect();
}

/** The pictures of the chat are others; they are shown again at most once a second. */
function galleryLater() {
  if (later) return;
  later = setTimeout(() => {
    later = 0;
    drawGallery();
  }, 1000);
}

/** Whatever went on ends here. @param {boolean} lasting */
function instead(lasting) {
  working.abort();
  working = new AbortController();
  settled = lasting;
  return working.signal;
}

/** Connect to limner, if it is there and lets us in; say how that went. */
async function connect() {
  const signal = instead(false);
  inMenu.hidden = kept().enabled === false;
  if (kept().enabled === false || !address()) {
    closeDrawer();
    hidePlaces();
    page.pairing(false);
    page.told(t(kept().enabled === false ? "stateOff" : "stateNowhere"), "off");
    return;
  }
  try {
    const about = await call("GET", "/api/about");
    if (!signal.aborted) await start(about, signal);
  } catch (error) {
    await failed(error, signal);
  }
}

/**
 * @param {any} about
 * @param {AbortSignal} signal
 */
async function start(about, signal) {
  const chosen = await call("GET", "/api/settings").catch(() => null);
  if (signal.aborted) return;
  settled = true;
  missed = 0;
  page.pairing(false);
  const now = chosen?.settings ?? {};
  limitIs(now.max_concurrent ?? null);
  showPlaces([about.base], [now.width ?? 768, now.height ?? 512]);
  const elsewhere = !isAsked();
  page.told(t(elsewhere ? "stateElsewhere" : "stateOn", { version: about.version, base: about.base }), "on");
  page.presets().catch(() => {});
  if (tavern().powerUserSettings?.forbid_external_media && !warned) {
    warned = true;
    tell("warning", t("external"));
  }
  listen({
    heard: (kind, data) => {
      if (kind === "queue") queueChanged();
      else heard(kind, data);
    },
    anew: askAnew,
    connected: (there) => {
      if (signal.aborted) return;
      if (there) page.told(t(isAsked() ? "stateOn" : "stateElsewhere", { version: about.version, base: about.base }), "on");
      else page.told(t("stateDown", { address: address() }), "wrong");
    },
    chat: () => all()[0]?.[1].chat ?? null,
    signal,
  });
  queueChanged();
}

/**
 * @param {unknown} error
 * @param {AbortSignal} signal
 */
async function failed(error, signal) {
  const closed = error instanceof Unreachable && (await isThere());
  if (signal.aborted) return;
  page.pairing(closed);
  if (closed) return page.told(t("statePair"), "wrong");
  if (error instanceof Refused) return page.told(error.status === 401 ? t("stateToken") : error.message, "wrong");
  page.told(t("stateDown", { address: address() }), "wrong");
  await pause(1000 * AGAIN[Math.min(missed, AGAIN.length - 1)], signal);
  if (signal.aborted) return;
  missed += 1;
  connect();
}

/** Ask limner to let this page in, and wait until somebody there has said yes or no. */
async function pair() {
  const signal = instead(true);
  page.pairing(false);
  try {
    const asked = await call("POST", "/api/pairing", { name: "SillyTavern" });
    if (!signal.aborted) page.told(t("statePairing", { address: address(), code: asked.code }), "wrong");
    for (let state = "waiting"; state === "waiting" && !signal.aborted; ) {
      await pause(POLL, signal);
      ({ state } = await call("GET", `/api/pairing/${asked.id}`));
      if (state === "refused") {
        page.pairing(true);
        return page.told(t("stateRefused"), "wrong");
      }
    }
    if (!signal.aborted) connect();
  } catch (failure) {
    settled = false;
    await failed(failure, signal);
    if (failure instanceof Refused && !signal.aborted) page.pairing(true); // it may be asked once more
  }
}
