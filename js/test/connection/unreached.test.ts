// A stream that is not reached is tried again by itself, behind the panel.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_INTERFACE, SHOWN_ELSEWHERE, UDP_BLOCKED } from "../../src/connection/problems";
import { MAX_ATTEMPTS_AGAIN } from "../../src/connection/state";
import type { ConnectionEvent, ConnectionState } from "../../src/connection/types";
import { CONNECT_LATE_MS, RETRY_MS } from "../../src/connection/unreached";
import { PROTOCOL } from "../../src/model/messages";
import { does, loaded, problemOf, run, timer, up, view, waits, welcome } from "../support/connection";

const candidate = (peer: number): ConnectionEvent => ({ on: "candidate-found", peer });
const lost = (peer: number): ConnectionEvent => ({ on: "lost", peer });
const stuck: ConnectionEvent[] = [loaded, welcome, view, candidate(1), { on: "answered", peer: 1 }, lost(1)];
const opened = (events: ConnectionEvent[]): unknown[] => does(run(events).effects, "open");
const reconnecting = (state: ConnectionState): boolean => state.stream.phase === "stuck" && "peer" in state.stream;

test("UDP is blocked: it is tried again after a pause, and the panel stays meanwhile", () => {
  assert.equal(waits(run(stuck).effects, "retry"), RETRY_MS[0]);
  const { state, effects } = run([...stuck, timer("retry")]);
  assert.deepEqual(does(effects, "open"), [{ do: "open", peer: 2, carrier: "webrtc" }]);
  assert.equal(waits(effects, "connect"), CONNECT_LATE_MS);
  assert.deepEqual(problemOf(state), UDP_BLOCKED);
  assert.deepEqual(does(effects, "report"), [], "Python knows");
});

test("what succeeds removes the panel, answered or not as far as we know", () => {
  const { state } = run([...stuck, timer("retry"), { on: "answered", peer: 2 }, { on: "connected", peer: 2 }]);
  assert.deepEqual(state.stream, { phase: "connected", peer: 2, interrupted: false });
});

test("the pauses grow, and the tries come to an end", () => {
  const events = [...stuck];
  const pauses = [waits(run(events).effects, "retry")];
  for (let peer = 2; pauses.at(-1) !== undefined; peer++) {
    events.push(timer("retry"), peer % 2 ? lost(peer) : timer("connect"));
    const { state, effects } = run(events);
    assert.deepEqual(does(effects, "close"), [{ do: "close", peer, hangup: true }]);
    assert.deepEqual([problemOf(state), reconnecting(state)], [UDP_BLOCKED, false]);
    pauses.push(waits(effects, "retry"));
  }
  assert.deepEqual(pauses, [...RETRY_MS, undefined]);
  assert.equal(opened([...events, { on: "page-seen" }]).length, 1, "somebody looks");
  const { effects } = run([...events, { on: "network-changed" }, lost(RETRY_MS.length + 2)]);
  assert.equal(waits(effects, "retry"), RETRY_MS[1], "in another network they begin anew");
});

test("what changes has it tried at once", () => {
  const silent: ConnectionEvent[] = [{ on: "request-sent" }, timer("welcome"), { on: "kernel-heard" }];
  const restarted: ConnectionEvent[] = [{ on: "welcome", epoch: "another", protocol: PROTOCOL }];
  const changes: ConnectionEvent[][] = [[{ on: "network-changed" }], [{ on: "page-seen" }], silent, restarted, [view]];
  for (const change of [...changes, [{ on: "retry" }] as ConnectionEvent[]])
    assert.deepEqual(
      opened([...stuck, ...change]),
      [{ do: "open", peer: 2, carrier: "webrtc" }],
      String(change[0]?.on),
    );
});

test("another network ends the try that goes on in the former one; a look does not", () => {
  const trying = [...stuck, timer("retry")];
  const { effects } = run([...trying, { on: "network-changed" }]);
  assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 2, hangup: true }]);
  assert.deepEqual(does(effects, "open"), [{ do: "open", peer: 3, carrier: "webrtc" }]);
  assert.deepEqual(run([...trying, { on: "page-seen" }]).effects, []);
});

test("the panel follows what is found out", () => {
  const events = [loaded, welcome, view, { on: "answered", peer: 1 }, timer("connect"), lost(1)] as ConnectionEvent[];
  assert.deepEqual(problemOf(run(events).state), NO_INTERFACE);
  const { state, effects } = run([...events, timer("retry"), candidate(2), lost(2)]);
  assert.deepEqual(problemOf(state), UDP_BLOCKED);
  assert.deepEqual(does(effects, "report"), [{ do: "report", problem: UDP_BLOCKED }]);
});

test("a session that is over is not woken by that", () => {
  const over: ConnectionEvent[] = [...stuck, { on: "session-status", status: "ended" }];
  for (const change of [timer("retry"), { on: "network-changed" }, { on: "page-seen" }] as ConnectionEvent[])
    assert.deepEqual(opened([...over, change]), []);
});

test("where only the user can act, nothing is tried", () => {
  const taken: ConnectionEvent = { on: "refused", peer: 1, problem: SHOWN_ELSEWHERE };
  const { effects } = run([...up, taken]);
  assert.equal(waits(effects, "retry"), undefined);
  for (const change of [{ on: "network-changed" }, { on: "page-seen" }, view] as ConnectionEvent[])
    assert.deepEqual(opened([...up, taken, change]), []);
});

test("a page without a view tries nothing", () => {
  assert.deepEqual(opened([...stuck, { on: "view-detached" }, timer("retry")]), []);
});

test("what has worked before and does not any more is told as well, after a few attempts", () => {
  const events = [...up, lost(1)];
  for (let peer = 2; peer <= MAX_ATTEMPTS_AGAIN; peer++)
    events.push(welcome, timer("backoff"), { on: "answered", peer }, timer("connect"));
  const { state, effects } = run(events);
  assert.equal(state.stream.phase, "stuck");
  assert.equal(does(effects, "report").length, 1);
  assert.equal(waits(effects, "retry"), RETRY_MS[0]);
});

test("another network ends the pause after a loss", () => {
  assert.equal(opened([...up, lost(1), welcome, { on: "network-changed" }]).length, 1);
});
