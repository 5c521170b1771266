// Draws each `figure[data-chart]` of the page from the table that it names. The table stays: it is
// what a screen reader, a printer without script and a doubtful reader use. No word is written
// here: labels come from the table's headers and cells, or from the figure's data attributes.

import { bars } from "./bars.js";
import { dotPlot } from "./dot-plot.js";
import { funnel } from "./funnel.js";
import { gantt } from "./gantt.js";
import { line } from "./line.js";
import { readTable } from "./read.js";
import { settingsOf } from "./settings.js";
import { survival } from "./survival.js";
import { waterfall } from "./waterfall.js";

const KINDS = { bars, "dot-plot": dotPlot, funnel, gantt, line, survival, waterfall };

/** Names the drawing by the figure's caption and the table's, which says where the figures are. */
function name(svg, figure, table) {
  const caption = figure.querySelector("figcaption strong");
  if (caption && !caption.id) caption.id = `${table.id}-${figure.dataset.chart}-title`;
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-labelledby", [caption?.id, table.caption?.id].filter(Boolean).join(" "));
  // The parts of a picture are not to be read one by one.
  for (const part of svg.querySelectorAll("[aria-label], [aria-description]")) {
    part.removeAttribute("aria-description");
    part.removeAttribute("aria-label");
  }
}

function draw(figure) {
  const table = document.getElementById(figure.dataset.table);
  const drawing = figure.querySelector(".gv-chart__drawing");
  const kind = KINDS[figure.dataset.chart];
  if (!table || !drawing || !kind) return;
  const width = Math.floor(drawing.clientWidth);
  if (width < 80 || width === Number(drawing.dataset.width)) return;
  drawing.dataset.width = width;
  const data = readTable(table);
  const svg = data.rows.length > 0 ? kind(data, settingsOf(figure, width)) : null;
  figure.hidden = svg === null;
  if (svg === null) return;
  svg.querySelector("style")?.remove();
  name(svg, figure, table);
  drawing.replaceChildren(svg);
}

const watcher = new ResizeObserver((entries) => {
  for (const { target } of entries) draw(target.closest("figure"));
});
document.fonts.ready.then(() => {
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    draw(figure);
    const drawing = figure.querySelector(".gv-chart__drawing");
    if (drawing && !figure.hidden) watcher.observe(drawing);
  }
});
