/** Rates: so many pictures begun in any stretch of so many seconds, all of which are kept. */
import { html } from "../../html.js";
import { inWords } from "../../state/notices.js";
import { change, settings } from "../../state/settings.js";
import { t } from "../../state/words.js";
import { useState } from "../../vendor/hooks.js";
import { Icon, IconButton } from "../icon.js";
import { Typed } from "../typed.js";

/** @typedef {{limit: number, per: number}} Rate */

const MOST = 8;

export function Rates() {
  const [wrong, setWrong] = useState("");
  const told = settings.value;
  /** @type {Rate[]} */
  const rates = told?.settings.rates ?? [];
  const chosen = told?.chosen.includes("rates") ?? false;
  /** @param {Rate[] | null} wanted */
  const keep = async (wanted) => {
    try {
      await change({ rates: wanted });
      setWrong("");
      return true;
    } catch (error) {
      setWrong(inWords(error));
      return false;
    }
  };
  /** @param {number} n @param {any} event @param {keyof Rate} part */
  const edit = (n, { target }, part) => {
    if (target.value && target.checkValidity()) return keep(rates.map((one, m) => (m === n ? { ...one, [part]: target.valueAsNumber } : one)));
    setWrong(target.validationMessage || t("rates.empty"));
    return false;
  };
  return html`<div class="rates" role="group" aria-label=${t("rates")}>
    <div class="row"><b class="grow">${t("rates")}</b>
      ${chosen && html`<${IconButton} icon="rotate" label=${t("settings.reset", { name: t("rates") })} onClick=${() => keep(null)} />`}</div>
    <p class="small">${wrong ? html`<span class="wrong" role="alert">${wrong}</span>` : html`${t("rates.about")} ${!chosen && html`<span class="from">${t("settings.from")}</span>`}`}</p>
    ${rates.map((rate, n) => html`<div class="row" key=${n}>
      <label><${Typed} type="number" min="1" max="1000000" step="1" required value=${rate.limit} keep=${(/** @type {any} */ event) => edit(n, event, "limit")} /> ${t("rates.limit")}</label>
      <label><${Typed} type="number" min="0.1" step="any" required value=${rate.per} keep=${(/** @type {any} */ event) => edit(n, event, "per")} /> ${t("rates.per")}</label>
      <${IconButton} icon="trash" label=${t("delete")} onClick=${() => keep(rates.filter((_, m) => m !== n))} /></div>`)}
    ${rates.length < MOST && html`<div class="row"><button type="button" class="quiet" onClick=${() => keep([...rates, { limit: 10, per: 60 }])}><${Icon} name="plus" />${t("rates.add")}</button></div>`}
  </div>`;
}
