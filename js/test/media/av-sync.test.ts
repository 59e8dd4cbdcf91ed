import assert from "node:assert/strict";
import { test } from "node:test";
import { DISPLAY_DELAY_MS, delayVideo, videoDelayMs } from "../../src/media/av-sync";
import { findVideoReceiver } from "../../src/streams/peer-setup";

test("on a quiet network pictures do not wait", () => {
  assert.equal(videoDelayMs(0, DISPLAY_DELAY_MS), 0);
  assert.equal(videoDelayMs(0, DISPLAY_DELAY_MS + 5), 0);
  assert.equal(videoDelayMs(0, 0), 0);
});

test("where sound is held back pictures wait with it", () => {
  assert.equal(videoDelayMs(0, DISPLAY_DELAY_MS + 80), 80);
  assert.equal(videoDelayMs(80, DISPLAY_DELAY_MS + 85), 80, "small changes are left alone");
  assert.equal(videoDelayMs(80, DISPLAY_DELAY_MS), 0, "and they catch up again");
  assert.equal(videoDelayMs(0, 5_000), 400, "within bounds");
});

test("the receiver of pictures is asked, where browsers can be", () => {
  const audio = { track: { kind: "audio" }, jitterBufferTarget: null };
  const video = { track: { kind: "video" }, jitterBufferTarget: null as number | null };
  const pc = { getReceivers: () => [audio, video] } as unknown as RTCPeerConnection;
  delayVideo(findVideoReceiver(pc), DISPLAY_DELAY_MS + 100);
  assert.deepEqual([audio.jitterBufferTarget, video.jitterBufferTarget], [null, 100]);
  const old = { track: { kind: "video" } };
  delayVideo(old as unknown as RTCRtpReceiver, 500);
  assert.equal("jitterBufferTarget" in old, false);
  delayVideo(undefined, 500);
});
