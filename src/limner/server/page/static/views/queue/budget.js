/** What is used of each bound of the budget. */
import { html } from "../../html.js";
import { number, t } from "../../state/words.js";

/** @param {{uses: import("../../api.js").BudgetUse[]}} props */
export function Budget({ uses }) {
  if (!uses.length) return null;
  return html`<h3>${t("queue.budget")}</h3>
    <ul class="budget">${uses.map((use) => html`<li key=${`${use.scope} ${use.unit} ${use.per_owner}`}>
      <span>${t(/** @type {any} */ (`budget.${use.scope}`))}</span>
      <span>${told(use)}</span>
      ${use.used !== null && html`<progress max=${use.limit || 1} value=${use.used} aria-label=${t(/** @type {any} */ (`budget.${use.scope}`))}></progress>`}</li>`)}</ul>`;
}

/**
 * What is used of a bound; of one that each message has for itself, how much that is.
 * @param {import("../../api.js").BudgetUse} use
 */
function told({ used, limit, unit }) {
  const words = { limit: number(limit), unit: unit === "pictures" ? t("budget.pictures") : unit };
  return used === null ? t("budget.most", words) : t("budget.used", { used: number(used), ...words });
}
