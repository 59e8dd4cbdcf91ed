// What the user is told in every state.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_WEBRTC } from "../../src/connection/problems";
import { INITIAL, type KernelState, type StreamState } from "../../src/connection/types";
import { INITIAL_SESSION } from "../../src/state/session-state";
import {
  formatFigures,
  KERNEL_BUSY,
  KERNEL_GONE,
  KERNEL_SILENT,
  KERNEL_UNRESPONSIVE,
  type ViewModel,
  type ViewModelInput,
  viewModel,
} from "../../src/state/view-model";
import { failure } from "../support/fakes";

const LIVE: ViewModelInput = {
  ...INITIAL_SESSION,
  status: "live",
  playing: true,
  hasPlayed: true,
  notice: "",
  progress: "",
  connection: {
    ...INITIAL,
    kernel: { is: "here" },
    network: "proven",
    stream: { phase: "connected", peer: 1, interrupted: false },
    session: "live",
  },
};

interface Given extends Partial<Omit<ViewModelInput, "connection">> {
  readonly kernel?: KernelState;
  readonly stream?: StreamState;
  readonly network?: "unknown" | "proven";
}

function show({ kernel, stream, network, ...more }: Given): ViewModel {
  const connection = {
    ...LIVE.connection,
    ...(kernel && { kernel }),
    ...(stream && { stream }),
    ...(network && { network }),
  };
  return viewModel({ ...LIVE, ...more, connection });
}

const OFFERING: StreamState = { phase: "offering", peer: 1, answer: "awaited" };
const BACKOFF: StreamState = { phase: "backoff", due: false };
const ENDED: StreamState = { phase: "ended", problem: null };

test("live, speaking, and Python's own line", () => {
  assert.deepEqual([show({}).text, show({}).tone, show({}).stage], ["Live", "good", "picture"]);
  assert.equal(show({ sounding: "s" }).text, "Speaking");
  assert.equal(show({ sounding: "s", progress: "2 of 5: Data" }).text, "2 of 5: Data");
  assert.equal(show({ statusText: "Stops in 30 s" }).text, "Stops in 30 s");
  assert.deepEqual([show({ notice: "Not said" }).text, show({ notice: "Not said" }).tone], ["Not said", "warn"]);
});

test("interrupt is there while anything sounds or waits, start only when it does not run", () => {
  assert.deepEqual(show({ sounding: "s" }).can, { start: false, stop: true, interrupt: true, say: true });
  assert.equal(show({ queued: ["s"] }).can.interrupt, true);
  assert.equal(show({ queued: ["s"] }).text, "Live", "what waits is not spoken yet");
  assert.equal(show({}).can.interrupt, false);
  assert.deepEqual(show({ status: "ended", stream: ENDED }).can, {
    start: true,
    stop: false,
    interrupt: false,
    say: true,
  });
});

test("nothing is said of a session before the kernel has answered", () => {
  const unknown = {
    kernel: { is: "asking", afterLoss: false },
    network: "unknown",
    stream: OFFERING,
    playing: false,
    hasPlayed: false,
  } as const;
  for (const status of ["idle", "live", "failed", "ended"] as const) {
    const model = show({ ...unknown, status, statusError: failure("old") });
    assert.equal(model.text, "Connecting to the kernel…");
    assert.equal(model.panel, null);
  }
  assert.equal(show({ ...unknown, kernel: { is: "silent" } }).text, KERNEL_SILENT);
});

test("a kernel that was there and is not: what to do, with Retry", () => {
  const model = show({ kernel: { is: "gone" }, stream: BACKOFF, playing: false });
  assert.deepEqual(model.panel, { ...KERNEL_GONE, retry: true });
  assert.equal(model.can.say, false);
  assert.equal(show({ kernel: { is: "gone" } }).panel, null, "not while the picture is live");
});

