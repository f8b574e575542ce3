/** What people chose on this server, and what there is to choose from. */
import { computed, signal } from "../vendor/signals.js";
import { on, onReset } from "./live.js";
import { call, get } from "./server.js";

/** @type {import("../vendor/signals.js").Signal<{settings: any, chosen: string[], defaults: any, restart: {name: string, value: string}[]} | null>} */
export const settings = signal(null);
/** @type {import("../vendor/signals.js").Signal<import("../api.js").About | null>} */
export const about = signal(null);
/** @type {import("../vendor/signals.js").Signal<{name: string, server: string}[] | null>} */
export const models = signal(null);

/** Whether what is everybody's is ours to see and to change; not as long as that is not known. */
export const admin = computed(() => about.value?.admin ?? false);

export async function loadSettings() {
  settings.value = await get("/api/settings");
}

export async function loadAbout() {
  about.value = await get("/api/about");
}

export async function loadModels() {
  models.value = (await get("/api/models")).models;
}

/**
 * Choose; null brings back what the configuration says.
 * @param {Record<string, unknown>} choices
 */
export async function change(choices) {
  settings.value = await call("PATCH", "/api/settings", choices);
}

on("settings", loadSettings);
onReset(loadSettings);
