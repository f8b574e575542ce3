/** Whether a front-end has asked, and what became of it. */
import { html } from "../../html.js";
import { counted, moment, t } from "../../state/words.js";

/** @typedef {{request_id: string, at: number, status: number, mode: string, reason: string | null, front_end: string, pictures: number}} Decision */

/** @param {{decisions: Decision[], named?: boolean}} props */
export function Light({ decisions, named = false }) {
  const last = decisions[0];
  if (!last) return html`<span class="light" data-state="waiting" role="status"><span class="dot"></span>${t("light.waiting")}</span>`;
  const pictures = decisions.reduce((sum, one) => sum + one.pictures, 0);
  const state = last.status >= 400 || !last.status ? "wrong" : last.mode === "off" ? "without" : "on";
  return html`<span class="light" data-state=${state} role="status"><span class="dot"></span>
    <span>${named && last.front_end ? html`<bdi>${last.front_end}</bdi> · ` : ""}${counted("light.asked", decisions.length)} · ${counted("light.pictures", pictures)} · ${moment(last.at)}
      ${state === "wrong" && ` · ${t("light.wrong", { status: last.status })}`}
      ${state === "without" && ` · ${t("light.without", { reason: last.reason ?? "" })}`}</span></span>`;
}
