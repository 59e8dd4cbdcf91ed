// Pure functions: what is said, shown and measured.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CaptionTrack, pageAround, type ShownCaption, STAY_MS, wordAt } from "../../src/media/captions";
import { Echoes, FORGET_MS } from "../../src/model/echo-filter";
import { withoutMdns } from "../../src/streams/peer-setup";
import { read } from "../../src/media/stats";
import { type Face, face, type Facts, figures, KERNEL_BUSY, KERNEL_GONE, KERNEL_SILENT } from "../../src/state/view-model";
import { createStore } from "../../src/state/store";
import { FakeClock } from "../support/fakes";

const LIVE: Facts = {
  kernel: "here", phase: "connected", service: false, wobbling: false, late: false, worked: true, seen: true, unsupported: false, problem: null, status: "live",
  statusText: "", speaking: false, error: {}, playing: true, notice: "",
};
const of = (facts: Partial<Facts>): Face => face({ ...LIVE, ...facts });

test("live, speaking, and Python's own line", () => {
  assert.deepEqual([of({}).words, of({}).tone, of({}).stage], ["Live", "good", "picture"]);
  assert.equal(of({ speaking: true }).words, "Speaking");
  assert.equal(of({ statusText: "Stops in 30 s" }).words, "Stops in 30 s");
  assert.deepEqual([of({ notice: "Not said" }).words, of({ notice: "Not said" }).tone], ["Not said", "warn"]);
});

test("interrupt is there while it speaks, start only when it does not run", () => {
  assert.deepEqual(of({ speaking: true }).can, { start: false, stop: true, interrupt: true, say: true });
  assert.equal(of({}).can.interrupt, false);
  assert.deepEqual(of({ status: "ended", phase: "ended" }).can, { start: true, stop: false, interrupt: false, say: true });
});

test("saved traits are not told as true before the kernel has answered", () => {
  const saved = { kernel: "asking", worked: false, phase: "offering", playing: false } as const;
  for (const status of ["live", "failed", "ended"] as const) {
    const now = of({ ...saved, status, error: { what: "old" } });
    assert.equal(now.words, "Connecting to the kernel…");
    assert.equal(now.panel, null);
  }
  assert.equal(of({ ...saved, kernel: "silent" }).words, KERNEL_SILENT);
});

test("a kernel that was there and is not: what to do, with Retry", () => {
  const now = of({ kernel: "gone", phase: "backoff", playing: false });
  assert.deepEqual(now.panel, { ...KERNEL_GONE, retry: true });
  assert.equal(now.can.say, false);
  assert.equal(of({ kernel: "gone" }).panel, null, "not while the picture is live");
});

test("waiting says for what", () => {
  const waiting = { playing: false, seen: false } as const;
  assert.equal(of({ ...waiting, phase: "offering" }).words, "Connecting…");
  assert.equal(of({ ...waiting, phase: "offering", late: true }).words, KERNEL_BUSY);
  assert.equal(of({ ...waiting, phase: "backoff" }).words, "Connecting…");
  assert.equal(of({ ...waiting, phase: "backoff", seen: true }).words, "Reconnecting…");
  assert.equal(of({ ...waiting, status: "starting", statusText: "Getting ready" }).words, "Getting ready");
  assert.equal(of({ ...waiting, status: "idle", phase: "connecting" }).words, "Starting…");
  assert.equal(of({ status: "stopping" }).words, "Stopping…");
  assert.equal(of({ status: "stopping", phase: "ended" }).stage, "resting", "no picture without a connection");
});

test("failures name what happened and what to do", () => {
  const failed = of({ status: "failed", error: { what: "No voice.", fix: "Install it." } });
  assert.deepEqual(failed.panel, { what: "No voice.", fix: "Install it.", retry: true });
  const stuck = of({ phase: "stuck", problem: { what: "No WebRTC.", fix: "Other browser." }, unsupported: true });
  assert.deepEqual(stuck.panel, { what: "No WebRTC.", fix: "Other browser.", retry: false });
});

