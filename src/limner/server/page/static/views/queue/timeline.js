/** What was drawn in the last minutes: a lane for each that runs beside others, coloured by chat. */
import { html } from "../../html.js";
import { chats, titleOf } from "../../state/chats.js";
import { looked } from "../../state/pictures.js";
import { summary } from "../../state/queue.js";
import { get } from "../../state/server.js";
import { loadSlot } from "../../state/slots.js";
import { duration, t } from "../../state/words.js";
import { useEffect, useState } from "../../vendor/hooks.js";
import { Lately } from "./lately.js";

/** @typedef {{job: string, lane: number, began: number, ended: number | null, outcome: string, slot: string | null, chat: string | null}} Run */

const SPAN = 180; // seconds
const COLOURS = 6;

export function Timeline() {
  const [told, setTold] = useState(/** @type {{now: number, runs: Run[], at: number} | null} */ (null));
  const [, tick] = useState(0);
  const now = summary.value;
  useEffect(() => {
    let over = false;
    get(`/api/queue/timeline?seconds=${SPAN}`).then(
      (found) => over || setTold({ ...found, at: performance.now() }),
      () => {},
    );
    return () => {
      over = true;
    };
  }, [now]);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  if (!told?.runs.length) return null;
  const until = told.now + (performance.now() - told.at) / 1000;
  const lanes = Math.max(...told.runs.map((run) => run.lane)) + 1;
  const known = [...new Set(told.runs.map((run) => run.chat))];
  return html`<${Lately} runs=${told.runs} />
    <h3>${t("timeline", { time: duration(SPAN) })}</h3>
    <div class="timeline" role="group" aria-label=${t("timeline", { time: duration(SPAN) })}>
      ${Array.from({ length: lanes }, (_, lane) => html`<div class="lane" key=${lane}>
        ${told.runs.filter((run) => run.lane === lane).map((run) => html`<${Bar} key=${`${run.job} ${run.began}`} run=${run} until=${until} colour=${known.indexOf(run.chat) % COLOURS} />`)}
      </div>`)}
    </div>`;
}

/** @param {{run: Run, until: number, colour: number}} props */
function Bar({ run, until, colour }) {
  const end = run.ended ?? until;
  const from = Math.max(0, 1 - (until - run.began) / SPAN);
  const to = 1 - (until - end) / SPAN;
  if (to <= 0) return null;
  const chat = chats.value?.find((one) => one.id === run.chat);
  const took = duration(end - run.began);
  const name = t("timeline.run", { chat: titleOf(chat), time: took, how: t(/** @type {any} */ (`run.${run.outcome}`)) });
  const open = async () => {
    if (!run.slot) return;
    await loadSlot(run.slot).catch(() => {}); // It may be gone.
    looked.value = run.slot;
  };
  return html`<button type="button" data-outcome=${run.outcome} data-colour=${colour} aria-label=${name} title=${name}
    style=${{ left: `${from * 100}%`, width: `${Math.max(0.6, (to - from) * 100)}%` }} onClick=${open}></button>`;
}
