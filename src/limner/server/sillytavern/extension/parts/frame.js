/** One picture in a message: its place from the first moment on, its progress, and its tools. */
import { pictureAt, redraw, retry, turn } from "./doing.js";
import { iconButton, make } from "./element.js";
import { shownAt } from "./limner.js";
import { openMenu } from "./menu.js";
import { isDrawn, stateOf, want } from "./states.js";
import { look } from "./viewer.js";
import { percent, t } from "./words.js";

/** @typedef {import("./states.js").PictureState} PictureState */

const SIZE = /^\s*(\d{2,4})\s*[x×*]\s*(\d{2,4})\s*$/i;

/** The place of one picture. It has one image element, which keeps what it shows until the next is there. */
export class Frame {
  /**
   * @param {string} id
   * @param {HTMLImageElement} before What stood there, and stands there again without us.
   * @param {[number, number]} size What is drawn where nothing else is asked for.
   */
  constructor(id, before, size) {
    this.id = id;
    this.before = before;
    this.alt = before.alt;
    this.size = size;
    this.image = make("img", { alt: before.alt, draggable: "false", decoding: "async" });
    this.look = make("button.limner-look", { onclick: () => look(this.id) }, this.image);
    this.told = make("span.limner-told");
    this.tools = make("span.limner-tools");
    this.element = make("span.limner-picture", { "data-limner": id, onkeydown: (/** @type {any} */ event) => this.key(event) });
    this.element.append(this.look, this.told, this.tools);
    this.element.addEventListener("click", (event) => event.preventDefault()); // it may stand in a link
    this.reason = make("span.limner-reason", { dir: "auto", role: "status" });
    this.retrying = make("button.menu_button.limner-retry", { onclick: () => retry(this.id) }, t("retry"));
    this.source = "";
    this.said = "";
    this.offered = "";
    want(id);
    this.update();
  }

  /** Show how it stands now. */
  update() {
    const state = stateOf(this.id);
    const [width, height] = this.shape(state);
    this.element.style.setProperty("--limner-shape", `${width} / ${height}`);
    this.element.style.setProperty("--limner-width", `${width}px`);
    this.element.dataset.state = state?.state ?? "unknown";
    this.element.setAttribute("aria-busy", String(!state || isDrawn(state)));
    this.element.classList.toggle("limner-gone", state?.state === "deleted");
    this.image.alt = state?.prompt ?? this.alt;
    this.look.setAttribute("aria-label", `${t("look")}: ${state?.prompt ?? this.alt}`);
    this.look.disabled = !state?.digest;
    this.show(state);
    // What is pressed stays the same element: a click on one that is replaced meanwhile would be lost.
    const said = JSON.stringify([state?.state, state?.pending, state?.reason, state?.fraction, state?.waits, state?.digest]);
    if (said !== this.said) {
      this.said = said;
      const words = this.words(state);
      const same = words.length === this.told.children.length && words.every((one, at) => one === this.told.children[at]);
      if (!same) this.told.replaceChildren(...words);
    }
    const offered = JSON.stringify([state?.state === "deleted", state && isDrawn(state), state?.count, state?.selected, !state?.digest]);
    if (offered === this.offered) return;
    this.offered = offered;
    this.tools.replaceChildren(...this.buttons(state));
  }

  /** @param {PictureState | null} state @returns {[number, number]} */
  shape(state) {
    if (state?.width && state.height) return [state.width, state.height];
    const asked = SIZE.exec(state?.size ?? "");
    return asked ? [Number(asked[1]), Number(asked[2])] : this.size;
  }

  /** @param {PictureState | null} state */
  async show(state) {
    const wanted = state?.digest ? pictureAt(this.id) : state && isDrawn(state) && state.preview ? state.preview : "";
    if (!wanted || wanted === this.source) return;
    this.source = wanted;
    let there = wanted;
    try {
      if (!state?.digest) there = await shownAt(wanted);
      const next = new Image();
      next.src = there;
      await next.decode();
    } catch {
      if (!state?.digest) return; // the picture itself comes soon, or has come
    }
    if (this.source !== wanted) return;
    const before = this.image.src;
    this.image.src = there;
    this.element.classList.add("limner-there");
    if (before.startsWith("blob:")) URL.revokeObjectURL(before);
  }

  /** @param {PictureState | null} state */
  words(state) {
    if (!state || state.state === "deleted") return [];
    if (!isDrawn(state)) {
      if (state.state !== "failed") return [];
      this.reason.textContent = state.reason || t("failed");
      return state.digest ? [this.reason] : [this.reason, this.retrying];
    }
    const far = state.fraction ?? null;
    const begun = far !== null || state.state === "drawing";
    const words = begun ? (far ? percent(far) : t("noProgress")) : (state.waits ?? t("queued"));
    const bar = make("progress.limner-bar", { max: 1, value: far ?? undefined, "aria-label": words });
    return [make("span.limner-words", { role: "status" }, words), begun ? bar : null].filter((one) => one !== null);
  }

  /** @param {PictureState | null} state */
  buttons(state) {
    if (!state || state.state === "deleted") return [];
    const busy = isDrawn(state);
    const menu = iconButton("fa-ellipsis", t("menu"), (event) => openMenu(this.id, /** @type {HTMLElement} */ (event.currentTarget)));
    menu.setAttribute("aria-haspopup", "menu");
    if (!state.digest) return [menu];
    const last = state.selected === state.count - 1;
    const turning = state.count > 1 && [
      iconButton("fa-chevron-left", t("previous"), () => turn(this.id, -1), state.selected === 0),
      make("span.limner-count", {}, `${(state.selected ?? 0) + 1}/${state.count}`),
      iconButton("fa-chevron-right", last ? t("nextDraws") : t("next"), () => turn(this.id, 1), last && busy),
    ];
    return [...(turning || []), iconButton("fa-arrows-rotate", t("againTip"), () => redraw(this.id, "append"), busy), menu];
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = { n: 1, m: -1 }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    turn(this.id, by);
  }
}
