// How the LiveKit player's code gets into the page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import {
  BUNDLE_WAIT_MS,
  hasBundle,
  type LiveKitBundle,
  loadBundle,
  storeBundle,
} from "../../src/streams/livekit-bundle";
import { FakeClock } from "../support/fakes";

const code = {} as LiveKitBundle;
const data = (text: string): DataView => {
  const bytes = gzipSync(text);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

test("code that does not come is not waited for without end, nor after the line has gone", async () => {
  const clock = new FakeClock();
  const waiting = loadBundle(clock, new AbortController().signal);
  clock.advance(BUNDLE_WAIT_MS);
  assert.equal(await waiting, null);
  const scope = new AbortController();
  const gone = loadBundle(clock, scope.signal);
  scope.abort();
  assert.equal(await gone, null);
  assert.equal(clock.waiting, 0);
});

test("code that cannot be loaded is told to who waits, and to whom it was meant for; and is asked for again", async () => {
  const waiting = loadBundle(new FakeClock(), new AbortController().signal);
  storeBundle(data(""), async () => {
    throw new Error("blob: is forbidden");
  });
  await assert.rejects(waiting, /forbidden/);
  await assert.rejects(loadBundle(new FakeClock(), new AbortController().signal), /forbidden/, "the room comes later");
  assert.equal(hasBundle(), false);
});

test("one copy serves the page, and takes the place of one that failed", async () => {
  const clock = new FakeClock();
  storeBundle(data("1"), async () => code);
  const waiting = loadBundle(clock, new AbortController().signal);
  storeBundle(data("2"), async () => assert.fail("loaded twice"));
  assert.equal(await waiting, code);
  assert.equal(await loadBundle(clock, new AbortController().signal), code);
  assert.ok(hasBundle());
  assert.equal(clock.waiting, 0);
});
