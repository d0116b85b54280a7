"use strict";
// Adds sorting by column to tables, and a class selector to images. The page can be read without it.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const headers = [...table.tHead.rows[0].cells];
  const value = (row, column) => {
    const cell = row.cells[column];
    if (!cell) return "";
    const text = (cell.dataset.value ?? cell.textContent).trim();
    return text !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
  };
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const descending = header.getAttribute("aria-sort") === "ascending";
      headers.forEach((other) => other.removeAttribute("aria-sort"));
      header.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const rows = [...body.rows];
      const filled = rows.filter((row) => value(row, column) !== "");
      filled.sort((a, b) => (descending ? -1 : 1) * compare(value(a, column), value(b, column)));
      body.append(...filled, ...rows.filter((row) => value(row, column) === ""));
    });
  });
}
for (const selector of document.querySelectorAll(".class-selector")) {
  selector.hidden = false;
  const select = selector.querySelector("select");
  select.addEventListener("change", () => {
    for (const row of selector.closest(".dataset-images").querySelectorAll(".class")) {
      row.hidden = select.value !== "" && row.dataset.class !== select.value;
    }
  });
}
