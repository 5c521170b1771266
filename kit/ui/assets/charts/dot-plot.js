// Slips around zero: one dot a row, its stem to zero, its interval when the table has one. With
// many rows the dots crowd into a swarm, and only the farthest are named.

import * as Plot from "@observablehq/plot";
import { CLASS, domainOf, numberAt, rowFrame, valueAxis } from "./rows.js";
import { cut, FALL, HALO, INK, PAPER, RISE, SOFT, steps, textWidth } from "./settings.js";

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

const colour = (point) => (point.value > 0 ? RISE : FALL);

function markRule(mark, settings, dy) {
  if (!Number.isFinite(mark)) return [];
  const label = [settings.text("rule-label"), settings.number(mark)].filter(Boolean).join(" ");
  return [
    Plot.ruleX([mark], { stroke: INK, strokeDasharray: "4 3" }),
    Plot.text([mark], { x: (value) => value, text: () => label, frameAnchor: "bottom", dy, fill: INK, ...HALO }),
  ];
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
      Plot.text(points.filter((point) => point.value >= 0), { x: "value", y: at, text: "text", textAnchor: "start", dx: 10, dy, fill: INK, ...HALO }),
      Plot.text(points.filter((point) => point.value < 0), { x: "value", y: at, text: "text", textAnchor: "end", dx: -10, dy, fill: INK, ...HALO }),
      frame.label,
    ],
  });
}

/** How many dots are named at each end of a swarm. */
const NAMED = 3;

function swarm(points, { domain, mark, title, settings }) {
  const { width, narrow } = settings;
  const r = points.length > 400 ? 2.5 : narrow ? 3.5 : 4.5;
  const scale = (width - 32) / (domain[1] - domain[0]);
  // The tallest column decides the height.
  const columns = new Map();
  for (const point of points) {
    const column = Math.round((point.value * scale) / (2 * r + 1));
    columns.set(column, (columns.get(column) ?? 0) + 1);
  }
  const swarmHeight = Math.max(...columns.values()) * (2 * r + 1) * 1.25 + 40;
  const sorted = [...points].sort((a, b) => a.value - b.value);
  // The farthest stands highest, so that no line crosses a name.
  const ends = narrow ? 2 : NAMED;
  const named = [
    ...sorted.slice(0, ends).filter((point) => point.value < 0),
    ...sorted.slice(-ends).filter((point) => point.value >= 0).reverse(),
  ];
  const place = new Map(named.map((point, at) => [point, at]));
  const height = Math.ceil(Math.min(640, Math.max(120, swarmHeight)));
  const ticks = steps(domain[0], domain[1], Math.max(2, Math.floor(width / 90)));
  const name = (point) => `${cut(point.label, Math.min(260, width * 0.45))} ${point.text}`;
  const right = (point) => (point.value - domain[0]) / (domain[1] - domain[0]) > 0.5;
  const labels = named.map((point) => ({ ...point, row: place.get(point), side: right(point) ? "end" : "start" }));
  return Plot.plot({
    className: CLASS,
    width,
    height: height + 60 + (Number.isFinite(mark) ? 20 : 0) + named.length * 20,
    marginTop: 40 + named.length * 20,
    marginBottom: 20 + (Number.isFinite(mark) ? 20 : 0),
    marginLeft: 16,
    marginRight: 16,
    x: { domain, axis: null },
    marks: [
      Plot.gridX(ticks, { stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.axisX(ticks, { anchor: "bottom", tickSize: 0, tickFormat: settings.number, label: null, fill: SOFT }),
      Plot.text([title], { frameAnchor: "top-left", textAnchor: "start", lineAnchor: "top", dy: -(36 + named.length * 20), fill: SOFT }),
      ...labels.map((point) =>
        Plot.ruleX([point.value], { stroke: SOFT, strokeWidth: 1, insetTop: -(named.length - point.row) * 20 + 8, insetBottom: height / 2 }),
      ),
      ...labels.map((point) =>
        Plot.text([point], { x: "value", text: name, frameAnchor: "top", textAnchor: point.side, lineAnchor: "middle", dx: point.side === "end" ? -4 : 4, dy: -(named.length - point.row) * 20 + 8, fill: INK, ...HALO }),
      ),
      Plot.ruleX([0], { stroke: INK, strokeWidth: 1.5 }),
      Plot.dot(points, Plot.dodgeY("middle", { x: "value", r, fill: colour, stroke: PAPER, strokeWidth: 0.5, padding: 1 })),
      Plot.tip(points, Plot.pointer(Plot.dodgeY("middle", { x: "value", r, padding: 1, title: (point) => `${point.label}\n${point.text}` }))),
      ...markRule(mark, settings, 34),
    ],
  });
}
