// What the user is told of the microphone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { OFF } from "../../src/microphone-bundle/state";
import { describeButton, describeMicrophone } from "../../src/microphone-bundle/texts";
import type { ShownMicrophone } from "../../src/microphone-bundle/types";

const NOTHING: ShownMicrophone = {
  mode: "open",
  microphone: OFF,
  usable: true,
  hearing: false,
  heard: null,
  muted: false,
  deaf: false,
  name: "",
};
const ON: ShownMicrophone = { ...NOTHING, microphone: { is: "on", ending: false } };

test("the button says what it does and whom it is for, and to hold it where it has to be held", () => {
  assert.equal(describeButton({ ...NOTHING, name: "Ava" }), "Talk to Ava");
  assert.equal(describeButton(NOTHING), "Talk to the avatar");
  assert.match(
    describeButton({ ...NOTHING, mode: "push_to_talk", name: "Ava" }),
    /Ava: hold this button, or the Space/,
  );
});

test("the line is silent while it is off, and says what keeps it from hearing", () => {
  assert.equal(describeMicrophone(NOTHING), null);
  assert.deepEqual(describeMicrophone(ON), { tone: "open", text: "Listening", fix: "" });
  assert.match(describeMicrophone({ ...ON, mode: "push_to_talk" })?.fix ?? "", /Let go/);
  assert.match(describeMicrophone({ ...ON, deaf: true })?.text ?? "", /kernel is busy/);
  assert.match(describeMicrophone({ ...ON, deaf: true, muted: true })?.text ?? "", /muted/);
  const problem = { what: "No.", fix: "Yes." };
  assert.deepEqual(describeMicrophone({ ...NOTHING, microphone: { is: "failed", problem } }), {
    tone: "warn",
    text: "No.",
    fix: "Yes.",
  });
});
