/** The pictures of the queue, one by one; those that wait are put in order by drag or keys. */
import { html } from "../../html.js";
import { looked } from "../../state/pictures.js";
import { cancelJob } from "../../state/queue.js";
import { at } from "../../state/server.js";
import { loadSlot, slotOf } from "../../state/slots.js";
import { counted, duration, moment, t } from "../../state/words.js";
import { useEffect, useState } from "../../vendor/hooks.js";
import { Icon, IconButton } from "../icon.js";
import { shownOf } from "../picture.js";
import { Choosable, Chosen, useChoice } from "./choosing.js";
import { cancelChosen, putFirst } from "./doings.js";

/** @typedef {import("../../api.js").Job} Job */

/** @param {{none: string, children?: any}} props */
export function Jobs({ none, children }) {
  return children?.length ? html`<ul class="jobs">${children}</ul>` : html`<p class="none">${none}</p>`;
}

/** @param {{jobs: Job[], tell: (words: string) => void}} props */
export function Waiting({ jobs, tell }) {
  const [dragged, setDragged] = useState(/** @type {string | null} */ (null));
  const [over, setOver] = useState(/** @type {number | null} */ (null));
  const choice = useChoice(jobs);
  /** @param {string} id @param {number} to */
  const move = async (id, to) => {
    const ids = jobs.map((job) => job.id);
    const from = ids.indexOf(id);
    const place = Math.min(Math.max(to, 0), ids.length - 1);
    if (from < 0 || place === from) return;
    ids.splice(from, 1);
    ids.splice(place, 0, id);
    tell(t("queue.moved", { n: place + 1, of: ids.length }));
    await putFirst(ids.slice(0, Math.max(from, place) + 1));
  };
  /** @param {KeyboardEvent} event @param {string} id @param {number} n */
  const keys = (event, id, n) => {
    /** @type {Record<string, number>} */
    const to = { ArrowUp: n - 1, ArrowDown: n + 1, Home: 0, End: jobs.length - 1 };
    if (!(event.key in to)) return;
    event.preventDefault();
    event.stopPropagation();
    move(id, to[event.key]);
  };
  /** @param {DragEvent} event @param {number} n */
  const dragOver = (event, n) => {
    if (!dragged) return;
    event.preventDefault();
    if (over !== n) setOver(n);
  };
  const drop = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (dragged && over !== null) move(dragged, over);
    setDragged(null);
    setOver(null);
  };
  const cancel = () => {
    choice.end();
    cancelChosen([...(choice.chosen ?? [])]);
  };
  return html`<${Chosen} jobs=${jobs} choice=${choice} />
  <${Jobs} none=${t("queue.none")}>${jobs.map(
    (job, n) => html`<${OneJob} key=${job.id} job=${job} over=${over === n && dragged !== job.id} choice=${choice} cancel=${cancel}
      drag=${{
        draggable: true,
        onDragStart: () => setDragged(job.id),
        onDragEnd: () => setDragged(null),
        onDragOver: (/** @type {DragEvent} */ event) => dragOver(event, n),
        onDrop: drop,
      }}
      grip=${html`<button type="button" class="icon-button grip" aria-label=${t("queue.move", { n: n + 1 })} title=${t("queue.move.keys")}
        onKeyDown=${(/** @type {KeyboardEvent} */ event) => keys(event, job.id, n)}><${Icon} name="menu" /></button>
        ${n > 0 ? html`<${IconButton} icon="up" label=${t("queue.first")} onClick=${() => move(job.id, 0)} />` : html`<span class="tag">${t("queue.next")}</span>`}`} />`,
  )}</${Jobs}>`;
}

/**
 * `choice`: of one that waits, what is chosen of those, and `cancel` cancels all of that.
 * @param {{job: Job, over?: boolean, drag?: Record<string, any>, grip?: any, choice?: import("./choosing.js").Choice, cancel?: () => void}} props
 */
export function OneJob({ job, over = false, drag = {}, grip = null, choice, cancel = () => {} }) {
  const slot = job.slot ? slotOf(job.slot).value : null;
  useEffect(() => {
    // One of another conversation, or of a picture that is drawn for nobody's chat.
    if (job.slot) loadSlot(job.slot).catch(() => {});
  }, [job.slot]);
  const picture = slot ? shownOf(slot)?.picture : null;
  const source = slot?.preview ? at(slot.preview) : picture ? at(`${picture.thumbnail}?side=128`) : null;
  const name = slot?.prompt ?? job.slot ?? job.id;
  const thumb = source ? html`<img src=${source} alt="" draggable=${false} />` : html`<${Icon} name="picture" />`;
  const words = html`<div class="words">
    <span class="wish" dir="auto" title=${slot?.prompt}>${name}</span>
    <span class="when">${whenOf(job)}</span>
    ${slot?.fraction && job.state !== "queued" ? html`<progress max="1" value=${slot.fraction} aria-label=${t("picture.drawing")}></progress>` : null}
  </div>`;
  if (choice?.chosen) {
    return html`<li class="job" data-picked=${choice.chosen.has(job.id)}>
      <${Choosable} id=${job.id} name=${name} choice=${choice} cancel=${cancel}><span class="thumb">${thumb}</span>${words}</${Choosable}></li>`;
  }
  /** As in lists of files: with one of these keys a click chooses. @param {MouseEvent} event */
  const pressed = (event) => {
    if (!choice || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    choice.add([job.id]);
  };
  return html`<li class="job" data-over=${over} ...${drag} onClickCapture=${pressed}>
    <button type="button" class="thumb" disabled=${!slot} aria-label=${t("picture.look")} onClick=${() => look(slot)}>${thumb}</button>
    ${words}
    ${grip}
    <${IconButton} icon="close" label=${t("queue.cancel")} onClick=${() => cancelJob(job.id)} />
  </li>`;
}

/** @param {import("../../state/slots.js").LiveSlot | null} slot */
function look(slot) {
  if (slot) looked.value = slot.id;
}

/** @param {Job} job */
function whenOf(job) {
  if (job.running_for !== null) return t("queue.since", { time: duration(job.running_for) });
  const parts = [];
  if (job.position) parts.push(counted("queue.ahead", job.position));
  if (job.until !== null) parts.push(t("queue.until", { time: moment(job.until) }));
  else if (job.eta !== null) parts.push(t("about", { time: range(job.eta) }));
  // That others are drawn, and that all of it rests, is to be seen; whatever else holds it is said.
  if (job.explanation && job.reason !== "max_concurrent" && job.reason !== "pause") parts.push(job.explanation);
  return parts.join(" · ");
}

/** An estimate is never exact: from it to half as much again. @param {number} seconds */
function range(seconds) {
  return seconds < 3 ? duration(seconds) : `${duration(seconds)} – ${duration(seconds * 1.5)}`;
}
