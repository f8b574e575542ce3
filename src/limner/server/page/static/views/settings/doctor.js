/** Looks over the servers that draw and write, as `limner doctor` does. */
import { html } from "../../html.js";
import { attempt } from "../../state/notices.js";
import { post } from "../../state/server.js";
import { duration, t } from "../../state/words.js";
import { useState } from "../../vendor/hooks.js";
import { Icon } from "../icon.js";

/** @typedef {{server: string, step: string, ok: boolean, said: string, advice: string | null, seconds: number | null}} Finding */

export function Doctor() {
  const [found, setFound] = useState(/** @type {Finding[] | null} */ (null));
  const [busy, setBusy] = useState(false);
  const look = async () => {
    setBusy(true);
    const told = await attempt(() => post("/api/servers/check", { draw: true }));
    if (told) setFound(told.findings);
    setBusy(false);
  };
  return html`<div class="row"><button type="button" class="quiet" disabled=${busy} onClick=${look}><${Icon} name="check" />${busy ? t("doctor.busy") : t("doctor.look")}</button>
      <span class="small">${t("doctor.about")}</span></div>
    <${Findings} found=${found ?? []} />`;
}

/** @param {{found: Finding[]}} props */
export function Findings({ found }) {
  return html`<ul class="findings" aria-live="polite">${found.map((one) => html`<li key=${`${one.server} ${one.step}`} data-ok=${one.ok}>
      <${Icon} name=${one.ok ? "check" : "warning"} />
      <div><b>${one.server}</b> · ${t(/** @type {any} */ (`doctor.${one.step}`))}: <span dir="auto">${one.said}</span>
        ${one.seconds !== null && html`<span class="small"> (${duration(one.seconds)})</span>`}
        ${one.advice && html`<p class="small">${one.advice}</p>`}</div></li>`)}</ul>`;
}
