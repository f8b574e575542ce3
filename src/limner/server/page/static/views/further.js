/** What is loaded when it is wanted: further views, and what lies above a view. */
import { html } from "../html.js";
import { moreWords, t } from "../state/words.js";
import { useEffect, useState } from "../vendor/hooks.js";

const STYLE = new URL("../style/further.css", import.meta.url).href;

/** @type {Record<string, () => Promise<any>>} */
const MODULES = {
  gallery: async () => (await import("./gallery/gallery.js")).Gallery,
  settings: async () => (await import("./settings/settings.js")).Settings,
  connect: async () => (await import("./connect/connect.js")).Connect,
  illustrate: async () => (await import("./illustrate.js")).Illustrate,
  asking: async () => (await import("./asking.js")).Asking,
  erasing: async () => (await import("./erasing.js")).Erasing,
  keys: async () => (await import("./key_list.js")).Keys,
  prompt: async () => (await import("./prompt_form.js")).PromptForm,
  queue: async () => (await import("./queue/panel.js")).QueuePanel,
  shape: async () => (await import("./shape_form.js")).ShapeForm,
  tuning: async () => (await import("./tuning.js")).Tuning,
  viewer: async () => (await import("./viewer/viewer.js")).Viewer,
};

/** Those that stand in the place of a conversation. */
export const VIEWS = new Set(["gallery", "settings", "connect", "illustrate"]);

/**
 * Have something at hand before it is asked for.
 * @param {string} name
 */
export function fetchAhead(name) {
  load(name).catch(() => {}); // Whoever asks for it is told then.
}

/** @param {string} name */
async function load(name) {
  const [View] = await Promise.all([MODULES[name](), styled(), moreWords()]);
  return View;
}

/** The style of what is further, once. */
function styled() {
  if (document.querySelector(`link[href="${STYLE}"]`)) return undefined;
  return new Promise((done, failed) => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = STYLE;
    style.onload = done;
    style.onerror = failed;
    document.head.append(style);
  });
}

/**
 * @param {{name: string, above?: boolean} & Record<string, any>} props `above`: it lies above the view,
 * which stays; all others are for what is loaded.
 */
export function Further({ name, above = false, ...rest }) {
  const [found, setFound] = useState(/** @type {{View: any} | "failed" | null} */ (null));
  useEffect(() => {
    load(name).then((View) => setFound({ View })).catch(() => setFound("failed"));
  }, []);
  if (found === "failed") {
    return html`<div class="empty" data-above=${above}><p>${t("error.updated")}</p>
      <button type="button" class="main" onClick=${() => location.reload()}>${t("reload")}</button></div>`;
  }
  if (found) return html`<${found.View} ...${rest} />`;
  return above ? null : html`<div class="empty" aria-busy="true"></div>`;
}
