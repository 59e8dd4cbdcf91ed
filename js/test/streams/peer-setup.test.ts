import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptAnswer, addReceivers, dropMdnsCandidates, reportConnectionState } from "../../src/streams/peer-setup";
import type { StreamEvents } from "../../src/streams/stream";
import { FakePeer } from "../support/fakes";

test("mDNS candidates are dropped, everything else is kept", () => {
  const sdp =
    "v=0\r\na=candidate:1 1 udp 1 4a.local 9 typ host\r\na=candidate:2 1 udp 1 10.0.0.2 9 typ host\r\na=mid:0\r\n";
  assert.equal(dropMdnsCandidates(sdp), "v=0\r\na=candidate:2 1 udp 1 10.0.0.2 9 typ host\r\na=mid:0\r\n");
});

test("codecs that the host encodes well come first, and the others stay behind them", () => {
  const known = ["video/VP8", "video/AV1", "video/H264", "video/rtx"].map((mimeType) => ({ mimeType }));
  let preferred: string[] = [];
  const pc = {
    addTransceiver: () => ({
      setCodecPreferences: (codecs: Array<{ mimeType: string }>) => {
        preferred = codecs.map(({ mimeType }) => mimeType);
      },
    }),
  } as unknown as RTCPeerConnection;
  Object.assign(globalThis, { RTCRtpReceiver: { getCapabilities: () => ({ codecs: known }) } });
  addReceivers(pc);
  Reflect.deleteProperty(globalThis, "RTCRtpReceiver");
  assert.deepEqual(preferred, ["video/H264", "video/VP8", "video/AV1", "video/rtx"]);
});

test("a peer connection's states are told in our words", () => {
  const told: string[] = [];
  const events = {
    connected: () => told.push("connected"),
    interrupted: (ms: number) => told.push(`interrupted ${ms}`),
    lost: (why: string) => told.push(why),
  } as unknown as StreamEvents;
  for (const state of ["new", "connecting", "connected", "disconnected", "failed", "closed"] as const) {
    reportConnectionState(state, events, 7);
  }
  assert.deepEqual(told, ["connected", "interrupted 7", "the connection failed", "the connection was closed"]);
});

test("an answer that comes twice is taken once, also while the browser is still at it", async () => {
  const pc = new FakePeer();
  await pc.setLocalDescription({ type: "offer", sdp: "" });
  const take = (sdp: string): Promise<void> => acceptAnswer(pc as unknown as RTCPeerConnection, sdp);
  await Promise.all([take("first"), take("second")]);
  await take("third");
  assert.equal(pc.remote, "first");
});
