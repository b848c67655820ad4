// Builds static_build/ (app.css, app.js, boot.js, upload.js, onsite.js, sw.js, study-sw.js, mapping.js, mapping.css, h5p, fonts, images) from assets/ and npm packages.
// Quick, and does nothing when no input has changed. `--force` builds anyway.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const OUT = path.join(ROOT, "static_build");
const MODULES = path.join(ROOT, "node_modules");
const STAMP = path.join(OUT, ".stamp");
const FONTS = {
  "lexend.woff2": "@fontsource-variable/lexend/files/lexend-latin-wght-normal.woff2",
  "source-sans-3.woff2": "@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2",
  "source-sans-3-italic.woff2": "@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-italic.woff2",
};

async function filesUnder(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((e) => e.isFile()).map((e) => path.join(e.parentPath ?? e.path, e.name)).sort();
}

async function fingerprint() {
  const inputs = [...(await filesUnder(path.join(ROOT, "assets"))), path.join(ROOT, "package-lock.json"), fileURLToPath(import.meta.url)];
  const hash = createHash("sha256");
  for (const file of inputs) hash.update(path.relative(ROOT, file)).update("\0").update(await readFile(file));
  return hash.digest("hex");
}

async function buildStyles() {
  const sass = await import("sass");
  const result = sass.compile(path.join(ROOT, "assets/scss/app.scss"), {
    style: "compressed",
    loadPaths: [path.join(MODULES, "govuk-frontend/dist")],
    quietDeps: true,
  });
  await writeFile(path.join(OUT, "app.css"), result.css);
}

async function buildScripts() {
  const { build } = await import("esbuild");
  await build({
    entryPoints: ["app", "boot", "upload", "onsite", "sw", "study-sw"].map((name) => path.join(ROOT, "assets/js", `${name}.js`)),
    outdir: OUT,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2020",
    legalComments: "none",
    logLevel: "warning",
  });
}

// What a panel of ours in Wagtail's editor needs: its own small files, and nothing of app.css.
async function buildEditor() {
  const { build } = await import("esbuild");
  const folder = path.join(ROOT, "assets/cms");
  const shared = { outdir: OUT, bundle: true, minify: true, target: "es2021", legalComments: "none", logLevel: "warning" };
  await build({ ...shared, entryPoints: (await filesUnder(folder)).filter((file) => /\.(js|css)$/.test(file)), format: "iife" });
}

// The player of interactive activities: H5P's core as it is published (GPL-3.0), and our own script around it.
async function buildPlayer() {
  const { build } = await import("esbuild");
  const core = path.join(MODULES, "h5p-standalone/dist");
  const out = path.join(OUT, "h5p");
  await mkdir(out, { recursive: true });
  await Promise.all([
    ...["frame.bundle.js", "styles", "fonts", "images"].map((name) => cp(path.join(core, name), path.join(out, name), { recursive: true })),
    build({
      entryPoints: ["player.js", "player.css"].map((name) => path.join(ROOT, "assets/js/h5p", name)),
      outdir: out,
      minify: true,
      format: "iife",
      target: "es2020",
      legalComments: "none",
      logLevel: "warning",
    }),
  ]);
}

async function copyFiles() {
  await mkdir(path.join(OUT, "fonts"), { recursive: true });
  await Promise.all([
    ...Object.entries(FONTS).map(([name, source]) => cp(path.join(MODULES, source), path.join(OUT, "fonts", name))),
    cp(path.join(ROOT, "assets/images"), path.join(OUT, "images"), { recursive: true }),
  ]);
}

const wanted = await fingerprint();
if (!process.argv.includes("--force") && existsSync(STAMP) && (await readFile(STAMP, "utf8")) === wanted) {
  console.log("Assets are up to date.");
} else {
  if (!existsSync(path.join(MODULES, "govuk-frontend"))) {
    console.error("Interface packages are missing. Run: npm ci --ignore-scripts");
    process.exit(1);
  }
  const started = Date.now();
  await mkdir(OUT, { recursive: true });
  await rm(STAMP, { force: true });
  await Promise.all([buildStyles(), buildScripts(), buildEditor(), buildPlayer(), copyFiles()]);
  await writeFile(STAMP, wanted);
  console.log(`Assets built in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}
