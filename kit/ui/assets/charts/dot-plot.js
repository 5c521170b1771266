// Slips around zero: one dot a row, its stem to zero, its interval when the table has one. With
// many rows the dots crowd into a swarm, and only the farthest are named.

import * as Plot from "@observablehq/plot";
import { colour, domainOf, markRule, numberAt, rowFrame, valueAxis } from "./rows.js";
import { HALO, INK, PAPER, textWidth } from "./settings.js";
import { swarm } from "./swarm.js";

/** Above this number of rows they can't be read one by one. */
const ROWS_MAX = 40;

/**
 * Settings: `x` (column, 1), `low` and `high` (columns of the interval), `rule` (a value to mark)
 * and `rule-label`.
 */
export function dotPlot({ headers, rows }, settings) {
  const x = settings.column("x", 1);
  const low = settings.column("low");
  const high = settings.column("high");
  const points = rows
    .map((row) => ({
      label: row[0].text,
      text: row[x]?.text ?? "",
      value: numberAt(row, x),
      low: numberAt(row, low),
      high: numberAt(row, high),
    }))
    .filter((point) => point.value !== null);
  if (points.length === 0) return null;
  const mark = Number(settings.text("rule") ?? Number.NaN);
  const values = points.flatMap((point) => [point.value, point.low ?? 0, point.high ?? 0]);
  const domain = domainOf(Number.isFinite(mark) ? [...values, mark] : values);
  const picture = points.length > ROWS_MAX ? swarm : lines;
  return picture(points, { domain, mark, title: headers[x] ?? "", settings });
}

function lines(points, { domain, mark, title, settings }) {
  const room = Math.max(...points.map((point) => textWidth(point.text))) + 18;
  const frame = rowFrame(points.map((point) => point.label), settings, { rowHeight: 28, valueWidth: room });
  // Negative values write their text on the left of the dot: leave as much room there.
  if (points.some((point) => point.value < 0)) frame.options.insetLeft = settings.narrow ? room - 8 : room;
  const at = (point) => points.indexOf(point);
  const { dy } = frame;
  const withRule = Number.isFinite(mark);
  if (withRule) {
    frame.options.height += 24;
    frame.options.marginBottom += 24;
  }
  return Plot.plot({
    ...frame.options,
    x: { domain, axis: null },
    marks: [
      ...valueAxis(domain, title, settings, frame.options.marginLeft),
      Plot.link(points, { x1: 0, x2: "value", y1: at, y2: at, stroke: colour, strokeWidth: 2, dy }),
      Plot.link(points.filter((point) => point.low !== null && point.high !== null), {
        x1: "low", x2: "high", y1: at, y2: at, stroke: INK, strokeOpacity: 0.6, strokeWidth: 5, dy,
      }),
      Plot.ruleX([0], { stroke: INK, strokeWidth: 1.5 }),
      ...markRule(mark, settings, 24),
      Plot.dot(points, { x: "value", y: at, r: 5, fill: colour, stroke: PAPER, dy }),
      Plot.text(points.filter((point) => point.value >= 0), { x: (point) => Math.max(point.value, point.high ?? point.value), y: at, text: "text", textAnchor: "start", dx: 10, dy, fill: INK, ...HALO }),
      Plot.text(points.filter((point) => point.value < 0), { x: (point) => Math.min(point.value, point.low ?? point.value), y: at, text: "text", textAnchor: "end", dx: -10, dy, fill: INK, ...HALO }),
      frame.label,
    ],
  });
}
