import assert from "node:assert/strict";
import { test } from "node:test";
import { resend } from "../../src/connection/resend";
import { FakeClock } from "../support/fakes";

test("sent at once, then after pauses that grow, and not for ever", () => {
  const clock = new FakeClock();
  const times: number[] = [];
  resend(clock, () => times.push(clock.now()));
  clock.advance(600_000);
  assert.deepEqual(times, [0, 400, 1_200, 2_800, 6_000, 12_400]);
  assert.equal(clock.waiting, 0);
});

test("an answer ends it", () => {
  const clock = new FakeClock();
  let sent = 0;
  const cancel = resend(clock, () => {
    sent += 1;
  });
  clock.advance(500);
  cancel();
  clock.advance(60_000);
  assert.equal(sent, 2);
});
