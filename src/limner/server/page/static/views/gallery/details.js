/** What is to be seen of pictures, loaded for the stretch that is in sight. */
import { get } from "../../state/server.js";
import { signal } from "../../vendor/signals.js";

/** @typedef {import("../../api.js").GalleryEntry} Entry */

const PAGE = 100;

/** The entries of one list of pictures by their numbers, a page at a time. */
export class Details {
  /**
   * @param {number[]} numbers All of them, in order.
   * @param {URLSearchParams} query Which list it is.
   */
  constructor(numbers, query) {
    this.numbers = numbers;
    this.query = query;
    /** @type {Map<number, Entry>} */
    this.known = new Map();
    /** @type {Set<number>} */
    this.asked = new Set();
    /** Changes whenever more is known. */
    this.count = signal(0);
  }

  /**
   * Have a stretch of the list loaded.
   * @param {number} from
   * @param {number} to
   */
  want(from, to) {
    for (let page = Math.floor(from / PAGE); page * PAGE < to && page * PAGE < this.numbers.length; page++) {
      if (!this.asked.has(page)) this.load(page);
    }
  }

  /** @param {number} page */
  async load(page) {
    this.asked.add(page);
    const query = new URLSearchParams(this.query);
    query.set("limit", String(PAGE));
    if (page) query.set("after", String(this.numbers[page * PAGE - 1]));
    try {
      const told = await get(`/api/pictures?${query}`);
      for (const entry of told.pictures) this.known.set(entry.number, entry);
      this.count.value = this.known.size;
    } catch {
      this.asked.delete(page); // It is asked for again when it comes in sight the next time.
    }
  }
}
