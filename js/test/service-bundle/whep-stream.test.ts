// A service's WHEP viewer in one model's whole flow: fake kernel, fake service.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TAKEN_RETRY_MS, TAKEN_TRIES } from "../../src/service-bundle/whep-stream";
import { FakePeer, settle } from "../support/fakes";
import { type Answer, created, createServiceStage, GRANT, media, phase, plays, whep } from "../support/service-player";

test("WHEP: offer, answer, picture; and the viewer is deleted, even as the page goes", async () => {
  const all = await createServiceStage("whep", [created]);
  await whep(all);
  const [post] = all.requests;
  assert.deepEqual([post?.method, post?.url, post?.init.body], ["POST", "https://service/whep?stream=s", "offer\r\n"]);
  assert.equal(new Headers(post?.init.headers).get("Content-Type"), "application/sdp");
  assert.equal(FakePeer.last.remote, "answer");
  FakePeer.last.connect();
  plays(all);
  assert.deepEqual([phase(all), media(all), all.player.stream?.kind], ["connected", ["playing"], "whep"]);
  all.page.window.dispatchEvent(new all.page.window.Event("pagehide"));
  const leave = all.requests[1];
  assert.deepEqual([leave?.method, leave?.url, leave?.init.keepalive], ["DELETE", "https://service/viewer/7", true]);
  assert.ok(FakePeer.last.closed);
});

test("WHEP: a picture that is there before the connection is known is told all the same", async () => {
  const all = await createServiceStage("whep", [created]);
  await whep(all);
  FakePeer.last.dispatchEvent(Object.assign(new Event("track"), { track: { kind: "video" }, receiver: {} }));
  plays(all);
  assert.deepEqual(media(all), []);
  FakePeer.last.become("connected");
  assert.deepEqual(media(all), ["playing"]);
});

test("WHEP: no such stream is the end; anything unknown is tried again, with the service's words", async () => {
  const gone = await createServiceStage("whep", [() => new Response("no stream", { status: 404 })]);
  await whep(gone);
  assert.deepEqual([phase(gone), gone.model.of("stream-over")[0]?.reason], ["ended", "ended"]);
  const refused = await createServiceStage("whep", [() => new Response("no H264", { status: 406 })]);
  await whep(refused);
  assert.deepEqual([phase(refused), refused.model.of("stream-over")[0]?.text], ["backoff", "406 no H264"]);
});

test("WHEP: a viewer that is still there is waited for, then the page gives way", async () => {
  const taken: Answer = () => new Response("", { status: 409 });
  const patient = await createServiceStage("whep", [taken, created]);
  await whep(patient);
  assert.equal(patient.requests.length, 1);
  patient.clock.advance(TAKEN_RETRY_MS);
  await settle();
  assert.equal(FakePeer.last.remote, "answer");
  const all = await createServiceStage(
    "whep",
    Array.from({ length: TAKEN_TRIES }, () => taken),
  );
  await whep(all);
  for (let tries = 1; tries < TAKEN_TRIES; tries += 1) {
    all.clock.advance(TAKEN_RETRY_MS);
    await settle();
  }
  assert.deepEqual([phase(all), all.model.of("stream-over")[0]?.reason], ["stuck", "taken"]);
});

test("WHEP: where the page may not go, Python does, until it has answered", async () => {
  const all = await createServiceStage("whep", [() => Promise.reject(new TypeError("Failed to fetch"))]);
  await whep(all);
  all.clock.advance(400);
  assert.deepEqual(
    all.model.of("offer").map(({ peer, sdp }) => [peer, sdp]),
    [
      ["p.1", "offer\r\n"],
      ["p.1", "offer\r\n"],
    ],
  );
  all.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "relayed", iceServers: [] });
  await settle();
  assert.equal(FakePeer.last.remote, "relayed");
  all.clock.advance(5_000);
  assert.equal(all.model.of("offer").length, 2);
  all.player.retry();
  assert.deepEqual(all.model.of("hangup"), [{ type: "hangup", page: "p", peer: "p.1" }]);
  assert.equal(all.requests.length, 1, "there is no viewer of ours to delete");
});

test("WHEP: a viewer that comes too late is deleted", async () => {
  let answer: (response: Response) => void = () => undefined;
  const all = await createServiceStage("whep", [
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  ]);
  await whep(all);
  all.page.window.dispatchEvent(new all.page.window.Event("pagehide"));
  answer(await created());
  await settle();
  assert.deepEqual(
    all.requests.map(({ method }) => method),
    ["POST", "DELETE"],
  );
});

test("WHEP: with relays their candidates are waited for, but not long", async () => {
  const all = await createServiceStage("whep", [created]);
  all.model.tell({
    type: "stream-granted",
    page: "p",
    peer: "p.1",
    grant: {
      ...GRANT,
      kind: "whep",
      url: "https://service/",
      iceServers: [{ urls: ["turn:r"], username: "u", credential: "c" }],
      relayOnly: true,
    },
  });
  await settle();
  assert.equal(all.requests.length, 0);
  all.clock.advance(1_500);
  await settle();
  assert.equal(all.requests.length, 1);
});
