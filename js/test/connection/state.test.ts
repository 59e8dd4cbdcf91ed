import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AGAIN_MS, ANSWER_MS, ATTEMPTS, backoffMs, CONNECT_MS, LINGER_MS, SERVICE_CONNECT_MS, step, WELCOME_MS,
} from "../../src/connection/state";
import { type Effect, type Event, initial, type Link } from "../../src/connection/types";
import { WOBBLE_MS } from "../../src/streams/host-stream";
import { NO_INTERFACE, NO_WEBRTC, OTHER_VERSION, OVER_THERE, TAKEN, UDP_BLOCKED } from "../../src/connection/problems";
import { PROTOCOL, type StatusName } from "../../src/model/messages";

const loaded: Event = { on: "loaded", supported: true };
const welcome: Event = { on: "welcome", epoch: "e", protocol: PROTOCOL };
const view: Event = { on: "view-attached" };
const timer = (name: Extract<Event, { on: "timer" }>["timer"]): Event => ({ on: "timer", timer: name });

function run(events: Event[], session: StatusName = "live"): { link: Link; effects: Effect[] } {
  let link = initial(session);
  let last: readonly Effect[] = [];
  for (const event of events) [link, last] = step(link, event);
  return { link, effects: [...last] };
}

const up: Event[] = [loaded, welcome, view, { on: "answered", peer: 1 }, { on: "connected", peer: 1 }];
const does = (effects: Effect[], name: Effect["do"]): Effect[] => effects.filter((effect) => effect.do === name);
const waits = (effects: Effect[], name: string): number | undefined =>
  effects.flatMap((effect) => (effect.do === "timer" && effect.timer === name ? [effect.ms] : []))[0];

test("loading says hello and waits for the kernel, without a peer", () => {
  const { link, effects } = run([loaded]);
  assert.equal(link.kernel, "asking");
  assert.deepEqual(does(effects, "hello").length, 1);
  assert.equal(waits(effects, "welcome"), WELCOME_MS);
  assert.deepEqual(does(effects, "open"), []);
});

test("the first view offers at once, welcome or not; the second adds nothing", () => {
  const first = run([loaded, view]);
  assert.deepEqual(does(first.effects, "open"), [{ do: "open", peer: 1 }]);
  assert.equal(waits(first.effects, "answer"), ANSWER_MS);
  const second = run([loaded, view, view]);
  assert.deepEqual(does(second.effects, "open"), []);
  assert.equal(second.link.views, 2);
});

test("a stopped session is not woken by looking at it", () => {
  assert.equal(run([loaded, welcome, view], "ended").link.phase, "ended");
});

test("a session that starts again is offered a peer", () => {
  const { link, effects } = run([loaded, welcome, view, { on: "session", status: "starting" }], "ended");
  assert.equal(link.phase, "offering");
  assert.equal(does(effects, "open").length, 1);
});

test("no welcome in time: silent; and gone once it had been there", () => {
  assert.equal(run([loaded, view, timer("welcome")]).link.kernel, "silent");
  const { link } = run([...up, { on: "lost", peer: 1 }, timer("welcome")]);
  assert.equal(link.kernel, "gone");
});

test("anything heard of Python means that the kernel is there", () => {
  assert.equal(run([loaded, view, timer("welcome"), { on: "heard" }]).link.kernel, "here");
});

test("answered but not connected in time: UDP is blocked, Python is told, nothing is retried", () => {
  const candidate: Event = { on: "candidate", peer: 1 };
  const asked: Event[] = [loaded, welcome, view, candidate, { on: "answered", peer: 1 }];
  assert.equal(waits(run(asked).effects, "connect"), CONNECT_MS);
  for (const how of [timer("connect"), { on: "lost", peer: 1 } as Event]) {
    const { link, effects } = run([...asked, how]);
    assert.equal(link.phase, "stuck");
    assert.deepEqual(link.problem, UDP_BLOCKED);
    assert.deepEqual(does(effects, "report"), [{ do: "report", problem: UDP_BLOCKED }]);
    assert.equal(waits(effects, "backoff"), undefined);
  }
});

