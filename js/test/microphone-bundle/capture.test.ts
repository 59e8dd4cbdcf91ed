// The microphone's samples in the page: whatever the browser refuses, no audio context of ours is left open.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { tapTrack } from "../../src/microphone-bundle/capture";

type Fault = "source" | "own source" | "silence" | "module" | "worklet" | "processor" | "connect";

const browser = {
  /** What it cannot do. */
  faults: [] as readonly Fault[],
  contexts: [] as FakeContext[],
};

function fail(...kinds: Fault[]): void {
  if (kinds.some((kind) => browser.faults.includes(kind))) throw new Error(kinds.join());
}

class FakeNode {
  readonly port = {};

  connect(next: unknown): unknown {
    return next;
  }
}

class FakeSource extends FakeNode {
  override connect(next: unknown): unknown {
    fail("connect");
    return next;
  }
}

class FakeContext {
  closed = false;
  readonly sampleRate: number;
  readonly destination = new FakeNode();
  readonly audioWorklet = { addModule: async (): Promise<void> => fail("module") };

  constructor(options?: { sampleRate: number }) {
    this.sampleRate = options?.sampleRate ?? 48_000;
    browser.contexts.push(this);
  }

  createMediaStreamSource(): FakeNode {
    fail(this.sampleRate === 16_000 ? "source" : "own source");
    return new FakeSource();
  }

  createScriptProcessor(): FakeNode {
    fail("processor");
    return new FakeNode();
  }

  async resume(): Promise<void> {}

  async close(): Promise<void> {
    this.closed = true;
  }
}

class FakeGain extends FakeNode {
  constructor() {
    super();
    fail("silence");
  }
}

class FakeWorklet extends FakeNode {
  constructor() {
    super();
    fail("worklet");
  }
}

Object.assign(globalThis, {
  AudioContext: FakeContext,
  AudioWorkletNode: FakeWorklet,
  GainNode: FakeGain,
  MediaStream: class {},
});

const tap = () => tapTrack({} as MediaStreamTrack, () => undefined);
const isClosed = () => browser.contexts.map(({ closed }) => closed);

beforeEach(() => {
  browser.faults = [];
  browser.contexts = [];
});

const FATAL: ReadonlyArray<readonly Fault[]> = [
  ["source", "own source"],
  ["silence"],
  ["worklet"],
  ["module", "processor"],
  ["connect"],
];

for (const fatal of FATAL) {
  test(`without ${fatal.join(" and ")} nothing is tapped, and nothing is left open`, async () => {
    browser.faults = fatal;
    await assert.rejects(tap());
    assert.ok(isClosed().length > 0 && !isClosed().includes(false), String(isClosed()));
  });
}

const SECOND_BEST: ReadonlyArray<readonly [Fault, readonly boolean[], number]> = [
  ["source", [true, false], 48_000],
  ["module", [false], 16_000],
];

for (const [fault, closed, rate] of SECOND_BEST) {
  test(`without a ${fault} there is another way, which stays open until its end`, async () => {
    browser.faults = [fault];
    const tapped = await tap();
    assert.deepEqual([isClosed(), tapped.rate], [closed, rate]);
    tapped.close();
    assert.ok(!isClosed().includes(false));
  });
}
