// Steps and what passes from one to the next: bars from zero, the conversion between them.

import * as Plot from "@observablehq/plot";
import { domainOf, numberAt, rowFrame } from "./rows.js";
import { HALO, INK, PALETTE, SOFT, textWidth } from "./settings.js";

/** Settings: `y` (column of the counts, 1), `conversion` (column, 2). */
export function funnel({ headers, rows }, settings) {
  const column = settings.column("y", 1);
  const conversion = settings.column("conversion", headers.length > 2 ? 2 : null);
  const bars = rows.map((row, place) => ({
    place,
    value: numberAt(row, column) ?? 0,
    text: row[column]?.text ?? "",
    passed: place === 0 || conversion === null ? "" : (row[conversion]?.text ?? ""),
  }));
  const room = Math.max(...bars.map((bar) => textWidth(bar.text, 600))) + 14;
  const frame = rowFrame(rows.map((row) => row[0].text), settings, { rowHeight: 58, valueWidth: room, axis: false });
  const domain = domainOf(bars.map((bar) => bar.value), 0);
  // The upper part of each row but the first holds the conversion; the bar stands below it.
  const top = settings.narrow ? 44 : 26;
  frame.label = Plot.text(bars, {
    y: "place",
    text: (bar) => rows[bar.place][0].text,
    frameAnchor: "left",
    textAnchor: settings.narrow ? "start" : "end",
    dx: settings.narrow ? 0 : -12,
    dy: settings.narrow ? -8 : 11,
    fill: INK,
    ...HALO,
  });
  return Plot.plot({
    ...frame.options,
    x: { domain, axis: null },
    marks: [
      Plot.barX(bars, { x1: 0, x2: "value", y: "place", fill: PALETTE[0], insetTop: top, insetBottom: 4 }),
      Plot.ruleX([0], { stroke: INK, strokeWidth: 1.5 }),
      Plot.text(bars, { x: "value", y: "place", text: "text", textAnchor: "start", dx: 8, dy: settings.narrow ? 20 : 11, fill: INK, fontWeight: 600 }),
      Plot.text(bars.filter((bar) => bar.passed !== "" && bar.passed !== "—"), {
        y: "place",
        text: (bar) => `↓ ${bar.passed}`,
        frameAnchor: "left",
        textAnchor: "start",
        dx: 8,
        dy: settings.narrow ? -28 : -15,
        fill: SOFT,
      }),
      frame.label,
    ],
  });
}
