/** What a reader sees in a cell: without signs, second lines and hidden words. */
function words(cell) {
  const copy = cell.cloneNode(true);
  for (const part of copy.querySelectorAll("small, [aria-hidden=true], .fr-sr-only")) part.remove();
  return copy.textContent.trim().replace(/[ \n\t]+/g, " ");
}

/** The raw value of a cell: a number, a date, a text; null when it has none. */
export function rawValue(text) {
  if (text === undefined || text.trim() === "") return null;
  if (/^\d{4}-\d{2}(-\d{2})?$/.test(text)) {
    const date = new Date(text.length === 7 ? `${text}-01` : text);
    return Number.isNaN(date.getTime()) ? null : date;
  }
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/** Headers and rows of a table; each cell is `{ text, value }`. */
export function readTable(table) {
  const headers = [...(table.tHead?.rows[0]?.cells ?? [])].map(words);
  const rows = [...(table.tBodies[0]?.rows ?? [])]
    .filter((row) => !row.querySelector(".gv-empty"))
    .map((row) =>
      [...row.cells].map((cell) => ({ text: words(cell), value: rawValue(cell.dataset.value) })),
    );
  return { headers, rows };
}
