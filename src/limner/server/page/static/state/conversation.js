/** The conversation that is shown: its messages, each with its text in blocks. */
import { batch, computed, signal } from "../vendor/signals.js";
import { moment, on, onReset } from "./live.js";
import { inWords, tell } from "./notices.js";
import { get, path, Refused } from "./server.js";
import { forget, learn } from "./slots.js";

/** @typedef {import("../api.js").Message} Message */
/**
 * @template T
 * @typedef {import("../vendor/signals.js").Signal<T>} Signal
 */

/** One message, as it is shown. */
export class Shown {
  /** @param {Message} told */
  constructor(told) {
    this.id = told.id;
    this.role = told.role;
    /** @type {Signal<Message>} */
    this.told = signal(told);
    /** @type {Signal<Signal<string>[]>} Its text; of a block that grows nobody hears but that block. */
    this.blocks = signal((told.blocks ?? []).map((text) => signal(text)));
    /** Whether nothing of it is there; heard by whoever does not care how much it is. */
    this.bare = computed(() => this.blocks.value.length === 0);
    /** @type {Signal<string[]>} The ids of its slots. */
    this.slots = signal(told.slots.map((slot) => slot.id));
    /** Whether its text is still on its way. */
    this.writing = signal(told.state === "writing" && told.busy);
    /** Which of its answers has no more text to come, as the model has put the pen down. */
    this.ended = /** @type {number | null} */ (null);
  }

  /**
   * From one block on the text is another.
   * @param {number} start
   * @param {string[]} texts
   */
  write(start, texts) {
    const held = this.blocks.value;
    const count = start + texts.length;
    batch(() => {
      for (let n = start; n < Math.min(count, held.length); n++) held[n].value = texts[n - start];
      if (count === held.length) return;
      const more = texts.slice(Math.max(0, held.length - start));
      this.blocks.value = [...held.slice(0, count), ...more.map((text) => signal(text))];
    });
  }

  /**
   * @param {Message} told
   * @param {number} [asked] The moment at which it was asked for.
   */
  learn(told, asked) {
    const old = asked !== undefined && (heard.get(this.id) ?? 0) > asked;
    const held = this.told.value;
    const another = held !== told && held.variant !== told.variant;
    // What was heard meanwhile of an answer that nobody showed was not kept.
    if (old && (another || held === told)) loadSoon(this.id);
    batch(() => {
      for (const slot of told.slots) learn(slot, asked);
      if (another) this.blocks.value = [];
      this.told.value = told;
      if (!old || another) this.write(0, told.blocks ?? []);
      this.slots.value = told.slots.map((slot) => slot.id);
      // Until its pictures are kept, too, the server counts it as being written.
      this.writing.value = told.state === "writing" && told.busy && this.ended !== told.variant;
    });
  }
}

/** @type {Signal<string | null>} */
export const chatId = signal(null);
/** @type {Signal<Shown[]>} */
export const messages = signal([]);
/** @type {Signal<string | null>} The cursor of what came before; null: there is nothing. */
export const earlier = signal(null);
/** @type {Signal<"empty" | "loading" | "ready" | "missing">} */
export const state = signal("empty");

/** A message of one's own that is said otherwise. */
export const revised = signal(/** @type {Shown | null} */ (null));

/** @typedef {{system_prompt: string | null, model: string | null, preset: string | null, prompts?: string | null, prompts_model?: string | null, blurred: boolean}} ChatChoices */
/** @type {Signal<ChatChoices | null>} What was chosen for this conversation; null: not known yet. */
export const choices = signal(null);

/** The message whose text is being written, if there is one. */
export const writing = computed(() => messages.value.find((one) => one.writing.value) ?? null);

const PAGE = 30;

/**
 * Show a conversation; null: none.
 * @param {string | null} id
 */
export async function open(id) {
  if (id === chatId.value) return;
  for (const one of messages.value) forget(one.id);
  batch(() => {
    chatId.value = id;
    messages.value = [];
    choices.value = null;
    earlier.value = null;
    state.value = id ? "loading" : "empty";
  });
  if (id) await load();
}

/** Load the end of the conversation anew; what is shown already stays where it is. */
export async function load() {
  const id = chatId.value;
  if (!id) return;
  const most = Math.min(200, Math.max(PAGE, messages.value.length + 2));
  const asked = moment();
  try {
    const page = await get(path`/api/chats/${id}/messages?latest=true&blocks=true&limit=${most}`);
    if (chatId.value !== id) return; // Somebody has gone on meanwhile.
    batch(() => {
      messages.value = page.messages.map((/** @type {Message} */ one) => shown(one, asked));
      choices.value = page.chosen;
      earlier.value = page.previous;
      state.value = "ready";
    });
  } catch (error) {
    if (chatId.value !== id) return;
    if (error instanceof Refused && error.status === 404) state.value = "missing";
    else tell(inWords(error), { wrong: true });
  }
}

