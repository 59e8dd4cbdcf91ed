// The life of a stream, whichever it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ANSWER_MS, WELCOME_MS } from "../../src/connection/opening";
import { NO_INTERFACE, NO_WEBRTC, OTHER_VERSION, UDP_BLOCKED } from "../../src/connection/problems";
import { backoffMs, CONNECT_MS, LINGER_MS, reduce } from "../../src/connection/state";
import { type ConnectionEvent, INITIAL, isOpen } from "../../src/connection/types";
import { CONNECT_LATE_MS } from "../../src/connection/unreached";
import { PROTOCOL, type StatusName } from "../../src/model/messages";
import { INTERRUPTION_MS } from "../../src/streams/host-stream";
import { answerOf, does, loaded, problemOf, run, timer, unable, up, view, waits, welcome } from "../support/connection";

test("loading says hello and waits for the kernel, without a peer", () => {
  const { state, effects } = run([loaded]);
  assert.equal(state.kernel.is, "asking");
  assert.deepEqual(does(effects, "hello").length, 1);
  assert.equal(waits(effects, "welcome"), WELCOME_MS);
  assert.deepEqual(does(effects, "open"), []);
});

test("the first view offers at once, welcome or not; the second adds nothing", () => {
  const first = run([loaded, view]);
  assert.deepEqual(does(first.effects, "open"), [{ do: "open", peer: 1, carrier: "webrtc" }]);
  assert.equal(waits(first.effects, "answer"), ANSWER_MS);
  const second = run([loaded, view, view]);
  assert.deepEqual(does(second.effects, "open"), []);
  assert.equal(second.state.views, 2);
});

test("a stopped session is not woken by looking at it", () => {
  assert.equal(run([loaded, welcome, view], "ended").state.stream.phase, "ended");
});

test("a session that starts again is offered a peer", () => {
  const { state, effects } = run([loaded, welcome, view, { on: "session-status", status: "starting" }], "ended");
  assert.equal(state.stream.phase, "offering");
  assert.equal(does(effects, "open").length, 1);
});

test("no welcome in time: silent; and gone once it had been there", () => {
  assert.equal(run([loaded, view, timer("welcome")]).state.kernel.is, "silent");
  const { state } = run([...up, { on: "lost", peer: 1 }, timer("welcome")]);
  assert.equal(state.kernel.is, "gone");
});

test("anything heard of Python means that the kernel is there", () => {
  assert.equal(run([loaded, view, timer("welcome"), { on: "kernel-heard" }]).state.kernel.is, "here");
});

test("answered but not connected in time: UDP is blocked, and Python is told", () => {
  const candidate: ConnectionEvent = { on: "candidate-found", peer: 1 };
  const asked: ConnectionEvent[] = [loaded, welcome, view, candidate, { on: "answered", peer: 1 }];
  assert.equal(waits(run(asked).effects, "connect"), CONNECT_MS);
  for (const how of [timer("connect"), { on: "lost", peer: 1 } as ConnectionEvent]) {
    const { state, effects } = run([...asked, how]);
    assert.equal(state.stream.phase, "stuck");
    assert.deepEqual(problemOf(state), UDP_BLOCKED);
    assert.deepEqual(does(effects, "report"), [{ do: "report", problem: UDP_BLOCKED }]);
    assert.equal(waits(effects, "backoff"), undefined);
  }
});

