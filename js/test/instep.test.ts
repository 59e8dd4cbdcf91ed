import assert from "node:assert/strict";
import { test } from "node:test";
import { pictureDelayMs, LESS_MS } from "../src/instep";
import { follow } from "../src/peer";

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

test("only the video receiver is asked, and only where browsers can be", () => {
  const audio = { track: { kind: "audio" }, jitterBufferTarget: 0 };
  const video = { track: { kind: "video" }, jitterBufferTarget: 0 };
  follow({ getReceivers: () => [audio, video] } as unknown as RTCPeerConnection, LESS_MS + 100);
  assert.equal(video.jitterBufferTarget, 100);
  assert.equal(audio.jitterBufferTarget, 0);
  const old = { track: { kind: "video" } };
  follow({ getReceivers: () => [old] } as unknown as RTCPeerConnection, 500);
  assert.equal("jitterBufferTarget" in old, false);
});
