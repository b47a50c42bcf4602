// The faults switchboard as a dialog.

import { icon, make } from "./bubbles.js";
import { get, post, remove } from "./server.js";
import { word } from "./words.js";

const $ = (id) => document.getElementById(id);
const KINDS = ["too_many_requests", "server_error", "slow", "drop_before", "drop_after", "duplicate", "conflict",
  "unavailable", "pathless", "not_found", "trickle", "odd", "hasty"];
const METHODS = ["", "sendMessage", "editMessageText", "answerCallbackQuery", "getUpdates", "getFile", "downloadFile"];
const TIMES = { once: { times: 1 }, threeTimes: { times: 3 }, oneInTen: { probability: 0.1 }, always: {} };

export async function openFaults() {
  const form = $("fault-form");
  fill(form.kind, KINDS.map((kind) => [kind, word(kind)]));
  fill(form.method, METHODS.map((method) => [method, method === "downloadFile" ? word(method) : method || word("allCalls")]));
  fill(form.times, Object.keys(TIMES).map((key) => [key, word(key)]));
  form.onsubmit = async (event) => {
    event.preventDefault();
    draw(await post("/api/faults", rule(form)));
  };
  draw(await get("/api/faults"));
  $("faults").showModal();
}

function rule(form) {
  const seconds = Number(form.seconds.value);
  const wait = { too_many_requests: { retry_after: Math.round(seconds) }, slow: { delay_s: seconds }, trickle: { delay_s: seconds } }[form.kind.value];
  return { kind: form.kind.value, method: form.method.value || null, ...TIMES[form.times.value], ...wait };
}

function fill(select, options) {
  const chosen = select.value;
  select.replaceChildren(...options.map(([value, text]) => Object.assign(make("option", "", text), { value })));
  if (chosen) select.value = chosen;
}

function draw({ rules, injected }) {
  $("fault-rules").replaceChildren(...(rules.length ? rules.map(line) : [make("li", "note", word("none"))]));
  const counts = injected.map(({ kind, method, count }) => `${word(kind)} × ${count} (${method})`).join(", ");
  $("fault-counts").textContent = counts ? word("injected", { list: counts }) : "";
  $("open-faults").classList.toggle("on", rules.length > 0);
}

function line({ id, kind, method, left, probability }) {
  const often = left !== null ? word("remaining", { count: left }) : `${Math.round(probability * 100)} %`;
  const button = make("button", "round small", icon("close"));
  button.type = "button";
  button.setAttribute("aria-label", word("remove", { name: word(kind) }));
  button.onclick = async () => draw(await remove(`/api/faults/${id}`));
  return make("li", "", make("span", "", `${word(kind)} · ${method ?? word("allCalls")} · ${often}`), button);
}
