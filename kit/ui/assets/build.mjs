// Builds what the program embeds: two stylesheets, two scripts, the fonts, the icon and the licences
// of what others wrote, in ../dist.
// `app.css` is the whole look; `gv.css` is the part that the design system's own stylesheet lacks.

import { build } from "esbuild";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
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
  legalComments: "none", // licences.txt holds them
  metafile: true,
  logLevel: "warning",
};
const styles = await build({
  ...shared,
  entryPoints: { app: "css/app.css", gv: "css/gv.css" },
  // The hash in the name lets browsers keep a font for ever.
  assetNames: "fonts/[name]-[hash]",
  loader: { ".woff2": "file" },
});
const scripts = await build({
  ...shared,
  entryPoints: { app: "js/app.js", charts: "charts/charts.js" },
  format: "esm",
});
await copyFile(path.join(here, "icon.svg"), path.join(dist, "icon.svg"));

const inputs = [styles, scripts].flatMap((result) => Object.keys(result.metafile.inputs));
const packages = new Set(
  inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []),
);
const licences = new Map();
// Some packages hold a copy of those that they depend on: the list follows the dependencies.
for (const name of packages) {
  const folder = path.join(here, "node_modules", name);
  const { version, dependencies = {} } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  if (!file) throw new Error(`${name} has no licence file`);
  licences.set(name, `${name} ${version}\n\n${(await readFile(path.join(folder, file), "utf8")).trim()}\n`);
  for (const dependency of Object.keys(dependencies)) packages.add(dependency);
}
await writeFile(path.join(dist, "licences.txt"), [...licences.keys()].sort().map((name) => licences.get(name)).join("\n----\n\n"));