test("a connection that comes after all, on a busy machine, is taken, and one that does not is closed", () => {
  const late = [loaded, welcome, view, { on: "answered", peer: 1 }, timer("connect")] as ConnectionEvent[];
  const told = run(late);
  assert.deepEqual(does(told.effects, "close"), []);
  assert.equal(waits(told.effects, "connect"), CONNECT_LATE_MS);
  const { state } = run([...late, { on: "connected", peer: 1 }]);
  assert.deepEqual(state.stream, { phase: "connected", peer: 1, interrupted: false });
  for (const end of [timer("connect"), { on: "lost", peer: 1 } as ConnectionEvent]) {
    const over = run([...late, end]);
    assert.deepEqual(does(over.effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
    assert.deepEqual(over.state.stream, { phase: "stuck", problem: NO_INTERFACE, tries: 0 });
    assert.deepEqual(does(over.effects, "report"), [], "it was told before");
  }
  const retried = run([...late, { on: "retry" }]);
  assert.deepEqual(does(retried.effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
  assert.equal(retried.state.stream.phase, "offering");
});

test("with no interface at all the remedy is another one", () => {
  const { state } = run([loaded, welcome, view, { on: "answered", peer: 1 }, timer("connect")]);
  assert.deepEqual(problemOf(state), NO_INTERFACE);
});

test("Retry offers anew and asks for the kernel", () => {
  const { state, effects } = run([
    loaded,
    welcome,
    view,
    { on: "answered", peer: 1 },
    timer("connect"),
    { on: "retry" },
  ]);
  assert.equal(state.stream.phase, "offering");
  assert.equal(state.attempts, 2);
  assert.equal(problemOf(state), null);
  assert.equal(does(effects, "hello").length, 1);
});

test("no answer: we ask the kernel, keep waiting, and offer anew only after it has spoken", () => {
  const asked: ConnectionEvent[] = [loaded, welcome, view, timer("answer")];
  const late = run(asked);
  assert.equal(late.state.stream.phase, "offering");
  assert.equal(answerOf(late.state), "late");
  assert.equal(does(late.effects, "hello").length, 1);
  assert.equal(run([...asked, timer("answer")]).state.stream.phase, "offering", "a busy kernel is waited for");
  const heard = run([...asked, welcome]);
  assert.equal(waits(heard.effects, "answer"), ANSWER_MS);
  assert.equal(run([...asked, welcome, timer("answer")]).state.stream.phase, "backoff", "the answer was lost");
});

test("a late answer still connects", () => {
  const { state } = run([
    loaded,
    welcome,
    view,
    timer("answer"),
    { on: "answered", peer: 1 },
    { on: "connected", peer: 1 },
  ]);
  assert.equal(state.stream.phase, "connected");
  assert.equal("answer" in state.stream, false, "nothing is late any more");
});

test("lost: closed, hello, backoff, and a new peer once the kernel has answered", () => {
  const lost: ConnectionEvent[] = [...up, { on: "lost", peer: 1 }];
  const { state, effects } = run(lost);
  assert.equal(state.stream.phase, "backoff");
  assert.equal(waits(effects, "backoff"), 500);
  assert.equal(does(effects, "hello").length, 1);
  assert.equal(run([...lost, timer("backoff")]).state.stream.phase, "backoff", "not before the kernel answers");
  assert.equal(run([...lost, timer("backoff"), welcome]).state.stream.phase, "offering");
  assert.equal(run([...lost, welcome, timer("backoff")]).state.stream.phase, "offering");
});

test("delays grow to ten seconds and stay there; a steady connection resets them", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 50].map(backoffMs), [500, 1000, 2000, 5000, 10_000, 10_000]);
  const again: ConnectionEvent[] = [...up, { on: "lost", peer: 1 }, welcome, timer("backoff")];
  assert.equal(run(again).state.failures, 1);
  const steady: ConnectionEvent[] = [{ on: "answered", peer: 2 }, { on: "connected", peer: 2 }, timer("steady")];
  assert.equal(run([...again, ...steady]).state.failures, 0);
});

test("a wobble is waited out; a long one is a loss", () => {
  const interrupted = run([...up, { on: "interrupted", peer: 1, ms: INTERRUPTION_MS }]);
  assert.equal(waits(interrupted.effects, "interruption"), INTERRUPTION_MS);
  const back = run([...up, { on: "interrupted", peer: 1, ms: INTERRUPTION_MS }, { on: "connected", peer: 1 }]);
  assert.ok(back.effects.some((effect) => effect.do === "cancel-timer" && effect.timer === "interruption"));
  assert.equal(
    run([...up, { on: "interrupted", peer: 1, ms: INTERRUPTION_MS }, timer("interruption")]).state.stream.phase,
    "backoff",
  );
});

test("goodbye ends it, and only a change of the session begins anew", () => {
  const problem = { what: "Stopped after ten minutes.", fix: "Press play." };
  const over: ConnectionEvent[] = [...up, { on: "goodbye", problem }];
  assert.equal(run(over).state.stream.phase, "ended");
  assert.deepEqual(problemOf(run(over).state), problem);
  assert.equal(run([...over, welcome]).state.stream.phase, "ended", "the same kernel says nothing new");
  assert.equal(run([...over, { ...welcome, epoch: "f" } as ConnectionEvent]).state.stream.phase, "offering");
  assert.equal(run([...over, { on: "session-status", status: "starting" }]).state.stream.phase, "offering");
});

test("a channel that closes after the session has ended is no loss", () => {
  assert.equal(
    run([...up, { on: "session-status", status: "ended" }, { on: "lost", peer: 1 }]).state.stream.phase,
    "ended",
  );
});

test("a host that stops and falls silent: the kernel may be gone, which is found out", () => {
  const silent: ConnectionEvent[] = [...up, { on: "session-status", status: "stopping" }, { on: "lost", peer: 1 }];
  assert.equal(does(run(silent).effects, "hello").length, 1);
  assert.equal(run([...silent, timer("welcome")]).state.kernel.is, "gone");
  assert.equal(run([...silent, welcome]).state.kernel.is, "here");
  const problem = { what: "Stopped.", fix: "Press play." };
  const polite: ConnectionEvent[] = [...up, { on: "session-status", status: "stopping" }, { on: "goodbye", problem }];
  assert.equal(run([...polite, timer("welcome")]).state.kernel.is, "gone");
});

test("asking an ended session to start finds out whether anybody listens", () => {
  const asked = run([...up, { on: "goodbye", problem: { what: "w", fix: "f" } }, { on: "request-sent" }]);
  assert.equal(asked.state.kernel.is, "asking");
  assert.equal(waits(asked.effects, "welcome"), WELCOME_MS);
});

test("a session that ends while we try stops the trying", () => {
  const { state, effects } = run([...up, { on: "lost", peer: 1 }, { on: "session-status", status: "ended" }]);
  assert.equal(state.stream.phase, "ended");
  assert.ok(effects.some((effect) => effect.do === "cancel-timer" && effect.timer === "backoff"));
});

test("refused is shown; refused because it is over only wants to be started", () => {
  const problem = { what: "No room.", fix: "Close one." };
  const { state } = run([loaded, welcome, view, { on: "refused", peer: 1, problem }]);
  assert.equal(state.stream.phase, "stuck");
  assert.deepEqual(problemOf(state), problem);
  const over = run([loaded, view, { on: "session-status", status: "stopping" }, { on: "refused", peer: 1, problem }]);
  assert.equal(over.state.stream.phase, "ended");
});

test("what former peers say concerns nobody", () => {
  const now: ConnectionEvent[] = [...up, { on: "lost", peer: 1 }, welcome, timer("backoff")];
  for (const on of ["answered", "connected", "interrupted", "lost"] as const) {
    const { state, effects } = run([...now, { on, peer: 1 } as ConnectionEvent]);
    assert.equal(state.stream.phase, "offering");
    assert.deepEqual(effects, []);
  }
});

test("a new kernel knows nothing of our peer: offer again", () => {
  const { state, effects } = run([...up, { on: "welcome", epoch: "other", protocol: PROTOCOL }]);
  assert.equal(state.stream.phase, "offering");
  assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
});

test("another version is said, and nothing is offered", () => {
  const { state } = run([loaded, { on: "welcome", epoch: "e", protocol: PROTOCOL + 1 }, view]);
  assert.equal(state.stream.phase, "stuck");
  assert.deepEqual(problemOf(state), OTHER_VERSION);
});

test("no WebRTC is said at once, to the user and to Python, and Retry cannot help", () => {
  const { state, effects } = run([unable]);
  assert.deepEqual(does(effects, "report"), [{ do: "report", problem: NO_WEBRTC }]);
  assert.equal(state.stream.phase, "unsupported");
  for (const event of [view, { on: "retry" } as ConnectionEvent]) {
    const after = run([unable, welcome, view, event]);
    assert.equal(after.state.stream.phase, "unsupported");
    assert.deepEqual(does(after.effects, "open"), []);
  }
});

test("without views the connection lingers a minute, then hangs up; a new view saves it", () => {
  const away: ConnectionEvent[] = [...up, { on: "view-detached" }];
  assert.equal(waits(run(away).effects, "linger"), LINGER_MS);
  const { state, effects } = run([...away, timer("linger")]);
  assert.equal(state.stream.phase, "idle");
  assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
  const back = run([...away, view]);
  assert.equal(back.state.stream.phase, "connected");
  assert.deepEqual(back.effects, [{ do: "cancel-timer", timer: "linger" }]);
  assert.equal(run([...away, timer("linger"), view]).state.stream.phase, "offering");
});

test("lost without views: no reconnect", () => {
  const { state, effects } = run([...up, { on: "view-detached" }, { on: "lost", peer: 1 }]);
  assert.equal(state.stream.phase, "idle");
  assert.equal(waits(effects, "backoff"), undefined);
});

test("leaving the page hangs up at once; coming back from the browser's cache offers again", () => {
  const left = run([...up, { on: "page-hidden" }]);
  assert.deepEqual(does(left.effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
  assert.equal(run([...up, { on: "page-hidden" }, { on: "page-shown" }]).state.stream.phase, "offering");
});

test("no order of events leaves two peers open or closes one twice", () => {
  // A small fixed generator: every run tries the same orders.
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  const statuses: StatusName[] = ["idle", "starting", "live", "reconnecting", "stopping", "ended", "failed"];
  const timers = ["welcome", "answer", "connect", "interruption", "backoff", "linger", "steady", "ask-again"] as const;
  const problem = { what: "w", fix: "f" };
  for (let round = 0; round < 300; round += 1) {
    let state = INITIAL;
    const open = new Set<number>();
    for (let move = 0; move < 60; move += 1) {
      const peer = Math.max(1, state.attempts - random(2));
      const pick: ConnectionEvent[] = [
        welcome,
        { on: "welcome", epoch: `e${random(3)}`, protocol: PROTOCOL },
        { on: "kernel-heard" },
        view,
        { on: "view-detached" },
        { on: "answered", peer },
        { on: "connected", peer },
        { on: "interrupted", peer, ms: 1 },
        { on: "lost", peer },
        { on: "refused", peer, problem },
        { on: "goodbye", problem },
        { on: "retry" },
        { on: "page-hidden" },
        { on: "page-shown" },
        { on: "session-over", peer },
        { on: "token-refused", peer, problem },
        { on: "stream-changed", service: random(2) === 0 },
        { on: "session-status", status: statuses[random(7)] ?? "live" },
        timer(timers[random(8)] ?? "welcome"),
      ];
      const [next, effects] = reduce(state, pick[random(pick.length)] ?? welcome);
      for (const effect of effects) {
        if (effect.do === "close") assert.ok(open.delete(effect.peer), "closed a peer that is not open");
        if (effect.do === "open") open.add(effect.peer);
      }
      state = next;
      assert.equal(open.size, isOpen(state.stream) ? 1 : 0, `${state.stream.phase} with ${open.size} open peers`);
    }
  }
});
