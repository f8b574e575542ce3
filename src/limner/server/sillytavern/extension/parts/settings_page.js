/** The extension's part of SillyTavern's page of extensions. */
import { attempt } from "./doing.js";
import { make } from "./element.js";
import { address, call } from "./limner.js";
import { isChatOpen, keep, keepWithChat, kept, keptWithChat } from "./tavern.js";
import { t } from "./words.js";

const MODES = /** @type {const} */ ([
  ["", "settingsModeAuto"],
  ["inline", "settingsModeInline"],
  ["append", "settingsModeAppend"],
  ["hold", "settingsModeHold"],
  ["off", "settingsModeOff"],
]);

/**
 * The page's parts that are changed later.
 * @typedef {object} SettingsPage
 * @property {(words: string, light: "on" | "off" | "wrong") => void} told
 * @property {(may: boolean) => void} pairing Whether the button to connect is there.
 * @property {() => void} chat Another chat is open.
 * @property {() => Promise<void>} presets Load the instructions there are.
 */

/**
 * @param {object} acts
 * @param {() => void} acts.again Connect anew: something about the connection is another.
 * @param {() => void} acts.pair
 * @returns {SettingsPage}
 */
export function showSettings({ again, pair }) {
  const state = make("div.limner-state", { role: "status" });
  const enabled = make("input", { type: "checkbox", id: "limner_enabled" });
  enabled.checked = kept().enabled !== false;
  enabled.addEventListener("change", () => {
    keep({ enabled: enabled.checked });
    again();
  });
  const where = field("limner_address", t("settingsAddress"), { placeholder: address() || "http://127.0.0.1:8750" }, "address", again);
  const token = field("limner_token", t("settingsToken"), { type: "password", autocomplete: "off" }, "token", again);
  const connecting = make("button.menu_button.limner-main", { onclick: pair, hidden: true }, t("settingsConnect"));
  const mode = make("select.text_pole", { id: "limner_mode" });
  for (const [value, word] of MODES) mode.append(make("option", { value }, t(word)));
  mode.addEventListener("change", () => keepWithChat({ mode: mode.value }));
  const preset = make("select.text_pole", { id: "limner_preset", disabled: true });
  preset.addEventListener("change", () => attempt(() => call("PATCH", "/api/settings", { preset: preset.value })));

  const content = make(
    "div.inline-drawer-content",
    {},
    make("label.checkbox_label", { for: "limner_enabled" }, enabled, t("settingsEnabled")),
    state,
    make("div.limner-row", {}, connecting, make("button.menu_button", { onclick: again }, t("settingsTest"))),
    ...where,
    make("small", {}, t("settingsAddressHint")),
    ...token,
    make("small", {}, t("settingsTokenHint")),
    make("label", { for: "limner_mode" }, t("settingsMode")),
    mode,
    make("label", { for: "limner_preset" }, t("settingsPreset")),
    preset,
  );
  const head = make("div.inline-drawer-toggle.inline-drawer-header", {}, make("b", {}, "limner"), make("div.inline-drawer-icon.fa-solid.fa-circle-chevron-down.down"));
  const page = make("div.limner-settings", { id: "limner_settings" }, make("div.inline-drawer", {}, head, content));
  (document.getElementById("extensions_settings2") ?? document.getElementById("extensions_settings"))?.append(page);

  return {
    told: (words, light) => {
      state.textContent = words;
      state.dataset.light = light;
    },
    pairing: (may) => {
      connecting.hidden = !may;
    },
    chat: () => {
      mode.disabled = !isChatOpen();
      mode.value = String(keptWithChat().mode ?? "");
    },
    presets: async () => {
      const [there, chosen] = await Promise.all([call("GET", "/api/presets"), call("GET", "/api/settings")]);
      preset.replaceChildren(...there.presets.map((/** @type {any} */ one) => make("option", { value: one.id }, one.name ?? one.id)));
      preset.value = String(chosen.settings.preset ?? "");
      preset.disabled = false;
    },
  };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {Record<string, string>} attributes
 * @param {string} name Under which it is kept.
 * @param {() => void} changed
 */
function field(id, label, attributes, name, changed) {
  const input = make("input.text_pole", { id, ...attributes });
  input.value = String(kept()[name] ?? "");
  input.addEventListener("change", () => {
    keep({ [name]: input.value.trim() });
    changed();
  });
  return [make("label", { for: id }, label), input];
}
