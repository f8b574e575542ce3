/** What was drawn and what it cost, by day or by token, and what a second model has cost. */
import { html } from "../../html.js";
import { on } from "../../state/live.js";
import { get, path } from "../../state/server.js";
import { counted, locale, number, t } from "../../state/words.js";
import { useEffect, useState } from "../../vendor/hooks.js";

/** @typedef {{what: string, pictures: number, costs: {amount: number, unit: string}[]}} Spent */

/** @typedef {{model: string | null, texts: number, prompt_tokens: number, completion_tokens: number, estimated: boolean}} Prompts */

const DAYS = [7, 30, 365];

export function Costs() {
  const [by, setBy] = useState("day");
  const [days, setDays] = useState(30);
  const [told, setTold] = useState(/** @type {{spent: Spent[], prompts: Prompts[]} | null} */ (null));
  useEffect(() => {
    let soon = 0;
    const load = () => get(path`/api/costs?by=${by}&days=${days}`).then(setTold, () => setTold(null));
    load();
    const loadSoon = () => {
      clearTimeout(soon);
      soon = setTimeout(load, 1000);
    };
    const offs = ["slot.ready", "prompts.written"].map((kind) => on(kind, loadSoon));
    return () => {
      clearTimeout(soon);
      for (const off of offs) off();
    };
  }, [by, days]);
  if (!told) return null;
  const { spent, prompts } = told;
  return html`<section class="card costs"><h2>${t("costs")}</h2>
    <div class="row">
      <label>${t("costs.by")} <select value=${by} onChange=${(/** @type {any} */ event) => setBy(event.target.value)}>
        ${/** @type {const} */ (["day", "owner"]).map((what) => html`<option key=${what} value=${what}>${t(`spent.${what}`)}</option>`)}</select></label>
      <label>${t("costs.days")} <select value=${days} onChange=${(/** @type {any} */ event) => setDays(Number(event.target.value))}>
        ${DAYS.map((one) => html`<option key=${one} value=${one}>${t("costs.last", { n: number(one) })}</option>`)}</select></label>
    </div>
    ${spent.length > 0
      ? html`<div class="wide" tabindex="0" role="region" aria-label=${t("costs")}><table><thead><tr><th>${t(/** @type {any} */ (`spent.${by}`))}</th><th>${t("costs.pictures")}</th><th>${t("costs.cost")}</th></tr></thead>
        <tbody>${spent.map((one) => html`<tr key=${one.what}><td dir="auto">${by === "day" ? dayOf(one.what) : one.what || t("costs.nobody")}</td><td>${number(one.pictures)}</td>
          <td>${one.costs.map((cost) => costOf(cost.amount, cost.unit)).join(", ") || "–"}</td></tr>`)}</tbody></table></div>`
      : html`<p class="small">${t("costs.none")}</p>`}
    ${prompts.map((one) => html`<p class="small" key=${one.model}><${Paid} sum=${one} /></p>`)}
  </section>`;
}

/** What was paid for prompts to one model. @param {{sum: Prompts}} props */
function Paid({ sum }) {
  const values = {
    model: sum.model ?? t("prompts.same"),
    read: number(sum.prompt_tokens),
    written: number(sum.completion_tokens),
    texts: counted("costs.texts", sum.texts),
  };
  return html`${t("costs.prompts", values)}${sum.estimated && ` ${t("costs.estimated")}`}`;
}

/** @param {string} told A day in UTC. */
function dayOf(told) {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${told}T00:00:00Z`));
}

/** @param {number} amount @param {string} unit */
function costOf(amount, unit) {
  if (unit === "seconds") {
    const form = { style: "unit", unit: "second", unitDisplay: "short", maximumFractionDigits: 1 };
    return new Intl.NumberFormat(locale(), /** @type {Intl.NumberFormatOptions} */ (form)).format(amount);
  }
  const form = { maximumFractionDigits: 4 };
  return `${new Intl.NumberFormat(locale(), form).format(amount)} ${unit}`;
}
