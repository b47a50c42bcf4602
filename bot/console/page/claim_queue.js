// The claims that wait in this page: the first is shown, the others are loaded ahead, photos included.

import * as server from "./server.js";

const AHEAD = 4;

export class ClaimQueue {
  // cards: those to come; settled: ids decided here, which the server may still name in an answer that is on its way.
  cards = [];
  settled = new Set();
  left = null; // with as_of, as in every answer
  putOff = "";
  #loading = null;

  get current() {
    return this.cards[0] ?? null;
  }

  // Once more cards are there, or it is clear that there are none.
  load() {
    if (this.cards.length >= AHEAD) return Promise.resolve();
    this.#loading ??= this.#fetch().finally(() => (this.#loading = null));
    return this.#loading;
  }

  // Takes the current card out, because it was decided.
  take() {
    const card = this.cards.shift();
    this.settled.add(card.event_id);
    return card;
  }

  // Puts a card before all others: its decision was undone, or did not arrive.
  putBack(card) {
    this.settled.delete(card.event_id);
    this.cards = [withPhoto(card), ...this.cards.filter((one) => one.event_id !== card.event_id)];
  }

  #known(card) {
    return this.settled.has(card.event_id) || this.cards.some((one) => one.event_id === card.event_id);
  }

  async #fetch() {
    const { cards, left, as_of, put_off: putOff } = await server.next(this.cards.map((card) => card.event_id));
    Object.assign(this, { left: { left, as_of }, putOff });
    this.cards.push(...cards.filter((card) => !this.#known(card)).map(withPhoto));
  }
}

export function release(card) {
  for (const loading of Object.values(card.pictures ?? {})) loading.then((url) => url && URL.revokeObjectURL(url), () => {});
  card.pictures = null;
}

// pictures: path → promise of its address in memory.
export function withPhoto(card) {
  card.pictures ??= {};
  load(card, card.photo).catch(() => {});
  return card;
}

export function load(card, path) {
  card.pictures[path] ??= server.picture(path).catch((problem) => {
    delete card.pictures?.[path];
    throw problem;
  });
  return card.pictures[path];
}
