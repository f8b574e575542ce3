/** How far all pictures are: a quiet line, and all of the queue behind it. */
import { html } from "../html.js";
import { attempt } from "../state/notices.js";
import { looked } from "../state/pictures.js";
import { cancelJob, cancelWaiting, loadQueue, overall, pauseQueue, queue, resumeQueue, shown, summary } from "../state/queue.js";
import { at } from "../state/server.js";
import { slotOf } from "../state/slots.js";
import { counted, duration, moment, t } from "../state/words.js";
import { useEffect } from "../vendor/hooks.js";
import { Icon, IconButton } from "./icon.js";
import { shownOf } from "./picture.js";

/** @typedef {import("../api.js").Job} Job */

export function Indicator() {
  const now = summary.value;
  const all = overall.value;
  const open = (now?.running ?? 0) + (now?.waiting ?? 0);
  const words = now?.paused
    ? t("queue.paused")
    : open
      ? counted("queue.open", open) + (all?.eta ? ` · ${t("about", { time: duration(all.eta) })}` : "")
      : "";
  const done = all?.total ? (all.ready + all.failed) / all.total : 0;
  return html`<button type="button" class="indicator" data-open=${open > 0} aria-expanded=${shown.value} aria-label=${words ? `${t("queue")}: ${words}` : t("queue")}
    title=${t("queue")} onClick=${() => (shown.value = !shown.value)}>
    <${Icon} name=${now?.paused ? "pause" : "clock"} />
    ${words && html`<span class="words">${words}</span>`}
    ${open > 0 && html`<span class="bar"><span style=${{ width: `${done * 100}%` }}></span></span>`}
  </button>`;
}

export function QueuePanel() {
  useEffect(() => {
    attempt(loadQueue);
  }, []);
  const told = queue.value;
  const now = summary.value;
  const running = told?.jobs.filter((job) => job.state !== "queued") ?? [];
  const waiting = told?.jobs.filter((job) => job.state === "queued") ?? [];
  return html`<aside class="queue" aria-label=${t("queue")}>
    <header><h2>${t("queue")}</h2><${IconButton} icon="close" label=${t("close")} onClick=${() => (shown.value = false)} /></header>
    <div class="row">
      ${now?.paused
        ? html`<button type="button" class="quiet" onClick=${resumeQueue}><${Icon} name="play" />${t("queue.resume")}</button>`
        : html`<button type="button" class="quiet" onClick=${pauseQueue}><${Icon} name="pause" />${t("queue.pause")}</button>`}
      <button type="button" class="quiet" disabled=${!waiting.length} onClick=${cancelWaiting}><${Icon} name="close" />${t("queue.clear")}</button>
    </div>
    ${now?.waiting_for && html`<p class="wait">${now.waiting_for.told}</p>`}
    <h3>${t("queue.running")}</h3>
    <${Jobs} jobs=${running} none=${t("queue.none")} />
    <h3>${t("queue.waiting")}</h3>
    <${Jobs} jobs=${waiting} none=${t("queue.none")} />
    ${told && told.more > 0 && html`<p class="none">${counted("queue.more", told.more)}</p>`}
  </aside>`;
}

/** @param {{jobs: Job[], none: string}} props */
function Jobs({ jobs, none }) {
  if (!jobs.length) return html`<p class="none">${none}</p>`;
  return html`<ul class="jobs">${jobs.map((job) => html`<${OneJob} key=${job.id} job=${job} />`)}</ul>`;
}

/** @param {{job: Job}} props */
function OneJob({ job }) {
  const slot = job.slot ? slotOf(job.slot).value : null;
  const picture = slot ? shownOf(slot)?.picture : null;
  const source = picture ? at(`${picture.thumbnail}?side=128`) : slot?.preview ? at(slot.preview) : null;
  return html`<li class="job">
    <button type="button" class="thumb" disabled=${!slot} aria-label=${t("picture.look")} onClick=${() => look(slot)}>
      ${source ? html`<img src=${source} alt="" />` : html`<${Icon} name="picture" />`}
    </button>
    <div class="words">
      <span class="wish" dir="auto">${slot?.prompt ?? job.slot ?? job.id}</span>
      <span class="when">${whenOf(job)}</span>
      ${slot?.fraction ? html`<progress max="1" value=${slot.fraction} aria-label=${t("picture.drawing")}></progress>` : null}
    </div>
    <${IconButton} icon="close" label=${t("queue.cancel")} onClick=${() => cancelJob(job.id)} />
  </li>`;
}

/** @param {import("../state/slots.js").LiveSlot | null} slot */
function look(slot) {
  if (slot) looked.value = slot.id;
}

/** @param {Job} job */
function whenOf(job) {
  if (job.running_for !== null) return t("queue.since", { time: duration(job.running_for) });
  const parts = [];
  if (job.position !== null) parts.push(counted("queue.ahead", job.position));
  if (job.until !== null) parts.push(t("queue.until", { time: moment(job.until) }));
  else if (job.eta !== null) parts.push(t("about", { time: duration(job.eta) }));
  if (job.explanation) parts.push(job.explanation);
  return parts.join(" · ");
}
