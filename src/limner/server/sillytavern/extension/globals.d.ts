/** What SillyTavern's page has for extensions; only as far as it is used here. */

interface TavernMessage {
  mes?: string;
  name?: string;
  is_user?: boolean;
  limner?: string;
}

interface Tavern {
  chat: TavernMessage[];
  name2: string;
  chatMetadata: { limner?: Record<string, unknown> } | undefined;
  characterId?: string | number;
  groupId?: string | number | null;
  extensionSettings: { limner?: Record<string, unknown> };
  chatCompletionSettings?: { custom_url?: string; chat_completion_source?: string };
  powerUserSettings?: { forbid_external_media?: boolean };
  eventSource: { on(name: string, handler: (...given: any[]) => void): void };
  eventTypes?: Record<string, string>;
  event_types: Record<string, string>;
  getCurrentLocale?(): string;
  saveSettingsDebounced(): void;
  saveChat?(): Promise<void>;
  saveMetadataDebounced?(): void;
  saveMetadata(): void;
  updateChatMetadata(values: Record<string, unknown>): void;
}

interface Purify {
  addHook(name: string, hook: (node: Element, data: unknown, config: any) => void): void;
}

declare const SillyTavern: { getContext(): Tavern; libs?: { DOMPurify?: Purify } };
declare const DOMPurify: Purify | undefined;
declare const toastr: Record<
  "info" | "success" | "warning" | "error",
  (text: string, title: string, options: Record<string, unknown>) => void
>;
