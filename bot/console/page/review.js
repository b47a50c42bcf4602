// The review page: one claim, one decision, the next claim. Decisions are shown at once and sent behind what is shown.

import { BreedSearch } from "./breed_search.js";
import { $, drawCard, make, toast } from "./card.js";
import { ClaimQueue, release } from "./claim_queue.js";
import * as server from "./server.js";
import { Stage } from "./stage.js";

const LOOK_AGAIN_MS = 15_000;
const REMEMBERED = 20;
const SHOWN = 5;
const NO_DOG = "not_a_dog";

const words = JSON.parse($("words").textContent);
const queue = new ClaimQueue();
const stage = new Stage(report);
const search = new BreedSearch(report);
let history = words.history; // newest last: {event_id, sentence}
let shown = null;
const sending = new Map(); // event id → what is being sent about it
let undoing = Promise.resolve(); // undos, in the order in which they were asked for: the last one's claim is shown
let asleep = 0;
let counted = 0; // Unix seconds of the number of claims that is shown

const ACTS = {
  accept: () => (shown.claim.kind === "other" ? ACTS.other() : decide("accept", shown.accepting)),
  reject: () => decide("reject", shown.rejecting),
  other: () => search.open(shown, (breed) => decide("accept", words.accepted, breed)),
  "no-dog": () => decide("accept", words.noDog, NO_DOG),
  skip: () => decide("skip", words.skipped),
  heat: () => stage.heat().then(drawHeat),
  undo,
};
const KEYS = { a: "accept", r: "reject", b: "other", n: "no-dog", s: "skip", h: "heat", u: "undo" };

function act(name) {
  const button = document.querySelector(`[data-act="${name}"]`);
  if (name !== "undo" && (!shown || !stage.ready || button.disabled)) return;
  button.classList.remove("pressed");
  void button.offsetWidth; // restarts the animation
  button.classList.add("pressed");
  ACTS[name]();
}

function decide(decision, sentence, breed = null) {
  const card = queue.take();
  const entry = { event_id: card.event_id, sentence };
  history = [...history, entry].slice(-REMEMBERED);
  draw();
  inOrder(card.event_id, async () => {
    try {
      const answer = await server.decide(card.event_id, decision, breed);
      entry.sentence = answer.sentence;
      drawLeft(answer);
      $("trouble").hidden = true;
      release(card);
    } catch (problem) {
      history = history.filter((one) => one !== entry);
      if (["signed-out", "trouble"].includes(problem.kind)) queue.putBack(card);
      report(problem);
      draw();
    }
    drawHistory();
  });
  refill();
}

function undo(entry = history.at(-1)) {
  if (!entry) return;
  history = history.filter((one) => one !== entry);
  drawHistory();
  const before = undoing;
  undoing = inOrder(entry.event_id, async () => {
    await before;
    try {
      const answer = await server.undo(entry.event_id);
      queue.putBack(answer.card);
      drawLeft(answer);
      toast(answer.sentence);
    } catch (problem) {
      if (["signed-out", "trouble"].includes(problem.kind)) history = [...history, entry];
      report(problem);
    }
    draw();
  });
}

// An undo must not overtake the decision it undoes.
function inOrder(eventId, work) {
  const before = sending.get(eventId);
  const sent = before ? before.then(work) : work();
  sending.set(eventId, sent);
  return sent;
}

// afresh: what was in the way is looked at again; else a decision that failed meanwhile stays announced.
async function refill(afresh = false) {
  try {
    await queue.load();
    if (afresh) $("trouble").hidden = true;
    drawLeft(queue.left);
  } catch (problem) {
    report(problem);
  }
  draw();
}

function report(problem) {
  if (!(problem instanceof server.Problem)) throw problem;
  if (problem.left !== null) drawLeft(problem);
  if (problem.kind === "signed-out") return signedOut();
  if (problem.kind === "trouble") {
    $("trouble").textContent = problem.message || words.trouble;
    $("trouble").hidden = false;
    lookAgainLater();
  } else {
    toast(problem.message, 7000);
  }
}

function signedOut() {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  for (const id of ["work", "empty"]) $(id).hidden = true;
  stage.zoom(false);
  shown = null;
  $("signed-out").hidden = false;
  $("left").textContent = "";
}

function draw() {
  if (!$("signed-out").hidden) return;
  const card = queue.current;
  $("work").hidden = !card;
  $("empty").hidden = Boolean(card);
  $("empty-put-off").textContent = queue.putOff;
  if (card !== shown) {
    shown = card;
    stage.zoom(false);
    if (card) {
      drawCard(card);
      stage.show(card).then(drawHeat);
    }
  }
  drawHeat();
  drawHistory();
  if (!card) lookAgainLater();
}

function drawHeat() {
  const button = document.querySelector("[data-act=heat]");
  button.hidden = $("help-heat").hidden = !words.heat;
  button.disabled = !shown?.heat.length;
  button.setAttribute("aria-pressed", stage.hot);
}

function drawHistory() {
  document.querySelector("[data-act=undo]").disabled = history.length === 0;
  $("empty-undo").hidden = history.length === 0;
  $("history-box").hidden = history.length === 0;
  $("history").replaceChildren(...history.slice(-SHOWN).reverse().map((entry) => {
    const button = make("button", "", words.undo);
    button.type = "button";
    button.onclick = () => undo(entry);
    button.setAttribute("aria-label", `${words.undo}: ${entry.sentence}`);
    return make("li", "", make("span", "", entry.sentence), button);
  }));
}

// An answer may arrive after one that was counted later.
function drawLeft({ left, as_of }) {
  if (as_of < counted) return;
  counted = as_of;
  $("left").textContent = left;
}

function lookAgainLater() {
  clearTimeout(asleep);
  asleep = setTimeout(() => (document.hidden ? lookAgainLater() : refill(true)), LOOK_AGAIN_MS);
}

function onKey(event) {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (event.key === "?") $("help").showModal();
  else if (key === "z" && shown) stage.zoom();
  else if (event.key === "Escape") stage.zoom(false);
  else if (KEYS[key]) act(KEYS[key]);
  else return;
  event.preventDefault(); // or the B that opens the search would be its first letter
}

function theme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
}

document.addEventListener("keydown", onKey);
document.addEventListener("visibilitychange", () => !document.hidden && refill(true));
window.addEventListener("online", () => refill(true));
for (const button of document.querySelectorAll("[data-act]")) {
  button.onclick = () => act(button.dataset.act);
  button.setAttribute("aria-keyshortcuts", button.dataset.key);
}
$("empty-undo").onclick = () => undo();
$("open-help").onclick = () => $("help").showModal();
$("toggle-theme").onclick = theme;
$("help").onclick = (event) => event.target === $("help") && $("help").close();
refill();
