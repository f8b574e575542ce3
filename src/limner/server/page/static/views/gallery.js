/** All pictures, of one conversation or of all, each group by the message it is of. */
import { html } from "../html.js";
import { chats, titleOf } from "../state/chats.js";
import { attempt } from "../state/notices.js";
import { around, looked } from "../state/pictures.js";
import { link, route } from "../state/route.js";
import { at, get } from "../state/server.js";
import { moment, t } from "../state/words.js";
import { useEffect, useMemo, useRef, useState } from "../vendor/hooks.js";
import { Head } from "./head.js";
import { Icon } from "./icon.js";

/** @typedef {import("../api.js").GalleryEntry} Entry */
/** @typedef {{message: string, chat: string, at: number, entries: Entry[]}} Group */

const PAGE = 120;

export function Gallery() {
  const chat = route.value.id;
  const [words, setWords] = useState("");
  const [entries, setEntries] = useState(/** @type {Entry[]} */ ([]));
  const [next, setNext] = useState(/** @type {number | null} */ (null));
  const [busy, setBusy] = useState(true);
  const timer = useRef(0);

  /** @param {number | null} after @param {Entry[]} before */
  const load = (after, before) =>
    attempt(async () => {
      setBusy(true);
      const query = new URLSearchParams({ limit: String(PAGE) });
      if (chat) query.set("chat", chat);
      if (words.trim()) query.set("prompt", words.trim());
      if (after !== null) query.set("after", String(after));
      const told = await get(`/api/pictures?${query}`);
      setEntries([...before, ...told.pictures]);
      setNext(told.next);
      setBusy(false);
    });
  useEffect(() => {
    load(null, []);
  }, [chat, words]);
  const groups = useMemo(() => grouped(entries), [entries]);
  /** @param {Event} event */
  const near = (event) => {
    const here = /** @type {HTMLElement} */ (event.currentTarget);
    if (next !== null && !busy && here.scrollHeight - here.scrollTop - here.clientHeight < 1200) load(next, entries);
  };
  const one = chats.value?.find((known) => known.id === chat);
  return html`<${Head} title=${chat ? `${t("gallery")}: ${titleOf(one)}` : t("gallery")}>
    ${chat && html`<a class="quiet" href=${link("gallery")}>${t("gallery.all")}</a>`}
  </${Head}>
  <div class="gallery" onScroll=${near} tabindex="0" role="region" aria-label=${t("gallery")}>
    <div class="search"><${Icon} name="search" /><input type="search" aria-label=${t("gallery.search")} placeholder=${t("gallery.search")}
      onInput=${(/** @type {any} */ event) => {
        clearTimeout(timer.current);
        timer.current = setTimeout(setWords, 250, event.target.value);
      }} /></div>
    ${groups.map((group) => html`<${Shelf} key=${`${group.message}/${group.at}`} group=${group} all=${entries} named=${!chat} />`)}
    ${!busy && !entries.length && html`<p class="empty">${words ? t("search.none") : t("gallery.none")}</p>`}
    ${busy && html`<div class="empty" aria-busy="true"></div>`}
  </div>`;
}

/** @param {{group: Group, all: Entry[], named: boolean}} props */
function Shelf({ group, all, named }) {
  const chat = chats.value?.find((one) => one.id === group.chat);
  return html`<section class="shelf">
    <h2>${named && html`<a href=${link("chat", group.chat)} dir="auto">${titleOf(chat)}</a>`}<span>${moment(group.at)}</span></h2>
    <ul>${group.entries.map(
      (entry) => html`<li key=${entry.number}><button type="button" aria-label=${t("picture.open", { prompt: entry.prompt })} title=${entry.prompt}
        onKeyDown=${walk} onClick=${() => look(entry, all)}>
        <img src=${at(`${entry.picture.thumbnail}?side=320`)} alt="" loading="lazy" decoding="async" width=${entry.picture.width} height=${entry.picture.height} />
      </button></li>`,
    )}</ul>
  </section>`;
}

/** @param {Entry} entry @param {Entry[]} all */
function look(entry, all) {
  around.value = [...new Set(all.map((one) => one.slot))];
  looked.value = entry.slot;
}

/** Arrows go through the pictures. @param {KeyboardEvent} event */
function walk(event) {
  const all = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".shelf button"))];
  const now = all.indexOf(/** @type {HTMLElement} */ (event.currentTarget));
  /** @type {Record<string, number>} */
  const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: all.length - 1 };
  if (!(event.key in to)) return;
  event.preventDefault();
  all[Math.max(0, to[event.key])]?.focus();
}

/** @param {Entry[]} entries @returns {Group[]} */
function grouped(entries) {
  /** @type {Group[]} */
  const groups = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last && last.message === entry.message) last.entries.push(entry);
    else groups.push({ message: entry.message, chat: entry.chat, at: entry.made_at, entries: [entry] });
  }
  return groups;
}
