/** Looking at pictures: large, one after the other, with their alternatives. */

import { showDialog } from "./dialog.js";
import { pictureAt, turn } from "./doing.js";
import { iconButton, make } from "./element.js";
import { onState, stateOf } from "./states.js";
import { t } from "./words.js";

const SWIPE = 50; // pixels

/** @type {{dialog: HTMLDialogElement, id: string, show: () => void} | null} */
let looked = null;
/** @type {() => string[]} */
let neighbours = () => [];

/** @param {() => string[]} of Which pictures the page shows, in their order. */
export function lookThrough(of) {
  neighbours = of;
  onState((id) => looked?.id === id && looked.show());
}

/** @param {string} first */
export function look(first) {
  if (!stateOf(first)?.digest) return;
  const image = make("img", { draggable: "false" });
  const stage = make("div.limner-stage", { onclick: () => stage.classList.toggle("limner-full") }, image);
  const words = make("p.limner-caption", { dir: "auto" });
  const bar = make("div.limner-viewbar");

  /** @param {number} by */
  function go(by) {
    const all = neighbours().filter((id) => stateOf(id)?.digest);
    const at = all.indexOf(now.id);
    const next = all[at + by];
    if (at < 0 || !next) return;
    now.id = next;
    stage.classList.remove("limner-full");
    show();
  }
  function show() {
    const state = stateOf(now.id);
    if (!state?.digest) return dialog.close();
    image.src = pictureAt(now.id);
    image.alt = state.prompt;
    words.textContent = state.prompt;
    const all = neighbours().filter((id) => stateOf(id)?.digest);
    const at = all.indexOf(now.id);
    const title = dialog.querySelector("h3");
    if (title) title.textContent = t("pictureOf", { n: at + 1, count: all.length });
    const more = iconButton("fa-ellipsis", t("menu"), () => {
      dialog.close(); // what the menu opens is not behind the viewer then
      const frame = document.querySelector(`#chat [data-limner="${CSS.escape(now.id)}"] .limner-tools button:last-child`);
      if (frame instanceof HTMLElement) frame.click();
    });
    bar.replaceChildren(
      iconButton("fa-arrow-left", t("picturePrevious"), () => go(-1), at <= 0),
      iconButton("fa-chevron-left", t("previous"), () => turn(now.id, -1), state.selected === 0),
      make("span.limner-count", {}, `${(state.selected ?? 0) + 1}/${state.count}`),
      iconButton("fa-chevron-right", state.selected === state.count - 1 ? t("nextDraws") : t("next"), () => turn(now.id, 1)),
      iconButton("fa-magnifying-glass-plus", t("zoom"), () => stage.classList.toggle("limner-full")),
      more,
      iconButton("fa-arrow-right", t("pictureNext"), () => go(1), at >= all.length - 1),
    );
  }
  const dialog = showDialog("limner-viewer", t("look"), stage, words, bar);
  const now = { dialog, id: first, show };
  looked = now;
  dialog.addEventListener("close", () => (looked = null));
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") go(1);
    else if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "n") turn(now.id, 1);
    else if (event.key === "m") turn(now.id, -1);
    else if (event.key === "z") stage.classList.toggle("limner-full");
  });
  swiped(stage, (by) => !stage.classList.contains("limner-full") && go(by));
  show();
}

/**
 * @param {HTMLElement} element
 * @param {(by: number) => void} act
 */
function swiped(element, act) {
  let start = 0;
  element.addEventListener("touchstart", (event) => (start = event.changedTouches[0].clientX), { passive: true });
  element.addEventListener(
    "touchend",
    (event) => {
      const by = event.changedTouches[0].clientX - start;
      if (Math.abs(by) > SWIPE) act(by < 0 ? 1 : -1);
    },
    { passive: true },
  );
}