test("every state has words, and every panel a bad tone", () => {
  for (const kernel of ["asking", "here", "silent", "gone"] as const) {
    for (const phase of ["idle", "offering", "connecting", "connected", "backoff", "stuck", "ended"] as const) {
      for (const status of ["idle", "starting", "live", "reconnecting", "stopping", "ended", "failed"] as const) {
        const now = of({ kernel, phase, status, playing: phase === "connected", problem: phase === "stuck" ? { what: "w", fix: "f" } : null });
        assert.ok(now.words.length > 0);
        assert.equal(now.panel !== null, now.tone === "bad");
        assert.ok(!(now.can.start && now.can.stop));
      }
    }
  }
});

test("the numbers: known ones only, in words", () => {
  const unknown = { speechLatencyMs: null, fps: null, width: 0, height: 0, bitrateKbps: null, roundTripMs: null, codec: "" };
  assert.deepEqual(figures(unknown), []);
  const known = figures({ speechLatencyMs: 96.4, fps: 24.9, width: 1280, height: 720, bitrateKbps: 1234, roundTripMs: 2.4, codec: "H264" });
  assert.deepEqual(known.map(([, value]) => value), ["96 ms", "25 fps", "1280 × 720 H264", "1.2 Mbit/s", "2 ms"]);
});

const WORDS: Array<[string, number, number]> = [["Hello", 0.1, 0.4], ["big", 0.5, 0.7], ["world", 0.8, 1.2]];

test("a word is active from its start to the next one's start", () => {
  assert.deepEqual([0, 0.1, 0.45, 0.5, 0.79, 0.8, 9].map((at) => wordAt(WORDS, at)), [-1, 0, 0, 1, 1, 2, 2]);
  assert.equal(wordAt([], 1), -1);
});

test("long captions turn pages that hold every word exactly once", () => {
  const words = "the quick brown fox jumps over the lazy dog".split(" ");
  const pages = words.map((_, active) => pageAround(words, active, 20));
  let expected = 0;
  for (const [from, to] of [...new Set(pages.map(String))].map((key) => key.split(",").map(Number))) {
    assert.equal(from, expected);
    assert.ok(words.slice(from, to).join(" ").length <= 20);
    expected = to ?? 0;
  }
  assert.equal(expected, words.length);
  pages.forEach(([from, to], active) => assert.ok(from <= active && active < to));
  assert.deepEqual(pageAround(["incomprehensibilities"], 0, 5), [0, 1], "a word longer than a page is a page");
});

test("captions follow the clock, and clear after the last word", () => {
  const clock = new FakeClock();
  const shown: Array<ShownCaption | null> = [];
  const track = new CaptionTrack(clock, (caption) => shown.push(caption), new AbortController().signal);
  track.start("Hello big world", WORDS);
  clock.advance(1_000);
  assert.deepEqual(shown.map((caption) => caption?.active), [-1, 0, 1, 2]);
  assert.deepEqual(shown[0]?.words, ["Hello", "big", "world"]);
  clock.advance(200 + STAY_MS - 1);
  assert.equal(shown.length, 4);
  clock.advance(1);
  assert.equal(shown[4], null);
  assert.equal(clock.waiting, 0);
});

test("the next caption replaces the last, an empty one clears, and abort stops the clock", () => {
  const clock = new FakeClock();
  const scope = new AbortController();
  let shown: ShownCaption | null = null;
  const track = new CaptionTrack(clock, (caption) => { shown = caption; }, scope.signal);
  track.start("Hello big world", WORDS);
  track.start("No times", []);
  assert.deepEqual(shown, { words: ["No", "times"], active: -1 });
  assert.equal(clock.waiting, 0);
  track.start("", []);
  assert.equal(shown, null);
  track.start("Hello big world", WORDS);
  scope.abort();
  assert.equal(clock.waiting, 0);
});

