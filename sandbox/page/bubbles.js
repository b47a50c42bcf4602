// Messages → bubbles. An album's messages share one bubble.

import { mosaic } from "./mosaic.js";
import { richText } from "./rich_text.js";
import { clock, fileSize, word } from "./words.js";

const CAPTIONED = ["photo", "video", "animation", "document", "audio", "voice"];
const COLOURS = ["#c4553b", "#2f7dc4", "#8a57c4", "#2c8f62", "#b5792a", "#b8487f"];

export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.classList.add("icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

export function avatar(user) {
  const circle = make("span", "avatar", user.is_bot ? icon("paw") : [...user.first_name][0]);
  circle.style.setProperty("--colour", colour(user));
  circle.setAttribute("aria-hidden", "true");
  return circle;
}

const colour = (user) => (user.is_bot ? "var(--accent)" : COLOURS[user.id % COLOURS.length]);

// items: the messages of one bubble, [{message, page}]; actions: {me, group, onPress, onType, onReply, onEdit, onCommand, onPhoto, isPressed}
export function bubble(items, actions) {
  const { message: first, page } = items[0];
  const own = first.from.id === actions.me.id;
  const row = make("li", `row ${own ? "own" : "other"}`);
  const box = make("div", "bubble");
  row.dataset.id = first.message_id;
  box.setAttribute("aria-label", own ? word("you") : first.from.first_name);
  box.role = "article";
  if (actions.group && !own) {
    const name = make("p", "name", first.from.first_name);
    name.style.setProperty("--colour", colour(first.from));
    box.append(name);
  }
  if (first.via_bot) box.append(make("p", "via", word("via", { name: first.via_bot.username })));
  if (first.reply_to_message) box.append(quote(first.reply_to_message));
  box.append(...shownMedia(items.map(({ message }) => message), actions));
  if (first.sticker) box.classList.add("bare");
  const said = items.map(({ message }) => message).find((one) => one.text || one.caption);
  if (said) box.append(make("p", "text", richText(said.text ?? said.caption, said.entities ?? said.caption_entities, actions.onCommand)));
  box.append(footer(items.map(({ message }) => message), own, Boolean(said)));
  const stack = make("div", "stack", box);
  const reactions = [...(page.reactions ?? []), ...Object.values(page.people_reactions ?? {})];
  if (reactions.length) stack.append(make("p", "reactions", ...reactions.map((emoji) => make("span", "", emoji))));
  if (first.reply_markup) stack.append(keyboard(first, actions));
  row.append(own ? "" : avatar(first.from), stack, tools(items, actions));
  row.tabIndex = -1; // a tap shows its tools where nothing hovers
  return row;
}

export const editable = (message, me) =>
  message.from.id === me.id && !message.via_bot && !message.forward_origin && Boolean(message.text || CAPTIONED.some((kind) => message[kind]));

// Of an album the message with the caption, else the first.
export const toEdit = (messages) => messages.find((one) => one.text || one.caption) ?? messages[0];

export function summary(message) {
  const kind = ["photo", "sticker", "voice", "video", "animation", "document"].find((one) => message[one]);
  return message.text ?? message.caption ?? word(kind ?? "message");
}

function footer(messages, own, hasText) {
  const message = messages.at(-1);
  const edited = messages.some((one) => one.edit_date) ? `${word("edited")} ` : "";
  const time = make("time", hasText ? "" : "alone", `${edited}${clock(message.date)}${own ? " ✓" : ""}`);
  time.dateTime = new Date(message.date * 1000).toISOString();
  return time;
}

function quote(message) {
  const block = make("button", "quote", make("b", "", message.from.first_name), make("span", "", summary(message)));
  block.type = "button";
  block.onclick = () => {
    const row = document.querySelector(`[data-id="${message.message_id}"]`);
    row?.scrollIntoView({ block: "center", behavior: "smooth" });
    row?.classList.add("found");
    setTimeout(() => row?.classList.remove("found"), 1200);
  };
  return block;
}

function keyboard(message, actions) {
  const rows = message.reply_markup.inline_keyboard.map((row) =>
    make("div", "keys", ...row.map((button) => key(message, button, actions))));
  return make("div", "keyboard", ...rows);
}

function key(message, button, actions) {
  const element = make(button.url ? "a" : "button", "key", make("span", "", button.text));
  if (button.url) {
    if (/^https?:/i.test(button.url)) Object.assign(element, { href: button.url, target: "_blank", rel: "noreferrer noopener" });
    return element;
  }
  element.type = "button";
  const typed = button.switch_inline_query_current_chat ?? button.switch_inline_query;
  if (typed !== undefined) {
    element.onclick = () => actions.onType(typed);
    return element;
  }
  element.classList.toggle("waiting", actions.isPressed(message, button.callback_data));
  // Focus by mouse would scroll a half-hidden key from under the pointer, and the click would be lost.
  element.onmousedown = (event) => event.preventDefault();
  element.onclick = () => actions.onPress(message, button.callback_data, element);
  return element;
}

function tools(items, actions) {
  const { message: first, page } = items[0];
  const edited = toEdit(items.map(({ message }) => message));
  const edit = editable(edited, actions.me) ? [tool("edit", () => actions.onEdit(edited))] : [];
  const mine = page.people_reactions?.[actions.me.id] ?? "";
  const thumbs = first.from.is_bot ? ["👍", "👎"].map((emoji) => thumb(first, emoji, emoji === mine, actions)) : [];
  return make("div", "tools", ...edit, tool("reply", () => actions.onReply(first)), ...thumbs);
}

function thumb(message, emoji, isMine, actions) {
  const button = tool("react", () => actions.onReact(message, isMine ? "" : emoji), emoji);
  button.setAttribute("aria-label", `${word("react")} ${emoji}`);
  button.setAttribute("aria-pressed", String(isMine));
  return button;
}

function tool(name, onClick, face = icon(name)) {
  const button = make("button", "round small", face);
  button.type = "button";
  button.title = word(name);
  button.setAttribute("aria-label", word(name));
  button.onclick = onClick;
  return button;
}

const url = (file) => `/api/files/${encodeURIComponent(file.file_id)}`;

function shownMedia(messages, actions) {
  const tiles = messages.flatMap((message) => attachment(message, actions).map((element) => ({ element, aspect: aspect(message) })));
  if (tiles.length > 1 && tiles.every((tile) => tile.aspect)) return [mosaic(tiles)];
  return tiles.length ? [make("div", "media", ...tiles.map((tile) => tile.element))] : [];
}

function aspect(message) {
  const seen = message.photo?.at(-1) ?? message.video;
  return seen && seen.width / seen.height;
}

function attachment(message, actions) {
  if (message.photo) return [photo(message, actions)];
  if (message.animation) return [image(message.animation, word("animation"))];
  if (message.sticker) return [sticker(message.sticker)];
  if (message.video) return [player("video", message.video, word("video"))];
  if (message.voice) return [player("audio", message.voice, word("voice"))];
  if (message.audio) return [player("audio", message.audio, message.audio.file_name)];
  return message.document ? [documentCard(message.document)] : [];
}

function photo(message, actions) {
  const sizes = message.photo;
  const shown = sizes.find((size) => Math.max(size.width, size.height) >= 640) ?? sizes.at(-1);
  const picture = image(shown, word("photoFrom", { name: message.from.first_name }));
  const button = make("button", "photo", picture);
  button.type = "button";
  button.onclick = () => actions.onPhoto(url(sizes.at(-1)), picture.alt);
  return button;
}

function image(file, alt, className = "") {
  const picture = make("img", className);
  Object.assign(picture, { alt, width: file.width, height: file.height, src: url(file), decoding: "async" });
  // The place is kept before the file is there: what is below does not jump, and the newest message stays in sight.
  picture.style.setProperty("--width", `${file.width}px`);
  picture.style.setProperty("--ratio", file.width / file.height);
  return picture;
}

function sticker(file) {
  return file.is_animated ? make("p", "big-emoji", file.emoji) : image(file, word("sticker"), "sticker");
}

function player(tag, file, label) {
  const element = make(tag, "player");
  Object.assign(element, { controls: true, preload: "metadata", src: url(file) });
  element.setAttribute("aria-label", label);
  return element;
}

function documentCard(file) {
  const preview = file.thumbnail ? image(file.thumbnail, "") : icon("file");
  const card = make("a", "document", make("span", "preview", preview), make("span", "file-name", file.file_name ?? word("document")), make("small", "", fileSize(file.file_size)));
  Object.assign(card, { href: url(file), download: file.file_name ?? "file" });
  return card;
}
