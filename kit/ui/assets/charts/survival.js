// What share has not left yet, by time: steps, their confidence band, and how many are still
// observed, written under the axis.

import * as Plot from "@observablehq/plot";
import { CLASS, numberAt } from "./rows.js";
import { colours, INK, PAPER, PALETTE, RULE, SOFT, steps, textWidth } from "./settings.js";

/**
 * Settings: `x` (column of the time, 0), `y` (share, 1), `low`, `high` (2, 3 when the table has
 * them), `at-risk` (4 when the table has it), `series` (column that names the curves).
 */
export function survival({ headers, rows }, settings) {
  const wide = (place) => (headers.length > place ? place : null);
  const at = {
    x: settings.column("x", 0),
    y: settings.column("y", 1),
    low: settings.column("low", wide(3) === null ? null : 2),
    high: settings.column("high", wide(3)),
    risk: settings.column("at-risk", wide(4)),
    series: settings.column("series"),
  };
  const points = rows
    .map((row) => ({
      x: numberAt(row, at.x),
      y: numberAt(row, at.y),
      low: numberAt(row, at.low),
      high: numberAt(row, at.high),
      risk: at.risk === null ? "" : (row[at.risk]?.text ?? ""),
      series: at.series === null ? "" : (row[at.series]?.text ?? ""),
      title: [row[at.series]?.text, ...[at.x, at.y, at.risk].map((place) => row[place] && `${row[place].text} ${headers[place]}`)]
        .filter(Boolean)
        .join("\n"),
    }))
    .filter((point) => point.x !== null && point.y !== null);
  if (points.length === 0) return null;
  const names = [...new Set(points.map((point) => point.series))];
  const curves = names.map((name) => points.filter((point) => point.series === name).sort((a, b) => a.x - b.x));
  const colour = colours(names);
  const { width } = settings;
  const last = Math.max(...points.map((point) => point.x)) || 1;
  const marginRight = at.series === null ? 16 : Math.min(160, Math.max(...names.map((name) => textWidth(name))) + 16);
  const marginLeft = 56;
  // The table's own times where they fit: only there are the counts at risk exact.
  const times = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const count = Math.max(2, Math.floor((width - marginLeft - marginRight) / 56));
  const ticks = times.length <= count && closest(times) > last / count / 2 ? times : steps(0, last, count);
  const riskLines = at.risk === null ? 0 : names.length + 1;
  const fill = (point) => (at.series === null ? PALETTE[0] : colour(point.series));
  const share = new Intl.NumberFormat(settings.locale, { style: "percent" });
  const band = points.filter((point) => point.low !== null && point.high !== null);
  return Plot.plot({
    className: CLASS,
    width,
    height: Math.min(420, Math.max(260, width * 0.5)) + riskLines * 20,
    marginTop: 36,
    marginLeft,
    marginRight,
    marginBottom: 52 + riskLines * 20,
    x: { domain: [0, last], axis: null },
    y: { domain: [0, 1], axis: null },
    marks: [
      Plot.gridY([0, 0.25, 0.5, 0.75, 1], { stroke: RULE, strokeOpacity: 1 }),
      Plot.axisY([0, 0.25, 0.5, 0.75, 1], { tickSize: 0, tickFormat: (value) => share.format(value), label: null, fill: SOFT }),
      Plot.axisX(ticks, { tickSize: 4, tickFormat: settings.number, label: null, fill: SOFT }),
      Plot.text([headers[at.y] ?? ""], { frameAnchor: "top-left", textAnchor: "start", lineAnchor: "top", dy: -34, dx: -marginLeft + 8, fill: SOFT }),
      Plot.text([headers[at.x] ?? ""], { frameAnchor: "bottom-right", textAnchor: "end", lineAnchor: "top", dy: 28, fill: SOFT }),
      Plot.areaY(band, { x: "x", y1: "low", y2: "high", z: "series", fill, fillOpacity: 0.18, curve: "step-after" }),
      Plot.lineY(points, { x: "x", y: "y", z: "series", stroke: fill, strokeWidth: 2.5, curve: "step-after" }),
      Plot.ruleY([0], { stroke: INK, strokeWidth: 1.5 }),
      ...(at.series === null
        ? []
        : [Plot.text(curves.map((curve) => curve.at(-1)), { x: "x", y: "y", text: "series", textAnchor: "start", dx: 8, fill: INK })]),
      ...atRisk(curves, { ticks, title: at.risk === null ? "" : headers[at.risk], marginLeft, fill, several: at.series !== null }),
      Plot.tip(points, Plot.pointerX({ x: "x", y: "y", title: "title", fill: PAPER })),
    ],
  });
}

/** The smallest distance between two following times. */
function closest(times) {
  return Math.min(...times.slice(1).map((time, place) => time - times[place]));
}

/** A line of counts for each curve, at the axis's steps. */
function atRisk(curves, { ticks, title, marginLeft, fill, several }) {
  if (title === "") return [];
  const counts = curves.flatMap((curve, line) =>
    ticks.map((tick) => ({ tick, line, point: curve.findLast((point) => point.x <= tick), end: curve.at(-1).x })),
  );
  return [
    Plot.text([title], { frameAnchor: "bottom-left", textAnchor: "start", lineAnchor: "top", dx: -marginLeft + 8, dy: 50, fill: SOFT }),
    ...curves.map((_, line) =>
      Plot.text(counts.filter((count) => count.line === line && count.point && count.tick <= count.end), {
        x: "tick",
        text: (count) => count.point.risk,
        frameAnchor: "bottom",
        lineAnchor: "top",
        dy: 70 + line * 20,
        fill: INK,
        textAnchor: "middle",
      }),
    ),
    ...(several
      ? curves.map((curve, line) =>
          Plot.dot([curve[0]], { frameAnchor: "bottom-left", dx: -marginLeft + 14, dy: 77 + line * 20, r: 5, fill }),
        )
      : []),
  ];
}
