// WebRTC takes the place of messages in the middle of what is said.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { MediaFrame } from "../../src/model/messages";
import { FakePeer, settle } from "../support/fakes";
import { batch, FakeMedia, GOOD, picture, sound } from "../support/frames";
import { createStage } from "../support/player";

/** Sound comes so long before its time, */
const AHEAD_MS = 1_000;
/** and is held for so long after it. */
const HELD_MS = 40;
const WORD_MS = 400;

/** When WebRTC, whose picture is there from 200 ms on, takes over from words with such pauses; in time of what is heard. */
async function takesOverAt(pauseMs: number): Promise<number> {
  const media: FakeMedia[] = [];
  const createFrameParts = () => {
    media.push(new FakeMedia(page.clock));
    return (media[0] as FakeMedia).parts;
  };
  const page = createStage({ carrier: "auto" }, "live", {}, { createFrameParts });
  page.show();
  await settle();
  page.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers: [] });
  await settle();
  page.clock.advance(400);
  await settle();
  FakePeer.last.stats = new Map([["v", { type: "inbound-rtp", kind: "video", framesDecoded: 1 }]]);
  let number = 0;
  for (let at = -AHEAD_MS; at < 10_000; at += 20) {
    const soundAt = at + AHEAD_MS;
    (media[0] as FakeMedia).level = soundAt % (WORD_MS + pauseMs) < WORD_MS ? 0.5 : 0;
    const frames: MediaFrame[] = [sound(++number, soundAt), picture(++number, at, number === 2)];
    page.model.tellAnything(batch(frames, { peer: "p.2", clockMs: at }), [GOOD, GOOD]);
    if (at === 200) FakePeer.last.connect();
    page.clock.advance(20);
    await settle();
    if (page.player.store.get().connection.carrier === "webrtc") return at - HELD_MS;
  }
  return Infinity;
}

test("it takes over in a pause between words: none is lost, and none is heard twice", async () => {
  const at = await takesOverAt(300);
  assert.ok(at < 1_500, `at ${at} ms`);
  // WebRTC is up to 80 ms behind, and before by what sound is held.
  const intoPause = (at % (WORD_MS + 300)) - WORD_MS;
  assert.ok(intoPause >= 60 && intoPause <= 300 - HELD_MS, `${intoPause} ms into a pause`);
});

test("words without a pause keep it from taking over for some seconds, not for ever", async () => {
  const at = await takesOverAt(0);
  assert.ok(at > 5_000 && at < 7_000, `at ${at} ms`);
});
