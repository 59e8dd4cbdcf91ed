// `node build.mjs`: the bundle Python ships. `--watch`: again on every change. `--test`: the tests.
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const STATIC = "../src/ipyavatar/static";
const BUDGET_GZIP_BYTES = 30_000;

/** @type {import("esbuild").BuildOptions} */
const shared = { bundle: true, format: "esm", target: "es2022", legalComments: "none", logLevel: "warning" };

/** @type {import("esbuild").BuildOptions} */
const widget = {
  ...shared,
  entryPoints: { widget: "src/index.ts" },
  outdir: STATIC,
  minify: true,
};
// The style sheet is a second entry, so that Python gets it as a file of its own (`_css`).
widget.entryPoints = [
  { in: "src/index.ts", out: "widget" },
  { in: "src/styles/widget.css", out: "widget" },
];

if (process.argv.includes("--test")) {
  rmSync("build", { recursive: true, force: true });
  const tests = readdirSync("test").filter((name) => name.endsWith(".test.ts"));
  await build({
    ...shared,
    entryPoints: tests.map((name) => `test/${name}`),
    outdir: "build",
    outExtension: { ".js": ".mjs" },
    platform: "node",
    packages: "external",
    sourcemap: "inline",
  });
} else if (process.argv.includes("--watch")) {
  await (await context(widget)).watch();
} else {
  await build(widget);
  const bytes = gzipSync(readFileSync(`${STATIC}/widget.js`)).length;
  console.log(`widget.js: ${bytes} bytes gzipped (budget ${BUDGET_GZIP_BYTES})`);
  if (bytes > BUDGET_GZIP_BYTES) process.exitCode = 1;
}
