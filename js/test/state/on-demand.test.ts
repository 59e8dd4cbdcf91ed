// Parts that come when Python wants them, also where their code gets lost or broken on the way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { storeBundle } from "../../src/connection/bundles";
import type { ToPage } from "../../src/model/messages";
import { COMES_MS, OnDemand, TRY_AGAIN_MS } from "../../src/state/on-demand";
import type { Part, PartPort } from "../../src/state/part-port";
import { FakeClock, FakeModel, settle } from "../support/fakes";

const bytes = gzipSync("");
const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const wish: ToPage = { type: "send-media", page: "p", sending: "s" };

const comes = (load: () => Promise<unknown>): void => storeBundle("recording", data, load);
const fails = (): void =>
  comes(async () => {
    throw new Error("broken on the way");
  });

/** A page of which Python wants a recording; its code has not come. */
function wanted(): { clock: FakeClock; took: ToPage[]; asked: () => number; onDemand: OnDemand; works: () => void } {
  // What the page has of other tests.
  Reflect.deleteProperty(globalThis, Symbol.for("ipyavatar.recording.test"));
  const clock = new FakeClock();
  const model = new FakeModel({});
  const took: ToPage[] = [];
  const bridge = { send: (message: never) => model.send(message) };
  const onDemand = new OnDemand({ clock, bridge } as unknown as PartPort, new AbortController().signal);
  onDemand.take(wish);
  const part: Part = { take: (message) => took.push(message), attach: () => undefined };
  const works = (): void => comes(async () => ({ createPart: () => part }));
  return { clock, took, asked: () => model.of("need-bundle").length, onDemand, works };
}

test("a part whose code was broken is loaded by itself when its code comes again", async () => {
  const { clock, took, asked, works } = wanted();
  fails();
  await settle();
  const before = asked();
  clock.advance(TRY_AGAIN_MS);
  assert.equal(asked(), before + 1);
  assert.deepEqual(took, []);
  works();
  await settle();
  assert.deepEqual(took, [wish]);
});

test("code that never works is not asked for without end, and once more with the next message", async () => {
  const { clock, took, asked, onDemand, works } = wanted();
  for (let minute = 0; minute < 10; minute += 1) {
    fails();
    await settle();
    clock.advance(60_000);
    await settle();
  }
  const before = asked();
  clock.advance(10 * COMES_MS);
  assert.equal(asked(), before);
  onDemand.take(wish);
  assert.equal(asked(), before + 1);
  works();
  await settle();
  assert.deepEqual(took, [wish]);
});

test("code that got lost each time is asked for again", async () => {
  const { clock, took, asked, works } = wanted();
  clock.advance(COMES_MS);
  await settle();
  const before = asked();
  clock.advance(TRY_AGAIN_MS);
  assert.equal(asked(), before + 1);
  works();
  await settle();
  assert.deepEqual(took, [wish]);
});
