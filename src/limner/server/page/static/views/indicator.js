/** How far all pictures are: a quiet line, behind which the whole queue is. */
import { html } from "../html.js";
import { overall, shown, summary } from "../state/queue.js";
import { counted, duration, t } from "../state/words.js";
import { Icon } from "./icon.js";

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
    ${open > 0 && html`<span class="bar"><span style=${{ transform: `scaleX(${done})` }}></span></span>`}
  </button>`;
}
