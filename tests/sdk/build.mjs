// One script per SDK, which puts what the SDK exports into `window.sdk`. Nothing is changed in it:
// versions and hashes stand in package-lock.json, and `npm ci` checks them.
import { build } from "esbuild";

const SDKS = {
  heygen: "@heygen/streaming-avatar",
  liveavatar: "@heygen/liveavatar-web-sdk",
  livekit: "livekit-client",
  "livekit-2.11.3": "livekit-client-2.11.3",
};

for (const [name, module] of Object.entries(SDKS)) {
  await build({
    stdin: {
      contents: `import * as sdk from ${JSON.stringify(module)}; window.sdk = sdk;`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    format: "iife",
    minify: true,
    logLevel: "error",
    outfile: `build/${name}.js`,
  });
}
