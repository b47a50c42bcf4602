// Talking to the local chat server: state, sending with progress, pressing, live events.

export async function getState(user, chat) {
  return json(await fetch(`/api/state?${new URLSearchParams({ user, chat })}`));
}

export async function press(user, chat, messageId, data) {
  return post("/api/presses", { user, chat, message_id: messageId, data });
}

export async function post(path, body) {
  return json(await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }));
}

export async function get(path) {
  return json(await fetch(path));
}

export async function remove(path) {
  return json(await fetch(path, { method: "DELETE" }));
}

// XMLHttpRequest because fetch tells no upload progress. Rejects with a sentence, or "" when the server is gone.
export function send(fields, files, onProgress) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  files.forEach((file, index) => form.append(`file${index}`, file, file.name));
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/messages");
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => (request.status < 300 ? resolve(request.response) : reject(new Error(request.response?.error ?? "")));
    request.onerror = () => reject(new Error(""));
    request.send(form);
  });
}

// Live events; reconnects for ever. onLost is called when the server is gone, "hello" comes again when it is back.
export function listen(user, onEvent, onLost) {
  let source;
  let timer;
  const open = () => {
    source = new EventSource(`/api/events?user=${encodeURIComponent(user)}`);
    source.onmessage = (event) => onEvent(JSON.parse(event.data));
    source.onerror = () => {
      source.close();
      onLost();
      timer = setTimeout(open, 1000);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

async function json(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `${response.status}`);
  return body;
}
