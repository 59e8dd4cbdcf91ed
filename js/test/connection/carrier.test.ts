// What carries the stream: WebRTC, or widget messages in its place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TAKE_OVER_MS } from "../../src/connection/carrier";
import { NO_MESSAGES, NO_WAY, NO_WEBRTC } from "../../src/connection/problems";
import type { CarrierChoice, ConnectionEvent, StreamMeans } from "../../src/connection/types";
import { does, problemOf, run, timer, view, waits, welcome } from "../support/connection";

const means = (choice: CarrierChoice, more: Partial<StreamMeans> = {}): ConnectionEvent => ({
  on: "loaded",
  webRtc: true,
  messages: true,
  choice,
  likely: "webrtc",
  ...more,
});
const answered: ConnectionEvent = { on: "answered", peer: 1 };
const connected = (peer: number): ConnectionEvent => ({ on: "connected", peer });

test("auto begins with WebRTC, and stays with it once it is connected", () => {
  const { state, effects } = run([means("auto"), welcome, view, answered]);
  assert.equal(state.carrier, "webrtc");
  assert.equal(waits(effects, "take-over"), TAKE_OVER_MS);
  const up = run([means("auto"), welcome, view, answered, { on: "connected", peer: 1 }, timer("take-over")]);
  assert.equal(up.state.carrier, "webrtc");
  assert.equal(up.state.stream.phase, "connected");
});

test("where messages are likely both begin at once, and WebRTC takes over with its picture", () => {
  const both = [means("auto", { likely: "messages" }), welcome, view];
  const { state, effects } = run(both);
  assert.deepEqual(does(effects, "open"), [
    { do: "open", peer: 1, carrier: "messages" },
    { do: "open", peer: 2, carrier: "webrtc" },
  ]);
  assert.equal(state.carrier, "messages");
  const better = run([...both, connected(1), { on: "answered", peer: 2 }, connected(2)]);
  assert.deepEqual([better.state.carrier, better.state.side], ["webrtc", { phase: "none" }]);
  const alone = run([...both, connected(1), { on: "answered", peer: 2 }, { on: "lost", peer: 2 }]);
  assert.deepEqual([alone.state.carrier, alone.state.stream.phase], ["messages", "connected"]);
  for (const [choice, more] of [
    ["webrtc", {}],
    ["auto", { messages: false }],
  ] as const) {
    assert.equal(run([means(choice, { likely: "messages", ...more }), welcome, view]).state.carrier, "webrtc");
  }
});

test("not connected soon, messages begin beside it, and the first that is connected carries the stream", () => {
  const beside = [means("auto"), welcome, view, answered, timer("take-over")];
  const { state, effects } = run(beside);
  assert.equal(state.carrier, "messages");
  assert.deepEqual(state.stream, { phase: "offering", peer: 2, answer: "awaited" });
  assert.deepEqual(state.side, { phase: "connecting", peer: 1, failures: 0 });
  assert.deepEqual(does(effects, "open"), [{ do: "open", peer: 2, carrier: "messages" }]);
  assert.deepEqual([does(effects, "close"), does(effects, "report")], [[], []]);
  const messages = run([...beside, connected(2)]);
  assert.deepEqual(messages.state.stream, { phase: "connected", peer: 2, interrupted: false });
  assert.deepEqual(does(messages.effects, "close"), [], "WebRTC is better, and may still come");
  for (const late of [[connected(1)], [connected(2), connected(1)]]) {
    const better = run([...beside, ...late]);
    assert.deepEqual([better.state.carrier, better.state.side], ["webrtc", { phase: "none" }]);
    assert.deepEqual(better.state.stream, { phase: "connected", peer: 1, interrupted: false });
    assert.deepEqual(does(better.effects, "close"), [{ do: "close", peer: 2, hangup: true }]);
  }
});

test("WebRTC that fails, or cannot even be made, leaves the stream to messages without a word of a problem", () => {
  const lost: ConnectionEvent = { on: "lost", peer: 1, why: "blocked" };
  const ways = [[answered, lost], [answered, timer("connect")], [lost]];
  for (const way of ways) {
    const { state, effects } = run([means("auto"), welcome, view, ...way]);
    assert.deepEqual([state.carrier, state.side], ["messages", { phase: "waiting", failures: 1 }]);
    assert.deepEqual(does(effects, "open"), [{ do: "open", peer: 2, carrier: "messages" }]);
    assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
    assert.deepEqual(does(effects, "report"), []);
  }
});

test("beside messages WebRTC is tried again, ever less often, and at once in another network", () => {
  const events = [means("auto"), welcome, view, answered, timer("take-over"), connected(2), timer("side")];
  const waited: Array<number | undefined> = [];
  for (let peer = 3; peer < 10; peer += 1) {
    const failed = run(events);
    assert.deepEqual(failed.state.side, { phase: "waiting", failures: peer - 2 });
    waited.push(waits(failed.effects, "side"));
    const again = run([...events, timer("side")]);
    assert.deepEqual(does(again.effects, "open"), [{ do: "open", peer, carrier: "webrtc" }]);
    events.push(timer("side"), { on: "answered", peer }, { on: "lost", peer });
  }
  assert.deepEqual(
    waited,
    [...waited].sort((one, other) => Number(one) - Number(other)),
  );
  assert.ok(Number(waited.at(-1)) <= 600_000);
  const moved = run([...events, { on: "network-changed" }]);
  assert.equal(does(moved.effects, "open").length, 1);
  assert.equal(moved.state.stream.phase, "connected", "what plays goes on");
  const offered = run([...events, { on: "network-changed" }, { on: "network-changed" }]);
  assert.deepEqual(does(offered.effects, "open"), [], "once is enough");
});

