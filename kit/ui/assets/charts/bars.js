// Bars from zero, with their interval when the table has one; several columns make groups.

import * as Plot from "@observablehq/plot";
import { domainOf, numberAt, rowFrame, valueAxis } from "./rows.js";
import { INK, PALETTE, textWidth } from "./settings.js";

/** Settings: `y` (columns of the values, 1), `low` and `high` (columns of the interval). */
export function bars({ headers, rows }, settings) {
  const columns = settings.columns("y", [1]);
  const low = settings.column("low");
  const high = settings.column("high");
  const several = columns.length > 1;
  const all = rows.flatMap((row, place) =>
    columns.map((column, series) => ({
      place,
      series,
      value: numberAt(row, column),
      // The first row names its bars: no legend is needed.
      text: several && place === 0 ? `${row[column]?.text} (${headers[column]})` : (row[column]?.text ?? ""),
      low: numberAt(row, low),
      high: numberAt(row, high),
    })),
  );
  const drawn = all.filter((bar) => bar.value !== null);
  if (drawn.length === 0) return null;
  const thickness = several ? 18 : 22;
  const room = Math.max(...drawn.map((bar) => textWidth(bar.text))) + 14;
  const frame = rowFrame(rows.map((row) => row[0].text), settings, {
    rowHeight: thickness * columns.length + 12,
    valueWidth: Math.min(room, settings.width * 0.45),
  });
  const domain = domainOf(drawn.flatMap((bar) => [bar.value, bar.low ?? 0, bar.high ?? 0]), 0.02);
  const { insetTop, insetBottom } = frame.insets;
  const inset = (series) => ({
    insetTop: insetTop + series * thickness,
    insetBottom: insetBottom + (columns.length - 1 - series) * thickness + (several ? 2 : 0),
  });
  const shift = (series) => frame.dy + (series - (columns.length - 1) / 2) * thickness;
  const end = (bar) => Math.max(0, bar.value, bar.high ?? 0);
  return Plot.plot({
    ...frame.options,
    x: { domain, axis: null },
    marks: [
      ...valueAxis(domain, several ? "" : (headers[columns[0]] ?? ""), settings, frame.options.marginLeft),
      ...columns.flatMap((_, series) => {
        const of = drawn.filter((bar) => bar.series === series);
        return [
          Plot.barX(of, { x1: 0, x2: "value", y: "place", fill: PALETTE[series % PALETTE.length], ...inset(series) }),
          Plot.text(of, { x: end, y: "place", text: "text", textAnchor: "start", dx: 8, dy: shift(series), fill: INK }),
        ];
      }),
      Plot.link(drawn.filter((bar) => bar.low !== null && bar.high !== null), {
        x1: "low", x2: "high", y1: "place", y2: "place", stroke: INK, strokeWidth: 2, dy: frame.dy,
      }),
      Plot.ruleX([0], { stroke: INK, strokeWidth: 1.5 }),
      frame.label,
    ],
  });
}
