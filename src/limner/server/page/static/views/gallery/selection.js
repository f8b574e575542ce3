/** Many pictures at once: saved, drawn again, deleted. */
import { html } from "../../html.js";
import { attempt, tell } from "../../state/notices.js";
import { at, get, path, post, slotPath } from "../../state/server.js";
import { counted, t } from "../../state/words.js";
import { Icon } from "../icon.js";
import { saveData } from "../saving.js";

/** @typedef {import("../../api.js").GalleryEntry} Entry */

const AT_ONCE = 4;
const ARCHIVE = 500;

/**
 * @param {{chosen: Set<number>, all: number, entries: () => Promise<Entry[]>, choose: (which: "all" | "none") => void, gone: () => void}} props
 */
export function Selection({ chosen, all, entries, choose, gone }) {
  const none = chosen.size === 0;
  const redraw = async () => {
    const slots = [...new Set((await entries()).map((one) => one.slot))];
    const done = await each(slots, (slot) => post(`${slotPath(slot)}/regenerate`, { mode: "append" }));
    tell(counted("select.redrawn", done));
    choose("none");
  };
  const remove = async () => {
    const found = await entries();
    const done = await each(found, (one) => post(`${slotPath(one.slot)}/delete`, { alternative: one.alternative }));
    const messages = found.map((one) => one.message);
    const back = async () => {
      for (const message of messages.reverse()) await attempt(() => post(path`/api/messages/${message}/undo`));
      gone();
    };
    tell(counted("select.deleted", done), { label: t("undo"), act: back });
    choose("none");
    gone();
  };
  return html`<div class="selection row" role="toolbar" aria-label=${t("select")}>
    <span role="status">${counted("select.count", chosen.size)}</span>
    <button type="button" class="quiet" onClick=${() => choose(chosen.size === all ? "none" : "all")}>${chosen.size === all ? t("select.none") : t("select.all")}</button>
    <span class="space"></span>
    <button type="button" class="quiet" disabled=${none || chosen.size > ARCHIVE} onClick=${async () => archive(await entries())}><${Icon} name="download" />${t("download")}</button>
    <button type="button" class="quiet" disabled=${none} onClick=${redraw}><${Icon} name="again" />${t("picture.again")}</button>
    <button type="button" class="quiet" disabled=${none} onClick=${remove}><${Icon} name="trash" />${t("delete")}</button>
  </div>`;
}

/**
 * Do something with many, some at the same time; tells how many it was done with.
 * @template T
 * @param {T[]} all
 * @param {(one: T) => Promise<unknown>} work
 */
async function each(all, work) {
  const left = [...all];
  let done = 0;
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const now = one;
      if ((await attempt(() => work(now))) !== undefined) done++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return done;
}

/** @param {Entry[]} entries */
async function archive(entries) {
  const pictures = entries.map((one) => ({ digest: one.picture.digest, prompt: one.prompt }));
  const answer = await fetch(at("/api/pictures/archive"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ pictures }),
  }).catch(() => null);
  if (answer?.ok) saveData(await answer.blob(), "limner-pictures.zip");
  else tell(t("error.unreachable"), { wrong: true });
}

/**
 * The entries of numbers, those that are not known yet from the server.
 * @param {Set<number>} chosen
 * @param {import("./details.js").Details} details
 * @returns {Promise<Entry[]>}
 */
export async function entriesOf(chosen, details) {
  const lacking = [...chosen].filter((number) => !details.known.has(number));
  await each(lacking, async (number) => {
    if (details.known.has(number)) return;
    const query = new URLSearchParams(details.query);
    query.set("limit", "100");
    query.set("after", String(number + 1));
    for (const entry of (await get(`/api/pictures?${query}`)).pictures) details.known.set(entry.number, entry);
  });
  return details.numbers.filter((number) => chosen.has(number)).flatMap((number) => details.known.get(number) ?? []);
}
