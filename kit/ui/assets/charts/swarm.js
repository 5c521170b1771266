// Many values around zero: one dot each, and counts where even dots would not fit.

import * as Plot from "@observablehq/plot";
import { CLASS, colour, markRule } from "./rows.js";
import { cut, HALO, INK, SOFT, steps } from "./settings.js";

/** How many dots are named at each end of a swarm. */
const NAMED = 3;
/** Radii to try, in pixels, and how high a swarm may grow. */
const SIZES = [4.5, 3.5, 2.5, 1.6];
const HIGH_MAX = 460;
const HEAP_HEIGHT = 260;

/** How high the most crowded place grows with dots of radius `r`. */
function crowd(points, scale, r) {
  const columns = new Map();
  for (const point of points) {
    const column = Math.round((point.value * scale) / (2 * r + 1));
    columns.set(column, (columns.get(column) ?? 0) + 1);
  }
  return Math.max(...columns.values()) * (2 * r + 1) * 1.3 + 40;
}

function dots(points, r) {
  const place = { x: "value", r, padding: r > 2 ? 1 : 0.4 };
  return [
    Plot.dot(points, Plot.dodgeY("middle", { ...place, fill: colour })),
    Plot.tip(points, Plot.pointer(Plot.dodgeY("middle", { ...place, title: (point) => `${point.label}\n${point.text}` }))),
  ];
}

/** Too many for dots: how many stand between two steps of the axis. */
function heap(points, domain, ticks) {
  const step = (ticks.length > 1 ? ticks[1] - ticks[0] : domain[1] - domain[0]) / 4;
  const counts = new Map();
  for (const point of points) {
    const at = Math.floor(point.value / step);
    counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  const piles = [...counts].map(([at, count]) => ({ from: at * step, to: (at + 1) * step, value: (at + 0.5) * step, count }));
  return [
    Plot.rectY(piles, { x1: "from", x2: "to", y: "count", fill: colour, insetLeft: 0.5, insetRight: 0.5 }),
    Plot.text(piles, { x: "value", y: "count", text: (pile) => String(pile.count), dy: -8, fill: INK, ...HALO }),
  ];
}

/** One dot a value, side by side where they crowd; only the farthest are named. */
export function swarm(points, { domain, mark, title, settings }) {
  const { width, narrow } = settings;
  const scale = (width - 32) / (domain[1] - domain[0]);
  const sizes = (narrow ? SIZES.slice(1) : SIZES).map((r) => ({ r, high: crowd(points, scale, r) }));
  const size = sizes.find(({ high }) => high <= HIGH_MAX);
  const height = Math.ceil(Math.max(120, size?.high ?? HEAP_HEIGHT));
  const sorted = [...points].sort((a, b) => a.value - b.value);
  // The farthest stands highest, so that no line crosses a name.
  const ends = narrow ? 2 : NAMED;
  const named = [
    ...sorted.slice(0, ends).filter((point) => point.value < 0),
    ...sorted.slice(-ends).filter((point) => point.value >= 0).reverse(),
  ];
  const place = new Map(named.map((point, at) => [point, at]));
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
    y: size ? undefined : { axis: null },
    marks: [
      Plot.gridX(ticks, { stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.axisX(ticks, { anchor: "bottom", tickSize: 0, tickFormat: settings.number, label: null, fill: SOFT }),
      Plot.text([title], { frameAnchor: "top-left", textAnchor: "start", lineAnchor: "top", dy: -(36 + named.length * 20), fill: SOFT }),
      ...labels.map((point) =>
        Plot.ruleX([point.value], { stroke: SOFT, strokeWidth: 1, insetTop: -(named.length - point.row) * 20 + 8, insetBottom: size ? height / 2 : height }),
      ),
      ...labels.map((point) =>
        Plot.text([point], { x: "value", text: name, frameAnchor: "top", textAnchor: point.side, lineAnchor: "middle", dx: point.side === "end" ? -4 : 4, dy: -(named.length - point.row) * 20 + 8, fill: INK, ...HALO }),
      ),
      Plot.ruleX([0], { stroke: INK, strokeWidth: 1.5 }),
      ...(size ? dots(points, size.r) : heap(points, domain, ticks)),
      ...markRule(mark, settings, 34),
    ],
  });
}
