// A series in time or by number, from zero, with its breaks marked and its band when it has one.

import * as Plot from "@observablehq/plot";
import { CLASS, domainOf, numberAt } from "./rows.js";
import { colours, cut, INK, PAPER, PALETTE, RULE, SOFT, steps, textWidth } from "./settings.js";

/**
 * Settings: `x` (column, 0), `y` (column, 1), `low` and `high` (columns of the band), `series`
 * (column that names the curves), `breaks` (column: a text there marks a break of the series).
 */
export function line({ headers, rows }, settings) {
  const at = {
    x: settings.column("x", 0),
    y: settings.column("y", 1),
    low: settings.column("low"),
    high: settings.column("high"),
    series: settings.column("series"),
    breaks: settings.column("breaks"),
  };
  const points = rows
    .map((row) => ({
      x: row[at.x]?.value ?? null,
      label: row[at.x]?.text ?? "",
      text: row[at.y]?.text ?? "",
      // A value that is missing leaves a hole in the curve.
      y: numberAt(row, at.y) ?? Number.NaN,
      low: numberAt(row, at.low),
      high: numberAt(row, at.high),
      series: at.series === null ? "" : (row[at.series]?.text ?? ""),
      broken: at.breaks === null ? "" : (row[at.breaks]?.text ?? "").replace(/^—$/, ""),
    }))
    .filter((point) => point.x !== null && typeof point.x !== "string")
    .sort((a, b) => a.x - b.x);
  const drawn = points.filter((point) => !Number.isNaN(point.y));
  if (drawn.length === 0) return null;
  const names = [...new Set(points.map((point) => point.series))];
  const colour = colours(names);
  const stroke = (point) => (at.series === null ? PALETTE[0] : colour(point.series));
  const { width } = settings;
  const domain = domainOf(drawn.flatMap((point) => [point.y, point.low ?? 0, point.high ?? 0]), 0.08);
  const ticks = steps(domain[0], domain[1], 5);
  const marginLeft = Math.max(...ticks.map((tick) => textWidth(settings.number(tick)))) + 16;
  const ends = names.map((name) => drawn.findLast((point) => point.series === name)).filter(Boolean);
  const endText = (point) => [point.series, point.text].filter(Boolean).join(" ");
  const marginRight = Math.min(width * 0.35, Math.max(...ends.map((point) => textWidth(endText(point)))) + 16);
  const breaks = points.filter((point) => point.broken !== "");
  const marginTop = 36 + breaks.length * 20;
  const time = points[0].x instanceof Date;
  // Full dates have no room on a narrow screen: the month is enough there.
  const month = new Intl.DateTimeFormat(settings.locale, { month: "short", year: "numeric", timeZone: "UTC" });
  const label = (x) =>
    time && settings.narrow ? month.format(x) : (points.find((point) => +point.x === +x)?.label ?? "");
  const first = +points[0].x;
  const span = +points.at(-1).x - first || 1;
  return Plot.plot({
    className: CLASS,
    width,
    height: Math.min(400, Math.max(240, width * 0.45)) + breaks.length * 20,
    marginTop,
    marginLeft,
    marginRight,
    marginBottom: 44,
    x: { type: time ? "utc" : "linear", axis: null },
    y: { domain, axis: null },
    marks: [
      Plot.gridY(ticks, { stroke: RULE, strokeOpacity: 1 }),
      Plot.axisY(ticks, { tickSize: 0, tickFormat: settings.number, label: null, fill: SOFT }),
      Plot.axisX(rowTicks(points, label, width - marginLeft - marginRight), { tickSize: 4, tickFormat: label, label: null, fill: SOFT }),
      Plot.text([headers[at.y] ?? ""], { frameAnchor: "top-left", textAnchor: "start", lineAnchor: "top", dy: -marginTop + 2, dx: -marginLeft + 8, fill: SOFT }),
      ...breaks.flatMap((point, place) => {
        const late = (+point.x - first) / span > 0.5;
        const dy = -(breaks.length - place) * 20 + 4;
        const room = width * (late ? (+point.x - first) / span : 1 - (+point.x - first) / span);
        return [
          Plot.ruleX([point.x], { stroke: INK, strokeDasharray: "4 3", insetTop: dy - 6 }),
          Plot.text([point], { x: "x", text: () => cut(point.broken, room - 24), frameAnchor: "top", textAnchor: late ? "end" : "start", dx: late ? -6 : 6, dy, fill: INK }),
        ];
      }),
      Plot.areaY(points.filter((point) => point.low !== null && point.high !== null), { x: "x", y1: "low", y2: "high", z: "series", fill: stroke, fillOpacity: 0.18 }),
      ...pieces(points, names).map((piece) => Plot.lineY(piece, { x: "x", y: "y", stroke: stroke(piece[0]), strokeWidth: 2.5 })),
      Plot.dot(drawn, { x: "x", y: "y", r: 3.5, fill: stroke, stroke: PAPER }),
      Plot.ruleY([0], { stroke: INK, strokeWidth: 1.5 }),
      Plot.text(ends, { x: "x", y: "y", text: (point) => cut(endText(point), marginRight - 12), textAnchor: "start", dx: 8, fill: INK }),
      Plot.tip(drawn, Plot.pointer({ x: "x", y: "y", title: (point) => [point.series, point.label, point.text, point.broken].filter(Boolean).join("\n"), fill: PAPER })),
    ],
  });
}

/** The curve is cut where its series breaks: what stands on both sides isn't comparable. */
function pieces(points, names) {
  return names.flatMap((name) => {
    const cuts = [[]];
    for (const point of points.filter((one) => one.series === name)) {
      if (point.broken !== "") cuts.push([]);
      cuts.at(-1).push(point);
    }
    return cuts.filter((piece) => piece.length > 0);
  });
}

/** The rows whose labels fit along the axis, first and last first. */
function rowTicks(points, label, room) {
  const values = [...new Map(points.map((point) => [+point.x, point])).values()];
  const widest = Math.max(...values.map((point) => textWidth(label(point.x)))) + 16;
  const every = Math.max(1, Math.ceil((values.length * widest) / Math.max(room, widest)));
  return values.filter((_, place) => place % every === 0).map((point) => point.x);
}
