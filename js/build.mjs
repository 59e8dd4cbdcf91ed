// `node build.mjs`: the bundles Python ships. `--watch`: again on every change. `--test`: the tests.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";
import { minify } from "terser";

const STATIC = "../src/ipyavatar/static";
/** What every page loads, what a page loads once it needs it, and what is asked of a page by the doctor. */
const BUDGETS_GZIP_BYTES = {
  "widget.js": 27_000,
  "livekit.js": 160_000,
  "service.js": 3_000,
  "microphone.js": 6_000,
  "recording.js": 3_500,
  "socket.js": 2_000,
  "floating.js": 2_000,
  "frames.js": 5_500,
  "doctor.js": 3_000,
};

/** What a page loads once it needs it (`src/connection/bundles.ts`): where its code is, and the package that is in it. */
const ON_DEMAND = {
  service: { entry: "src/service-bundle/index.ts", contains: null },
  livekit: { entry: "src/livekit-bundle/index.ts", contains: "livekit-client" },
  microphone: { entry: "src/microphone-bundle/index.ts", contains: null },
  recording: { entry: "src/recording-bundle/index.ts", contains: null },
  socket: { entry: "src/socket-bundle/index.ts", contains: null },
  frames: { entry: "src/frames-bundle/index.ts", contains: null },
  floating: { entry: "src/floating-bundle/index.ts", contains: null },
};

/** @type {import("esbuild").BuildOptions} */
const shared = { bundle: true, format: "esm", target: "es2022", legalComments: "none", logLevel: "warning" };

/** @type {(builds: Record<string, string>) => import("esbuild").BuildOptions} */
const widget = (builds) => ({
  ...shared,
  // The style sheet is a second entry, so that Python gets it as a file of its own (`_css`).
  entryPoints: [
    { in: "src/index.ts", out: "widget" },
    { in: "src/doctor/index.ts", out: "doctor" },
    { in: "src/ui/widget.css", out: "widget" },
  ],
  outdir: STATIC,
  minify: true,
  define: { BUNDLE_BUILDS: JSON.stringify(builds) },
});

/** Makes a bundle that is loaded on demand, and the licences of what is in it; returns a name for exactly this build. */
async function buildOnDemand(name, { entry, contains }) {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: { [name]: entry },
    outdir: STATIC,
    minify: true,
    write: false,
  });
  let code = outputFiles[0].text;
  if (contains) {
    const packages = withParts(contains);
    const { version, license } = packages.get(contains);
    code = `/*! ${contains} ${version} (${license}) and its parts; see ${name}.LICENSES.txt */\n${code}`;
    writeFileSync(`${STATIC}/${name}.LICENSES.txt`, [...packages.values()].map(licence).join("\n\n"));
  }
  writeFileSync(`${STATIC}/${name}.js`, code);
  return createHash("sha256").update(code).digest("hex").slice(0, 12);
}

/** A package and all it depends on, which it has bundled itself: name -> package.json. */
function withParts(name, found = new Map()) {
  if (found.has(name)) return found;
  const about = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  found.set(name, about);
  for (const part of Object.keys(about.dependencies ?? {})) withParts(part, found);
  return found;
}

function licence({ name, version, license }) {
  const directory = `node_modules/${name}`;
  const file = readdirSync(directory).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file
    ? readFileSync(`${directory}/${file}`, "utf8")
    : `(The package has no licence file; it says: ${license}.)`;
  return `${name} ${version} (${license})\n${"=".repeat(70)}\n${text.trim()}\n`;
}

if (process.argv.includes("--test")) {
  rmSync("build", { recursive: true, force: true });
  const tests = readdirSync("test", { recursive: true }).filter((name) => name.endsWith(".test.ts"));
  await build({
    ...shared,
    entryPoints: tests.map((name) => `test/${name}`),
    outdir: "build",
    outExtension: { ".js": ".mjs" },
    platform: "node",
    packages: "external",
    sourcemap: "inline",
    define: { BUNDLE_BUILDS: JSON.stringify(Object.fromEntries(Object.keys(ON_DEMAND).map((name) => [name, "test"]))) },
  });
} else {
  mkdirSync(STATIC, { recursive: true });
  const builds = {};
  for (const [name, bundle] of Object.entries(ON_DEMAND)) builds[name] = await buildOnDemand(name, bundle);
  const options = widget(builds);
  if (process.argv.includes("--watch")) {
    await (await context(options)).watch();
  } else {
    await build(options);
    // It looks at the code more than once, which esbuild does not: a thirtieth less for every page.
    const code = readFileSync(`${STATIC}/widget.js`, "utf8");
    const smaller = await minify(code, {
      module: true,
      ecma: 2020,
      compress: {
        passes: 4,
        inline: 1,
        keep_fargs: false,
        pure_getters: true,
        unsafe_arrows: true,
        unsafe_methods: true,
      },
    });
    writeFileSync(`${STATIC}/widget.js`, smaller.code);
    for (const [name, budget] of Object.entries(BUDGETS_GZIP_BYTES)) {
      const bytes = gzipSync(readFileSync(`${STATIC}/${name}`), { level: 9 }).length;
      console.log(`${name}: ${bytes} bytes gzipped (budget ${budget})`);
      if (bytes > budget) process.exitCode = 1;
    }
    const everyPage = readFileSync(`${STATIC}/widget.js`, "utf8");
    for (const part of ["livekit-client", "getUserMedia"])
      if (everyPage.includes(part)) throw new Error(`widget.js contains ${part}`);
  }
}
