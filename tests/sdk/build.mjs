// One script per SDK, which puts what the SDK exports into `window.sdk`. Nothing is changed in it:
// versions and hashes stand in package-lock.json, and `npm ci` checks them.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const HERE = import.meta.dirname;

const SDKS = {
  heygen: "@heygen/streaming-avatar",
  "heygen-2.0.12": "streaming-avatar-2.0.12",
  liveavatar: "@heygen/liveavatar-web-sdk",
  "liveavatar-0.0.13": "liveavatar-web-sdk-0.0.13",
  livekit: "livekit-client",
  "livekit-2.11.3": "livekit-client-2.11.3",
};

// The last one that plays plain WebRTC. It asks for 149 packages and uses none, so it comes
// alone; its hash stands here.
const OLDEST = {
  name: "heygen-1.0.16",
  spec: "@heygen/streaming-avatar@1.0.16",
  integrity:
    "sha512-ucJdE2iYTALKRglB/2ztWEp9nu5ygBf/pZlf8kfxGXFKG+W98LPtdTB+v66rXRuPG+vuRFf6XYuxnloiKgPAzA==",
};

function unpack({ name, spec, integrity }) {
  const folder = join(HERE, "build", name);
  mkdirSync(folder, { recursive: true });
  const packed = execFileSync("npm", ["pack", "--json", "--silent", "--pack-destination", folder, spec]);
  const [{ filename, integrity: found }] = JSON.parse(packed);
  if (found !== integrity) throw new Error(`${spec} is another one: ${found}`);
  execFileSync("tar", ["-xzf", join(folder, filename), "-C", folder]);
  return join(folder, "package");
}

for (const [name, module] of [...Object.entries(SDKS), [OLDEST.name, unpack(OLDEST)]]) {
  await build({
    stdin: {
      contents: `import * as sdk from ${JSON.stringify(module)}; window.sdk = sdk;`,
      resolveDir: HERE,
    },
    bundle: true,
    format: "iife",
    minify: true,
    logLevel: "error",
    outfile: join(HERE, "build", `${name}.js`),
  });
}
