// What the pictures with one row per line of the table share.

import * as Plot from "@observablehq/plot";
import { cut, FALL, HALO, INK, RISE, RULE, SOFT, steps, textWidth } from "./settings.js";

/** The class whose rules our stylesheet gives, in place of the library's <style> element. */
export const CLASS = "gv-plot";

/**
 * The frame of a picture with rows: labels beside the marks, or above them on a narrow screen.
 * `labels` is one text per row; `valueWidth` the room, in pixels, that texts need at the right.
 */
export function rowFrame(labels, settings, { rowHeight = 32, valueWidth = 16, axis = true } = {}) {
  const { width, narrow } = settings;
  const widest = Math.max(...labels.map((label) => textWidth(label)));
  const marginLeft = narrow ? 8 : Math.min(Math.ceil(widest) + 16, Math.floor(width * 0.36));
  const height = narrow ? rowHeight + 22 : rowHeight;
  const room = narrow ? width - 16 : marginLeft - 16;
  const domain = labels.map((_, place) => place);
  const top = axis ? 40 : 8;
  const label = Plot.text(domain, {
    y: (place) => place,
    text: (place) => cut(labels[place], room),
    title: (place) => labels[place],
    frameAnchor: "left",
    textAnchor: narrow ? "start" : "end",
    dx: narrow ? 0 : -12,
    dy: narrow ? -(rowHeight / 2) - 1 : 0,
    fill: INK,
    ...HALO,
  });
  return {
    label,
    // The marks keep clear of the label above them.
    insets: narrow ? { insetTop: 24, insetBottom: 4 } : { insetTop: 5, insetBottom: 5 },
    dy: narrow ? 10 : 0,
    options: {
      className: CLASS,
      width,
      height: top + height * labels.length + 8,
      marginTop: top,
      marginBottom: 8,
      marginLeft,
      marginRight: valueWidth,
      y: { type: "band", domain, axis: null, padding: 0 },
    },
  };
}

/** The numbers along the top, with the header of the column as their title. */
export function valueAxis(domain, title, settings, marginLeft = 0) {
  const room = settings.width - marginLeft;
  const ticks = steps(domain[0], domain[1], Math.max(2, Math.floor(room / 90)));
  return [
    Plot.gridX(ticks, { stroke: RULE, strokeOpacity: 1 }),
    Plot.axisX(ticks, {
      anchor: "top",
      tickSize: 0,
      tickFormat: settings.number,
      label: null,
      fill: SOFT,
    }),
    Plot.text([title], { frameAnchor: "top-left", dy: -40, lineAnchor: "top", fill: SOFT, dx: settings.narrow ? 0 : -marginLeft, textAnchor: "start" }),
  ];
}

/** From zero, with a little room beyond the last value. */
export function domainOf(values, room = 0.04) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const span = high - low;
  // All zero: there is still an axis to draw.
  if (low === high) return [0, 1];
  return [low < 0 ? low - span * room : 0, high > 0 ? high + span * room : 0];
}

/** The number of a cell, or null. */
export function numberAt(row, place) {
  const value = place === null ? null : row[place]?.value;
  return typeof value === "number" ? value : null;
}

/** What exceeds zero and what doesn't. */
export const colour = (point) => (point.value > 0 ? RISE : FALL);

/** A value to compare the others with, when the settings name one. */
export function markRule(mark, settings, dy) {
  if (!Number.isFinite(mark)) return [];
  const label = [settings.text("rule-label"), settings.number(mark)].filter(Boolean).join(" ");
  return [
    Plot.ruleX([mark], { stroke: INK, strokeDasharray: "4 3" }),
    Plot.text([mark], { x: (value) => value, text: () => label, frameAnchor: "bottom", dy, fill: INK, ...HALO }),
  ];
}
