// Which of several tabs sounds.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PageState } from "../../src/state/page-state";
import { SoundShare, type TabChannel } from "../../src/state/sound-share";
import { createStore } from "../../src/state/store";
import { FakeClock } from "../support/fakes";

const CONNECTED = { views: 1, stream: { phase: "connected" } } as unknown as PageState["connection"];
const AWAY = { ...CONNECTED, views: 0 };

/** A browser with tabs; what one says the others hear later, when `deliver` is called. */
function createBrowser() {
  const clock = new FakeClock();
  clock.advance(1);
  const channels = new Set<TabChannel>();
  const mail: Array<() => void> = [];
  const deliver = (): void => {
    while (mail.length > 0) for (const post of mail.splice(0)) post();
  };
  const open = (page: string, state: Partial<PageState> = {}) => {
    const scope = new AbortController();
    const window = new EventTarget();
    const document = Object.assign(new EventTarget(), { visibilityState: "visible", defaultView: window });
    const channel: TabChannel = {
      onmessage: null,
      postMessage(data) {
        for (const other of channels) {
          if (other !== channel) mail.push(() => other.onmessage?.({ data } as MessageEvent));
        }
      },
      close: () => channels.delete(channel),
    };
    channels.add(channel);
    const tab = { page, elsewhere: false, scope, document, window };
    const store = createStore<PageState>({
      connection: CONNECTED,
      muted: false,
      volume: 1,
      soundBlocked: false,
      ...state,
    } as PageState);
    new SoundShare(
      {
        document: document as unknown as Document,
        clock,
        page,
        openTabs: () => channel,
        onElsewhere: (elsewhere) => {
          tab.elsewhere = elsewhere;
        },
      },
      scope.signal,
    ).follow(store);
    return Object.assign(tab, {
      store,
      comes(): void {
        deliver();
        clock.advance(1_000);
        document.dispatchEvent(new Event("pointerdown"));
        deliver();
      },
      /** Gone without a word, as in a crash. */
      crash(): void {
        channels.delete(channel);
      },
    });
  };
  return { clock, channels, deliver, open };
}

test("a tab that is alone sounds", () => {
  const { open, deliver } = createBrowser();
  const tab = open("a");
  deliver();
  assert.equal(tab.elsewhere, false);
});

test("of two tabs the later sounds, and then the one that its user comes to", () => {
  const { clock, open, deliver } = createBrowser();
  const a = open("a");
  deliver();
  clock.advance(1_000);
  const b = open("b");
  deliver();
  assert.deepEqual([a.elsewhere, b.elsewhere], [true, false]);
  a.comes();
  assert.deepEqual([a.elsewhere, b.elsewhere], [false, true]);
  for (const sign of ["pointerdown", "keydown", "visibilitychange"]) {
    for (const [here, there] of [
      [b, a],
      [a, b],
    ] as const) {
      clock.advance(1_000);
      here.document.dispatchEvent(new Event(sign));
      deliver();
      assert.deepEqual([here.elsewhere, there.elsewhere], [false, true], sign);
    }
  }
});

test("two that begin in the same millisecond agree", () => {
  const { open, deliver } = createBrowser();
  const tabs = [open("b"), open("a"), open("c")];
  deliver();
  assert.deepEqual(
    tabs.filter(({ elsewhere }) => !elsewhere).map(({ page }) => page),
    ["c"],
  );
});

test("a tab that could not be heard takes the sound from nobody", () => {
  for (const state of [{ soundBlocked: true }, { muted: true }, { volume: 0 }, { connection: AWAY }]) {
    const { open, deliver } = createBrowser();
    const a = open("a");
    const b = open("b", state);
    deliver();
    b.comes();
    assert.equal(a.elsewhere, false, JSON.stringify(state));
    b.store.update({ soundBlocked: false, muted: false, volume: 1, connection: CONNECTED });
    b.comes();
    assert.deepEqual([a.elsewhere, b.elsewhere], [true, false]);
  }
});

test("what is muted where it sounds is silent: no other tab takes over", () => {
  const { open, deliver } = createBrowser();
  const a = open("a");
  const b = open("b");
  a.comes();
  a.store.update({ muted: true });
  deliver();
  assert.equal(b.elsewhere, true);
});

test("when the tab that sounds closes, leaves or shows no view any more, another takes over", () => {
  for (const how of ["closes", "leaves", "hides"]) {
    const { open, deliver } = createBrowser();
    const [a, b, c] = [open("a"), open("b"), open("c")];
    a.comes();
    if (how === "closes") a.scope.abort();
    else if (how === "leaves") a.window.dispatchEvent(new Event("pagehide"));
    else a.store.update({ connection: AWAY });
    if (how !== "closes") a.crash();
    deliver();
    assert.notEqual(b.elsewhere, c.elsewhere, how);
  }
});

test("after a crash of the tab that sounded, the one that its user comes to sounds", () => {
  const { open, deliver } = createBrowser();
  const [a, b] = [open("a"), open("b")];
  a.comes();
  a.crash();
  deliver();
  b.comes();
  assert.equal(b.elsewhere, false);
});

test("a tab that has ended listens to nothing", () => {
  const { open, channels, deliver } = createBrowser();
  const a = open("a");
  a.scope.abort();
  deliver();
  assert.equal(channels.size, 0);
  a.comes();
  assert.equal(a.elsewhere, false);
});
