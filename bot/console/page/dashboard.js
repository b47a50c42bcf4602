// The dashboard draws itself on the server; here it is only kept fresh, and the theme is switched.

const FRESH_MS = 30_000;
const sheet = document.getElementById("sheet");

async function refresh() {
  if (document.hidden) return;
  try {
    const response = await fetch(location.href, { credentials: "same-origin" });
    if (response.status === 401) location.reload(); // shows how to come in again
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("sheet");
    if (fresh) sheet.replaceChildren(...fresh.childNodes);
  } catch {
    // The next time, perhaps: what is shown stays.
  }
}

document.getElementById("toggle-theme").onclick = () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
};
document.addEventListener("visibilitychange", refresh);
setInterval(refresh, FRESH_MS);
