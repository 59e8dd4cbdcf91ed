// How code that most pages never need gets into the page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { ASK_AGAIN_MS, askForBundle, hasBundle, loadBundle, storeBundle } from "../../src/connection/bundles";
import type { FromPage } from "../../src/model/messages";
import { BUNDLE_WAIT_MS } from "../../src/streams/service-stream";
import { FakeClock } from "../support/fakes";

const code = {};
const data = (text: string): DataView => {
  const bytes = gzipSync(text);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};
const never = (): AbortSignal => new AbortController().signal;

test("code that does not come is not waited for without end, nor after the line has gone", async () => {
  const clock = new FakeClock();
  const waiting = loadBundle("livekit", never(), { clock, ms: BUNDLE_WAIT_MS });
  clock.advance(BUNDLE_WAIT_MS);
  assert.equal(await waiting, null);
  const scope = new AbortController();
  const gone = loadBundle("livekit", scope.signal, { clock, ms: BUNDLE_WAIT_MS });
  scope.abort();
  assert.equal(await gone, null);
  assert.equal(clock.waiting, 0);
});

test("code that cannot be loaded is told to who waits, and to whom it was meant for; and is asked for again", async () => {
  const waiting = loadBundle("livekit", never());
  storeBundle("livekit", data(""), async () => {
    throw new Error("blob: is forbidden");
  });
  await assert.rejects(waiting, /forbidden/);
  await assert.rejects(loadBundle("livekit", never()), /forbidden/, "the room comes later");
  assert.equal(hasBundle("livekit"), false);
  askForBundle("livekit", new FakeClock(), () => undefined, never());
  const again = loadBundle("livekit", never());
  storeBundle("livekit", data(""), async () => {
    throw new Error("still forbidden");
  });
  await assert.rejects(again, /still/, "asked for again, other code is waited for");
});

test("it is asked for until it is here, and no more by then, nor by who needs it no longer", () => {
  const clock = new FakeClock();
  const asked: FromPage[] = [];
  const send = (message: FromPage): void => void asked.push(message);
  const gone = new AbortController();
  askForBundle("microphone", clock, send, gone.signal);
  gone.abort();
  askForBundle("microphone", clock, send, never());
  clock.advance(ASK_AGAIN_MS);
  assert.deepEqual(asked, Array(3).fill({ type: "need-bundle", name: "microphone" }));
  storeBundle("microphone", data("1"), async () => code);
  clock.advance(600_000);
  askForBundle("microphone", clock, send, never());
  assert.equal(asked.length, 3);
  assert.equal(clock.waiting, 0);
});

test("one copy serves the page, and takes the place of one that failed", async () => {
  const clock = new FakeClock();
  storeBundle("livekit", data("1"), async () => code);
  const waiting = loadBundle("livekit", never(), { clock, ms: BUNDLE_WAIT_MS });
  storeBundle("livekit", data("2"), async () => assert.fail("loaded twice"));
  assert.equal(await waiting, code);
  assert.equal(await loadBundle("livekit", never()), code);
  assert.ok(hasBundle("livekit"));
  assert.equal(clock.waiting, 0);
});
