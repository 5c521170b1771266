// A figure's settings and how its numbers are written.

/** Below this width, in pixels, a row's label stands above its mark instead of beside it. */
const NARROW = 560;

/**
 * The settings of a figure: `column(name, fallback)` is the place of a column (from 0) or null,
 * `text(name)` a text or null, `number(value)` a number as the axis writes it.
 *
 * `data-format`: `number` (default), `percent` (values are fractions), `points` (fractions shown
 * as points), `millions` (values are cents). `data-unit` follows the number.
 */
export function settingsOf(figure, width) {
  const locale = document.documentElement.lang || "fr";
  const data = figure.dataset;
  const attribute = (name) => name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
  const text = (name) => data[attribute(name)] || null;
  const factor = { percent: 100, points: 100, millions: 1e-8 }[data.format] ?? 1;
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const unit = data.unit ?? { percent: "%", millions: "M€" }[data.format] ?? "";
  const number = (value) => {
    const written = plain.format(value * factor).replace(/^-/, "\u2212");
    return unit ? `${written}\u00a0${unit}` : written;
  };
  return {
    width,
    narrow: width < NARROW,
    locale,
    number,
    text,
    column(name, fallback = null) {
      const value = text(name);
      return value === null ? fallback : Number(value);
    },
    columns(name, fallback) {
      const value = text(name);
      return value === null ? fallback : value.split(",").map(Number);
    },
  };
}

/** Numbers of a palette that follows the theme: Okabe and Ito's. */
export const PALETTE = [1, 2, 3, 4, 5, 6].map((place) => `var(--chart-${place})`);
export const RISE = "var(--chart-2)";
export const FALL = "var(--chart-1)";
export const WHOLE = "var(--chart-whole)";
export const INK = "var(--ink)";
export const SOFT = "var(--ink-soft)";
export const RULE = "var(--line)";
export const PAPER = "var(--paper)";
/** Keeps a text readable where it crosses a line. */
export const HALO = { stroke: PAPER, strokeWidth: 4 };

/** The colour of each of `names`, by order of appearance. */
export function colours(names) {
  const places = new Map([...new Set(names)].map((name, place) => [name, place]));
  return (name) => PALETTE[places.get(name) % PALETTE.length];
}

const canvas = document.createElement("canvas").getContext("2d");

/** How wide a text is, in pixels, in the charts' font. */
export function textWidth(text, weight = 400) {
  canvas.font = `${weight} 14px ${getComputedStyle(document.body).fontFamily}`;
  return canvas.measureText(text).width;
}

/** The text, cut with an ellipsis when it is wider than `width` pixels. */
export function cut(text, width) {
  if (textWidth(text) <= width) return text;
  let kept = text;
  while (kept.length > 1 && textWidth(`${kept}…`) > width) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}

/** Round steps from `low` to `high`: at most `count` of them. */
export function steps(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const values = [];
  for (let at = Math.ceil(low / step); at * step <= high + step / 1e6; at += 1) values.push(at * step + 0); // no negative zero
  return values;
}
