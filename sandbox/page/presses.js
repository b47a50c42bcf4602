// Pressed buttons: each waits for the bot's answer, which a toast or a dialog then says.

import { press } from "./server.js";

const ANSWER_WAIT_MS = 30_000;

export class Presses {
  #waiting = new Map(); // "message/data" → timer
  #asked = new Map(); // query id → "message/data"
  #early = new Map(); // answers that came before the press was acknowledged
  #on;

  // on: {onChange(), onAnswer(text, isAlert), onFailed(error)}
  constructor(on) {
    this.#on = on;
  }

  has(message, data) {
    return this.#waiting.has(`${message.message_id}/${data}`);
  }

  async press({ user, chat }, message, data) {
    const key = `${message.message_id}/${data}`;
    if (this.#waiting.has(key)) return;
    this.#waiting.set(key, setTimeout(() => this.#release(key), ANSWER_WAIT_MS));
    this.#on.onChange();
    try {
      const { query_id: queryId } = await press(user, chat, message.message_id, data);
      if (this.#early.has(queryId)) this.#finish(key, this.#early.get(queryId));
      else this.#asked.set(queryId, key);
      this.#early.clear();
    } catch (error) {
      this.#release(key);
      this.#on.onFailed(error);
    }
  }

  answered(event) {
    const key = this.#asked.get(event.query_id);
    if (!this.#asked.delete(event.query_id)) this.#early.set(event.query_id, event);
    else this.#finish(key, event);
  }

  #finish(key, { text, show_alert: isAlert }) {
    this.#release(key);
    if (text) this.#on.onAnswer(text, isAlert);
  }

  #release(key) {
    clearTimeout(this.#waiting.get(key));
    this.#waiting.delete(key);
    this.#on.onChange();
  }
}
