/** What is used of each bound of the budget. */
import { html } from "../../html.js";
import { number, t } from "../../state/words.js";

/** @param {{uses: import("../../api.js").BudgetUse[]}} props */
export function Budget({ uses }) {
  if (!uses.length) return null;
  return html`<h3>${t("queue.budget")}</h3>
    <ul class="budget">${uses.map((use) => html`<li key=${`${use.scope} ${use.unit} ${use.per_owner}`}>
      <span>${t(/** @type {any} */ (`budget.${use.scope}`))}</span>
      <span>${t("budget.used", { used: number(use.used), limit: number(use.limit), unit: use.unit === "pictures" ? t("budget.pictures") : use.unit })}</span>
      <progress max=${use.limit || 1} value=${use.used} aria-label=${t(/** @type {any} */ (`budget.${use.scope}`))}></progress></li>`)}</ul>`;
}
