// The log stays at its end while its reader is there, however late pictures and lines get their size.

const NEAR_PX = 120;

export class LogEnd {
  #scroller;
  #button;
  #here = true;
  #last = 0;

  // button: leads to the end, shown when something new is there that cannot be seen.
  constructor(scroller, log, button) {
    this.#scroller = scroller;
    this.#button = button;
    const sized = new ResizeObserver(() => this.#here && this.show());
    sized.observe(scroller);
    sized.observe(log);
    scroller.addEventListener("scroll", () => this.#scrolled());
    button.onclick = () => this.show();
  }

  show() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#last = this.#scroller.scrollTop;
    this.#here = true;
    this.#button.hidden = true;
  }

  // Something has come; who reads further up is not carried away.
  grown() {
    if (this.#here) this.show();
    else this.#button.hidden = false;
  }

  // Only who scrolls up leaves the end: it also moves away by itself, before the sizes are looked at.
  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    const up = scrollTop < this.#last;
    this.#last = scrollTop;
    if (scrollHeight - scrollTop - clientHeight < NEAR_PX) {
      this.#here = true;
      this.#button.hidden = true;
    } else if (up) this.#here = false;
  }
}
