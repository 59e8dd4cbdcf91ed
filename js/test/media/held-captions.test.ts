// Captions of sound that is held before it is heard.

import assert from "node:assert/strict";
import { test } from "node:test";
import { caption, speech } from "../support/fakes";
import { picture, sound } from "../support/frames";
import { createPage } from "../support/message-page";

test("a caption and its words come when they are heard", async () => {
  const page = await createPage();
  page.tell([picture(1, 0, true), sound(2, 0)]);
  page.model.tell(speech("s", "speaking"));
  page.model.tell(caption("s", [["Hi", 0, 0.5]], { clockMs: 0 }));
  assert.equal(page.player.store.get().caption, null);
  page.clock.advance(100);
  assert.equal(page.player.store.get().caption?.active, 0);
});

/** Half a second of speech has been heard; then the line stalls, and what it held comes at once. */
async function createStalledPage(stallMs: number) {
  const page = await createPage();
  page.tell([picture(1, 0, true)]);
  page.model.tell(speech("s", "speaking"));
  for (let number = 2; number <= 26; number += 1) {
    page.tell([sound(number, (number - 2) * 20)]);
    page.clock.advance(20);
  }
  page.clock.advance(stallMs);
  page.tell(
    Array.from({ length: stallMs / 20 }, (_, index) => sound(27 + index, 500 + index * 20)),
    { clockMs: 500 + stallMs },
  );
  return page;
}

test("after a stall a caption waits for its sound, which is held; and the one before stays until then", async () => {
  const page = await createStalledPage(2_000);
  page.model.tell(caption("s", [["held", 0, 1]], { clockMs: 500 }));
  page.clock.advance(100);
  assert.equal(page.player.store.get().caption?.text, "held");
  // What is due by the media's clock is heard 2 s later.
  page.model.tell(caption("s", [["next", 0, 1]], { clockMs: 2_500 }));
  page.model.tell(caption("", [], { clockMs: 3_500 }));
  page.clock.advance(1_850);
  assert.equal(page.player.store.get().caption?.text, "held");
  page.clock.advance(200);
  assert.equal(page.player.store.get().caption?.text, "next");
  page.clock.advance(1_000);
  assert.equal(page.player.store.get().caption, null);
});

test("a caption whose sound is long past does not come again while sound goes on", async () => {
  const page = await createPage();
  page.tell([picture(1, 0, true), sound(2, 0)]);
  page.model.tell(speech("s", "speaking"));
  page.model.tell(caption("s", [["Hi", 0, 0.5]], { clockMs: 0 }));
  page.clock.advance(100);
  page.model.tell(caption("", [], { clockMs: 500 }));
  for (let number = 3; number < 1_000; number += 1) {
    page.tell([sound(number, (number - 2) * 20)]);
    page.clock.advance(20);
    if (number > 60) assert.equal(page.player.store.get().caption, null, `after ${number * 20} ms`);
  }
});

test("one caption that lasts stays as it is, and does not begin anew", async () => {
  const page = await createPage();
  page.tell([picture(1, 0, true), sound(2, 0)]);
  page.model.tell(speech("s", "speaking"));
  const words: Array<[string, number, number]> = [
    ["long", 0, 10],
    ["winded", 10, 40],
  ];
  page.model.tell(caption("s", words, { clockMs: 0 }));
  for (let number = 3; number < 1_000; number += 1) {
    page.tell([sound(number, (number - 2) * 20)]);
    page.clock.advance(20);
  }
  assert.equal(page.player.store.get().caption?.active, 1);
});

test("a caption that comes late is in step at once", async () => {
  const page = await createPage();
  page.tell([picture(1, 0, true), ...Array.from({ length: 100 }, (_, index) => sound(2 + index, index * 20))]);
  page.clock.advance(1_000);
  const words: Array<[string, number, number]> = [
    ["one", 0, 0.5],
    ["two", 0.5, 1.5],
  ];
  page.model.tell(caption("s", words, { clockMs: 0 }));
  assert.equal(page.player.store.get().caption?.active, 1);
});

test("words move with their sound when that comes late", async () => {
  const page = await createPage();
  page.tell([picture(1, 0, true), sound(2, 0)]);
  const words: Array<[string, number, number]> = [
    ["one", 0, 1],
    ["two", 1, 3],
  ];
  page.model.tell(caption("s", words, { clockMs: 0 }));
  page.clock.advance(1_100);
  assert.equal(page.player.store.get().caption?.active, 1);
  page.tell([sound(3, 20)], { clockMs: 1_100 });
  page.clock.advance(100);
  assert.equal(page.player.store.get().caption?.active, 0);
});

test("what is cut off takes its captions with it, and leaves those of what follows", async () => {
  const page = await createStalledPage(2_000);
  page.model.tell(caption("s", [["cut", 0, 1]], { clockMs: 1_500 }));
  page.model.tell(caption("", []));
  page.model.tell(caption("t", [["next", 0, 1]], { clockMs: 2_600 }));
  page.tell([sound(200, 2_600)], { clockMs: 2_600, flushes: 1 });
  page.clock.advance(100);
  assert.equal(page.player.store.get().caption?.text, "next");
  page.model.tell(caption("t", [["user cuts", 0, 1]], { clockMs: 2_700 }));
  page.player.interrupt();
  page.clock.advance(2_000);
  assert.notEqual(page.player.store.get().caption?.text, "user cuts");
});
