// When a small picture follows the reader.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type FollowInput, follow } from "../../src/state/follow";
import type { PageState } from "../../src/state/page-state";

const CONNECTED = { views: 1, stream: { phase: "connected" } } as unknown as PageState["connection"];
const LOST = { views: 1, stream: { phase: "backoff" } } as unknown as PageState["connection"];

const following = (more: Partial<FollowInput>): string =>
  follow({
    floating: "auto",
    inPlace: false,
    floatClosed: false,
    ownWindow: false,
    connection: CONNECTED,
    status: "live",
    sounding: null,
    queued: [],
    ...more,
  });

test("by itself it follows while something is said or waits to be said, out of its place", () => {
  assert.equal(following({ sounding: "s" }), "shown");
  assert.equal(following({ queued: ["s"] }), "shown");
  assert.equal(following({}), "lingering");
  assert.equal(following({ sounding: "s", inPlace: true }), "away");
});

test("the user may have it always, or never", () => {
  assert.equal(following({ floating: true }), "shown");
  assert.equal(following({ floating: true, inPlace: true }), "away");
  assert.equal(following({ floating: false, sounding: "s" }), "away");
});

test("closed or without a picture it does not follow", () => {
  const nowhere = { ...CONNECTED, views: 0 };
  for (const more of [
    { floatClosed: true },
    { connection: LOST },
    { connection: nowhere },
    { status: "ended" },
    { status: "reconnecting" },
  ] as const) {
    for (const floating of ["auto", true] as const) {
      assert.equal(following({ sounding: "s", floating, ...more }), "away", JSON.stringify(more));
    }
  }
});

test("a window of its own is wherever its user wants it, while there is a picture", () => {
  for (const more of [{}, { inPlace: true }, { floating: false, floatClosed: true }] as const) {
    assert.equal(following({ ownWindow: true, ...more }), "in-window");
  }
  assert.equal(following({ ownWindow: true, connection: LOST }), "away");
});
