// A message on its way: what is being sent, how far it is, and what to do when it failed.

import { make } from "./bubbles.js";
import { preview } from "./composer.js";
import { word } from "./words.js";

export function pendingRow(message, { onGone, onGrown }) {
  const bar = make("progress");
  const status = make("p", "status", word("sending", { percent: "" }));
  const files = make("div", "chosen", ...message.files.map(preview));
  const row = make("li", "row own pending", make("div", "bubble", files, make("p", "text", message.text), bar, status));
  bar.max = 1;
  return {
    row,
    progress(part) {
      bar.value = part;
      status.textContent = word("sending", { percent: `${Math.round(part * 100)} %` });
    },
    failed(why, again) {
      const retry = make("button", "wide", word("retry"));
      const discard = make("button", "wide quiet", word("discard"));
      retry.onclick = () => {
        row.remove();
        again();
      };
      discard.onclick = () => {
        row.remove();
        onGone();
      };
      bar.remove();
      status.replaceChildren(word("notSent", { why }));
      status.classList.add("error");
      status.after(make("div", "choices", retry, discard));
      onGrown();
    },
  };
}
