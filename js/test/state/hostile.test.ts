// Whatever comes from a kernel or a host, the page goes on, and believes what is right after it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMessage, decodeText } from "../../src/model/decode";
import { FakePeer, settle, speech, status, welcome } from "../support/fakes";
import { COUNT, hostileTexts, hostileValues, VALID } from "../support/hostile";
import { showLive } from "../support/player";

test("each message of the table is taken, by object and by text", () => {
  for (const message of VALID) {
    assert.deepEqual(decodeMessage(message), message);
    assert.deepEqual(decodeText(JSON.stringify(message)), message);
  }
});

test(`${COUNT} hostile messages are refused, or are of the table to the last member`, (t) => {
  let taken = 0;
  for (const value of hostileValues()) {
    const message = decodeMessage(value);
    if (message === null) continue;
    taken += 1;
    assert.ok(VALID.some(({ type }) => type === message.type));
  }
  for (const text of hostileTexts()) decodeText(text);
  assert.ok(taken > 10 && taken < COUNT / 2, `${taken}`);
  t.diagnostic(`hostile messages: the page's table, ${2 * COUNT}`);
});

test("what says it is of another type than it is, is nothing", () => {
  for (const type of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]) {
    assert.equal(decodeMessage({ type }), null);
  }
});

test(`a page that was sent ${COUNT} by widget message and ${COUNT} by data channel still shows the avatar`, async (t) => {
  const warned = t.mock.method(console, "warn", () => undefined);
  const all = await showLive();
  for (const value of hostileValues()) {
    // What ends the session, or puts another kernel in place, does what it says.
    const decoded = decodeMessage(value);
    if (decoded && ["welcome", "refused", "answer", "stream-granted", "goodbye"].includes(decoded.type)) continue;
    all.model.tellAnything(value);
  }
  for (const text of hostileTexts()) {
    const decoded = decodeText(text);
    if (decoded && ["welcome", "refused", "answer", "stream-granted", "goodbye"].includes(decoded.type)) continue;
    FakePeer.last.channel.dispatchEvent(Object.assign(new Event("message"), { data: text }));
  }
  await settle();
  all.model.tell(welcome());
  all.model.tell(status("live", { at: 1e14, text: "Ready" }));
  all.model.tell(speech("the last", "speaking", { at: 1e14 }));
  const { statusText, sounding } = all.player.store.get();
  assert.deepEqual([statusText, sounding], ["Ready", "the last"]);
  assert.ok(warned.mock.callCount() > 100, "what is no message was told in the console");
  t.diagnostic(`hostile messages: widget messages and data channel of a page, ${2 * COUNT}`);
  all.scope.abort();
});