test("with no interface at all the remedy is another one", () => {
  const { link } = run([loaded, welcome, view, { on: "answered", peer: 1 }, timer("connect")]);
  assert.deepEqual(link.problem, NO_INTERFACE);
});

test("Retry offers anew and asks for the kernel", () => {
  const { link, effects } = run([loaded, welcome, view, { on: "answered", peer: 1 }, timer("connect"), { on: "retry" }]);
  assert.equal(link.phase, "offering");
  assert.equal(link.peer, 2);
  assert.equal(link.problem, null);
  assert.equal(does(effects, "hello").length, 1);
});

test("no answer: we ask the kernel, keep waiting, and offer anew only after it has spoken", () => {
  const asked: Event[] = [loaded, welcome, view, timer("answer")];
  const late = run(asked);
  assert.equal(late.link.phase, "offering");
  assert.equal(late.link.late, true);
  assert.equal(does(late.effects, "hello").length, 1);
  assert.equal(run([...asked, timer("answer")]).link.phase, "offering", "a busy kernel is waited for");
  const heard = run([...asked, welcome]);
  assert.equal(waits(heard.effects, "answer"), ANSWER_MS);
  assert.equal(run([...asked, welcome, timer("answer")]).link.phase, "backoff", "the answer was lost");
});

test("a late answer still connects", () => {
  const { link } = run([loaded, welcome, view, timer("answer"), { on: "answered", peer: 1 }, { on: "connected", peer: 1 }]);
  assert.equal(link.phase, "connected");
  assert.equal(link.late, false);
});

test("lost: closed, hello, backoff, and a new peer once the kernel has answered", () => {
  const lost: Event[] = [...up, { on: "lost", peer: 1 }];
  const { link, effects } = run(lost);
  assert.equal(link.phase, "backoff");
  assert.equal(waits(effects, "backoff"), 500);
  assert.equal(does(effects, "hello").length, 1);
  assert.equal(run([...lost, timer("backoff")]).link.phase, "backoff", "not before the kernel answers");
  assert.equal(run([...lost, timer("backoff"), welcome]).link.phase, "offering");
  assert.equal(run([...lost, welcome, timer("backoff")]).link.phase, "offering");
});

test("delays grow to ten seconds and stay there; a steady connection resets them", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 50].map(backoffMs), [500, 1000, 2000, 5000, 10_000, 10_000]);
  const again: Event[] = [...up, { on: "lost", peer: 1 }, welcome, timer("backoff")];
  assert.equal(run(again).link.failures, 1);
  const steady: Event[] = [{ on: "answered", peer: 2 }, { on: "connected", peer: 2 }, timer("steady")];
  assert.equal(run([...again, ...steady]).link.failures, 0);
});

test("a wobble is waited out; a long one is a loss", () => {
  const wobbling = run([...up, { on: "wobbling", peer: 1, ms: WOBBLE_MS }]);
  assert.equal(waits(wobbling.effects, "wobble"), WOBBLE_MS);
  const back = run([...up, { on: "wobbling", peer: 1, ms: WOBBLE_MS }, { on: "connected", peer: 1 }]);
  assert.ok(back.effects.some((effect) => effect.do === "cancel" && effect.timer === "wobble"));
  assert.equal(run([...up, { on: "wobbling", peer: 1, ms: WOBBLE_MS }, timer("wobble")]).link.phase, "backoff");
});

test("goodbye ends it, and only a change of the session begins anew", () => {
  const problem = { what: "Stopped after ten minutes.", fix: "Press play." };
  const over: Event[] = [...up, { on: "goodbye", problem }];
  assert.equal(run(over).link.phase, "ended");
  assert.deepEqual(run(over).link.problem, problem);
  assert.equal(run([...over, welcome]).link.phase, "ended", "the same kernel says nothing new");
  assert.equal(run([...over, { ...welcome, epoch: "f" } as Event]).link.phase, "offering");
  assert.equal(run([...over, { on: "session", status: "starting" }]).link.phase, "offering");
});

test("a channel that closes after the session has ended is no loss", () => {
  assert.equal(run([...up, { on: "session", status: "ended" }, { on: "lost", peer: 1 }]).link.phase, "ended");
});

