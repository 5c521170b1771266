// Builds what the program embeds: two stylesheets, two scripts, the fonts and the icon, in ../dist.
// `app.css` is the whole look; `gv.css` is the part that the design system's own stylesheet lacks.

import { build } from "esbuild";
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";

const here = import.meta.dirname;
const dist = path.join(here, "..", "dist");

await mkdir(dist, { recursive: true });
// The design system's folder, when an operator has installed it, is not ours to remove.
for (const name of await readdir(dist)) {
  if (name !== "dsfr") await rm(path.join(dist, name), { recursive: true });
}
const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  outdir: dist,
  target: ["chrome120", "firefox121", "safari17.2"],
  legalComments: "none",
  logLevel: "warning",
};
await build({
  ...shared,
  entryPoints: { app: "css/app.css", gv: "css/gv.css" },
  // The hash in the name lets browsers keep a font for ever.
  assetNames: "fonts/[name]-[hash]",
  loader: { ".woff2": "file" },
});
await build({
  ...shared,
  entryPoints: { app: "js/app.js", charts: "charts/charts.js" },
  format: "esm",
});
await copyFile(path.join(here, "icon.svg"), path.join(dist, "icon.svg"));