test("a WebRTC that stalls is replaced by messages, and takes over again when it comes back", () => {
  const stalled: ConnectionEvent[] = [means("auto"), welcome, view, answered, connected(1)];
  stalled.push({ on: "interrupted", peer: 1, ms: 3_000 });
  const { state, effects } = run(stalled);
  assert.deepEqual(does(effects, "open"), [{ do: "open", peer: 2, carrier: "messages" }]);
  assert.deepEqual(does(effects, "close"), []);
  assert.equal(waits(effects, "side"), 3_000);
  assert.deepEqual(state.side, { phase: "connecting", peer: 1, failures: 0 });
  const back = run([...stalled, connected(2), connected(1)]).state;
  assert.deepEqual([back.carrier, back.stream.phase], ["webrtc", "connected"]);
  const gone = run([...stalled, connected(2), { on: "lost", peer: 1 }]).state;
  assert.deepEqual([gone.carrier, gone.stream.phase, gone.side.phase], ["messages", "connected", "waiting"]);
});

test("a WebRTC that is connected and brings nothing is replaced by messages at once; alone, it is made anew", () => {
  const up = [means("auto"), welcome, view, answered, connected(1)];
  const { state, effects } = run([...up, { on: "stalled", peer: 1 }]);
  assert.deepEqual(does(effects, "open").at(-1), { do: "open", peer: 2, carrier: "messages" });
  assert.deepEqual(does(effects, "close"), [], "it may come back");
  assert.equal(state.side.phase, "connecting");
  const gone = run([...up, { on: "stalled", peer: 1 }, connected(2), timer("side")]);
  assert.deepEqual(does(gone.effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
  const alone = run([means("webrtc"), welcome, view, answered, connected(1), { on: "stalled", peer: 1 }]);
  assert.equal(alone.state.stream.phase, "backoff");
});

test("messages that break leave the stream to the WebRTC beside them", () => {
  const beside = [means("auto"), welcome, view, answered, timer("take-over")];
  const { state, effects } = run([...beside, { on: "lost", peer: 2 }]);
  assert.deepEqual(state.stream, { phase: "connecting", peer: 1 });
  assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 2, hangup: true }]);
  assert.ok(Number(waits(effects, "connect")) > 0);
  const useless: ConnectionEvent = { on: "refused", peer: 2, problem: NO_MESSAGES, report: true };
  const alone = run([...beside, useless]).state;
  assert.deepEqual([alone.stream.phase, alone.choosing], ["connecting", false]);
});

test("all that goes on ends with the stream", () => {
  const { state, effects } = run([means("auto"), welcome, view, answered, timer("take-over"), { on: "page-hidden" }]);
  assert.deepEqual([state.stream.phase, state.side.phase], ["idle", "none"]);
  assert.equal(does(effects, "close").length, 2);
  assert.ok(effects.some((effect) => effect.do === "cancel-timer" && effect.timer === "side"));
});

test("an answer that was lost says nothing of WebRTC", () => {
  const { state } = run([means("auto"), welcome, view, { on: "lost", peer: 1 }]);
  assert.equal(state.carrier, "webrtc");
  assert.equal(state.stream.phase, "backoff");
});

test("servers of the user's are tried beside messages", () => {
  const { state, effects } = run([means("auto"), welcome, view, { ...answered, relay: true }, timer("take-over")]);
  assert.equal(state.relay, "used");
  assert.deepEqual(does(effects, "open"), [
    { do: "open", peer: 2, carrier: "messages" },
    { do: "open", peer: 3, carrier: "webrtc" },
  ]);
  assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
});

test("what was lost begins with both: the network may be another one", () => {
  const { state, effects } = run([
    means("auto"),
    welcome,
    view,
    answered,
    timer("take-over"),
    connected(2),
    { on: "lost", peer: 1 },
    { on: "lost", peer: 2 },
    timer("backoff"),
    welcome,
  ]);
  assert.equal(state.carrier, "messages");
  assert.deepEqual(does(effects, "open"), [
    { do: "open", peer: 3, carrier: "messages" },
    { do: "open", peer: 4, carrier: "webrtc" },
  ]);
});

test("without WebRTC auto begins with messages", () => {
  const { state, effects } = run([means("auto", { webRtc: false }), welcome, view]);
  assert.equal(state.carrier, "messages");
  assert.equal(state.stream.phase, "offering");
  assert.deepEqual(does(effects, "report"), []);
});

test("what is forced is exactly that", () => {
  const webRtc = run([means("webrtc"), welcome, view, answered, timer("connect")]).state;
  assert.deepEqual([webRtc.carrier, webRtc.stream.phase], ["webrtc", "stuck"]);
  const messages = run([means("messages"), welcome, view]).state;
  assert.deepEqual([messages.carrier, messages.stream.phase], ["messages", "offering"]);
});

test("where nothing that is allowed can work, the page says what is missing", () => {
  const cases = [
    [means("auto", { webRtc: false, messages: false }), NO_WAY],
    [means("webrtc", { webRtc: false }), NO_WEBRTC],
    [means("messages", { messages: false }), NO_MESSAGES],
  ] as const;
  for (const [event, problem] of cases) {
    const { state, effects } = run([event]);
    assert.equal(state.stream.phase, "unsupported");
    assert.equal(problemOf(state), problem);
    assert.deepEqual(does(effects, "report"), [{ do: "report", problem }]);
  }
});

test("where messages cannot be played auto is WebRTC alone", () => {
  const { state } = run([means("auto", { messages: false }), welcome, view, answered, timer("take-over")]);
  assert.deepEqual([state.carrier, state.stream.phase], ["webrtc", "connecting"]);
});
