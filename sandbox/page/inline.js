// Inline mode: "@bot beagle" in the message field offers the bot's results; a tap sends one.

import { make } from "./bubbles.js";
import { post } from "./server.js";

const PAUSE_MS = 150; // between letters nobody waits for results

// onStart(parameter): the button above the results was tapped; onGone(): something was sent or left.
export class InlineMenu {
  #menu;
  #onStart;
  #onGone;
  #timer;
  #asked = 0;

  constructor(menu, { onStart, onGone }) {
    this.#menu = menu;
    this.#onStart = onStart;
    this.#onGone = onGone;
  }

  // place: {user, chat}; text: what is in the message field. Whether it is for us.
  typed(place, bot, text) {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    const start = `@${bot.username} `;
    if (!text.startsWith(start)) {
      this.#menu.hidden = true;
      return;
    }
    this.#timer = setTimeout(async () => {
      const answer = await post("/api/inline", { ...place, query: text.slice(start.length) }).catch(() => null);
      if (answer && asked === this.#asked) this.#show(place, answer);
    }, PAUSE_MS);
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#menu.hidden = true;
  }

  #show(place, { query_id: queryId, results, button }) {
    const door = button ? [this.#entry(make("b", "", button.text), () => this.#onStart(button.start_parameter))] : [];
    const found = results.map(({ id, title, description }) =>
      this.#entry(make("span", "result", make("b", "", title), make("small", "", description)), () =>
        post("/api/inline/choices", { ...place, query_id: queryId, result_id: id })));
    this.#menu.replaceChildren(...door, ...found);
    this.#menu.hidden = !door.length && !found.length;
    this.#menu.scrollTop = 0;
  }

  #entry(content, onClick) {
    const button = make("button", "", content);
    button.type = "button";
    button.onclick = () => {
      this.close();
      onClick();
      this.#onGone();
    };
    return make("li", "", button);
  }
}
