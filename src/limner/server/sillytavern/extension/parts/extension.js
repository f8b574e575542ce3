/** The extension as a whole: connected or not, and what follows from that. */

import { closeDrawer, drawGallery, limitIs, queueChanged, toggleDrawer } from "./drawer.js";
import { make } from "./element.js";
import { address, call, isAsked, isThere, listen, Refused, Unreachable } from "./limner.js";
import { hidePlaces, picturesShown, showPlaces } from "./messages.js";
import { showSettings } from "./settings_page.js";
import { all, askAnew, heard, onState } from "./states.js";
import { hear, kept, tavern, tell } from "./tavern.js";
import { tellLimner } from "./telling.js";
import { lookThrough } from "./viewer.js";
import { t } from "./words.js";

const POLL = 1500; // milliseconds between two questions whether we were let in

/** @type {import("./settings_page.js").SettingsPage} */
let page;
/** @type {AbortController | null} */
let working = null;
let warned = false;
let later = 0;

export function begin() {
  page = showSettings({ again: connect, pair });
  tellLimner();
  lookThrough(picturesShown);
  const item = make("div.list-group-item.flex-container.flexGap5.interactable", { id: "limner_open", tabindex: "0", role: "button" });
  item.append(make("div.fa-solid.fa-images.extensionsMenuExtensionButton"), t("drawer"));
  item.addEventListener("click", toggleDrawer);
  document.getElementById("extensionsMenu")?.append(item);
  hear(["CHAT_CHANGED"], () => {
    page.chat();
    drawGallery();
  });
  hear(["MESSAGE_RECEIVED", "MESSAGE_SWIPED", "MESSAGE_DELETED", "MESSAGE_UPDATED", "GENERATION_ENDED"], drawGallery);
  hear(["CHATCOMPLETION_SOURCE_CHANGED", "ONLINE_STATUS_CHANGED"], () => working === null && connect());
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

/** Connect to limner, if it is there and lets us in; say how that went. */
async function connect() {
  working?.abort();
  working = null;
  page.pairing(false);
  if (kept().enabled === false || !address()) {
    closeDrawer();
    hidePlaces();
    page.told(t("stateOff"), "off");
    return;
  }
  try {
    const about = await call("GET", "/api/about");
    await start(about);
  } catch (error) {
    await failed(error);
  }
}

/** @param {any} about */
async function start(about) {
  const mine = new AbortController();
  working = mine;
  const chosen = await call("GET", "/api/settings").catch(() => null);
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
      if (mine.signal.aborted) return;
      if (there) page.told(t(isAsked() ? "stateOn" : "stateElsewhere", { version: about.version, base: about.base }), "on");
      else page.told(t("stateDown", { address: address() }), "wrong");
    },
    chat: () => all()[0]?.[1].chat ?? null,
    signal: mine.signal,
  });
  queueChanged();
}

/** @param {unknown} error */
async function failed(error) {
  if (error instanceof Refused && error.status === 401) return page.told(t("stateToken"), "wrong");
  if (error instanceof Unreachable && (await isThere())) {
    page.pairing(true);
    return page.told(t("statePair"), "wrong");
  }
  page.told(error instanceof Refused ? error.message : t("stateDown", { address: address() }), "wrong");
}

/** Ask limner to let this page in, and wait until somebody there has said yes or no. */
async function pair() {
  const mine = new AbortController();
  working?.abort();
  working = mine;
  page.pairing(false);
  try {
    const asked = await call("POST", "/api/pairing", { name: "SillyTavern" });
    page.told(t("statePairing", { address: address(), code: asked.code }), "wrong");
    for (let state = "waiting"; state === "waiting" && !mine.signal.aborted; ) {
      await new Promise((done) => setTimeout(done, POLL));
      ({ state } = await call("GET", `/api/pairing/${asked.id}`));
      if (state === "refused") return page.told(t("stateRefused"), "wrong");
    }
    if (!mine.signal.aborted) connect();
  } catch (failure) {
    await failed(failure);
  }
}
