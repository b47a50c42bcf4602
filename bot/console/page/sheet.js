// Pages that are forms: they work without this. One tick for all, where one is, the theme.

for (const all of document.querySelectorAll("[data-ticks]")) {
  all.onchange = () => {
    for (const one of document.getElementsByName(all.dataset.ticks)) one.checked = all.checked;
  };
}
for (const link of document.querySelectorAll(".places a")) {
  if (link.href === location.origin + location.pathname) link.setAttribute("aria-current", "page");
}
document.getElementById("toggle-theme").onclick = () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
};
