// What is different for the streams of services.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ANSWER_MS } from "../../src/connection/opening";
import { SESSION_OVER, SHOWN_ELSEWHERE } from "../../src/connection/problems";
import { ASK_AGAIN_MS, MAX_ATTEMPTS, SERVICE_CONNECT_MS } from "../../src/connection/state";
import type { ConnectionEvent, ConnectionState } from "../../src/connection/types";
import { answerOf, does, loaded, problemOf, run, timer, up, view, waits, welcome } from "../support/connection";

const service: ConnectionEvent = { on: "stream-changed", service: true };
const joined: ConnectionEvent[] = [
  service,
  loaded,
  welcome,
  view,
  { on: "answered", peer: 1 },
  { on: "connected", peer: 1 },
];

test("a service's session may take its time: asked again and again, and not given up while the kernel answers", () => {
  let events: ConnectionEvent[] = [service, loaded, welcome, view];
  for (let round = 0; round < 10; round += 1) {
    events = [...events, timer("answer")];
    const { state, effects } = run(events, "starting");
    assert.equal(state.stream.phase, "offering");
    assert.equal(state.attempts, 1);
    assert.equal(answerOf(state), "inquired", "nothing is said of a busy kernel");
    assert.equal(does(effects, "hello").length, 1);
    assert.equal(waits(effects, "answer"), ANSWER_MS);
    events = [...events, { on: "kernel-heard" }];
  }
  const silent = run([...events, timer("answer"), timer("answer")], "starting").state;
  assert.equal(silent.stream.phase, "offering");
  assert.equal(answerOf(silent), "late", "a kernel that falls silent meanwhile is noticed");
  const back = run([...events, timer("answer"), timer("answer"), welcome, timer("answer")], "starting").state;
  assert.equal(answerOf(back), "inquired");
});

test("once the session is live, an answer that got lost is asked for again", () => {
  const { state } = run(
    [
      service,
      loaded,
      welcome,
      view,
      { on: "session-status", status: "live" },
      timer("answer"),
      welcome,
      timer("answer"),
    ],
    "starting",
  );
  assert.equal(state.stream.phase, "backoff");
});

test("a service has more time to connect, and several attempts before the user has to act", () => {
  const { effects } = run([service, loaded, welcome, view, { on: "answered", peer: 1 }]);
  assert.equal(waits(effects, "connect"), SERVICE_CONNECT_MS);
  let events: ConnectionEvent[] = [service, loaded, welcome, view];
  for (let peer = 1; peer <= MAX_ATTEMPTS; peer += 1) {
    assert.equal(run(events).state.stream.phase, "offering");
    events = [...events, { on: "answered", peer }, { on: "lost", peer, why: "no way" }, welcome, timer("backoff")];
  }
  const { state } = run(events);
  assert.equal(state.stream.phase, "stuck");
  assert.match(problemOf(state)?.what ?? "", /no way/);
});

test("a service's stream that was there is tried for without end", () => {
  let events = joined;
  for (let peer = 1; peer < 12; peer += 1) {
    events = [...events, { on: "lost", peer }, welcome, timer("backoff"), { on: "answered", peer: peer + 1 }];
  }
  assert.equal(run(events).state.stream.phase, "connecting");
});

test("what a service loses says nothing of the kernel", () => {
  const lost: ConnectionEvent[] = [...joined, { on: "lost", peer: 1 }, timer("welcome")];
  assert.equal(run(lost).state.kernel.is, "silent");
});

test("the service ends the session: no storm, one more question, and Python's word counts", () => {
  const over: ConnectionEvent[] = [...joined, { on: "session-over", peer: 1 }];
  const first = run(over);
  assert.equal(first.state.stream.phase, "ended");
  assert.deepEqual(problemOf(first.state), SESSION_OVER);
  assert.equal(waits(first.effects, "ask-again"), ASK_AGAIN_MS);
  const again: ConnectionEvent[] = [...over, welcome, timer("ask-again")];
  assert.equal(run(again).state.stream.phase, "offering");
  const twice = run([
    ...again,
    { on: "answered", peer: 2 },
    { on: "connected", peer: 2 },
    { on: "session-over", peer: 2 },
  ]);
  assert.equal(twice.state.stream.phase, "ended");
  assert.equal(waits(twice.effects, "ask-again"), undefined);
  const known = run([...over, { on: "session-status", status: "ended" }, timer("ask-again")]).state;
  assert.deepEqual(known.stream, { phase: "ended", problem: null }, "Python says how it ended");
  assert.equal(run([...over, { on: "session-status", status: "reconnecting" }]).state.stream.phase, "offering");
});

