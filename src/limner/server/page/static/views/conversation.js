/** One conversation: its head, its messages, and where one writes. */

import { html } from "../html.js";
import { chats, titleOf } from "../state/chats.js";
import { chatId, earlier, loadEarlier, messages, state } from "../state/conversation.js";
import { attempt } from "../state/notices.js";
import { follow, following, keepPlace, watch } from "../state/scroll.js";
import { at, path } from "../state/server.js";
import { about } from "../state/settings.js";
import { say, tellSample } from "../state/turns.js";
import { aside, go, link, settled, showAside, tuned } from "../state/view.js";
import { t } from "../state/words.js";
import { useEffect, useRef } from "../vendor/hooks.js";
import { Composer } from "./composer.js";
import { Icon, IconButton } from "./icon.js";
import { Indicator } from "./indicator.js";
import { Menu } from "./menu.js";
import { Message } from "./message.js";

const IDEAS = /** @type {const} */ (["idea.lighthouse", "idea.dragon", "idea.forest", "idea.market"]);

export function Conversation() {
  return html`<${Head} /><${Messages} />${state.value !== "missing" && html`<${Composer} />`}`;
}

function Head() {
  const id = chatId.value;
  const chat = chats.value?.find((one) => one.id === id);
  return html`<header class="head">
    ${!aside.value && html`<${IconButton} icon="menu" label=${t("sidebar.open")} onClick=${() => showAside(true)} />`}
    <h1 dir="auto">${headed(id, chat)}</h1>
    <${Indicator} />
    ${state.value !== "missing" && html`<${IconButton} class=${id ? "alone" : ""} icon="settings" label=${t("tuning")} onClick=${tune} />`}
    ${id && state.value !== "missing" && html`<a class="icon-button alone" href=${link("gallery", id)} aria-label=${t("gallery.chat")} title=${t("gallery.chat")}><${Icon} name="gallery" /></a>
    <${Menu} class="alone" icon="download" label=${t("export")} items=${exports(id)} />
    <${Menu} class="together" icon="more" label=${t("more")} items=${[
      { label: t("tuning"), icon: "settings", act: tune },
      { label: t("gallery.chat"), icon: "gallery", act: () => go("gallery", id) },
      ...exports(id),
    ]} />`}
  </header>`;
}

/**
 * What stands above a conversation; only of one that is there can be said that it has no title.
 * @param {string | null} id
 * @param {import("../state/chats.js").Chat | undefined} chat
 */
function headed(id, chat) {
  if (!id) return t("chat.new");
  if (state.value === "missing") return t("chat.gone");
  return chat || state.value === "ready" ? titleOf(chat) : "…";
}

function tune() {
  tuned.value = true;
}

/** @param {string} id */
function exports(id) {
  return ["html", "md", "epub", "json"].map((form) => ({
    label: t(/** @type {any} */ (`export.${form}`)),
    icon: "download",
    act: () => location.assign(at(path`/api/chats/${id}/export?format=${form}`)),
  }));
}

function Messages() {
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const inside = useRef(/** @type {HTMLElement | null} */ (null));
  const id = chatId.value;
  useEffect(() => {
    if (scroller.current && inside.current) return watch(scroller.current, inside.current);
    return undefined;
  }, []);
  useEffect(() => follow(), [id]);
  const bare = !id && settled.value;
  return html`<div class="scroller" ref=${scroller} tabindex="0" role="log" aria-label=${t("messages")} aria-live="off">
    <div class=${`messages ${bare ? "bare" : ""}`} ref=${inside}>
      ${bare && html`<${Welcome} />`}
      ${state.value === "missing" && html`<div class="empty"><p>${t("chat.missing")}</p>
        <button type="button" class="main" onClick=${() => go("chat")}>${t("chat.new")}</button></div>`}
      ${earlier.value && html`<button type="button" class="quiet earlier"
        onClick=${() => attempt(() => keepPlace(loadEarlier))}>${t("messages.earlier")}</button>`}
      ${messages.value.map((one) => html`<${Message} key=${one.id} message=${one} />`)}
    </div>
  </div>
  ${!following.value && html`<${IconButton} class="to-end" icon="down" label=${t("messages.newest")} onClick=${() => follow()} />`}`;
}

/** What is shown where nothing has been said yet. */
function Welcome() {
  return html`<div class="welcome">
    <h2>${t("welcome.title")}</h2>
    <p>${t("welcome.text")}</p>
    <ul class="ideas">
      ${IDEAS.map((idea) => html`<li key=${idea}><button type="button" onClick=${() => say(t(idea))}>${t(idea)}</button></li>`)}
    </ul>
    ${about.value?.sample && html`<p><button type="button" class="quiet" onClick=${tellSample}>${t("welcome.sample")}</button></p>`}
    ${about.value?.storyteller && html`<p class="hint small">${t("welcome.storyteller")} <a href=${link("connect")}>${t("connect.one")}</a></p>`}
  </div>`;
}
