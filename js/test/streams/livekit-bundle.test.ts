// The player's own rules, and how its code gets into the page.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { test } from "node:test";
import { endOf, endOfAttempt } from "../../src/livekit-bundle/disconnect-reasons";
import { choose } from "../../src/livekit-bundle/track-selection";
import { CODE_MS, isHere, type PlayerCode, put, take } from "../../src/streams/livekit-bundle";
import { FakeClock } from "../support/fakes";

test("LiveKit's reasons: what is over is not tried again, what is taken is not fought for", () => {
  for (const reason of [3, 4, 5, 10]) assert.equal(endOf(reason)[0], "ended");
  assert.equal(endOf(2)[0], "taken");
  for (const reason of [0, 1, 7, 99, undefined]) assert.equal(endOf(reason)[0], "lost");
});

test("an attempt: refused, without its room, told to leave, or lost", () => {
  assert.deepEqual(endOfAttempt({ message: "invalid token", reason: 0, status: 401 }), ["refused", "invalid token"]);
  assert.equal(endOfAttempt({ message: "requested room does not exist", reason: 0, status: 404 })[0], "ended");
  assert.equal(endOfAttempt({ message: "leave", reason: 4, context: 2 })[0], "taken");
  assert.deepEqual(endOfAttempt({ message: "failed to fetch", reason: 1 }), ["lost", "failed to fetch"]);
});

test("of all tracks the avatar's are played; else the first of each kind, and never data", () => {
  const of = (identity: string, kind: string) => ({ identity, kind, track: `${identity} ${kind}` });
  const guest = [of("guest", "audio"), of("guest", "video")];
  assert.deepEqual(choose([...guest, of("heygen", "video"), of("heygen", "audio")]), ["heygen video", "heygen audio"]);
  assert.deepEqual(choose([...guest, of("other", "video")]), ["guest video", "guest audio"]);
  assert.deepEqual(choose([of("heygen", "video"), ...guest]), ["heygen video", "guest audio"]);
  assert.deepEqual(choose([of("x", "")]), []);
});

const code = {} as PlayerCode;
const data = (text: string): DataView => {
  const bytes = gzipSync(text);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

test("code that does not come is not waited for without end, nor after the line has gone", async () => {
  const clock = new FakeClock();
  const waiting = take(clock, new AbortController().signal);
  clock.advance(CODE_MS);
  assert.equal(await waiting, null);
  const scope = new AbortController();
  const gone = take(clock, scope.signal);
  scope.abort();
  assert.equal(await gone, null);
  assert.equal(clock.waiting, 0);
});

test("code that cannot be loaded is told to who waits, and to whom it was meant for; and is asked for again", async () => {
  const waiting = take(new FakeClock(), new AbortController().signal);
  put(data(""), async () => { throw new Error("blob: is forbidden"); });
  await assert.rejects(waiting, /forbidden/);
  await assert.rejects(take(new FakeClock(), new AbortController().signal), /forbidden/, "the room comes later");
  assert.equal(isHere(), false);
});

test("one copy serves the page, and takes the place of one that failed", async () => {
  const clock = new FakeClock();
  put(data("1"), async () => code);
  const waiting = take(clock, new AbortController().signal);
  put(data("2"), async () => assert.fail("loaded twice"));
  assert.equal(await waiting, code);
  assert.equal(await take(clock, new AbortController().signal), code);
  assert.ok(isHere());
  assert.equal(clock.waiting, 0);
});
