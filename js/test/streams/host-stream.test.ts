// The stream of our own host, by ICE servers of the user's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GATHER_MS } from "../../src/streams/gather";
import { FakePeer, settle } from "../support/fakes";
import { createStage, phase } from "../support/player";

const RELAY = "candidate:1 1 udp 1 203.0.113.9 50000 typ relay raddr 0.0.0.0 rport 0";
const iceServers = [{ urls: ["turn:t"], username: "user", credential: "hush" }];

/** A page that was answered, told of a server, and not reached. */
async function createRelayed() {
  const stage = createStage();
  stage.show();
  await settle();
  const { model, clock } = stage;
  model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers });
  await settle();
  clock.advance(1_000);
  await settle();
  return stage;
}

test("the second offer comes by the servers, and names a relay's candidate", async () => {
  const { model, clock } = await createRelayed();
  assert.deepEqual(FakePeer.all[0]?.configuration.iceServers, []);
  assert.deepEqual(FakePeer.last.configuration, { iceServers, bundlePolicy: "max-bundle" });
  assert.equal(model.of("offer").length, 1, "it waits for candidates");
  FakePeer.last.finds("candidate:2 1 udp 1 192.0.2.7 50000 typ host");
  await settle();
  assert.equal(model.of("offer").length, 1);
  FakePeer.last.finds(RELAY);
  await settle();
  assert.deepEqual(
    model.of("offer").map(({ peer, relay }) => [peer, relay]),
    [
      ["p.1", false],
      ["p.2", true],
    ],
  );
  assert.ok(FakePeer.all[0]?.closed);
  clock.advance(GATHER_MS);
});

test("servers that do not answer are not waited for for long", async () => {
  const { model, clock } = await createRelayed();
  clock.advance(GATHER_MS);
  await settle();
  assert.equal(model.of("offer").length, 2);
});

test("a relayed stream connects, and packets that come are told before keys are agreed on", async () => {
  const stage = createStage();
  stage.show();
  await settle();
  stage.model.tell({ type: "answer", page: "p", peer: "p.1", sdp: "answer", iceServers });
  await settle();
  FakePeer.last.iceConnectionState = "connected";
  FakePeer.last.dispatchEvent(new Event("iceconnectionstatechange"));
  stage.clock.advance(1_000);
  assert.equal(phase(stage), "connecting");
  assert.equal(FakePeer.all.length, 1);
});

test("a server's refusal is shown, without what it was given", async () => {
  const { model, clock, player } = await createRelayed();
  const refusal = Object.assign(new Event("icecandidateerror"), { errorCode: 401, errorText: "Unauthorized" });
  FakePeer.last.dispatchEvent(refusal);
  FakePeer.last.iceGatheringState = "complete";
  FakePeer.last.dispatchEvent(new Event("icegatheringstatechange"));
  await settle();
  model.tell({ type: "answer", page: "p", peer: "p.2", sdp: "answer", iceServers: [] });
  await settle();
  clock.advance(3_000);
  assert.match(model.of("media").at(-1)?.what ?? "", /does not accept the user name or credential/);
  const shown = JSON.stringify(player.store.get()) + JSON.stringify(model.sent);
  assert.doesNotMatch(shown, /hush|user"/);
});