test("where the picture broke off and nothing answers, that is not taken for a busy kernel", () => {
  const broken = { playing: false, hasPlayed: true } as const;
  assert.equal(show({ ...broken, kernel: { is: "silent" }, stream: OFFERING }).text, KERNEL_UNRESPONSIVE);
  assert.equal(show({ ...broken, stream: { ...OFFERING, answer: "late" } }).text, KERNEL_UNRESPONSIVE);
});

test("waiting says for what", () => {
  const waiting = { playing: false, hasPlayed: false } as const;
  assert.equal(show({ ...waiting, stream: OFFERING }).text, "Connecting…");
  assert.equal(show({ ...waiting, stream: { ...OFFERING, answer: "late" } }).text, KERNEL_BUSY);
  assert.equal(show({ ...waiting, stream: { ...OFFERING, answer: "late-kernel-here" } }).text, "Connecting…");
  assert.equal(show({ ...waiting, stream: BACKOFF }).text, "Connecting…");
  assert.equal(show({ ...waiting, stream: BACKOFF, hasPlayed: true }).text, "Reconnecting…");
  assert.equal(show({ ...waiting, status: "starting", statusText: "Getting ready" }).text, "Getting ready");
  assert.equal(show({ ...waiting, status: "idle", stream: { phase: "connecting", peer: 1 } }).text, "Starting…");
  assert.equal(show({ status: "stopping" }).text, "Stopping…");
  assert.equal(show({ status: "stopping", stream: ENDED }).stage, "resting", "no picture without a connection");
});

test("failures name what happened and what to do, or at least the status's own words", () => {
  const failed = show({ status: "failed", statusError: failure("No voice.", "Install it.") });
  assert.deepEqual(failed.panel, { what: "No voice.", fix: "Install it.", retry: true });
  assert.deepEqual(show({ status: "failed", statusText: "Broken" }).panel, { what: "Broken", fix: "", retry: true });
  const stuck = show({ stream: { phase: "stuck", problem: { what: "UDP is blocked.", fix: "Let it through." } } });
  assert.deepEqual(stuck.panel, { what: "UDP is blocked.", fix: "Let it through.", retry: true });
  const unsupported = show({ stream: { phase: "unsupported", problem: NO_WEBRTC } }).panel;
  assert.match(unsupported?.what ?? "", /WebRTC/);
  assert.equal(unsupported?.retry, false);
});

test("every state has words, and every panel a bad tone", () => {
  const kernels: KernelState[] = [{ is: "asking", afterLoss: true }, { is: "here" }, { is: "silent" }, { is: "gone" }];
  const streams: StreamState[] = [
    { phase: "unsupported", problem: NO_WEBRTC },
    { phase: "idle" },
    OFFERING,
    { phase: "connecting", peer: 1 },
    LIVE.connection.stream,
    BACKOFF,
    { phase: "stuck", problem: { what: "w", fix: "f" } },
    ENDED,
  ];
  for (const kernel of kernels) {
    for (const stream of streams) {
      for (const status of ["idle", "starting", "live", "reconnecting", "stopping", "ended", "failed"] as const) {
        const model = show({ kernel, stream, status, playing: stream.phase === "connected" });
        assert.ok(model.text.length > 0);
        assert.equal(model.panel !== null, model.tone === "bad");
        assert.ok(!(model.can.start && model.can.stop));
      }
    }
  }
});

test("the numbers: known ones only, in words", () => {
  const unknown = {
    speechLatencyMs: null,
    fps: null,
    width: 0,
    height: 0,
    bitrateKbps: null,
    roundTripMs: null,
    codec: "",
    transport: "",
  };
  assert.deepEqual(formatFigures(unknown), []);
  const known = formatFigures({
    speechLatencyMs: 96.4,
    fps: 24.9,
    width: 1280,
    height: 720,
    bitrateKbps: 1234,
    roundTripMs: 2.4,
    codec: "H264",
    transport: "messages",
  });
  assert.deepEqual(
    known.map(([, value]) => value),
    ["96 ms", "25 fps", "1280 × 720 H264", "1.2 Mbit/s", "2 ms", "widget messages"],
  );
});
