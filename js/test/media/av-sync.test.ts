import assert from "node:assert/strict";
import { test } from "node:test";
import { follow, LESS_MS, pictureDelayMs } from "../../src/media/av-sync";
import { pictures } from "../../src/streams/peer-setup";

test("on a quiet network pictures do not wait", () => {
  assert.equal(pictureDelayMs(0, LESS_MS), 0);
  assert.equal(pictureDelayMs(0, LESS_MS + 5), 0);
  assert.equal(pictureDelayMs(0, 0), 0);
});

test("where sound is held back pictures wait with it", () => {
  assert.equal(pictureDelayMs(0, LESS_MS + 80), 80);
  assert.equal(pictureDelayMs(80, LESS_MS + 85), 80, "small changes are left alone");
  assert.equal(pictureDelayMs(80, LESS_MS), 0, "and they catch up again");
  assert.equal(pictureDelayMs(0, 5_000), 400, "within bounds");
});

test("the receiver of pictures is asked, where browsers can be", () => {
  const audio = { track: { kind: "audio" }, jitterBufferTarget: null };
  const video = { track: { kind: "video" }, jitterBufferTarget: null as number | null };
  const pc = { getReceivers: () => [audio, video] } as unknown as RTCPeerConnection;
  follow(pictures(pc), LESS_MS + 100);
  assert.deepEqual([audio.jitterBufferTarget, video.jitterBufferTarget], [null, 100]);
  const old = { track: { kind: "video" } };
  follow(old as unknown as RTCRtpReceiver, 500);
  assert.equal("jitterBufferTarget" in old, false);
  follow(undefined, 500);
});
