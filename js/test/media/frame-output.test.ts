// Sound on an audio graph: one behind the other, whatever its clock does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSpeaker } from "../../src/media/frame-output";

/** A browser's audio graph; its clock stands still until the test moves it. */
class FakeContext {
  static last: FakeContext;
  currentTime = 0;
  state = "running";
  readonly starts: number[] = [];

  constructor() {
    FakeContext.last = this;
  }

  createMediaStreamDestination = () => ({ stream: { getAudioTracks: () => [{ stop: () => undefined }] } });
  createBuffer = (_: number, length: number, rate: number) => ({
    duration: length / rate,
    copyToChannel: () => undefined,
  });
  resume = async () => undefined;
  close = async () => undefined;
}

class FakeSource extends EventTarget {
  readonly #context: FakeContext;

  constructor(context: FakeContext) {
    super();
    this.#context = context;
  }

  connect(): void {}
  stop(): void {}
  start(at: number): void {
    this.#context.starts.push(at);
  }
}

function openSpeaker() {
  Object.assign(globalThis, { AudioContext: FakeContext, AudioBufferSourceNode: FakeSource });
  const speaker = createSpeaker();
  const play = (inMs: number): number => speaker.play(new Float32Array(960), inMs, false);
  return { context: FakeContext.last, play };
}

const inSteps = (starts: number[]): boolean =>
  starts.slice(1).every((at, index) => Math.abs(at - (starts[index] ?? 0) - 0.02) < 1e-9);

test("sound that comes while the graph's clock stands still is played behind the rest, and that is told", () => {
  const { context, play } = openSpeaker();
  let behindMs = 0;
  // The page's clock goes on by 200 ms, that of the graph does not.
  for (let ms = 0; ms < 200; ms += 20) behindMs += play(60 + behindMs);
  assert.equal(context.starts.length, 10);
  assert.ok(inSteps(context.starts), String(context.starts));
  assert.ok(behindMs > 100, String(behindMs));
  context.currentTime = 1;
  assert.equal(play(60), 0);
  assert.equal(context.starts.at(-1), 1.06);
});

test("what a graph that is not let run is given is no more than a second", () => {
  const { context, play } = openSpeaker();
  context.state = "suspended";
  for (let number = 0; number < 1_000; number += 1) assert.equal(play(60), 0);
  assert.ok(inSteps(context.starts));
  assert.ok(context.starts.length > 40 && context.starts.length < 60, String(context.starts.length));
});