test("an end that was asked for is no problem", () => {
  const { state, effects } = run([
    ...joined,
    { on: "session-status", status: "stopping" },
    { on: "session-over", peer: 1 },
  ]);
  assert.deepEqual([state.stream.phase, problemOf(state)], ["ended", null]);
  assert.equal(does(effects, "hello").length, 1);
});

test("a session that ends closes its stream; while it stops the picture stays", () => {
  assert.equal(run([...joined, { on: "session-status", status: "stopping" }]).state.stream.phase, "connected");
  for (const status of ["ended", "failed"] as const) {
    const { state, effects } = run([...joined, { on: "session-status", status }]);
    assert.equal(state.stream.phase, "ended");
    assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
  }
});

test("a refused token is asked for again once", () => {
  const problem = { what: "refused", fix: "f" };
  const once: ConnectionEvent[] = [
    service,
    loaded,
    welcome,
    view,
    { on: "answered", peer: 1 },
    { on: "token-refused", peer: 1, problem },
  ];
  assert.equal(run(once).state.stream.phase, "backoff");
  const twice = run([
    ...once,
    welcome,
    timer("backoff"),
    { on: "answered", peer: 2 },
    { on: "token-refused", peer: 2, problem },
  ]);
  assert.equal(twice.state.stream.phase, "stuck");
  assert.deepEqual(does(twice.effects, "report"), [{ do: "report", problem }]);
});

test("shown elsewhere: never fought for, until the user asks, or a new session starts", () => {
  const taken: ConnectionEvent[] = [...joined, { on: "refused", peer: 1, problem: SHOWN_ELSEWHERE }];
  assert.equal(run(taken).state.stream.phase, "stuck");
  for (const status of ["reconnecting", "live"] as const) {
    assert.equal(
      run([...taken, { on: "session-status", status: "reconnecting" }, { on: "session-status", status }]).state.stream
        .phase,
      "stuck",
    );
  }
  assert.equal(run([...taken, { on: "retry" }]).state.stream.phase, "offering");
  assert.equal(run([...taken, { on: "session-status", status: "starting" }]).state.stream.phase, "offering");
  const over = run([...taken, { on: "session-status", status: "ended" }]).state.stream;
  assert.deepEqual(over, { phase: "ended", problem: null }, "nobody has it any more");
});

test("an interruption is shown until it is over", () => {
  const interrupted: ConnectionEvent[] = [...joined, { on: "interrupted", peer: 1, ms: 20_000 }];
  assert.equal(waits(run(interrupted).effects, "interruption"), 20_000);
  const isInterrupted = ({ stream }: ConnectionState): boolean => stream.phase === "connected" && stream.interrupted;
  assert.equal(isInterrupted(run(interrupted).state), true);
  assert.equal(isInterrupted(run([...interrupted, { on: "connected", peer: 1 }]).state), false);
  assert.equal(isInterrupted(run([...interrupted, timer("interruption")]).state), false);
});

test("another provider is another way to the stream", () => {
  const { state, effects } = run([...up, service]);
  assert.equal(state.stream.phase, "offering");
  assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
});

test("another provider takes over: whatever became of the first one's stream, the other is asked for", () => {
  const host: ConnectionEvent = { on: "stream-changed", service: false };
  const problem = { what: "No credits.", fix: "Buy some." };
  const waiting = joined.slice(0, 4);
  const before: ConnectionEvent[][] = [
    waiting,
    joined,
    [...waiting, { on: "refused", peer: 1, problem }],
    [...joined, { on: "lost", peer: 1 }],
    [...joined, { on: "session-over", peer: 1 }],
  ];
  for (const events of before) {
    const { state, effects } = run([...events, host]);
    assert.equal(state.stream.phase, "offering", JSON.stringify(events.at(-1)));
    assert.equal(state.service, false);
    assert.equal(does(effects, "open").length, 1);
  }
});

test("what has ended is not asked for by another provider", () => {
  const { state } = run([
    ...joined,
    { on: "session-status", status: "ended" },
    { on: "stream-changed", service: false },
  ]);
  assert.equal(state.stream.phase, "ended");
});
