// The microphone's sound by widget messages, and what becomes of it where they do not arrive.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEAF_MS, MOST_UNDER_WAY, PIECE_MS } from "../../src/microphone-bundle/pieces";
import { SoundSender } from "../../src/microphone-bundle/sound-sender";
import { createBridge } from "../../src/model/bridge";
import { FakeClock, FakeModel } from "../support/fakes";

const TRACK = {} as MediaStreamTrack;
const RATE = 16_000;
const PIECE = (RATE * PIECE_MS) / 1000;

async function createSender() {
  const clock = new FakeClock();
  const model = new FakeModel();
  const told: boolean[] = [];
  const tapped = { closed: false, add: (_samples: Float32Array): void => undefined };
  const sender = new SoundSender({
    bridge: createBridge(model.any),
    clock,
    page: "p",
    onDeaf: (deaf) => told.push(deaf),
    tap: async (_track, onBlock) => {
      tapped.add = onBlock;
      const close = (): void => {
        tapped.closed = true;
      };
      return { rate: RATE, close };
    },
  });
  const started = sender.start(TRACK);
  return { clock, model, told, tapped, sender, started };
}

test("pieces go out numbered, as 16 bit samples; the rest goes with the end", async () => {
  const { model, tapped, sender, started } = await createSender();
  await started;
  for (let block = 0; block < 16; block += 1) tapped.add(new Float32Array(128).fill(0.5));
  sender.close();
  assert.deepEqual(
    model.of("microphone-sound"),
    [1, 2, 3].map((number) => ({ type: "microphone-sound", page: "p", number, rate: RATE })),
  );
  assert.deepEqual(
    model.buffers.map(({ byteLength }) => byteLength),
    [2 * PIECE, 2 * PIECE, 2 * (16 * 128 - 2 * PIECE)],
  );
  assert.equal(new Int16Array(model.buffers[0] as ArrayBuffer)[0], 16_384);
  assert.ok(tapped.closed);
  tapped.add(new Float32Array(PIECE));
  assert.equal(model.buffers.length, 3, "nothing follows");
});

test("a kernel that takes nothing is told of, and so is one that does again", async () => {
  const { clock, model, told, tapped, sender, started } = await createSender();
  await started;
  const speak = (pieces: number): void => {
    for (let piece = 0; piece < pieces; piece += 1) {
      clock.advance(PIECE_MS);
      tapped.add(new Float32Array(PIECE));
    }
  };
  speak(MOST_UNDER_WAY);
  assert.equal(told.at(-1), false);
  speak(DEAF_MS / PIECE_MS + 2);
  assert.equal(told.at(-1), true);
  sender.take(model.of("microphone-sound").at(-1)?.number ?? 0);
  speak(1);
  assert.equal(told.at(-1), false);
});

test("a microphone that was closed while its samples were got ready is let go of", async () => {
  const { model, tapped, sender, started } = await createSender();
  sender.close();
  await started;
  assert.ok(tapped.closed);
  tapped.add(new Float32Array(PIECE));
  assert.deepEqual(model.sent, []);
});