test("rates need two readings; missing numbers are null", () => {
  const report = (at: number, frames: number, bytes: number) => [
    { id: "v", type: "inbound-rtp", kind: "video", timestamp: at, framesDecoded: frames, bytesReceived: bytes, frameWidth: 640, frameHeight: 360, codecId: "c", packetsLost: 2, framesDropped: 1, freezeCount: 3, estimatedPlayoutTimestamp: 5_000 },
    { id: "a", type: "inbound-rtp", kind: "audio", timestamp: at, bytesReceived: 0, jitter: 0.004, packetsLost: 1, estimatedPlayoutTimestamp: 5_012.5 },
    { id: "c", type: "codec", mimeType: "video/H264" },
    { id: "p", type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.0025 },
  ];
  const first = read(report(1_000, 10, 0), null);
  assert.equal(first.measured, null);
  assert.deepEqual(read(report(3_000, 60, 25_000), first.sample).measured, {
    width: 640, height: 360, fps: 25, bitrateKbps: 100, packetsLost: 3, framesDropped: 1, freezes: 3, jitterMs: 4,
    roundTripMs: 2.5, audioVideoOffsetMs: 12.5, codec: "H264",
  });
  assert.equal(first.soundHeldMs, null);
  const held = (kind: string, delay: number, count: number) => (
    { id: kind, type: "inbound-rtp", kind, timestamp: count, jitterBufferDelay: delay, jitterBufferEmittedCount: count }
  );
  const before = read([held("audio", 4_800, 48_000), held("video", 1, 50)], null).sample;
  const heard = read([held("audio", 9_600, 144_000)], before);
  assert.deepEqual([heard.soundHeldMs, heard.measured?.audioVideoOffsetMs], [50, null]);
  const both = read([held("video", 1.8, 100), held("audio", 9_600, 144_000)], before).measured;
  assert.deepEqual([heard.inStep, read(report(5_000, 90, 0), first.sample).inStep], [false, true]);
  assert.equal(both?.audioVideoOffsetMs, 16 + 30 - 50, "of a stream each, by how long they are held");
  const bare = read([{ id: "v", type: "inbound-rtp", kind: "video", timestamp: 2_000 }], first.sample).measured;
  assert.deepEqual([bare?.jitterMs, bare?.roundTripMs, bare?.audioVideoOffsetMs, bare?.fps], [null, null, null, 0]);
  assert.equal(read([], first.sample).measured, null);
});

test("mDNS candidates are dropped, everything else is kept", () => {
  const sdp = "v=0\r\na=candidate:1 1 udp 1 4a.local 9 typ host\r\na=candidate:2 1 udp 1 10.0.0.2 9 typ host\r\na=mid:0\r\n";
  assert.equal(withoutMdns(sdp), "v=0\r\na=candidate:2 1 udp 1 10.0.0.2 9 typ host\r\na=mid:0\r\n");
});

test("what we said is known again when it comes back, in order, late, or not at all", () => {
  const clock = new FakeClock();
  const echoes = new Echoes<number>(clock, Object.is);
  assert.equal(echoes.isEcho(5), false, "nothing was sent");
  echoes.sent(1);
  echoes.sent(2);
  assert.equal(echoes.isEcho(7), true, "half of an update of ours");
  assert.equal(echoes.isEcho(1), true);
  assert.equal(echoes.isEcho(2), false, "the newest is the truth");
  echoes.sent(3);
  clock.advance(FORGET_MS + 1);
  assert.equal(echoes.isEcho(8), false, "Python's own, long after");
});

test("a store tells of changes only, and no longer after abort", () => {
  const store = createStore({ one: 1, two: 2 });
  const scope = new AbortController();
  const heard: number[] = [];
  store.subscribe(({ one }) => heard.push(one), scope.signal);
  store.update({ one: 1 });
  store.update({ one: 3 });
  scope.abort();
  store.update({ one: 4 });
  assert.deepEqual(heard, [1, 3]);
});
