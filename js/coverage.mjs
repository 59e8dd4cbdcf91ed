// `npm run coverage`: how much of each folder of src/ the tests run. They are built before.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { CoverageReport } from "monocart-coverage-reports";

const OUT = "build/coverage";
const KINDS = ["lines", "branches", "functions"];

function runTests() {
  const tests = readdirSync("build", { recursive: true }).filter((name) => name.endsWith(".test.mjs"));
  const run = spawnSync(process.execPath, ["--test", "--test-reporter=dot", ...tests.map((name) => `build/${name}`)], {
    stdio: "inherit",
    env: { ...process.env, NODE_V8_COVERAGE: `${OUT}/raw` },
  });
  if (run.status !== 0) process.exit(run.status ?? 1);
}

/** The tests are bundles: what counts is what their source maps lead to. */
async function readCoverage() {
  const report = new CoverageReport({
    outputDir: `${OUT}/report`,
    reports: ["none"],
    logging: "error",
    entryFilter: (entry) => entry.url.endsWith(".test.mjs"),
    sourceFilter: (path) => path.startsWith("src/"),
    all: { dir: ["src"], filter: (path) => path.endsWith(".ts") },
  });
  await report.addFromDir(`${OUT}/raw`);
  return report.generate();
}

function sumByFolder(files) {
  const folders = new Map();
  for (const { sourcePath, summary } of files) {
    for (const folder of [dirname(sourcePath), "total"]) {
      const sums = folders.get(folder) ?? KINDS.map(() => ({ covered: 0, total: 0 }));
      for (const [index, kind] of KINDS.entries()) {
        sums[index].covered += summary[kind].covered;
        sums[index].total += summary[kind].total;
      }
      folders.set(folder, sums);
    }
  }
  return [...folders].sort(
    ([one], [other]) => Number(one === "total") - Number(other === "total") || (one < other ? -1 : 1),
  );
}

function formatShare({ covered, total }) {
  return (total === 0 ? "-" : `${((100 * covered) / total).toFixed(1)} %`).padStart(11);
}

rmSync(OUT, { recursive: true, force: true });
runTests();
const results = await readCoverage();
console.log(`\n${"folder".padEnd(20)}${KINDS.map((kind) => kind.padStart(11)).join("")}`);
for (const [folder, sums] of sumByFolder(results.files))
  console.log(folder.padEnd(20) + sums.map(formatShare).join(""));
