// What presses and the browser's answers make of the microphone, in every order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type MicrophoneEvent, type MicrophoneState, OFF, reduce } from "../../src/microphone-bundle/state";

const press: MicrophoneEvent = { on: "press", toggle: false };
const toggle: MicrophoneEvent = { on: "press", toggle: true };
const release: MicrophoneEvent = { on: "release" };
const opened: MicrophoneEvent = { on: "opened" };
const sent: MicrophoneEvent = { on: "sent" };
const close: MicrophoneEvent = { on: "close" };
const problem = { what: "No.", fix: "Yes." };
const refused: MicrophoneEvent = { on: "refused", problem };
const lost: MicrophoneEvent = { on: "lost", problem };

function run(holds: boolean, ...events: MicrophoneEvent[]): [MicrophoneState, string[]] {
  let state = OFF;
  const all: string[] = [];
  for (const event of events) {
    const [next, effects] = reduce(state, event, holds);
    state = next;
    all.push(...effects);
  }
  return [state, all];
}

test("open: a press asks the browser and opens, the next one closes", () => {
  assert.deepEqual(run(false, press), [{ is: "asking", held: true }, ["open"]]);
  assert.deepEqual(run(false, press, release, opened), [{ is: "on", ending: false }, ["open", "tell-on"]]);
  assert.deepEqual(run(false, press, opened, press), [OFF, ["open", "tell-on", "close", "tell-off"]]);
  assert.deepEqual(run(false, press, press), [OFF, ["open"]], "thought better of it");
});

test("push to talk: open while held, and until the end of the last word is sent", () => {
  assert.deepEqual(run(true, press, opened, release), [{ is: "on", ending: true }, ["open", "tell-on", "wait"]]);
  assert.deepEqual(run(true, press, opened, release, sent), [OFF, ["open", "tell-on", "wait", "close", "tell-off"]]);
  const again = run(true, press, opened, release, press, sent);
  assert.deepEqual(again, [{ is: "on", ending: false }, ["open", "tell-on", "wait"]], "pressed again, it goes on");
});

test("push to talk: who has to let go of the button to answer the browser is told to hold it again", () => {
  assert.deepEqual(run(true, press, release, opened), [{ is: "allowed" }, ["open", "close"]]);
  assert.deepEqual(run(true, press, release, press, opened)[0], { is: "on", ending: false });
  assert.deepEqual(run(true, press, release, opened, press)[0], { is: "asking", held: true });
});

test("push to talk: who cannot hold a button presses it twice", () => {
  assert.deepEqual(run(true, toggle, opened)[0], { is: "on", ending: false });
  assert.deepEqual(run(true, toggle, opened, toggle), [OFF, ["open", "tell-on", "close", "tell-off"]]);
});

test("refused or unplugged it has failed, and Python is told; pressed again, it is asked for again", () => {
  for (const holds of [true, false]) {
    assert.deepEqual(run(holds, press, refused), [{ is: "failed", problem }, ["open", "tell-failed"]]);
    const gone = run(holds, press, opened, lost);
    assert.deepEqual(gone, [{ is: "failed", problem }, ["open", "tell-on", "close", "tell-failed"]]);
    assert.deepEqual(run(holds, press, refused, press)[0], { is: "asking", held: true });
    assert.deepEqual(run(holds, press, refused, close)[0], { is: "failed", problem }, "why is still read");
  }
});

test("whatever the order: it is on only after a press, and what was opened is closed, told and not told twice", () => {
  const events = [press, toggle, release, opened, refused, lost, sent, close];
  for (const holds of [true, false]) {
    for (let seed = 0; seed < 4_000; seed += 1) {
      let state = OFF;
      let [open, told, pressed] = [false, false, false];
      for (let step = 0, rest = seed; step < 7; step += 1, rest = Math.floor((rest * 7 + step) / 3)) {
        const event = events[rest % events.length] as MicrophoneEvent;
        if (event.on === "press") pressed = true;
        // The browser answers only where it was asked.
        if (event.on === "opened" && state.is !== "asking") continue;
        if (event.on === "opened") open = true;
        const [next, effects] = reduce(state, event, holds);
        for (const effect of effects) {
          if (effect === "open") assert.ok(pressed);
          if (effect === "close") open = false;
          if (effect === "tell-on") assert.ok(open && !told);
          if (effect === "tell-off") assert.ok(told);
          if (effect.startsWith("tell-")) told = effect === "tell-on";
        }
        state = next;
        assert.equal(open, state.is === "on", `${holds} ${seed} ${step} ${event.on} ${state.is}`);
        assert.equal(told, state.is === "on");
      }
    }
  }
});
