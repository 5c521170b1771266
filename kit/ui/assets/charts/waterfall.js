// Parts that add up: each bar begins where the one before ended; a whole begins at zero.

import * as Plot from "@observablehq/plot";
import { domainOf, numberAt, rowFrame, valueAxis } from "./rows.js";
import { FALL, INK, RISE, textWidth, WHOLE } from "./settings.js";

/** The rows that are wholes: `first`, `last` or places from 0 (negative: from the end). */
function wholes(setting, count) {
  const places = { first: 0, last: count - 1 };
  return new Set(
    (setting ?? "last").split(",").map((word) => {
      const place = places[word.trim()] ?? Number(word);
      return place < 0 ? count + place : place;
    }),
  );
}

/** Settings: `y` (column of the parts, 1), `totals` (`first`, `last`, places; `last`). */
export function waterfall({ headers, rows }, settings) {
  const column = settings.column("y", 1);
  const total = wholes(settings.text("totals"), rows.length);
  let level = 0;
  const bars = rows.map((row, place) => {
    const value = numberAt(row, column) ?? 0;
    const from = total.has(place) ? 0 : level;
    level = total.has(place) ? value : level + value;
    return { place, value, from, to: level, text: row[column]?.text ?? "", whole: total.has(place) };
  });
  const domain = domainOf(bars.flatMap((bar) => [bar.from, bar.to]));
  const room = Math.max(...bars.map((bar) => textWidth(bar.text, 600))) + 14;
  const frame = rowFrame(rows.map((row) => row[0].text), settings, { rowHeight: 36, valueWidth: room });
  // A falling bar near the left edge writes its text beyond zero.
  if (domain[0] < 0) frame.options.insetLeft = room;
  const colour = (bar) => (bar.whole ? WHOLE : bar.value > 0 ? RISE : FALL);
  return Plot.plot({
    ...frame.options,
    x: { domain, axis: null },
    marks: [
      ...valueAxis(domain, headers[column] ?? "", settings, frame.options.marginLeft),
      Plot.link(bars.slice(0, -1), { x1: "to", x2: "to", y1: "place", y2: (bar) => bar.place + 1, stroke: INK, strokeOpacity: 0.5, dy: frame.dy }),
      Plot.barX(bars, { x1: "from", x2: "to", y: "place", fill: colour, ...frame.insets }),
      Plot.ruleX([0], { stroke: INK, strokeWidth: 1.5 }),
      Plot.text(bars, {
        x: (bar) => Math.max(bar.from, bar.to),
        y: "place",
        text: "text",
        textAnchor: "start",
        dx: 8,
        dy: frame.dy,
        fill: INK,
        fontWeight: 600,
      }),
      frame.label,
    ],
  });
}
