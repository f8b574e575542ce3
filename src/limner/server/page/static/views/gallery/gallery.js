/**
 * All pictures, of one conversation or of all, by the messages they are in.
 *
 * The order of all of them is known at once, so the list is as long as it will ever be; what is to be
 * seen is loaded and put there for the stretch that is in sight.
 */

import { html } from "../../html.js";
import { chats, titleOf } from "../../state/chats.js";
import { on } from "../../state/live.js";
import { attempt } from "../../state/notices.js";
import { get } from "../../state/server.js";
import { about, admin } from "../../state/settings.js";
import { link, route } from "../../state/view.js";
import { counted, t } from "../../state/words.js";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "../../vendor/hooks.js";
import { Head } from "../head.js";
import { Icon } from "../icon.js";
import { Details } from "./details.js";
import { entriesOf, Selection } from "./selection.js";
import { ShelfHead, ShelfRow } from "./shelf.js";
import { between, layout } from "./shelves.js";

/** @typedef {import("./shelves.js").Group} Group */

const AROUND = 700; // pixels above and below that are ready

export function Gallery() {
  const chat = route.value.id;
  const [words, setWords] = useState("");
  const { groups, details, reload } = useIndex(chat, words);
  const [view, setView] = useState({ top: 0, height: 900, width: 900 });
  const [chosen, setChosen] = useState(/** @type {Set<number> | null} */ (null));
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const timer = useRef(0);
  const plan = useMemo(() => layout(groups ?? [], view.width), [groups, view.width]);
  const rows = between(plan.rows, view.top - AROUND, view.top + view.height + AROUND);
  if (rows.length) {
    const last = rows[rows.length - 1];
    details.want(rows[0].index, last.index + Math.max(last.count, 1));
  }
  useEffect(() => {
    const here = /** @type {HTMLElement} */ (scroller.current);
    const inside = /** @type {HTMLElement} */ (list.current);
    const look = () => {
      const now = { top: here.scrollTop - inside.offsetTop, height: here.clientHeight, width: inside.clientWidth };
      setView((old) => (old.width === now.width && old.height === now.height && Math.abs(old.top - now.top) < 120 ? old : now));
    };
    const sized = new ResizeObserver(look);
    sized.observe(here);
    here.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      sized.disconnect();
      here.removeEventListener("scroll", look);
    };
  }, []);
  useEffect(() => scroller.current?.scrollTo(0, 0), [chat, words]);
  const anchor = useRef(/** @type {{number: number, off: number} | null} */ (null));
  useLayoutEffect(() => {
    // What came or went above moves nothing that is looked at.
    const here = /** @type {HTMLElement} */ (scroller.current);
    const held = anchor.current;
    const row = held && plan.rows.find((one) => one.group.numbers.slice(one.first, one.first + one.count).includes(held.number));
    if (held && row && here.scrollTop > 200) here.scrollTop = row.top - held.off;
  }, [plan]);
  const seen = rows.find((row) => !row.head && row.top >= view.top);
  anchor.current = seen ? { number: seen.group.numbers[seen.first], off: seen.top - view.top - (list.current?.offsetTop ?? 0) } : null;
  const toggle = (/** @type {number} */ number) => {
    const now = new Set(chosen);
    if (!now.delete(number)) now.add(number);
    setChosen(now);
  };
  const one = chats.value?.find((known) => known.id === chat);
  const count = details.numbers.length;
  return html`<${Head} title=${chat ? `${t("gallery")}: ${titleOf(one)}` : t("gallery")}>
    ${chat && admin.value && html`<a class="quiet" href=${link("gallery")}>${t("gallery.all")}</a>`}
    ${count > 0 && html`<button type="button" class="quiet" aria-pressed=${chosen !== null} onClick=${() => setChosen(chosen ? null : new Set())}>
      <${Icon} name="check" />${chosen ? t("select.end") : t("select")}</button>`}
  </${Head}>
  ${chosen && html`<${Selection} chosen=${chosen} all=${count} entries=${() => entriesOf(chosen, details)} gone=${reload}
    choose=${(/** @type {string} */ which) => setChosen(new Set(which === "all" ? details.numbers : []))} />`}
  <div class="gallery" ref=${scroller} tabindex="0" role="region" aria-label=${t("gallery")}>
    <div class="search"><${Icon} name="search" /><input type="search" aria-label=${t("gallery.search")} placeholder=${t("gallery.search")}
      onInput=${(/** @type {any} */ event) => {
        clearTimeout(timer.current);
        timer.current = setTimeout(setWords, 250, event.target.value.trim());
      }} /></div>
    ${groups && count > 0 && html`<p class="count small" role="status">${counted("gallery.count", count)}</p>`}
    <div class="shelves" ref=${list} style=${{ height: `${plan.height}px` }}>
      ${rows.map((row) =>
        row.head
          ? html`<${ShelfHead} key=${`head ${row.top}`} row=${row} named=${!chat} />`
          : html`<${ShelfRow} key=${`row ${row.index}`} row=${row} plan=${plan} details=${details} chosen=${chosen} toggle=${toggle} />`,
      )}
    </div>
    ${groups && !count && (words
      ? html`<p class="empty">${t("search.none")}</p>`
      : html`<div class="empty"><p>${t("gallery.none")}</p><div class="row">
          <a class="main" href=${link("chat", chat)}>${chat ? t("gallery.message") : t("chat.new")}</a>
          ${!chat && html`<a class="quiet" href=${link("illustrate")}>${t("illustrate")}</a>`}</div></div>`)}
    ${!groups && (chat || admin.value || !about.value ? html`<div class="empty" aria-busy="true"></div>` : html`<p class="empty">${t("admin.only")}</p>`)}
  </div>`;
}

/**
 * The order of all pictures, anew whenever there are others.
 * @param {string | null} chat
 * @param {string} words
 */
function useIndex(chat, words) {
  const [groups, setGroups] = useState(/** @type {Group[] | null} */ (null));
  const query = useMemo(() => {
    const made = new URLSearchParams();
    if (chat) made.set("chat", chat);
    if (words) made.set("prompt", words);
    return made;
  }, [chat, words]);
  const held = useRef(new Details([], query));
  const turn = useRef(0);
  const reload = () =>
    attempt(async () => {
      if (!chat && !admin.value) return;
      const mine = ++turn.current;
      const told = await get(`/api/pictures/index?${query}`);
      if (mine !== turn.current) return;
      const next = new Details(told.groups.flatMap((/** @type {Group} */ group) => group.numbers), query);
      next.known = held.current.query === query ? held.current.known : next.known;
      held.current = next;
      setGroups(told.groups);
    });
  useEffect(() => {
    reload();
  }, [query, admin.value]);
  useEffect(() => {
    let soon = 0;
    const later = () => {
      clearTimeout(soon);
      soon = setTimeout(reload, 400);
    };
    const off = ["slot.ready", "slot.changed", "chat.deleted", "chat.created", "message.deleted"].map((kind) => on(kind, later));
    return () => {
      clearTimeout(soon);
      for (const end of off) end();
    };
  }, [query]);
  return { groups, details: held.current, reload };
}