test("a host that stops and falls silent: the kernel may be gone, which is found out", () => {
  const silent: Event[] = [...up, { on: "session", status: "stopping" }, { on: "lost", peer: 1 }];
  assert.equal(does(run(silent).effects, "hello").length, 1);
  assert.equal(run([...silent, timer("welcome")]).link.kernel, "gone");
  assert.equal(run([...silent, welcome]).link.kernel, "here");
  const problem = { what: "Stopped.", fix: "Press play." };
  const polite: Event[] = [...up, { on: "session", status: "stopping" }, { on: "goodbye", problem }];
  assert.equal(run([...polite, timer("welcome")]).link.kernel, "gone");
});

test("asking an ended session to start finds out whether anybody listens", () => {
  const asked = run([...up, { on: "goodbye", problem: { what: "w", fix: "f" } }, { on: "asked" }]);
  assert.equal(asked.link.kernel, "asking");
  assert.equal(waits(asked.effects, "welcome"), WELCOME_MS);
});

test("a session that ends while we try stops the trying", () => {
  const { link, effects } = run([...up, { on: "lost", peer: 1 }, { on: "session", status: "ended" }]);
  assert.equal(link.phase, "ended");
  assert.ok(effects.some((effect) => effect.do === "cancel" && effect.timer === "backoff"));
});

test("refused is shown; refused because it is over only wants to be started", () => {
  const problem = { what: "No room.", fix: "Close one." };
  const { link } = run([loaded, welcome, view, { on: "refused", peer: 1, problem }]);
  assert.equal(link.phase, "stuck");
  assert.deepEqual(link.problem, problem);
  const over = run([loaded, view, { on: "session", status: "stopping" }, { on: "refused", peer: 1, problem }]);
  assert.equal(over.link.phase, "ended");
});

test("what former peers say concerns nobody", () => {
  const now: Event[] = [...up, { on: "lost", peer: 1 }, welcome, timer("backoff")];
  for (const on of ["answered", "connected", "wobbling", "lost"] as const) {
    const { link, effects } = run([...now, { on, peer: 1 } as Event]);
    assert.equal(link.phase, "offering");
    assert.deepEqual(effects, []);
  }
});

test("a new kernel knows nothing of our peer: offer again", () => {
  const { link, effects } = run([...up, { on: "welcome", epoch: "other", protocol: PROTOCOL }]);
  assert.equal(link.phase, "offering");
  assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
});

test("another version is said, and nothing is offered", () => {
  const { link } = run([loaded, { on: "welcome", epoch: "e", protocol: PROTOCOL + 1 }, view]);
  assert.equal(link.phase, "stuck");
  assert.deepEqual(link.problem, OTHER_VERSION);
});

test("no WebRTC is said at once, to the user and to Python, and Retry cannot help", () => {
  const { link, effects } = run([{ on: "loaded", supported: false }]);
  assert.deepEqual(link.problem, NO_WEBRTC);
  assert.equal(does(effects, "report").length, 1);
  for (const event of [view, { on: "retry" } as Event]) {
    const after = run([{ on: "loaded", supported: false }, welcome, view, event]);
    assert.equal(after.link.phase, "stuck");
    assert.deepEqual(does(after.effects, "open"), []);
  }
});

test("without views the connection lingers a minute, then hangs up; a new view saves it", () => {
  const away: Event[] = [...up, { on: "view-detached" }];
  assert.equal(waits(run(away).effects, "linger"), LINGER_MS);
  const { link, effects } = run([...away, timer("linger")]);
  assert.equal(link.phase, "idle");
  assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
  const back = run([...away, view]);
  assert.equal(back.link.phase, "connected");
  assert.deepEqual(back.effects, [{ do: "cancel", timer: "linger" }]);
  assert.equal(run([...away, timer("linger"), view]).link.phase, "offering");
});

test("lost without views: no reconnect", () => {
  const { link, effects } = run([...up, { on: "view-detached" }, { on: "lost", peer: 1 }]);
  assert.equal(link.phase, "idle");
  assert.equal(waits(effects, "backoff"), undefined);
});

