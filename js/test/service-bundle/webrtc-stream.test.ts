// The peer connection that a service offers, in one model's whole flow: fake kernel, fake service.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LINGER_MS } from "../../src/connection/state";
import { FakeChannel, FakePeer, settle } from "../support/fakes";
import { createServiceStage, media, offered, peerId, phase, plays, type Stage } from "../support/service-player";

/** The service makes the data channel; ours gets it. */
function openChannel(): FakeChannel {
  const channel = new FakeChannel();
  FakePeer.last.dispatchEvent(Object.assign(new Event("datachannel"), { channel }));
  return channel;
}

async function watching(): Promise<[Stage, FakeChannel]> {
  const all = await createServiceStage("webrtc");
  await offered(all);
  const channel = openChannel();
  FakePeer.last.connect();
  plays(all);
  return [all, channel];
}

test("WebRTC: the offer is answered, without names that the service cannot look up; then picture and sound", async () => {
  const all = await createServiceStage("webrtc");
  assert.deepEqual(all.model.of("need-bundle"), []);
  await offered(all);
  assert.equal(FakePeer.last.remote, "their offer");
  assert.deepEqual(all.model.of("accept-offer"), [
    { type: "accept-offer", page: "p", peer: peerId(all), sdp: "our answer\r\n" },
  ]);
  FakePeer.last.connect();
  plays(all);
  assert.deepEqual([phase(all), media(all), all.player.stream?.kind], ["connected", ["playing"], "webrtc"]);
  assert.deepEqual(
    all.stream.tracks.map(({ kind }) => kind),
    ["video", "audio"],
  );
});

test("WebRTC: the answer is sent again until the page is connected", async () => {
  const all = await createServiceStage("webrtc");
  await offered(all);
  all.clock.advance(400);
  assert.equal(all.model.of("accept-offer").length, 2);
  FakePeer.last.connect();
  all.clock.advance(10_000);
  assert.equal(all.model.of("accept-offer").length, 2);
});

test("WebRTC: candidates follow the answer one by one, but for those of `.local`", async () => {
  const all = await createServiceStage("webrtc");
  await offered(all);
  FakePeer.last.finds("candidate:1 1 udp 1 10.0.0.1 9 typ host");
  FakePeer.last.finds("candidate:2 1 udp 1 x.local 9 typ host");
  FakePeer.last.finds("");
  assert.deepEqual(
    all.model.of("candidate").map(({ peer, candidate }) => [peer, candidate]),
    [[peerId(all), "candidate:1 1 udp 1 10.0.0.1 9 typ host"]],
  );
});

test("WebRTC: what the service tells over its channel, in bytes or text, goes to Python", async () => {
  const [all, channel] = await watching();
  const event = JSON.stringify({ type: "avatar_start_talking", task_id: "t" });
  for (const data of [new TextEncoder().encode(event).buffer, event]) {
    channel.dispatchEvent(new MessageEvent("message", { data }));
  }
  assert.deepEqual(
    all.model.of("room-data").map(({ topic, payload }) => [topic, payload]),
    [
      ["", event],
      ["", event],
    ],
  );
});

test("WebRTC: a channel that the service closes is the end of the session", async () => {
  const [all, channel] = await watching();
  channel.dispatchEvent(new Event("close"));
  assert.deepEqual([phase(all), all.model.of("stream-over")[0]?.reason], ["ended", "ended"]);
  assert.ok(FakePeer.last.closed);
});

test("WebRTC: a page that comes second is told where the avatar is shown, and only its user asks again", async () => {
  const all = await createServiceStage("webrtc");
  all.model.tell({ type: "refused", page: "p", peer: peerId(all), what: "Taken.", fix: "Close it.", taken: true });
  const { stream } = all.player.store.get().connection;
  assert.equal(stream.phase, "stuck");
  assert.match("problem" in stream ? (stream.problem?.what ?? "") : "", /another page or tab/);
  assert.equal(all.model.of("join").length, 1);
  all.player.retry();
  assert.equal(all.model.of("join").length, 2);
});

test("WebRTC: an answer that is refused is not sent any more", async () => {
  const all = await createServiceStage("webrtc");
  await offered(all);
  all.model.tell({ type: "refused", page: "p", peer: peerId(all), what: "No.", fix: "", taken: false });
  all.clock.advance(10_000);
  assert.deepEqual([phase(all), all.model.of("accept-offer").length, FakePeer.last.closed], ["stuck", 1, true]);
});

test("WebRTC: out of view it stays connected, since there is no second connection", async () => {
  const [all] = await watching();
  all.view.abort();
  all.clock.advance(2 * LINGER_MS);
  await settle();
  assert.deepEqual([phase(all), FakePeer.last.closed], ["connected", false]);
});

test("WebRTC: an offer that makes no sense is a stream that is lost, in the browser's words", async () => {
  const all = await createServiceStage("webrtc");
  await offered(all, { offer: "nonsense" });
  assert.deepEqual([phase(all), all.model.of("stream-over")[0]?.text], ["backoff", "not an answer"]);
});

test("WebRTC: where the service offers a room all the same, the player's code is asked for", async () => {
  const all = await createServiceStage("webrtc");
  await offered(all, { kind: "livekit", url: "ws://service", token: "secret", offer: "" });
  assert.deepEqual(all.model.of("need-bundle"), [{ type: "need-bundle", name: "livekit" }]);
});
