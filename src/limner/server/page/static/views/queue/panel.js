/** All of the queue: what is drawn, what waits, why, and what was drawn lately. */
import { html } from "../../html.js";
import { attempt } from "../../state/notices.js";
import { loadQueue, pauseQueue, queue, resumeQueue, shown, summary } from "../../state/queue.js";
import { admin } from "../../state/settings.js";
import { counted, t } from "../../state/words.js";
import { useEffect, useState } from "../../vendor/hooks.js";
import { Icon, IconButton } from "../icon.js";
import { Budget } from "./budget.js";
import { cancelAllBut, cancelWaiting, failedCount, loadFailed, retryFailed } from "./doings.js";
import { Jobs, OneJob, Waiting } from "./jobs.js";
import { Timeline } from "./timeline.js";

export function QueuePanel() {
  const [told, setTold] = useState("");
  useEffect(() => {
    attempt(loadQueue);
    attempt(loadFailed);
  }, []);
  const all = queue.value;
  const now = summary.value;
  const running = all?.jobs.filter((job) => job.state !== "queued") ?? [];
  const waiting = all?.jobs.filter((job) => job.state === "queued") ?? [];
  const failed = failedCount.value;
  const close = () => {
    shown.value = false;
    /** @type {HTMLElement | null} */ (document.querySelector(".indicator"))?.focus();
  };
  return html`<aside class="queue" aria-label=${t("queue")} onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Escape" && close()}>
    <header><h2>${t("queue")}</h2><${IconButton} icon="close" label=${t("close")} onClick=${close} /></header>
    <div class="row">
      ${admin.value && (now?.paused
        ? html`<button type="button" class="quiet" onClick=${resumeQueue}><${Icon} name="play" />${t("queue.resume")}</button>`
        : html`<button type="button" class="quiet" onClick=${pauseQueue}><${Icon} name="pause" />${t("queue.pause")}</button>`)}
      <button type="button" class="quiet" disabled=${!waiting.length} onClick=${cancelWaiting}><${Icon} name="close" />${t("queue.clear")}</button>
      ${running.length > 0 && waiting.length > 0 && html`<button type="button" class="quiet" onClick=${() => cancelAllBut(null)}><${Icon} name="stop" />${t("queue.all")}</button>`}
      ${failed > 0 && html`<button type="button" class="quiet" onClick=${retryFailed}><${Icon} name="again" />${counted("queue.retry", failed)}</button>`}
    </div>
    ${now?.waiting_for && html`<p class="wait">${now.waiting_for.told}</p>`}
    <h3>${t("queue.running")}</h3>
    <${Jobs} none=${t("queue.none")}>${running.map((job) => html`<${OneJob} key=${job.id} job=${job} />`)}</${Jobs}>
    <${Waiting} jobs=${waiting} tell=${setTold} />
    ${all && all.more > 0 && html`<p class="none">${counted("queue.more", all.more)}</p>`}
    <p class="unseen" role="status">${told}</p>
    <${Timeline} />
    <${Budget} uses=${all?.budget ?? []} />
  </aside>`;
}
