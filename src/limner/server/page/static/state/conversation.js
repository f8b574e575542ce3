/** The conversation that is shown: its messages, each with its text in blocks. */
import { batch, computed, signal } from "../vendor/signals.js";
import { on, onReset } from "./live.js";
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
    /** @type {Signal<string[]>} */
    this.blocks = signal(told.blocks ?? []);
    /** @type {Signal<string[]>} The ids of its slots. */
    this.slots = signal(told.slots.map((slot) => slot.id));
    /** Whether its text is still on its way. */
    this.writing = signal(told.state === "writing" && told.busy);
  }

  /** @param {Message} told */
  learn(told) {
    batch(() => {
      for (const slot of told.slots) learn(slot);
      this.told.value = told;
      this.blocks.value = kept(this.blocks.value, told.blocks ?? []);
      this.slots.value = told.slots.map((slot) => slot.id);
      this.writing.value = told.state === "writing" && told.busy;
    });
  }
}

/**
 * The same list if nothing is different, so that nothing is drawn anew.
 * @param {string[]} old
 * @param {string[]} now
 */
function kept(old, now) {
  return old.length === now.length && old.every((one, n) => one === now[n]) ? old : now;
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
  try {
    const page = await get(path`/api/chats/${id}/messages?latest=true&blocks=true&limit=${most}`);
    if (chatId.value !== id) return; // Somebody has gone on meanwhile.
    batch(() => {
      messages.value = page.messages.map(shown);
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
  const page = await get(path`/api/chats/${id}/messages?before=${before}&blocks=true&limit=${PAGE}`);
  if (chatId.value !== id) return;
  batch(() => {
    messages.value = [...page.messages.map(shown), ...messages.value];
    earlier.value = page.previous;
  });
}

/** @param {Message} told */
function shown(told) {
  const one = find(told.id) ?? new Shown(told);
  one.learn(told);
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
  try {
    const told = await get(path`/api/messages/${id}?blocks=true`);
    if (told.chat !== chatId.value) return;
    const one = find(id);
    if (one) one.learn(told);
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
 */
export function add(told) {
  const one = find(told.id);
  if (one) return one.learn(told);
  messages.value = [...messages.value, shown(told)];
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

/** @type {Map<string, number>} */
const soon = new Map();

/** @param {string} id */
function loadSoon(id) {
  clearTimeout(soon.get(id));
  const load = () => {
    soon.delete(id);
    loadMessage(id);
  };
  soon.set(id, setTimeout(load, 60));
}

on("message.started", began);
on("message.blocks", ({ message, variant, start, blocks }) => {
  const one = find(message);
  if (!one || one.told.value.variant !== variant) return;
  if (start > one.blocks.value.length) return loadSoon(message);
  one.blocks.value = [...one.blocks.value.slice(0, start), ...blocks];
});
on("slot.found", ({ slot_id, slot }) => {
  const one = find(slot.message);
  if (!one || one.told.value.variant !== slot.variant || one.slots.value.includes(slot_id)) return;
  one.slots.value = [...one.slots.value, slot_id];
});
on("message.text_ended", ({ message, error }) => {
  const one = find(message);
  if (!one) return;
  one.writing.value = false;
  if (error) tell(error.message, { wrong: true });
});
on("message.finished", ({ message }) => find(message) && loadSoon(message));
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
