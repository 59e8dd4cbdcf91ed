import assert from "node:assert/strict";
import { test } from "node:test";
import { readStats } from "../../src/media/stats";

test("rates need two readings; missing numbers are null", () => {
  const report = (at: number, frames: number, bytes: number) => [
    {
      id: "v",
      type: "inbound-rtp",
      kind: "video",
      timestamp: at,
      framesDecoded: frames,
      bytesReceived: bytes,
      frameWidth: 640,
      frameHeight: 360,
      codecId: "c",
      packetsLost: 2,
      framesDropped: 1,
      freezeCount: 3,
      estimatedPlayoutTimestamp: 5_000,
    },
    {
      id: "a",
      type: "inbound-rtp",
      kind: "audio",
      timestamp: at,
      bytesReceived: 0,
      jitter: 0.004,
      packetsLost: 1,
      estimatedPlayoutTimestamp: 5_012.5,
    },
    { id: "c", type: "codec", mimeType: "video/H264" },
    {
      id: "p",
      type: "candidate-pair",
      nominated: true,
      state: "succeeded",
      currentRoundTripTime: 0.0025,
      localCandidateId: "l",
      remoteCandidateId: "r",
    },
    { id: "l", type: "local-candidate", candidateType: "relay", relayProtocol: "tcp" },
    { id: "r", type: "remote-candidate", candidateType: "host" },
  ];
  const first = readStats(report(1_000, 10, 0), null);
  assert.equal(first.measured, null);
  assert.deepEqual(readStats(report(3_000, 60, 25_000), first.sample).measured, {
    width: 640,
    height: 360,
    fps: 25,
    bitrateKbps: 100,
    packetsLost: 3,
    framesDropped: 1,
    freezes: 3,
    jitterMs: 4,
    roundTripMs: 2.5,
    audioVideoOffsetMs: 12.5,
    codec: "H264",
    localCandidate: "relay",
    remoteCandidate: "host",
    relayProtocol: "tcp",
  });
  assert.equal(first.audioHeldMs, null);
  const held = (kind: string, delay: number, count: number) => ({
    id: kind,
    type: "inbound-rtp",
    kind,
    timestamp: count,
    jitterBufferDelay: delay,
    jitterBufferEmittedCount: count,
  });
  const before = readStats([held("audio", 4_800, 48_000), held("video", 1, 50)], null).sample;
  const heard = readStats([held("audio", 9_600, 144_000)], before);
  assert.deepEqual([heard.audioHeldMs, heard.measured?.audioVideoOffsetMs], [50, null]);
  const both = readStats([held("video", 1.8, 100), held("audio", 9_600, 144_000)], before).measured;
  assert.deepEqual(
    [heard.syncedByBrowser, readStats(report(5_000, 90, 0), first.sample).syncedByBrowser],
    [false, true],
  );
  assert.equal(both?.audioVideoOffsetMs, 16 + 30 - 50, "of a stream each, by how long they are held");
  const bare = readStats([{ id: "v", type: "inbound-rtp", kind: "video", timestamp: 2_000 }], first.sample).measured;
  assert.deepEqual([bare?.jitterMs, bare?.roundTripMs, bare?.audioVideoOffsetMs, bare?.fps], [null, null, null, 0]);
  assert.equal(readStats([], first.sample).measured, null);
});
