// The dialog where another breed is chosen: type a part of its name, arrows and Enter, or a tap.

import { $, make } from "./card.js";
import * as server from "./server.js";

const PAUSE_MS = 120;

export class BreedSearch {
  #card = null;
  #choose = null;
  #found = [];
  #selected = 0;
  #timer = 0;
  #asked = 0;

  constructor(onProblem) {
    this.onProblem = onProblem;
    $("breed-query").oninput = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#search(), PAUSE_MS);
    };
    $("breed-query").onkeydown = (event) => this.#key(event);
    $("breeds").onclick = (event) => event.target === $("breeds") && $("breeds").close();
  }

  // choose: is given the breed's slug.
  open(card, choose) {
    this.#card = card;
    this.#choose = choose;
    const typed = card.claim.kind === "other" ? card.claim.typed : "";
    $("breed-query").value = typed;
    $("breeds-note").textContent = typed ? card.claim.note : "";
    $("breeds-note").hidden = !typed;
    this.#show([]);
    $("breed-none").hidden = true;
    $("breeds").showModal();
    $("breed-query").focus();
    $("breed-query").select();
    this.#search();
  }

  async #search() {
    const turn = ++this.#asked;
    try {
      const { breeds } = await server.breeds($("breed-query").value, this.#card.event_id);
      if (turn === this.#asked) this.#show(breeds);
    } catch (problem) {
      $("breeds").close();
      this.onProblem(problem);
    }
  }

  #show(breeds) {
    this.#found = breeds;
    this.#selected = 0;
    $("breed-none").hidden = breeds.length > 0;
    $("breed-list").replaceChildren(...breeds.map((breed, index) => {
      const row = make("li", "", make("span", "", breed.name), make("small", "", breed.also));
      row.id = `breed-${index}`;
      row.role = "option";
      row.onclick = () => this.#pick(index);
      return row;
    }));
    this.#mark();
  }

  #mark() {
    [...$("breed-list").children].forEach((row, index) => row.setAttribute("aria-selected", index === this.#selected));
    $("breed-query").setAttribute("aria-activedescendant", this.#found.length ? `breed-${this.#selected}` : "");
    $("breed-list").children[this.#selected]?.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#found.length) {
      event.preventDefault();
      this.#selected = (this.#selected + step + this.#found.length) % this.#found.length;
      this.#mark();
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.#enter();
    } else if (event.key === "Escape") {
      event.preventDefault(); // which would only empty the field
      $("breeds").close();
    }
  }

  // Somebody who types fast and presses Enter means what they typed, not what the list showed before.
  async #enter() {
    clearTimeout(this.#timer);
    const selected = this.#selected;
    if (selected === 0) await this.#search();
    if ($("breeds").open && this.#found.length) this.#pick(selected);
  }

  #pick(index) {
    $("breeds").close();
    this.#choose(this.#found[index].breed);
  }
}
