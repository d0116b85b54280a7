"use strict";
// Tables can be read without this; with it they sort by any column, and images are shown one class at a time.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, column) => {
    const cell = row.cells[column];
    if (!cell) return "";
    const text = (cell.dataset.value ?? cell.textContent).trim();
    return text !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
  };
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows];
      const full = rows.filter((row) => value(row, column) !== "");
      full.sort((a, b) => (down ? -1 : 1) * compare(value(a, column), value(b, column)));
      body.append(...full, ...rows.filter((row) => value(row, column) === ""));
    });
  });
}
for (const chooser of document.querySelectorAll(".chooser")) {
  chooser.hidden = false;
  const select = chooser.querySelector("select");
  select.addEventListener("change", () => {
    for (const row of chooser.closest(".album").querySelectorAll(".class")) {
      row.hidden = select.value !== "" && row.dataset.class !== select.value;
    }
  });
}
