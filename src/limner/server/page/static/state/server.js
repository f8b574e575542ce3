/** Asking the server: addresses below wherever the page is, JSON there and back. */

/** @typedef {{kind: string, message: string, field?: string | null, retry_after?: number | null}} Told */

const root = new URL("./", document.baseURI);

/** What the server refused, or could not do.  */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {Told} told
   */
  constructor(status, told) {
    super(told.message);
    this.status = status;
    this.kind = told.kind;
    this.field = told.field ?? null;
    this.retryAfter = told.retry_after ?? null;
  }
}

/** Nobody answered. */
export class Unreachable extends Error {}

/**
 * The address of something below the server's root.
 * @param {string} path
 */
export function at(path) {
  return new URL(path.replace(/^\//, ""), root).href;
}

/**
 * A path with its parts made safe.
 * @param {TemplateStringsArray} words
 * @param {...(string | number)} parts
 */
export function path(words, ...parts) {
  return words.reduce((made, word, n) => made + encodeURIComponent(parts[n - 1]) + word);
}

/** @param {string} slotId */
export function slotPath(slotId) {
  return `/api/slots/${slotId.split("/").map(encodeURIComponent).join("/")}`;
}

/**
 * Ask the server for something.
 * @param {string} method
 * @param {string} where
 * @param {unknown} [body]
 * @returns {Promise<any>} What it says; null if that is nothing.
 */
export async function call(method, where, body) {
  const options = /** @type {RequestInit} */ ({ method, cache: "no-store" });
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "content-type": "application/json" };
  }
  let answer;
  try {
    answer = await fetch(at(where), options);
  } catch {
    throw new Unreachable("the server does not answer");
  }
  if (answer.status === 401) location.reload();
  if (answer.status === 204) return null;
  const said = await answer.json().catch(() => null);
  if (answer.ok) return said;
  const told = said?.error ?? { kind: "error", message: `HTTP ${answer.status}` };
  throw new Refused(answer.status, told);
}

/** @param {string} where */
export const get = (where) => call("GET", where);
/**
 * @param {string} where
 * @param {unknown} [body]
 */
export const post = (where, body) => call("POST", where, body);
