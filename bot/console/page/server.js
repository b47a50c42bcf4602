// Talking to the bot: claims, decisions, photos. Everything is refused with a Problem that says what kind it is.

const csrf = document.querySelector("meta[name=csrf]").content;

export class Problem extends Error {
  // kind: "signed-out", "gone" (the claim), "first" (somebody else was), "trouble" (try again); left, as_of: as in every answer.
  constructor(kind, sentence = "", left = null, as_of = 0) {
    super(sentence);
    Object.assign(this, { kind, left, as_of });
  }
}

export const next = (have) => json(`api/next?have=${have.join(",")}`);
export const decide = (eventId, decision, breed) => post("api/decide", { event_id: eventId, decision, breed });
export const undo = (eventId) => post("api/undo", { event_id: eventId });
export const breeds = (query, eventId) => json(`api/breeds?${new URLSearchParams({ q: query, event_id: eventId })}`);

// The address of a picture in memory, or null where there is none. The server forbids caches to keep photos.
export async function picture(path) {
  const response = await reach(path);
  if (response.status === 404) return null;
  await refuse(response);
  return URL.createObjectURL(await response.blob());
}

// keepalive: a decision is sent even if the page is closed right after the key was pressed.
function post(path, body) {
  return json(path, { method: "POST", keepalive: true, headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf }, body: JSON.stringify(body) });
}

async function json(path, options) {
  const response = await reach(path, options);
  await refuse(response);
  return response.json();
}

async function reach(path, options) {
  try {
    return await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Problem("trouble");
  }
}

async function refuse(response) {
  if (response.ok) return;
  const { kind = "trouble", sentence = "", left = null, as_of = 0 } = await response.json().catch(() => ({}));
  throw new Problem(kind, sentence, left, as_of);
}
