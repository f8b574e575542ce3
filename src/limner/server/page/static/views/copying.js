/** Puts text where it can be pasted from, and says so. */
import { tell } from "../state/notices.js";
import { t } from "../state/words.js";

/** @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    tell(t("copied"));
  } catch {
    tell(t("error.copy"), { wrong: true });
  }
}
