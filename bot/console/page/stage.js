// The photo on the stage, or the evidence for a breed painted over it.

import { load } from "./claim_queue.js";
import { $ } from "./card.js";

export class Stage {
  #card = null;
  #shown = -1; // which of the card's heat maps; -1 = the photo as it is

  constructor(onProblem) {
    this.onProblem = onProblem;
    $("zoom").onclick = () => this.zoom();
  }

  // Whether the photo can be judged: it is there, or it is clear that it will not come.
  ready = false;

  async show(card) {
    this.#card = card;
    this.#shown = -1;
    this.#setReady(false);
    this.#caption("");
    $("no-photo").hidden = true;
    $("photo").removeAttribute("src");
    $("photo").alt = card.alt;
    await this.#draw(card.photo);
  }

  get hot() {
    return this.#shown >= 0;
  }

  // The photo → the evidence for what the model said → for what the person said → the photo.
  async heat() {
    const maps = this.#card?.heat ?? [];
    this.#shown = this.#shown + 1 < maps.length ? this.#shown + 1 : -1;
    const map = maps[this.#shown];
    this.#caption(map ? map.caption : "");
    await this.#draw(map ? map.path : this.#card.photo, map);
  }

  zoom(on = !document.body.classList.contains("whole")) {
    document.body.classList.toggle("whole", on);
  }

  async #draw(path, map = null) {
    const card = this.#card;
    const shown = this.#shown;
    try {
      $("heat-caption").classList.add("waiting");
      const url = await load(card, path);
      if (card !== this.#card || shown !== this.#shown) return;
      $("heat-caption").classList.remove("waiting");
      if (url) {
        $("photo").src = url;
        await $("photo").decode().catch(() => {});
        $("photo").style.setProperty("--ratio", $("photo").naturalWidth / $("photo").naturalHeight || 1);
      } else if (map) {
        this.#caption(map.none);
      }
      if (!map) $("no-photo").hidden = Boolean(url);
    } catch (problem) {
      if (card === this.#card) this.onProblem(problem);
      if (!map) $("no-photo").hidden = false;
    }
    if (card === this.#card) this.#setReady(true);
  }

  #setReady(ready) {
    this.ready = ready;
    $("stage").setAttribute("aria-busy", !ready);
  }

  #caption(text) {
    $("heat-caption").textContent = text;
    $("heat-caption").hidden = !text;
  }
}