test("leaving the page hangs up at once; coming back from the browser's cache offers again", () => {
  const left = run([...up, { on: "leave" }]);
  assert.deepEqual(does(left.effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
  assert.equal(run([...up, { on: "leave" }, { on: "return" }]).link.phase, "offering");
});

test("no order of events leaves two peers open or closes one twice", () => {
  // A small fixed generator: every run tries the same orders.
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  const statuses: StatusName[] = ["idle", "starting", "live", "reconnecting", "stopping", "ended", "failed"];
  const timers = ["welcome", "answer", "connect", "wobble", "backoff", "linger", "steady", "again"] as const;
  const problem = { what: "w", fix: "f" };
  for (let round = 0; round < 300; round += 1) {
    let link = initial("idle");
    const open = new Set<number>();
    for (let move = 0; move < 60; move += 1) {
      const peer = Math.max(1, link.peer - random(2));
      const pick: Event[] = [
        welcome, { on: "welcome", epoch: `e${random(3)}`, protocol: PROTOCOL }, { on: "heard" }, view, { on: "view-detached" },
        { on: "answered", peer }, { on: "connected", peer }, { on: "wobbling", peer, ms: 1 }, { on: "lost", peer },
        { on: "refused", peer, problem }, { on: "goodbye", problem }, { on: "retry" }, { on: "leave" }, { on: "return" },
        { on: "over", peer }, { on: "denied", peer, problem }, { on: "provider", service: random(2) === 0 },
        { on: "session", status: statuses[random(7)] ?? "live" }, timer(timers[random(8)] ?? "welcome"),
      ];
      const [next, effects] = step(link, pick[random(pick.length)] ?? welcome);
      for (const effect of effects) {
        if (effect.do === "close") assert.ok(open.delete(effect.peer), "closed a peer that is not open");
        if (effect.do === "open") open.add(effect.peer);
      }
      link = next;
      const busy = ["offering", "connecting", "connected"].includes(link.phase);
      assert.equal(open.size, busy ? 1 : 0, `${link.phase} with ${open.size} open peers`);
    }
  }
});

// ---- the streams of services ----------------------------------------------------------------------

const service: Event = { on: "provider", service: true };
const joined: Event[] = [service, loaded, welcome, view, { on: "answered", peer: 1 }, { on: "connected", peer: 1 }];

test("a service's session may take its time: asked again and again, and not given up while the kernel answers", () => {
  let events: Event[] = [service, loaded, welcome, view];
  for (let round = 0; round < 10; round += 1) {
    events = [...events, timer("answer")];
    const { link, effects } = run(events, "starting");
    assert.equal(link.phase, "offering");
    assert.equal(link.peer, 1);
    assert.equal(link.late, false, "nothing is said of a busy kernel");
    assert.equal(does(effects, "hello").length, 1);
    assert.equal(waits(effects, "answer"), ANSWER_MS);
    events = [...events, { on: "heard" }];
  }
  const silent = run([...events, timer("answer"), timer("answer")], "starting").link;
  assert.equal(silent.phase, "offering");
  assert.ok(silent.late && !silent.heardSinceLate, "a kernel that falls silent meanwhile is noticed");
  const back = run([...events, timer("answer"), timer("answer"), welcome, timer("answer")], "starting").link;
  assert.equal(back.late, false);
});

test("once the session is live, an answer that got lost is asked for again", () => {
  const { link } = run([service, loaded, welcome, view, { on: "session", status: "live" }, timer("answer"), welcome, timer("answer")], "starting");
  assert.equal(link.phase, "backoff");
});

test("a service has more time to connect, and several attempts before the user has to act", () => {
  const { effects } = run([service, loaded, welcome, view, { on: "answered", peer: 1 }]);
  assert.equal(waits(effects, "connect"), SERVICE_CONNECT_MS);
  let events: Event[] = [service, loaded, welcome, view];
  for (let peer = 1; peer <= ATTEMPTS; peer += 1) {
    assert.equal(run(events).link.phase, "offering");
    events = [...events, { on: "answered", peer }, { on: "lost", peer, why: "no way" }, welcome, timer("backoff")];
  }
  const { link } = run(events);
  assert.equal(link.phase, "stuck");
  assert.match(link.problem?.what ?? "", /no way/);
});

test("a service's stream that was there is tried for without end", () => {
  let events = joined;
  for (let peer = 1; peer < 12; peer += 1) {
    events = [...events, { on: "lost", peer }, welcome, timer("backoff"), { on: "answered", peer: peer + 1 }];
  }
  assert.equal(run(events).link.phase, "connecting");
});

test("what a service loses says nothing of the kernel", () => {
  const lost: Event[] = [...joined, { on: "lost", peer: 1 }, timer("welcome")];
  assert.equal(run(lost).link.kernel, "silent");
});

test("the service ends the session: no storm, one more question, and Python's word counts", () => {
  const over: Event[] = [...joined, { on: "over", peer: 1 }];
  const first = run(over);
  assert.equal(first.link.phase, "ended");
  assert.deepEqual(first.link.problem, OVER_THERE);
  assert.equal(waits(first.effects, "again"), AGAIN_MS);
  const again: Event[] = [...over, welcome, timer("again")];
  assert.equal(run(again).link.phase, "offering");
  const twice = run([...again, { on: "answered", peer: 2 }, { on: "connected", peer: 2 }, { on: "over", peer: 2 }]);
  assert.equal(twice.link.phase, "ended");
  assert.equal(waits(twice.effects, "again"), undefined);
  const known = run([...over, { on: "session", status: "ended" }, timer("again")]).link;
  assert.deepEqual([known.phase, known.problem], ["ended", null], "Python says how it ended");
  assert.equal(run([...over, { on: "session", status: "reconnecting" }]).link.phase, "offering");
});

test("an end that was asked for is no problem", () => {
  const { link, effects } = run([...joined, { on: "session", status: "stopping" }, { on: "over", peer: 1 }]);
  assert.deepEqual([link.phase, link.problem], ["ended", null]);
  assert.equal(does(effects, "hello").length, 1);
});

test("a session that ends closes its stream; while it stops the picture stays", () => {
  assert.equal(run([...joined, { on: "session", status: "stopping" }]).link.phase, "connected");
  for (const status of ["ended", "failed"] as const) {
    const { link, effects } = run([...joined, { on: "session", status }]);
    assert.equal(link.phase, "ended");
    assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
  }
});

test("a refused token is asked for again once", () => {
  const problem = { what: "refused", fix: "f" };
  const once: Event[] = [service, loaded, welcome, view, { on: "answered", peer: 1 }, { on: "denied", peer: 1, problem }];
  assert.equal(run(once).link.phase, "backoff");
  const twice = run([...once, welcome, timer("backoff"), { on: "answered", peer: 2 }, { on: "denied", peer: 2, problem }]);
  assert.equal(twice.link.phase, "stuck");
  assert.deepEqual(does(twice.effects, "report"), [{ do: "report", problem }]);
});

test("shown elsewhere: never fought for, until the user asks, or a new session starts", () => {
  const taken: Event[] = [...joined, { on: "refused", peer: 1, problem: TAKEN }];
  assert.equal(run(taken).link.phase, "stuck");
  for (const status of ["reconnecting", "live"] as const) {
    assert.equal(run([...taken, { on: "session", status: "reconnecting" }, { on: "session", status }]).link.phase, "stuck");
  }
  assert.equal(run([...taken, { on: "retry" }]).link.phase, "offering");
  assert.equal(run([...taken, { on: "session", status: "starting" }]).link.phase, "offering");
});

test("an interruption is shown until it is over", () => {
  const wobbling: Event[] = [...joined, { on: "wobbling", peer: 1, ms: 20_000 }];
  assert.equal(waits(run(wobbling).effects, "wobble"), 20_000);
  assert.equal(run(wobbling).link.wobbling, true);
  assert.equal(run([...wobbling, { on: "connected", peer: 1 }]).link.wobbling, false);
  assert.equal(run([...wobbling, timer("wobble")]).link.wobbling, false);
});

test("another provider is another way to the stream", () => {
  const { link, effects } = run([...up, service]);
  assert.equal(link.phase, "offering");
  assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
});
