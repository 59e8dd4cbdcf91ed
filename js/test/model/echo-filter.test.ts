import assert from "node:assert/strict";
import { test } from "node:test";
import { EchoFilter, FORGET_MS } from "../../src/model/echo-filter";
import { FakeClock } from "../support/fakes";

test("what we said is known again when it comes back, in order, late, or not at all", () => {
  const clock = new FakeClock();
  const echoes = new EchoFilter<number>(clock, Object.is);
  assert.equal(echoes.isEcho(5), false, "nothing was sent");
  echoes.recordSent(1);
  echoes.recordSent(2);
  assert.equal(echoes.isEcho(7), true, "half of an update of ours");
  assert.equal(echoes.isEcho(1), true);
  assert.equal(echoes.isEcho(2), false, "the newest is the truth");
  echoes.recordSent(3);
  clock.advance(FORGET_MS + 1);
  assert.equal(echoes.isEcho(8), false, "Python's own, long after");
});
