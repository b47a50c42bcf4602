// The chat page: who is writing, which chat is open, what is in it; the rest is in the modules beside this one.

import { bubble, editable, make, toEdit } from "./bubbles.js";
import { Composer } from "./composer.js";
import { openFaults } from "./faults.js";
import { InlineMenu } from "./inline.js";
import { LogEnd } from "./log_end.js";
import { pendingRow } from "./pending.js";
import { Presses } from "./presses.js";
import { getState, listen, post, send } from "./server.js";
import { chatAvatar, drawSide } from "./side.js";
import { day, speak, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const TYPING_MS = 5_000; // as long as Telegram shows an action
const address = new URLSearchParams(location.search);

let user = address.get("user") ?? "";
let chat = address.get("chat") ?? "";
let state = null;
let items = []; // [{message, page}], by message_id
let stopListening = () => {};
let typingTimer;
let opening = 0;
let shown = "";
const unread = new Set();

const inline = new InlineMenu($("inline"), {
  onStart: (parameter) => open(user, "").then(() => sendMessage({ text: `/start ${parameter}`, files: [] })),
  onGone: () => {
    composer.clear();
    $("text").focus();
  },
});
const presses = new Presses({ onChange: drawLog, onAnswer: answered, onFailed: failed });
const end = new LogEnd($("scroller"), $("log"), $("newest"));
const composer = new Composer({
  onSend: sendMessage,
  onEdit: editMessage,
  onTooMuch: (sentence) => toast(sentence),
  onTyped: (text) => state && inline.typed({ user, chat }, state.bot, text),
  lastOwn: () => albums(items).map((group) => toEdit(group.map(({ message }) => message))).findLast((message) => editable(message, state.me)),
});

async function open(newUser, newChat) {
  [user, chat] = [newUser, newChat];
  stopListening();
  stopListening = listen(user, onEvent, () => lost(true));
  closeSide();
}

async function readState() {
  const mine = ++opening;
  const fresh = await getState(user, chat).catch(() => null);
  if (mine !== opening) return;
  if (!fresh) return lost(true);
  lost(false);
  state = fresh;
  user = state.me.username;
  chat = here().key;
  unread.delete(state.chat_id);
  items = state.messages;
  history.replaceState(null, "", `?${new URLSearchParams(chat ? { user, chat } : { user })}`);
  speak(state.me.language_code);
  const place = `${user}/${chat}`;
  if (place !== shown) {
    composer.clear(); // a draft survives a lost connection, not a change of chat
    $("log").replaceChildren();
  }
  $("description").textContent = chat ? "" : state.description;
  composer.setCommands(state.commands);
  redrawSide();
  drawTop();
  drawLog();
  if (place !== shown) end.show();
  shown = place;
  mendPictures();
}

// What could not be fetched while the server was gone is asked for again; what is being fetched, if that fails.
function mendPictures() {
  for (const picture of $("log").querySelectorAll("img")) {
    const again = () => (picture.src = picture.src);
    if (!picture.complete) picture.addEventListener("error", again, { once: true });
    else if (!picture.naturalWidth) again();
  }
}

function onEvent(event) {
  if (event.type === "hello") return readState();
  if (event.type === "commands") return refreshCommands();
  const chatId = event.message?.chat.id ?? event.chat_id;
  if (state && ["message", "deleted"].includes(event.type)) noteLast(chatId, event);
  if (!state || chatId !== state.chat_id) return elsewhere(event, chatId);
  if (event.type === "message") show(event);
  else if (event.type === "deleted") {
    items = items.filter(({ message }) => message.message_id !== event.message_id);
    drawLog();
  } else if (event.type === "action") typing(event.action);
  else if (event.type === "answer") presses.answered(event);
}

function elsewhere(event, chatId) {
  if (event.type === "answer") return presses.answered(event);
  if (event.type !== "message" || !state) return;
  if (!event.message.edit_date) unread.add(chatId);
  redrawSide();
}

async function refreshCommands() {
  if (state) composer.setCommands((await getState(user, chat)).commands);
}

function show({ message, page }) {
  const known = items.findIndex((one) => one.message.message_id === message.message_id);
  if (known >= 0) items[known] = { message, page };
  else items.push({ message, page });
  if (message.from.is_bot && known < 0) typing(null);
  drawLog();
  if (message.from.id === state.me.id && known < 0) end.show();
  else if (known < 0) end.grown();
  redrawSide();
  if (known < 0 && page.force_reply) composer.reply(message, page.force_reply.input_field_placeholder);
}

function redrawSide() {
  drawSide(state, unread, { onOpen: open, onModerator: nameModerator });
}

async function nameModerator(wanted) {
  try {
    state.moderators = await post("/api/moderators", { user, wanted });
    toast(word(wanted ? "moderatorNow" : "moderatorNoMore", { name: state.me.first_name }));
  } catch {
    lost(true);
  }
  redrawSide();
}

// What the list of chats says of a message that came, was edited or went.
function noteLast(chatId, event) {
  const place = state.chats.find((one) => one.id === chatId);
  if (event.type === "deleted") getState(user, chat).then((fresh) => ((state.chats = fresh.chats), redrawSide()), () => lost(true));
  else if (place && (place.last?.message_id ?? 0) <= event.message.message_id) place.last = event.message;
}

const here = () => state.chats.find((one) => one.id === state.chat_id);

function drawTop() {
  const { title } = here();
  const face = chatAvatar(state, here());
  face.id = "chat-avatar";
  $("chat-avatar").replaceWith(face);
  $("chat-title").textContent = title;
  document.title = `${title} · ${state.me.first_name}`;
  drawStatus();
}

function drawStatus(action = null) {
  const people = word(here().has_bot ? "members" : "membersAlone", { count: state.people.length, name: state.bot.username });
  const idle = chat ? people : word("bot");
  const busy = action === "typing" ? "typing" : "uploading";
  $("chat-status").textContent = action ? word(busy, { name: state.bot.first_name }) : idle;
  $("chat-status").classList.toggle("busy", Boolean(action));
}

function typing(action) {
  clearTimeout(typingTimer);
  drawStatus(action);
  if (action) typingTimer = setTimeout(() => drawStatus(), TYPING_MS);
}

function drawLog() {
  const focused = focusedKey();
  const rows = [];
  let lastDay = "";
  for (const group of albums(items)) {
    const today = day(group[0].message.date);
    if (today !== lastDay) rows.push(make("li", "day", make("span", "", today)));
    lastDay = today;
    rows.push(bubble(group, actions()));
  }
  const waiting = [...$("log").querySelectorAll(".pending")];
  reuse($("log"), rows);
  $("log").append(...waiting);
  $("empty").hidden = items.length + waiting.length > 0;
  restoreFocus(focused);
}

// Only rows that look different are exchanged: screen readers announce, and images load, what is new.
function reuse(log, rows) {
  const old = [...log.children].filter((row) => !row.classList.contains("pending"));
  const byLook = new Map(old.map((row) => [row.look, row]));
  for (const row of rows) row.look = row.outerHTML;
  const kept = rows.map((row) => byLook.get(row.look) ?? row);
  for (const row of old) if (!kept.includes(row)) row.remove();
  kept.forEach((row, index) => {
    if (log.children[index] !== row) log.insertBefore(row, log.children[index] ?? null);
  });
}

function albums(all) {
  const groups = [];
  for (const one of all) {
    const last = groups.at(-1);
    const album = one.message.media_group_id;
    if (album && last?.[0].message.media_group_id === album) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

const actions = () => ({
  me: state.me, group: Boolean(chat),
  isPressed: (message, data) => presses.has(message, data),
  onPress: (message, data) => presses.press({ user, chat }, message, data),
  onType: (text) => composer.type(`@${state.bot.username} ${text}`),
  onReply: (message) => composer.reply(message),
  onEdit: (message) => composer.edit(message),
  onReact: (message, emoji) => post("/api/reactions", { user, chat, message_id: message.message_id, emoji }).catch(() => lost(true)),
  onCommand: (text) => sendMessage({ text, files: [] }),
  onPhoto: openPhoto,
});

function focusedKey() {
  const row = document.activeElement?.closest("#log .row :is(button, a)")?.closest(".row");
  return row && { id: row.dataset.id, text: document.activeElement.textContent };
}

// A pressed button's message is redrawn: the focus stays on it, or on its first button.
function restoreFocus(focused) {
  if (!focused || document.activeElement !== document.body) return;
  const keys = [...document.querySelectorAll(`#log [data-id="${focused.id}"] .key`)];
  (keys.find((key) => key.textContent === focused.text) ?? keys[0] ?? $("text")).focus({ preventScroll: true });
}

function answered(text, isAlert) {
  if (!isAlert) return toast(text);
  $("alert-text").textContent = text;
  $("alert").showModal();
}

function failed(error) {
  toast(word("notSent", { why: error instanceof TypeError ? word("gone") : error.message }));
}

function toast(text) {
  const one = make("p", "toast", text);
  $("toasts").append(one);
  setTimeout(() => one.remove(), Math.max(3500, text.length * 80));
}

async function sendMessage(message) {
  const pending = message.files.length ? showPending(message) : null;
  const fields = { user, chat, text: message.text, as_file: message.asFile ? "true" : "", reply_to: message.replyTo };
  try {
    await send(fields, message.files, (part) => pending?.progress(part));
    pending?.row.remove();
  } catch (error) {
    const why = error.message || word("gone");
    const row = pending ?? showPending(message);
    row.failed(why, () => sendMessage(message));
  }
}

async function editMessage({ message_id: messageId }, text) {
  try {
    await post("/api/edits", { user, chat, message_id: messageId, text });
  } catch (error) {
    failed(error);
  }
}

function showPending(message) {
  const pending = pendingRow(message, { onGone: drawLog, onGrown: () => end.grown() });
  $("log").append(pending.row);
  $("empty").hidden = true;
  end.show();
  return pending;
}

function openPhoto(source, alt) {
  Object.assign($("lightbox-image"), { src: source, alt });
  $("lightbox").showModal();
}

function lost(isLost) {
  $("lost").hidden = !isLost;
  $("lost").textContent = isLost ? word("lost") : "";
}

function closeSide() {
  document.body.classList.remove("side-open");
  $("veil").hidden = true;
  $("open-side").setAttribute("aria-expanded", "false");
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
}

function wire() {
  $("open-side").onclick = () => {
    document.body.classList.add("side-open");
    $("veil").hidden = false;
    $("open-side").setAttribute("aria-expanded", "true");
    $("people").querySelector("[aria-current]")?.focus();
  };
  $("veil").onclick = closeSide;
  addEventListener("keydown", (event) => event.key === "Escape" && closeSide());
  $("toggle-theme").onclick = () => {
    const dark = getComputedStyle(document.documentElement).getPropertyValue("color-scheme").trim() === "dark";
    setTheme(dark ? "light" : "dark");
  };
  $("empty-choose").onclick = () => $("files").click();
  $("empty-start").onclick = () => sendMessage({ text: "/start", files: [] });
  $("open-faults").onclick = () => openFaults().catch(() => lost(true));
  $("lightbox").onclick = () => $("lightbox").close();
}

const theme = address.get("theme") ?? localStorage.getItem("theme");
if (theme) document.documentElement.dataset.theme = theme;
speak(navigator.language);
wire();
getState(user, chat).then(() => open(user, chat), (error) => (error.message === "404" ? open("", "") : open(user, chat)));
