/** What lies beside the chat: the queue, what the limits and the budget allow, and all pictures of the chat. */
import { attempt, pictureAt, stop, stopJob } from "./doing.js";
import { iconButton, make } from "./element.js";
import { address, call } from "./limner.js";
import { picturesIn } from "./messages.js";
import { ask, idOf, isDrawn, stateOf, waiting } from "./states.js";
import { tavern } from "./tavern.js";
import { look } from "./viewer.js";
import { duration, moment, percent, t } from "./words.js";

const PACE = 1500; // milliseconds between two looks at the queue

/** @type {HTMLElement | null} */
let drawer = null;
/** @type {any} */
let queue = null;
let most = /** @type {number | null} */ (null);
let timer = 0;

/** limner said that the queue is another. */
export function queueChanged() {
  if (!timer) timer = setTimeout(refresh, PACE);
}

async function refresh() {
  timer = 0;
  try {
    queue = await call("GET", "/api/queue?limit=200");
  } catch {
    return;
  }
  const told = new Map();
  for (const job of queue.jobs) if (job.slot && job.state === "queued") told.set(job.slot, when(job));
  waiting(told);
  drawQueue();
  if (queue.waiting > 0 && drawer) queueChanged();
}

/** @param {any} job */
function when(job) {
  if (job.running_for !== null) return t("running", { time: duration(job.running_for) });
  const parts = [job.position === 0 ? t("queueNext") : job.position ? t("queueAhead", { n: job.position }) : t("wait")];
  if (job.until !== null) parts.push(t("until", { time: moment(job.until) }));
  else if (job.eta !== null) parts.push(t("about", { time: duration(job.eta) }));
  if (job.explanation && job.reason !== "max_concurrent") parts.push(job.explanation);
  return parts.join(" · ");
}

/** @param {number | null} concurrent How many are drawn at the same time. */
export function limitIs(concurrent) {
  most = concurrent;
}

export function toggleDrawer() {
  if (drawer) return closeDrawer();
  const head = make(
    "header",
    {},
    make("h3", {}, t("drawer")),
    make("a.limner-icon.fa-solid.fa-up-right-from-square", { href: address(), target: "_blank", rel: "noopener", title: t("open"), "aria-label": t("open") }),
    iconButton("fa-xmark", t("close"), closeDrawer),
  );
  drawer = make("aside.limner-drawer", { "aria-label": t("drawer"), tabindex: "-1" }, head, make("section.limner-queue"), make("section.limner-gallery"));
  drawer.addEventListener("keydown", (event) => event.key === "Escape" && closeDrawer());
  document.body.append(drawer);
  drawer.focus();
  refresh();
  drawGallery();
}

export function closeDrawer() {
  drawer?.remove();
  drawer = null;
}

function drawQueue() {
  const section = drawer?.querySelector(".limner-queue");
  if (!section || !queue) return;
  const held = queue.paused;
  const pausing = iconButton(held ? "fa-play" : "fa-pause", t(held ? "resume" : "pause"), () =>
    attempt(async () => {
      await call("POST", `/api/queue/${held ? "resume" : "pause"}`);
      refresh();
    }),
  );
  const stopping = iconButton("fa-stop", t("stopAll"), async () => {
    await stop(chatPictures().flatMap(([, ids]) => ids));
    refresh();
  });
  const limit = most ? t("limit", { running: queue.running, most }) : t("limitNone", { running: queue.running });
  const jobs = queue.jobs.map((/** @type {any} */ job) => entry(job));
  section.replaceChildren(
    make("div.limner-row", {}, make("h4", {}, t("queue")), make("span.limner-limit", {}, limit), pausing, stopping),
    ...(queue.waiting_for ? [make("p.limner-wait", { dir: "auto" }, queue.waiting_for.told)] : []),
    ...(jobs.length ? [make("ul", {}, ...jobs)] : [make("p.limner-none", {}, t("queueNone"))]),
    ...queue.budget.map((/** @type {any} */ one) => make("p.limner-budget", {}, budget(one))),
  );
}

/** @param {any} job */
function entry(job) {
  const id = job.slot ? idOf(job.slot) : null;
  const state = id ? stateOf(id) : null;
  const far = state?.fraction ? ` · ${percent(state.fraction)}` : "";
  const words = make("span.limner-job", {}, make("b", { dir: "auto" }, state?.prompt ?? job.slot ?? job.id), make("small", {}, when(job) + far));
  const stopping = iconButton("fa-xmark", t("stop"), () => stopOne(job.id));
  return make("li", {}, words, stopping);
}

/** @param {string} job */
function stopOne(job) {
  return attempt(async () => {
    await stopJob(job);
    refresh();
  });
}

/** @param {any} one */
function budget(one) {
  /** @type {Record<string, string>} */
  const words = { hour: t("scopeHour"), day: t("scopeDay"), all: t("scopeAll") };
  return t("left", { left: one.left, limit: one.limit, scope: words[one.scope] ?? one.scope });
}

/** The pictures of the open chat, message by message. @returns {[number, string[]][]} */
function chatPictures() {
  return tavern()
    .chat.map((message, n) => /** @type {[number, string[]]} */ ([n, [...new Set(picturesIn(String(message.mes ?? "")))]]))
    .filter(([, ids]) => ids.length > 0);
}

/** Show the pictures of the chat as they are now. */
export async function drawGallery() {
  if (!drawer) return;
  const groups = chatPictures();
  const unknown = groups.flatMap(([, ids]) => ids).filter((id) => !stateOf(id));
  await ask(unknown).catch(() => {});
  const section = drawer?.querySelector(".limner-gallery");
  if (!section) return;
  section.replaceChildren(make("h4", {}, t("gallery")));
  if (!groups.length) section.append(make("p.limner-none", {}, t("galleryNone")));
  for (const [n, ids] of groups) {
    const pictures = ids.map((id) => thumbnail(id)).filter((one) => one !== null);
    const jump = make("button.limner-jump", { onclick: () => document.querySelector(`#chat .mes[mesid="${n}"]`)?.scrollIntoView({ block: "center" }) }, t("message", { n }));
    section.append(make("div.limner-group", {}, jump, make("div.limner-grid", {}, ...pictures)));
  }
}

/** @param {string} id */
function thumbnail(id) {
  const state = stateOf(id);
  if (!state || state.state === "deleted") return null;
  const label = `${t("look")}: ${state.prompt}`;
  if (state.digest) {
    const image = make("img", { src: pictureAt(id, 320), alt: "", loading: "lazy" });
    return make("button.limner-thumb", { title: state.prompt, "aria-label": label, onclick: () => look(id) }, image);
  }
  const icon = isDrawn(state) ? "fa-hourglass-half" : "fa-triangle-exclamation";
  return make("span.limner-thumb", { title: state.reason ?? state.prompt }, make(`i.fa-solid.${icon}`, { "aria-hidden": "true" }));
}