/** Load what came before. */
export async function loadEarlier() {
  const id = chatId.value;
  const before = earlier.value;
  if (!id || !before) return;
  earlier.value = null;
  const asked = moment();
  const page = await get(path`/api/chats/${id}/messages?before=${before}&blocks=true&limit=${PAGE}`);
  if (chatId.value !== id) return;
  batch(() => {
    messages.value = [...page.messages.map((/** @type {Message} */ one) => shown(one, asked)), ...messages.value];
    earlier.value = page.previous;
  });
}

/** @param {Message} told @param {number} [asked] */
function shown(told, asked) {
  const one = find(told.id) ?? new Shown(told);
  one.learn(told, asked);
  return one;
}

/** @param {string} id */
export function find(id) {
  return messages.value.find((one) => one.id === id);
}

/**
 * One message as it is now.
 * @param {string} id
 */
export async function loadMessage(id) {
  const asked = moment();
  try {
    const told = await get(path`/api/messages/${id}?blocks=true`);
    if (told.chat !== chatId.value) return;
    const one = find(id);
    if (one) one.learn(told, asked);
    else await load();
  } catch (error) {
    if (error instanceof Refused && error.status === 404) remove(id);
  }
}

/** @param {string} id */
export function remove(id) {
  messages.value = messages.value.filter((one) => one.id !== id);
}

/**
 * A message that nobody has loaded yet is shown at once.
 * @param {Message} told
 * @param {string} [before] The message it stands before, which events may have told of first.
 */
export function add(told, before) {
  const one = find(told.id);
  if (one) return one.learn(told);
  const held = messages.value;
  const at = before === undefined ? -1 : held.findIndex((other) => other.id === before);
  messages.value = held.toSpliced(at < 0 ? held.length : at, 0, shown(told));
}

/**
 * An answer begins.
 * @param {{message: string, chat: string, variant: number, continuing?: boolean}} begun
 */
export function began({ message, chat, variant, continuing = false }) {
  if (chat !== chatId.value) return;
  const known = find(message);
  if (!known) {
    add({ ...BLANK, id: message, chat, variant, variants: [variant] });
    return;
  }
  const told = known.told.value;
  if (known.writing.value && told.variant === variant) return;
  const variants = told.variants.includes(variant) ? told.variants : [...told.variants, variant];
  known.ended = null;
  batch(() => {
    known.told.value = { ...told, variant, variants, state: "writing", busy: true };
    known.writing.value = true;
    if (continuing) return;
    known.blocks.value = [];
    known.slots.value = [];
  });
}

/** @type {Message} */
const BLANK = {
  id: "", chat: "", variant: 0, variants: [0], role: "assistant", state: "writing",
  text: "", slots: [], busy: true, blocks: [],
}; // prettier-ignore

/** @type {Map<string, number>} When an event last told the text of a message that is being written. */
const heard = new Map();
/** @type {Map<string, number>} */
const soon = new Map();

/** @param {string} id */
function lacksQuestion(id) {
  const at = messages.value.findIndex((one) => one.id === id);
  return at >= 0 && messages.value[at - 1]?.role !== "user";
}

/** @param {string} id */
function loadSoon(id) {
  clearTimeout(soon.get(id));
  const load = () => {
    soon.delete(id);
    loadMessage(id);
  };
  soon.set(id, setTimeout(load, 60));
}

on("message.started", (begun) => {
  const elsewhere = begun.chat === chatId.value && !find(begun.message);
  began(begun);
  // What it answers was said in another tab, or is being told to this one at this moment.
  if (elsewhere) setTimeout(() => lacksQuestion(begun.message) && load(), 300);
});
on("message.blocks", ({ message, variant, start, blocks }) => {
  heard.set(message, moment());
  const one = find(message);
  if (!one || one.told.value.variant !== variant) return;
  if (start > one.blocks.value.length) return loadSoon(message);
  one.write(start, blocks);
});
on("slot.found", ({ slot_id, slot }) => {
  const one = find(slot.message);
  if (!one || one.told.value.variant !== slot.variant || one.slots.value.includes(slot_id)) return;
  one.slots.value = [...one.slots.value, slot_id];
});
on("message.text_ended", ({ message, variant, error }) => {
  const one = find(message);
  if (!one) return;
  one.ended = variant;
  one.writing.value = false;
  if (error) tell(error.message, { wrong: true });
});
on("message.finished", ({ message }) => {
  heard.delete(message);
  if (find(message)) loadSoon(message);
});
on("message.broken", ({ message, error }) => {
  if (!find(message)) return;
  tell(error.message, { wrong: true });
  loadSoon(message);
});
on("message.changed", ({ message, chat, state: now }) => {
  if (chat !== chatId.value) return;
  const one = find(message);
  // While it is written the blocks tell everything.
  if (one?.writing.value && now === "writing") return;
  loadSoon(message);
});
on("message.selected", ({ message, chat }) => chat === chatId.value && loadSoon(message));
on("message.restored", ({ chat }) => chat === chatId.value && load());
on("message.deleted", ({ message }) => remove(message));
on("chat.deleted", ({ chat }) => {
  if (chat === chatId.value) state.value = "missing";
});
on("chat.settings", ({ chat }) => chat === chatId.value && load());
on("chat.created", ({ chat }) => {
  if (chat === chatId.value && state.value === "missing") load();
});
onReset(load);
