// Phases in time, with today's rule. Rows with the same first cell share a line.

import * as Plot from "@observablehq/plot";
import { rowFrame } from "./rows.js";
import { colours, INK, PAPER, PALETTE, RULE, SOFT, textWidth } from "./settings.js";

const dateAt = (row, place) => (place !== null && row[place]?.value instanceof Date ? row[place].value : null);

/**
 * Settings: `start` and `end` (columns, 1 and 2; no end: it lasts), `category` (column that
 * colours and names the bars), `today` (date) and `today-label`.
 */
export function gantt({ rows }, settings) {
  const [start, end] = [settings.column("start", 1), settings.column("end", 2)];
  const category = settings.column("category");
  const today = settings.text("today") === null ? null : new Date(settings.text("today"));
  const known = rows.filter((row) => dateAt(row, start) !== null);
  if (known.length === 0) return null;
  const latest = Math.max(...known.map((row) => dateAt(row, end) ?? dateAt(row, start)), today ?? 0);
  const labels = [...new Set(known.map((row) => row[0].text))];
  const bars = known.map((row) => ({
    place: labels.indexOf(row[0].text),
    start: dateAt(row, start),
    end: dateAt(row, end) ?? new Date(latest),
    open: dateAt(row, end) === null,
    name: category === null ? "" : (row[category]?.text ?? ""),
    title: row.map((cell) => cell.text).filter(Boolean).join("\n"),
  }));
  const first = Math.min(...bars.map((bar) => bar.start));
  const room = (latest - first) * 0.02 || 864e5;
  const domain = [new Date(first - room), new Date(latest + room)];
  const frame = rowFrame(labels, settings, { rowHeight: 34, valueWidth: 16 });
  const { marginLeft } = frame.options;
  const scale = (settings.width - marginLeft - 16) / (domain[1] - domain[0]);
  const colour = colours(bars.map((bar) => bar.name));
  const named = bars.filter((bar) => bar.name !== "" && (bar.end - bar.start) * scale > textWidth(bar.name, 600) + 12);
  const bottom = today === null ? 0 : 24;
  return Plot.plot({
    ...frame.options,
    height: frame.options.height + bottom,
    marginBottom: frame.options.marginBottom + bottom,
    x: { type: "utc", domain, axis: null },
    marks: [
      ...timeAxis(domain, settings, marginLeft),
      Plot.barX(bars, {
        x1: "start",
        x2: "end",
        y: "place",
        fill: (bar) => (category === null ? PALETTE[0] : colour(bar.name)),
        fillOpacity: 0.28,
        ...frame.insets,
      }),
      // A strong beginning says when each phase starts; what lasts has no strong end.
      Plot.link(bars, {
        x1: "start", x2: "end", y1: "place", y2: "place",
        stroke: (bar) => (category === null ? PALETTE[0] : colour(bar.name)),
        strokeWidth: 4,
        dy: frame.dy + 12,
      }),
      Plot.text(named, { x: "start", y: "place", text: "name", textAnchor: "start", dx: 6, dy: frame.dy - 1, fill: INK }),
      ...(today === null
        ? []
        : [
            Plot.ruleX([today], { stroke: INK, strokeWidth: 2 }),
            Plot.text([today], { x: (at) => at, text: () => settings.text("today-label") ?? "", frameAnchor: "bottom", dy: 20, fill: INK, fontWeight: 600, textAnchor: near(today, domain) }),
          ]),
      frame.label,
      Plot.tip(bars, Plot.pointerY({ x: (bar) => new Date((+bar.start + +bar.end) / 2), y: "place", title: "title", fill: PAPER })),
    ],
  });
}

/** A text near an edge leans inwards. */
function near(at, [low, high]) {
  const place = (at - low) / (high - low);
  return place > 0.85 ? "end" : place < 0.15 ? "start" : "middle";
}

function timeAxis(domain, settings, marginLeft) {
  const years = (domain[1] - domain[0]) / (365.25 * 864e5);
  const count = Math.max(2, Math.floor((settings.width - marginLeft) / 80));
  const monthly = years < 3;
  const step = [1, 3, 6, 12, 24, 60, 120, 240].find((months) => (monthly || months >= 12) && (years * 12) / months <= count) ?? 240;
  const form = new Intl.DateTimeFormat(settings.locale, step < 12 ? { month: "short", year: "numeric", timeZone: "UTC" } : { year: "numeric", timeZone: "UTC" });
  const ticks = [];
  const firstMonth = Math.ceil((domain[0].getUTCFullYear() * 12 + domain[0].getUTCMonth()) / step) * step;
  for (let month = firstMonth; ; month += step) {
    const at = new Date(Date.UTC(Math.floor(month / 12), month % 12, 1));
    if (at > domain[1]) break;
    if (at >= domain[0]) ticks.push(at);
  }
  return [
    Plot.gridX(ticks, { stroke: RULE, strokeOpacity: 1 }),
    Plot.axisX(ticks, { anchor: "top", tickSize: 0, tickFormat: (at) => form.format(at), label: null, fill: SOFT }),
  ];
}
