/** What the server says; see docs/api.md. */

export interface Picture {
  digest: string;
  url: string;
  thumbnail: string;
  media_type: string;
  width: number;
  height: number;
  seed: number | null;
  info: Record<string, unknown>;
}

export interface Alternative {
  id: string;
  prompt: string;
  version: number;
  made_at: number | null;
  picture: Picture;
}

export interface Slot {
  id: string;
  message: string;
  variant: number;
  ordinal: number;
  state: "queued" | "drawing" | "ready" | "failed" | "deleted";
  prompt: string;
  version: number;
  versions: { number: number; text: string; source: string; feedback: string | null }[];
  alternatives: Alternative[];
  selected: number | null;
  failure: { kind: string; reason: string } | null;
  pending: number;
  attributes: Record<string, string>;
}

export interface Message {
  id: string;
  chat: string;
  variant: number;
  variants: number[];
  role: "assistant" | "user" | "system";
  state: "writing" | "complete" | "cut";
  text: string;
  pieces?: { text: string | null; slot: number | null }[];
  slots: Slot[];
  busy: boolean;
  blocks: string[] | null;
}

export interface Chat {
  id: string;
  title: string | null;
  created_at: number;
  updated_at: number;
  messages: number;
  pictures: number;
  failed: number;
  writing: number;
}

export interface Progress {
  total: number;
  ready: number;
  failed: number;
  drawing: number;
  queued: number;
  eta: number | null;
}

export interface Job {
  id: string;
  slot: string | null;
  message: string | null;
  chat: string | null;
  state: string;
  position: number | null;
  eta: number | null;
  reason: string | null;
  explanation: string | null;
  until: number | null;
  attempt: number;
  waited: number;
  running_for: number | null;
}

export interface QueueSummary {
  running: number;
  waiting: number;
  paused: boolean;
  paused_until: number | null;
  waiting_for: { told: string; until: number | null } | null;
}

export interface BudgetUse {
  scope: "message" | "hour" | "day" | "all";
  per_owner: boolean;
  unit: string;
  limit: number;
  used: number | null;
  left: number | null;
}

export interface Queue extends QueueSummary {
  jobs: Job[];
  more: number;
  budget: BudgetUse[];
  progress: Progress;
}

export interface About {
  version: string;
  base: string;
  user: string | null;
  admin: boolean;
  storyteller: boolean;
  backends: string[];
  bears: string | null;
  models: string[];
  sample: string;
  asking: boolean;
}

export interface GalleryEntry {
  number: number;
  chat: string;
  slot: string;
  alternative: string;
  prompt: string;
  selected: boolean;
  made_at: number;
  message: string;
  picture: Picture;
}
