/** Several of those that wait are chosen, to be cancelled or drawn next together. */
import { html } from "../../html.js";
import { counted, t } from "../../state/words.js";
import { useEffect, useRef, useState } from "../../vendor/hooks.js";
import { Icon } from "../icon.js";
import { cancelChosen, putFirst } from "./doings.js";

/** @typedef {import("../../api.js").Job} Job */
/**
 * @typedef {object} Choice
 * @property {Set<string> | null} chosen The ids of those that are chosen; null: nothing is to be chosen now.
 * @property {(ids: string[]) => void} add To those that are chosen; with the first ones choosing begins.
 * @property {(id: string, through: boolean) => void} toggle `through`: all from the one before to this one.
 * @property {(which: "all" | "none") => void} choose
 * @property {() => void} end
 */

/**
 * What is chosen of those that wait: what has left the queue meanwhile is chosen no more.
 * @param {Job[]} jobs
 * @returns {Choice}
 */
export function useChoice(jobs) {
  const [held, hold] = useState(/** @type {Set<string> | null} */ (null));
  const last = useRef(/** @type {string | null} */ (null));
  const ids = jobs.map((job) => job.id);
  const chosen = held && new Set(ids.filter((id) => held.has(id)));
  const over = held !== null && !ids.length;
  useEffect(() => {
    if (over) hold(null);
  }, [over]);
  return {
    chosen: over ? null : chosen,
    add: (more) => {
      last.current = more[more.length - 1];
      hold(new Set([...(chosen ?? []), ...more]));
    },
    toggle: (id, through) => {
      const now = new Set(chosen);
      const wanted = !now.has(id);
      const from = through && last.current !== null ? ids.indexOf(last.current) : -1;
      const to = ids.indexOf(id);
      const meant = from < 0 ? [id] : ids.slice(Math.min(from, to), Math.max(from, to) + 1);
      for (const one of meant) wanted ? now.add(one) : now.delete(one);
      last.current = id;
      hold(now);
    },
    choose: (which) => hold(new Set(which === "all" ? ids : [])),
    end: () => hold(null),
  };
}

/** Above those that wait: how many are chosen, and what is done with them. @param {{jobs: Job[], choice: Choice}} props */
export function Chosen({ jobs, choice }) {
  const { chosen, choose, end } = choice;
  const begin = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const choosing = chosen !== null;
  const chose = useRef(false);
  useEffect(() => {
    // What had the focus may have gone with the choice.
    if (chose.current && !choosing && document.activeElement === document.body) begin.current?.focus();
    chose.current = choosing;
  }, [choosing]);
  if (!chosen) {
    return html`<div class="row choosing"><h3>${t("queue.waiting")}</h3><span class="space"></span>
      ${jobs.length > 1 && html`<button type="button" class="quiet" ref=${begin} onClick=${() => choose("none")}><${Icon} name="check" />${t("select")}</button>`}</div>`;
  }
  const ids = jobs.map((job) => job.id).filter((id) => chosen.has(id));
  const all = ids.length === jobs.length;
  const first = async () => {
    end();
    await putFirst(ids);
  };
  const cancel = async () => {
    end();
    await cancelChosen(ids);
  };
  return html`<div class="row choosing"><h3 role="status">${counted("select.count", ids.length)}</h3><span class="space"></span>
      <button type="button" class="quiet" onClick=${() => choose(all ? "none" : "all")}>${all ? t("select.none") : t("select.all")}</button>
      <button type="button" class="quiet" aria-pressed="true" onClick=${end}>${t("select.end")}</button></div>
    <div class="row" role="toolbar" aria-label=${t("select")}>
      <button type="button" class="quiet" disabled=${!ids.length} onClick=${first}><${Icon} name="up" />${t("queue.chosen.first", { n: ids.length })}</button>
      <button type="button" class="quiet" disabled=${!ids.length} onClick=${cancel}><${Icon} name="close" />${t("queue.chosen", { n: ids.length })}</button>
    </div>`;
}

/**
 * One of those that wait, to be chosen. Arrows go on to the next, with Shift they choose on the way.
 * @param {{id: string, name: string, choice: Choice, cancel: () => void, children?: any}} props
 */
export function Choosable({ id, name, choice, cancel, children }) {
  /** @param {KeyboardEvent} event */
  const keys = (event) => {
    const here = /** @type {HTMLElement} */ (event.currentTarget);
    const row = here.closest("li");
    const next = event.key === "ArrowDown" ? row?.nextElementSibling : event.key === "ArrowUp" ? row?.previousElementSibling : null;
    /** @type {Record<string, () => void>} */
    const ways = { Escape: choice.end, Delete: cancel, Backspace: cancel };
    if (event.key === "a" && (event.ctrlKey || event.metaKey)) choice.choose("all");
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const box = /** @type {HTMLInputElement | null | undefined} */ (next?.querySelector("input"));
      box?.focus();
      if (box && event.shiftKey) choice.add([id, box.value]);
    } else if (ways[event.key]) ways[event.key]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<label class="choosable">
    <input type="checkbox" value=${id} checked=${choice.chosen?.has(id)} aria-label=${t("select.one", { prompt: name })}
      onClick=${(/** @type {MouseEvent} */ event) => choice.toggle(id, event.shiftKey)} onKeyDown=${keys} />
    ${children}
  </label>`;
}
