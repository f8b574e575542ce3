/** One conversation: its head, its messages, and where one writes. */

import { html } from "../html.js";
import { chats, titleOf } from "../state/chats.js";
import { chatId, earlier, loadEarlier, messages, state } from "../state/conversation.js";
import { attempt } from "../state/notices.js";
import { follow, following, keepPlace, watch } from "../state/scroll.js";
import { at, path } from "../state/server.js";
import { aside, go, link, settled, showAside, tuned } from "../state/view.js";
import { t } from "../state/words.js";
import { useEffect, useRef } from "../vendor/hooks.js";
import { Composer } from "./composer.js";
import { Further } from "./further.js";
import { Icon, IconButton } from "./icon.js";
import { Indicator } from "./indicator.js";
import { Menu } from "./menu.js";
import { Message } from "./message.js";

export function Conversation() {
  return html`<${Head} /><${Messages} /><${Composer} />`;
}

function Head() {
  const id = chatId.value;
  const chat = chats.value?.find((one) => one.id === id);
  return html`<header class="head">
    ${!aside.value && html`<${IconButton} icon="menu" label=${t("sidebar.open")} onClick=${() => showAside(true)} />`}
    <h1 dir="auto">${id ? titleOf(chat) : t("chat.new")}</h1>
    <${Indicator} />
    <${IconButton} icon="settings" label=${t("tuning")} onClick=${() => (tuned.value = true)} />
    ${id && html`<a class="icon-button" href=${link("gallery", id)} aria-label=${t("gallery.chat")} title=${t("gallery.chat")}><${Icon} name="gallery" /></a>
    <${Menu} icon="download" label=${t("export")} items=${["html", "md", "epub", "json"].map((form) => ({
      label: t(/** @type {any} */ (`export.${form}`)),
      icon: "download",
      act: () => location.assign(at(path`/api/chats/${id}/export?format=${form}`)),
    }))} />`}
  </header>`;
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
  return html`<div class="scroller" ref=${scroller} tabindex="0" role="log" aria-label=${t("messages")} aria-live="off">
    <div class="messages" ref=${inside}>
      ${!id && settled.value && html`<${Further} name="welcome" />`}
      ${state.value === "missing" && html`<div class="empty"><p>${t("chat.missing")}</p>
        <button type="button" class="main" onClick=${() => go("chat")}>${t("chat.new")}</button></div>`}
      ${earlier.value && html`<button type="button" class="quiet earlier"
        onClick=${() => attempt(() => keepPlace(loadEarlier))}>${t("messages.earlier")}</button>`}
      ${messages.value.map((one) => html`<${Message} key=${one.id} message=${one} />`)}
    </div>
  </div>
  ${!following.value && html`<${IconButton} class="to-end" icon="down" label=${t("messages.newest")} onClick=${() => follow()} />`}`;
}
