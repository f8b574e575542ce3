/** The list of conversations, and the ways to everything else. */

import { html } from "../html.js";
import { chats, discard, found, loadMore, more, pin, pinned, rename, search, sought, titleOf } from "../state/chats.js";
import { chatId } from "../state/conversation.js";
import { attempt } from "../state/notices.js";
import { admin } from "../state/settings.js";
import { aside, go, helped, leaveAside, link, route, showAside } from "../state/view.js";
import { t } from "../state/words.js";
import { useEffect, useRef, useState } from "../vendor/hooks.js";
import { Icon, IconButton } from "./icon.js";
import { Menu } from "./menu.js";

/** @typedef {import("../api.js").Chat} Chat */

export function Sidebar() {
  const open = aside.value;
  return html`<div class="veil" hidden=${!open} onClick=${() => showAside(false)}></div>
  <nav class="sidebar" aria-label=${t("chats")} inert=${!open} onKeyDown=${(/** @type {KeyboardEvent} */ event) =>
    event.key === "Escape" && leaveAside()}>
    <header>
      <a class="brand" href=${link("chat")} onClick=${begin}>limner</a>
      <${IconButton} icon="menu" label=${t("sidebar.close")} onClick=${() => showAside(false)} />
    </header>
    <button type="button" class="new" onClick=${begin}><${Icon} name="plus" />${t("chat.new")}</button>
    <${Search} />
    <${List} />
    <footer>
      <${Way} view="gallery" icon="gallery" label=${t("gallery")} />
      <${Way} view="illustrate" icon="pen" label=${t("illustrate")} />
      <${Way} view="connect" icon="plug" label=${t("connect")} />
      <${Way} view="settings" icon="settings" label=${t("settings")} />
      <button type="button" class="way" onClick=${() => (helped.value = true)}><${Icon} name="help" />${t("keys")}</button>
    </footer>
  </nav>`;
}

/** @param {Event} [event] */
export function begin(event) {
  event?.preventDefault();
  leaveAside();
  go("chat");
  requestAnimationFrame(() => document.getElementById("composer")?.focus());
}

/** @param {{view: string, icon: any, label: string}} props */
function Way({ view, icon, label }) {
  const here = route.value.view === view;
  const of = view === "gallery" && !admin.value ? chatId.value : null; // all pictures are an admin's to see
  return html`<a class="way" href=${of ? link(view, of) : link(view)} aria-current=${here ? "page" : undefined} onClick=${leaveAside}>
    <${Icon} name=${icon} />${label}</a>`;
}

function Search() {
  const timer = useRef(0);
  return html`<div class="search">
    <${Icon} name="search" />
    <input type="search" id="search" aria-label=${t("search")} placeholder=${t("search")} value=${sought.value}
      onInput=${(/** @type {any} */ event) => {
        clearTimeout(timer.current);
        const words = event.target.value;
        timer.current = setTimeout(search, 200, words);
      }} />
  </div>`;
}

function List() {
  const all = chats.value;
  if (!all) return html`<div class="chats" aria-busy="true"></div>`;
  const passages = found.value;
  const words = sought.value.trim().toLowerCase();
  const seen = passages
    ? all.filter((chat) => passages.has(chat.id) || titleOf(chat).toLowerCase().includes(words))
    : all;
  const held = seen.filter((chat) => pinned.value.has(chat.id));
  const others = seen.filter((chat) => !pinned.value.has(chat.id));
  return html`<div class="chats">
    ${held.length > 0 && html`<h2>${t("chats.pinned")}</h2><${Some} chats=${held} passages=${passages} />`}
    ${held.length > 0 && others.length > 0 && html`<h2>${t("chats")}</h2>`}
    ${others.length > 0 && html`<${Some} chats=${others} passages=${passages} />`}
    ${seen.length === 0 && html`<p class="none">${passages ? t("search.none") : t("chats.none")}</p>`}
    ${more.value && !passages && html`<button type="button" class="quiet" onClick=${() => attempt(loadMore)}>${t("more")}</button>`}
  </div>`;
}

/** @param {{chats: Chat[], passages: Map<string, string> | null}} props */
function Some({ chats: some, passages }) {
  return html`<ul>${some.map(
    (chat) => html`<${Entry} key=${chat.id} chat=${chat} passage=${passages?.get(chat.id)} />`,
  )}</ul>`;
}

/** @param {{chat: Chat, passage?: string}} props */
function Entry({ chat, passage }) {
  const [naming, setNaming] = useState(false);
  const here = route.value.view === "chat" && chatId.value === chat.id;
  if (naming) return html`<li><${Naming} chat=${chat} done=${() => setNaming(false)} /></li>`;
  const held = pinned.value.has(chat.id);
  return html`<li class="chat" data-here=${here}>
    <a href=${link("chat", chat.id)} aria-current=${here ? "page" : undefined} onClick=${leaveAside}
      onDblClick=${() => setNaming(true)}>
      <span class="title" dir="auto">${titleOf(chat)}</span>
      ${passage && html`<span class="passage" dir="auto">${passage}</span>`}
    </a>
    ${chat.writing > 0 && html`<span class="busy" role="img" aria-label=${t("chat.writing")}></span>`}
    <${Menu} icon="more" label=${t("chat.more", { title: titleOf(chat) })} items=${[
      { label: t("rename"), icon: "edit", act: () => setNaming(true) },
      ...(admin.value ? [{ label: held ? t("unpin") : t("pin"), icon: /** @type {const} */ ("pin"), act: () => pin(chat.id) }] : []),
      { label: t("delete"), icon: "trash", act: () => leave(chat) },
    ]} />
  </li>`;
}

/** @param {Chat} chat */
async function leave(chat) {
  await discard(chat);
  if (chatId.value === chat.id) go("chat");
}

/** @param {{chat: Chat, done: () => void}} props */
function Naming({ chat, done }) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const over = useRef(false);
  useEffect(() => field.current?.select(), []);
  const keep = () => {
    if (!over.current) rename(chat.id, field.current?.value ?? "");
    over.current = true;
    done();
  };
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    if (event.key === "Enter") keep();
    if (event.key !== "Escape") return;
    event.stopPropagation();
    over.current = true;
    done();
  };
  return html`<input class="naming" ref=${field} aria-label=${t("rename")} maxlength="300" dir="auto"
    value=${chat.title ?? ""} onBlur=${keep} onKeyDown=${key} />`;
}
