// What carries the stream: WebRTC, or widget messages in its place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type CarrierChoice, TAKE_OVER_MS } from "../../src/connection/carrier";
import { NO_DECODERS, NO_WAY, NO_WEBRTC, NOT_SECURE, UDP_BLOCKED_INSECURE } from "../../src/connection/problems";
import type { ConnectionEvent, StreamMeans } from "../../src/connection/types";
import { does, problemOf, run, timer, view, waits, welcome } from "../support/connection";

const means = (choice: CarrierChoice, more: Partial<StreamMeans> = {}): ConnectionEvent => ({
  on: "loaded",
  webRtc: true,
  messages: null,
  choice,
  ...more,
});
const answered: ConnectionEvent = { on: "answered", peer: 1 };

test("auto begins with WebRTC, and stays with it once it is connected", () => {
  const { state, effects } = run([means("auto"), welcome, view, answered]);
  assert.equal(state.carrier, "webrtc");
  assert.equal(waits(effects, "take-over"), TAKE_OVER_MS);
  const up = run([means("auto"), welcome, view, answered, { on: "connected", peer: 1 }, timer("take-over")]);
  assert.equal(up.state.carrier, "webrtc");
  assert.equal(up.state.stream.phase, "connected");
});

test("not connected in time, failed, or not even made: messages take over, and nobody is told of a problem", () => {
  const lost: ConnectionEvent = { on: "lost", peer: 1, why: "blocked" };
  const ways = [[answered, timer("take-over")], [answered, lost], [answered, timer("connect")], [lost]];
  for (const way of ways) {
    const { state, effects } = run([means("auto"), welcome, view, ...way]);
    assert.equal(state.carrier, "messages");
    assert.deepEqual(does(effects, "open"), [{ do: "open", peer: 2 }]);
    assert.deepEqual(does(effects, "close"), [{ do: "close", peer: 1, hangup: true }]);
    assert.deepEqual(does(effects, "report"), []);
  }
});

test("an answer that was lost says nothing of WebRTC", () => {
  const { state } = run([means("auto"), welcome, view, { on: "lost", peer: 1 }]);
  assert.equal(state.carrier, "webrtc");
  assert.equal(state.stream.phase, "backoff");
});

test("servers of the user's are tried before messages", () => {
  const relayed: ConnectionEvent[] = [
    { ...answered, relay: true },
    timer("relay"),
    { ...answered, peer: 2, relay: true },
  ];
  const tried = run([means("auto"), welcome, view, ...relayed]);
  assert.equal(tried.state.carrier, "webrtc");
  assert.equal(waits(tried.effects, "take-over"), TAKE_OVER_MS);
  const { state } = run([means("auto"), welcome, view, ...relayed, timer("take-over")]);
  assert.equal(state.carrier, "messages");
});

test("what took over stays: the next attempt begins with it", () => {
  const { state } = run([
    means("auto"),
    welcome,
    view,
    answered,
    timer("take-over"),
    { on: "answered", peer: 2 },
    { on: "connected", peer: 2 },
    { on: "lost", peer: 2 },
    timer("backoff"),
    welcome,
  ]);
  assert.equal(state.carrier, "messages");
  assert.equal(state.stream.phase, "offering");
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
    [means("auto", { webRtc: false, messages: "secure-context" }), NO_WAY],
    [means("webrtc", { webRtc: false }), NO_WEBRTC],
    [means("messages", { messages: "secure-context" }), NOT_SECURE],
    [means("messages", { messages: "decoders" }), NO_DECODERS],
  ] as const;
  for (const [event, problem] of cases) {
    const { state, effects } = run([event]);
    assert.equal(state.stream.phase, "unsupported");
    assert.equal(problemOf(state), problem);
    assert.deepEqual(does(effects, "report"), [{ do: "report", problem }]);
  }
});

test("what is blocked where messages could not be played says how they could", () => {
  const { state } = run([
    means("auto", { messages: "secure-context" }),
    welcome,
    view,
    { on: "candidate-found", peer: 1 },
    answered,
    timer("connect"),
  ]);
  assert.equal(problemOf(state), UDP_BLOCKED_INSECURE);
});

test("without decoders auto is WebRTC alone", () => {
  const { state } = run([means("auto", { messages: "secure-context" }), welcome, view, answered, timer("take-over")]);
  assert.deepEqual([state.carrier, state.stream.phase], ["webrtc", "connecting"]);
});
