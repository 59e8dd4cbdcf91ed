// The rules of the code that is inside the bundle.

import assert from "node:assert/strict";
import { test } from "node:test";
import { explainDisconnect, explainFailedJoin } from "../../src/livekit-bundle/disconnect-reasons";
import { selectTracks } from "../../src/livekit-bundle/track-selection";

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
