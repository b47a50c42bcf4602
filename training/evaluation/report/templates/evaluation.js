// Sorts a table by the column whose heading is pressed; the page says the same without it.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const heading = button.closest("th");
    const table = heading.closest("table");
    const column = heading.cellIndex;
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
    const order = (one, two) => key(one).localeCompare(key(two), "en", { numeric: true });
    const rows = [...table.tBodies[0].rows].sort((one, two) => (down ? order(two, one) : order(one, two)));
    table.tBodies[0].append(...rows);
  });
}
