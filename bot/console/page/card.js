// A claim as it is shown. Whatever people typed goes in as text, never as markup.

export const $ = (id) => document.getElementById(id);

export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function drawCard(card) {
  $("claim-eyebrow").textContent = card.claim.eyebrow;
  $("claim").textContent = card.claim.text;
  $("claim-note").textContent = card.claim.note;
  document.querySelector(".claim").classList.toggle("typed", card.claim.kind === "other");
  $("model-eyebrow").textContent = card.said;
  $("bars").replaceChildren(...card.bars.map(bar));
  const person = make("a", "", card.person.text);
  person.href = card.person.href;
  $("facts").replaceChildren(`${card.facts} · `, person);
  $("accept-word").textContent = card.accept;
}

function bar({ name, percent, share, claimed }) {
  const fill = make("i");
  fill.style.setProperty("--share", share);
  fill.setAttribute("aria-hidden", "true");
  return make("li", claimed ? "claimed" : "", make("span", "", name), make("b", "", percent), fill);
}

export function toast(sentence, lasting_ms = 4000) {
  if (!sentence) return;
  const box = make("p", "toast", sentence);
  $("toasts").replaceChildren(box);
  setTimeout(() => box.remove(), lasting_ms);
}
