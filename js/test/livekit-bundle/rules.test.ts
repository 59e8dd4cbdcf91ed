// The rules of the code that is inside the bundle.

import assert from "node:assert/strict";
import { test } from "node:test";
import { explainDisconnect, explainFailedJoin } from "../../src/livekit-bundle/disconnect-reasons";
import { isPictureStill, selectTracks } from "../../src/livekit-bundle/track-selection";

test("LiveKit's reasons: what is over is not tried again, what is taken is not fought for", () => {
  for (const reason of [3, 4, 5, 10]) assert.equal(explainDisconnect(reason)[0], "ended");
  assert.equal(explainDisconnect(2)[0], "taken");
  for (const reason of [0, 1, 7, 99, undefined]) assert.equal(explainDisconnect(reason)[0], "lost");
});

test("an attempt: refused, without its room, told to leave, or lost", () => {
  assert.deepEqual(explainFailedJoin({ message: "invalid token", reason: 0, status: 401 }), [
    "refused",
    "invalid token",
  ]);
  assert.equal(explainFailedJoin({ message: "requested room does not exist", reason: 0, status: 404 })[0], "ended");
  assert.equal(explainFailedJoin({ message: "leave", reason: 4, context: 2 })[0], "taken");
  assert.deepEqual(explainFailedJoin({ message: "failed to fetch", reason: 1 }), ["lost", "failed to fetch"]);
});

test("of all tracks the avatar's are played; else the first of each kind, and never data", () => {
  const of = (identity: string, kind: string) => ({ identity, kind, track: `${identity} ${kind}` });
  const guest = [of("guest", "audio"), of("guest", "video")];
  assert.deepEqual(selectTracks([...guest, of("heygen", "video"), of("heygen", "audio")]), [
    "heygen video",
    "heygen audio",
  ]);
  assert.deepEqual(selectTracks([...guest, of("other", "video")]), ["guest video", "guest audio"]);
  assert.deepEqual(selectTracks([of("heygen", "video"), ...guest]), ["heygen video", "guest audio"]);
  assert.deepEqual(selectTracks([of("x", "")]), []);
});

test("an avatar under any name: its own sound, not that of a microphone that came first; and it stays", () => {
  const of = (identity: string, kind: string, muted = false) => ({
    identity,
    kind,
    track: `${identity} ${kind}`,
    muted,
  });
  const avatar = [of("agent-7", "video"), of("agent-7", "audio")];
  const played = avatar.map(({ track }) => track);
  assert.deepEqual(selectTracks([of("guest", "audio"), ...avatar]), played);
  const guest = [of("guest", "audio"), of("guest", "video")];
  assert.deepEqual(selectTracks([...guest, ...avatar], played), played, "a camera that came on later");
  assert.deepEqual(selectTracks([of("guest", "audio")]), ["guest audio"]);
});

test("what is published anew takes the place of what is gone or muted; the avatar stays meanwhile", () => {
  const of = (kind: string, number: number, muted = false) => ({
    identity: "heygen",
    kind,
    track: `${kind} ${number}`,
    muted,
  });
  const guest = [
    { identity: "guest", kind: "video", track: "guest video" },
    { identity: "guest", kind: "audio", track: "guest audio" },
  ];
  const before = ["video 1", "audio 1"];
  assert.deepEqual(selectTracks([of("video", 1, true), of("audio", 1), of("video", 2)], before), [
    "video 2",
    "audio 1",
  ]);
  assert.deepEqual(selectTracks([of("video", 1), of("video", 2), of("audio", 1)], ["video 2"]), ["video 2", "audio 1"]);
  assert.deepEqual(selectTracks([of("video", 1, true), of("audio", 1, true)], before), before);
  assert.deepEqual(selectTracks([...guest, of("audio", 1)], before)[1], "audio 1");
});

test("a picture that is muted, or paused by the room, stands still on purpose; sound alone says nothing of it", () => {
  const of = (kind: string, isMuted: boolean, streamState = "active") => ({ kind, isMuted, streamState });
  assert.equal(isPictureStill([of("video", true)]), true);
  assert.equal(isPictureStill([of("audio", false), of("video", false, "paused")]), true);
  assert.equal(isPictureStill([of("audio", true), of("video", false)]), false);
  assert.equal(isPictureStill([]), false);
});
