// When somebody is taken to be there, and what comes of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LOOK_AGAIN_MS,
  LOOK_MS,
  NEWLY_SHOWN_MS,
  Presence,
  RESUME_AGAIN_MS,
  TELL_EVERY_MS,
} from "../../src/state/presence";
import { FakeClock } from "../support/fakes";

/** A page with one view on the screen, of a session that runs; nobody has done anything yet. */
function createPage() {
  const clock = new FakeClock();
  const scope = new AbortController();
  const view = new AbortController();
  const document = new EventTarget();
  const page = {
    clock,
    scope,
    view,
    document,
    onScreen: true,
    over: false,
    channel: true,
    resumed: 0,
    told: 0,
    signs(...names: string[]): void {
      for (const name of names) document.dispatchEvent(new Event(name));
      clock.advance(LOOK_MS);
    },
  };
  const presence = new Presence(
    {
      document: document as unknown as Document,
      clock,
      onScreen: () => page.onScreen,
      resumes: () => page.over,
      resume: () => {
        page.resumed += 1;
      },
      tell: () => {
        if (page.channel) page.told += 1;
        return page.channel;
      },
    },
    scope.signal,
  );
  presence.attach(view.signal);
  return Object.assign(page, { presence });
}

test("the host is told that somebody is there, about once a minute", () => {
  const page = createPage();
  assert.equal(page.told, 0);
  page.signs("pointermove", "keydown", "scroll");
  assert.equal(page.told, 1);
  page.signs("pointermove");
  assert.equal(page.told, 1);
  page.clock.advance(TELL_EVERY_MS);
  assert.equal(page.told, 1, "nobody has done anything");
  page.signs("wheel");
  assert.equal(page.told, 2);
});

test("without a way past the kernel it is tried again with the next sign", () => {
  const page = createPage();
  page.channel = false;
  page.signs("pointermove");
  page.channel = true;
  page.signs("pointermove");
  assert.equal(page.told, 1);
});

test("a session that ended because nobody was there is brought back by whoever is", () => {
  for (const sign of ["pointermove", "pointerdown", "keydown", "wheel", "scroll", "touchstart", "visibilitychange"]) {
    const page = createPage();
    page.clock.advance(NEWLY_SHOWN_MS);
    page.over = true;
    page.presence.sessionChanged();
    assert.equal(page.resumed, 0, "nobody is there");
    page.signs(sign);
    assert.equal(page.resumed, 1, sign);
    assert.equal(page.told, 0);
    page.signs(sign);
    assert.equal(page.resumed, 1, "it is on its way");
    page.clock.advance(RESUME_AGAIN_MS);
    page.signs(sign);
    assert.equal(page.resumed, 2);
  }
});

test("a view that is shown anew is looked at; what is told of the session may come later", () => {
  const page = createPage();
  page.clock.advance(1_000);
  page.over = true;
  page.presence.sessionChanged();
  assert.equal(page.resumed, 1);
});

test("a view that is shown anew is looked at again while its page is still laid out, or the kernel comes late", () => {
  const page = createPage();
  page.onScreen = false;
  page.over = true;
  page.presence.sessionChanged();
  assert.equal(page.resumed, 0, "it is not on the screen yet");
  page.onScreen = true;
  page.clock.advance(LOOK_AGAIN_MS);
  assert.equal(page.resumed, 1);
  page.clock.advance(RESUME_AGAIN_MS + LOOK_AGAIN_MS);
  assert.equal(page.resumed, 2, "the first wish got lost");
  page.clock.advance(NEWLY_SHOWN_MS);
  const asked = page.resumed;
  page.clock.advance(NEWLY_SHOWN_MS);
  assert.equal(page.resumed, asked, "not for ever");
});

test("a session that was seen to go on does not come back because its view was shown", () => {
  const page = createPage();
  page.presence.sessionChanged();
  page.over = true;
  page.presence.sessionChanged();
  page.clock.advance(NEWLY_SHOWN_MS);
  assert.equal(page.resumed, 0);
});

test("who does not see the avatar is not there", () => {
  const hidden = createPage();
  hidden.onScreen = false;
  const closed = createPage();
  closed.scope.abort();
  for (const page of [hidden, closed]) {
    page.signs("pointermove");
    page.over = true;
    page.signs("pointermove");
    assert.deepEqual([page.told, page.resumed], [0, 0]);
  }
  hidden.onScreen = true;
  hidden.signs("scroll");
  assert.equal(hidden.resumed, 1);
});
