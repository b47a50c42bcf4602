// The dashboard draws itself on the server; here it is kept fresh and in local time, tells values, and the theme is switched.

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
    tips();
  } catch {
    // The next time, perhaps: what is shown stays.
  }
}

document.getElementById("toggle-theme").onclick = () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
};
// Days and hours are those of whoever looks.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.cookie = `zone=${encodeURIComponent(zone)}; SameSite=Strict; Max-Age=31536000`;

const tip = document.getElementById("tip");
addEventListener("pointermove", tell);
addEventListener("pointerdown", tell); // a tap
addEventListener("scroll", () => (tip.hidden = true), { passive: true });

// The browser's own would come late, and beside ours.
function tips() {
  for (const title of sheet.querySelectorAll(".tip title")) {
    title.parentNode.dataset.tip = title.textContent;
    title.remove();
  }
}

function tell(event) {
  const bar = event.target.closest?.(".tip");
  tip.hidden = !bar;
  if (!bar) return;
  tip.textContent = bar.dataset.tip;
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  tip.style.left = `${Math.max(8, Math.min(event.clientX - tip.offsetWidth / 2, room))}px`;
  const above = event.clientY - tip.offsetHeight - 14;
  tip.style.top = `${above < 8 ? event.clientY + 22 : above}px`;
}

tips();
document.addEventListener("visibilitychange", refresh);
setInterval(refresh, FRESH_MS);
if (sheet.dataset.zone !== zone) refresh();
