// What the page believes of the session, in whatever order it is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SpeechUpdate } from "../../src/model/messages";
import { applyMessage, INITIAL_SESSION, type SessionState } from "../../src/state/session-state";
import { caption, failure, speech, status } from "../support/fakes";

type Message = Parameters<typeof applyMessage>[1];

function run(messages: readonly Message[]): SessionState {
  return messages.reduce(applyMessage, INITIAL_SESSION);
}

/** All orders of a few messages. */
function permute<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permute(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

test("a status has its words and its error; an older or equal one is dropped", () => {
  const failed = status("failed", { text: "Broken", error: failure("No voice.") });
  const state = run([failed]);
  assert.deepEqual([state.status, state.statusText, state.statusError?.what], ["failed", "Broken", "No voice."]);
  assert.equal(applyMessage(state, failed), state);
  assert.equal(applyMessage(state, status("live", { at: failed.at - 1 })), state);
  assert.equal(applyMessage(state, status("live")).statusError, null);
});

test("a caption that is not news changes nothing", () => {
  const shown = caption("s", [["Hi", 0, 1]]);
  const state = run([shown]);
  assert.equal(applyMessage(state, shown), state);
  assert.notEqual(applyMessage(state, caption("s", [])), state);
});

test("in whatever order they come, the facts of two speeches and a dropped one lead to the same state", () => {
  const messages = [
    speech("one", "queued"),
    speech("one", "speaking"),
    speech("two", "queued"),
    speech("gone", "queued"),
    speech("gone", "interrupted"),
    speech("two", "speaking"),
    speech("one", "said"),
  ];
  for (const order of permute(messages)) {
    const { sounding, queued } = run(order);
    assert.deepEqual([sounding, queued], ["two", []]);
  }
  for (const order of permute([...messages.slice(2), speech("two", "said")])) {
    assert.equal(run(order).sounding, null);
  }
});

test("the beginning of the next speech may overtake the end of the one before", () => {
  const [begins, ends] = [speech("two", "speaking"), speech("one", "said")];
  assert.equal(run([speech("one", "speaking", { at: begins.at - 0.5 }), ends, begins]).sounding, "two");
});

test("what sounds is ended by itself alone", () => {
  const state = run([speech("one", "speaking")]);
  for (const other of ["queued", "said", "interrupted", "failed"] as const) {
    assert.equal(applyMessage(state, speech("two", other)).sounding, "one");
  }
  for (const end of ["queued", "said", "interrupted", "failed"] as const) {
    assert.equal(applyMessage(state, speech("one", end)).sounding, null);
  }
});

test("a page that lives for days remembers a bounded number of speeches", () => {
  const updates: SpeechUpdate[] = Array.from({ length: 1_000 }, (_, index) => speech(`s${index}`, "said"));
  const state = run(updates);
  assert.ok(state.newest.speeches.size < 300);
  assert.equal(applyMessage(state, speech("s999", "speaking", { at: 0 })), state);
});
