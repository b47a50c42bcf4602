// The side: who one is, who else one can be, the chats with what was said last.

import { avatar, make, summary } from "./bubbles.js";
import { clock, word } from "./words.js";

const $ = (id) => document.getElementById(id);

// onOpen(user, chat); onModerator(wanted)
export function drawSide(state, unread, { onOpen, onModerator }) {
  const here = state.chats.find((one) => one.id === state.chat_id).key;
  const person = (one) =>
    entry(one.id === state.me.id, avatar(one), [make("span", "", one.first_name)], one.language_code, () => onOpen(one.username, here));
  $("people").replaceChildren(...state.people.map(person));
  drawMe(state, onModerator);
  $("chats").replaceChildren(...state.chats.map((one) => {
    const isNew = unread.has(one.id);
    const lines = [make("span", "", one.title), make("small", "last", lastWords(one, state.me))];
    const button = entry(one.key === here, chatAvatar(state, one), lines, one.last ? clock(one.last.date) : "", () => onOpen(state.me.username, one.key));
    button.firstChild.classList.toggle("unread", isNew);
    if (isNew) button.firstChild.append(make("span", "hidden", word("unread")));
    return button;
  }));
}

export function chatAvatar(state, one) {
  if (!one.key) return avatar(state.bot);
  const face = avatar({ id: 1, first_name: one.has_bot ? "🌳" : "🥾" });
  face.classList.add("group");
  return face;
}

function entry(current, face, lines, extra, onClick) {
  const button = make("button", "entry", face, make("span", "lines", ...lines), make("small", "", extra));
  button.type = "button";
  button.onclick = onClick;
  if (current) button.setAttribute("aria-current", "true");
  return make("li", "", button);
}

function lastWords({ last, key }, me) {
  if (!last) return "";
  const who = last.from.id === me.id ? word("you") : key ? last.from.first_name : "";
  return `${who && `${who}: `}${summary(last).replace(/\s+/g, " ")}`;
}

function drawMe({ me, moderators }, onModerator) {
  $("my-id").textContent = me.id;
  $("moderator").closest("label").hidden = !moderators;
  $("moderator-how").hidden = Boolean(moderators);
  $("moderator-how").textContent = word("moderatorHow", { id: me.id });
  const listed = Boolean(moderators?.listed.includes(me.id));
  $("moderator").checked = listed || Boolean(moderators?.chosen.includes(me.id));
  $("moderator").disabled = listed;
  $("moderator").title = listed ? word("moderatorListed") : "";
  $("moderator").onchange = () => onModerator($("moderator").checked);
}
