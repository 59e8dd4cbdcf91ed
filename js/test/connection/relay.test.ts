// When ICE servers of the user's are used, and what is said when they do not help.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RELAY_FAILED, RELAY_UNAUTHORIZED, RELAY_UNREACHABLE, UDP_BLOCKED } from "../../src/connection/problems";
import { RELAY_AFTER_MS } from "../../src/connection/relay";
import { CONNECT_MS, RELAY_REFUSED_MS } from "../../src/connection/state";
import type { ConnectionEvent } from "../../src/connection/types";
import { does, loaded, problemOf, run, timer, view, waits, welcome } from "../support/connection";

const answered = (peer: number, relay: boolean): ConnectionEvent => ({ on: "answered", peer, relay });
const error = (code: number): ConnectionEvent => ({ on: "relay-error", peer: 2, code, text: "Full" });
const found: ConnectionEvent = { on: "candidate-found", peer: 1 };
const told = [loaded, welcome, view, found, answered(1, true)];
const relayed = [...told, timer("relay")];

test("not reached soon, a page that was told of servers offers once more, by them", () => {
  assert.equal(waits(run(told).effects, "relay"), RELAY_AFTER_MS);
  for (const how of [timer("relay"), timer("connect"), { on: "lost", peer: 1 } as ConnectionEvent]) {
    const { state, effects } = run([...told, how]);
    assert.equal(state.relay, "used");
    assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
    assert.deepEqual(does(effects, "open"), [{ do: "open", peer: 2, carrier: "webrtc" }]);
    assert.deepEqual(does(effects, "report"), [], "there is hope");
  }
});

test("what packets go through needs no servers", () => {
  const path: ConnectionEvent = { on: "path-found", peer: 1 };
  const cancelled = does(run([...told, path]).effects, "cancel-timer");
  assert.deepEqual(cancelled[0], { do: "cancel-timer", timer: "relay" });
  const { state } = run([...told, { on: "connected", peer: 1 }, timer("relay")]);
  assert.equal(state.attempts, 1);
  assert.equal(state.relay, "known");
  const stuck = run([...told, path, timer("connect")]);
  assert.equal(stuck.state.relay, "used", "keys were never agreed on: another way may do");
});

test("without servers nothing waits for them", () => {
  const { state, effects } = run([loaded, welcome, view, found, answered(1, false)]);
  assert.equal(state.relay, "none");
  assert.equal(waits(effects, "relay"), undefined);
  assert.deepEqual(
    problemOf(run([loaded, welcome, view, found, answered(1, false), timer("connect")]).state),
    UDP_BLOCKED,
  );
});

test("attempts after that are by the servers as well, until there is another kernel", () => {
  const lost = run([...relayed, answered(2, false), { on: "connected", peer: 2 }, { on: "lost", peer: 2 }]);
  assert.equal(lost.state.relay, "used");
  const other = run([...relayed, { ...welcome, epoch: "other" } as ConnectionEvent]);
  assert.equal(other.state.relay, "none");
});

test("when servers do not help, either, the page says what they said", () => {
  const failed = (...errors: ConnectionEvent[]) =>
    run([...relayed, ...errors, answered(2, false), timer("connect")]).state;
  assert.deepEqual(problemOf(failed()), RELAY_FAILED);
  assert.deepEqual(problemOf(failed(error(701))), RELAY_UNREACHABLE);
  assert.deepEqual(problemOf(failed(error(701), error(401), error(701))), RELAY_UNAUTHORIZED);
  assert.match(problemOf(failed(error(486)))?.what ?? "", /486 Full/);
  assert.equal(failed(error(401)).stream.phase, "stuck");
});

test("a refusal is told soon, and forgotten with the next attempt", () => {
  assert.equal(waits(run([...relayed, answered(2, false)]).effects, "connect"), CONNECT_MS);
  const refused = [...relayed, error(401), answered(2, false)];
  assert.equal(waits(run(refused).effects, "connect"), RELAY_REFUSED_MS);
  const { state } = run([...refused, timer("connect"), { on: "retry" }]);
  assert.equal(state.relayProblem, null);
  assert.equal(state.relay, "used");
});
