// The message field: text, chosen files, drag and drop, paste, reply, edit, commands.

import { icon, make, summary } from "./bubbles.js";
import { word } from "./words.js";

const $ = (id) => document.getElementById(id);
const LIMIT_BYTES = 50 * 2 ** 20;
const LIMIT_FILES = 30;

// on: {onSend({text, files, asFile, replyTo}), onEdit(message, text), onTooMuch(sentence), onTyped(text), lastOwn() → message}
export class Composer {
  #files = [];
  #replyTo = null; // a message
  #editing = null; // a message; never both
  #commands = [];
  #on;

  constructor(on) {
    this.#on = on;
    $("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    $("text").addEventListener("input", () => this.#typed());
    $("text").addEventListener("keydown", (event) => this.#key(event));
    $("composer").addEventListener("keydown", (event) => this.#walk(event));
    $("files").addEventListener("change", () => {
      this.add([...$("files").files]);
      $("files").value = "";
    });
    $("open-commands").onclick = () => this.#showCommands($("commands").hidden ? "" : null);
    $("about-cancel").onclick = () => this.#leave();
    document.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) {
        event.preventDefault();
        this.add([...event.clipboardData.files]);
      }
    });
    this.#acceptDrops();
  }

  add(files) {
    if (this.#editing) this.#leave();
    const large = files.find((file) => file.size > LIMIT_BYTES);
    if (large) this.#on.onTooMuch(word("tooLarge", { name: large.name }));
    const fitting = files.filter((file) => file.size <= LIMIT_BYTES);
    if (this.#files.length + fitting.length > LIMIT_FILES) this.#on.onTooMuch(word("tooMany", { count: LIMIT_FILES }));
    this.#files = [...this.#files, ...fitting].slice(0, LIMIT_FILES);
    this.#drawTray();
    $("text").focus();
  }

  reply(message, placeholder = "") {
    this.#leave();
    this.#replyTo = message;
    this.#about("reply", message.from.first_name, message);
    if (placeholder) $("text").placeholder = placeholder;
  }

  edit(message) {
    this.clear();
    this.#editing = message;
    this.#about("edit", word("edit"), message);
    $("text").placeholder = word(message.text ? "message" : "caption");
    this.type(message.text ?? message.caption ?? "");
  }

  setCommands(commands) {
    this.#commands = commands;
    this.#showCommands(null);
  }

  type(text) {
    $("text").value = text;
    this.#typed();
    $("text").focus();
  }

  clear() {
    this.#files = [];
    $("text").value = "";
    this.#typed();
    this.#drawTray();
    this.#leave();
  }

  // What is written is a message of its own again; the text of what was edited goes.
  #leave() {
    const edited = this.#editing;
    this.#editing = this.#replyTo = null;
    $("about").hidden = true;
    if (edited) {
      $("text").value = "";
      this.#typed();
    }
    $("text").placeholder = word(this.#files.length ? "caption" : "message");
  }

  #about(name, title, message) {
    $("about").querySelector("use").setAttribute("href", `#i-${name}`);
    $("about-text").replaceChildren(make("b", "", title), make("span", "", summary(message)));
    $("about-cancel").title = word(name === "edit" ? "cancelEdit" : "cancelReply");
    $("about-cancel").setAttribute("aria-label", $("about-cancel").title);
    $("about").hidden = false;
    $("text").focus();
  }

  #submit() {
    const text = $("text").value.trim();
    const edited = this.#editing;
    if (!text && !this.#files.length && (!edited || edited.text)) return;
    const message = { text, files: this.#files, asFile: $("as-file").checked, replyTo: this.#replyTo?.message_id };
    this.clear();
    if (!edited) this.#on.onSend(message);
    else if (text !== (edited.text ?? edited.caption ?? "")) this.#on.onEdit(edited, text);
  }

  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape") {
      this.#showCommands(null);
      this.#on.onTyped("");
      this.#leave();
    } else if (event.key === "ArrowUp" && !$("text").value && !this.#files.length && $("commands").hidden) {
      const last = this.#on.lastOwn();
      if (!last) return;
      event.preventDefault();
      this.edit(last);
    }
  }

  // Arrows go through the menu that is open, and past its ends back to the field; letters typed there go into the field.
  #walk(event) {
    const entries = [...document.querySelectorAll("#composer .menu:not([hidden]) button")];
    const at = entries.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && entries.length && (at >= 0 || document.activeElement === $("text"))) {
      event.preventDefault();
      const to = at < 0 && step < 0 ? entries.length - 1 : at + step;
      (entries[to] ?? $("text")).focus();
    } else if (at >= 0 && (event.key.length === 1 || ["Backspace", "Escape"].includes(event.key)) && event.key !== " ") {
      $("text").focus();
    }
  }

  #typed() {
    const field = $("text");
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
    const start = this.#editing ? null : /^\/(\w*)$/.exec(field.value);
    this.#showCommands(start ? start[1] : null);
    this.#on.onTyped(field.value);
    $("send").classList.toggle("ready", Boolean(field.value.trim() || this.#files.length || this.#editing));
  }

  // null hides the menu
  #showCommands(prefix) {
    const menu = $("commands");
    const found = prefix === null ? [] : this.#commands.filter((one) => one.command.startsWith(prefix.toLowerCase()));
    const empty = prefix === "" && !this.#commands.length;
    menu.hidden = !found.length && !empty;
    $("open-commands").setAttribute("aria-expanded", String(!menu.hidden));
    menu.replaceChildren(...found.map((one) => this.#command(one)));
    if (empty) menu.append(make("li", "note", word("noCommands")));
  }

  #command({ command, description }) {
    const button = make("button", "", make("b", "", `/${command}`), make("span", "", description));
    button.type = "button";
    button.onclick = () => {
      this.clear();
      this.#on.onSend({ text: `/${command}`, files: [] });
      $("text").focus();
    };
    return make("li", "", button);
  }

  #drawTray() {
    const list = $("tray-files");
    for (const picture of list.querySelectorAll("img")) URL.revokeObjectURL(picture.src);
    list.replaceChildren(...this.#files.map((file, index) => this.#chosen(file, index)));
    $("tray").hidden = !this.#files.length;
    $("text").placeholder = word(this.#files.length ? "caption" : "message");
    if (!this.#files.length) $("as-file").checked = false;
    $("send").classList.toggle("ready", Boolean($("text").value.trim() || this.#files.length));
  }

  #chosen(file, index) {
    const button = make("button", "round small", icon("close"));
    button.type = "button";
    button.setAttribute("aria-label", word("remove", { name: file.name }));
    button.onclick = () => {
      this.#files = this.#files.filter((_, other) => other !== index);
      this.#drawTray();
    };
    return make("li", "", preview(file), make("small", "", file.name), button);
  }

  #acceptDrops() {
    let inside = 0;
    const show = () => ($("drop").hidden = inside <= 0);
    addEventListener("dragenter", (event) => {
      inside += event.dataTransfer?.types.includes("Files") ? 1 : 0;
      show();
    });
    addEventListener("dragleave", (event) => {
      inside -= event.dataTransfer?.types.includes("Files") ? 1 : 0;
      show();
    });
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      inside = 0;
      show();
      if (event.dataTransfer.files.length) this.add([...event.dataTransfer.files]);
    });
  }
}

export function preview(file) {
  if (!file.type.startsWith("image/")) return make("span", "preview", icon("file"));
  const picture = make("img");
  picture.alt = "";
  picture.src = URL.createObjectURL(file);
  picture.onerror = () => picture.replaceWith(make("span", "preview", icon("file")));
  return picture;
}
