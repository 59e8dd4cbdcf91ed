// What counts as seen, and when that is told.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { OUT_MS, type Sight, SightWatch } from "../../src/state/sight";
import { FakeClock, FakeIntersectionObserver } from "../support/fakes";

const show = FakeIntersectionObserver.show;

beforeEach(() => {
  Object.assign(globalThis, { IntersectionObserver: FakeIntersectionObserver });
});
afterEach(() => {
  Reflect.deleteProperty(globalThis, "IntersectionObserver");
});

function createWatch() {
  const clock = new FakeClock();
  const scope = new AbortController();
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const told: Sight[] = [];
  const root: { pictureInPictureElement?: EventTarget | null } = {};
  const hidden = new Set<EventTarget>();
  const transparent = new Set<EventTarget>();
  const watch = new SightWatch(
    { document: document as unknown as Document, clock, onChange: (sight) => told.push(sight) },
    scope.signal,
  );
  const add = (floating = false) => {
    const element = Object.assign(new EventTarget(), {
      getRootNode: () => root,
      isConnected: true,
      checkVisibility: (asked: CheckVisibilityOptions) =>
        !(asked.visibilityProperty && hidden.has(element)) && !(asked.opacityProperty && transparent.has(element)),
    });
    const view = new AbortController();
    watch.watch(element as unknown as HTMLVideoElement, floating, view.signal);
    return { element, view };
  };
  const turn = (state: string): void => {
    document.visibilityState = state;
    document.dispatchEvent(new Event("visibilitychange"));
  };
  return { clock, scope, watch, told, add, turn, root, hidden, transparent, last: () => told.at(-1) };
}

const PLACED: Sight = { seen: true, inPlace: true };
const PEEKS: Sight = { seen: true, inPlace: false };
const AWAY: Sight = { seen: false, inPlace: false };

test("a new view is drawn at once, and is on the screen when the browser says so", () => {
  const { watch, told, add, clock } = createWatch();
  const { element } = add();
  assert.deepEqual(told, [PLACED]);
  assert.equal(watch.onScreen, false);
  show(element, 1);
  clock.advance(OUT_MS);
  assert.equal(watch.onScreen, true);
  assert.deepEqual(told, [PLACED]);
});

test("a view that leaves the screen is told of a little later, one that comes back at once", () => {
  const { clock, last, add, told } = createWatch();
  const { element } = add();
  show(element, 0);
  clock.advance(OUT_MS - 1);
  assert.deepEqual(last(), PLACED);
  clock.advance(1);
  assert.deepEqual(last(), AWAY);
  show(element, 0.01);
  assert.deepEqual(last(), PEEKS, "a corner of it is drawn");
  show(element, 1);
  assert.deepEqual(last(), PLACED);
  assert.equal(told.length, 4);
});

test("who scrolls past is not told of", () => {
  const { clock, told, add } = createWatch();
  const { element } = add();
  for (const share of [0, 1, 0, 0.5, 0, 1]) {
    show(element, share);
    clock.advance(OUT_MS / 2);
  }
  clock.advance(OUT_MS);
  assert.deepEqual(told, [PLACED]);
});

test("an edge that touches the screen, or a box without height, is not seen, and the browser tells of more", () => {
  const { clock, last, add } = createWatch();
  const { element } = add();
  show(element, null);
  clock.advance(OUT_MS);
  assert.deepEqual(last(), AWAY);
  const [least = 0] = FakeIntersectionObserver.thresholds;
  assert.ok(least > 0, "with nothing as its threshold it tells nothing between an edge and a third");
});

test("a page behind others sees nothing, and its views stay in their place", () => {
  const { clock, last, add, turn, watch } = createWatch();
  show(add().element, 1);
  turn("hidden");
  clock.advance(OUT_MS);
  assert.deepEqual(last(), { seen: false, inPlace: true });
  assert.equal(watch.onScreen, false);
  turn("visible");
  assert.deepEqual(last(), PLACED);
});

test("a picture in a window of its own is seen wherever its page and cell are", () => {
  const { clock, last, add, turn, root } = createWatch();
  const { element } = add();
  root.pictureInPictureElement = element;
  show(element, 0);
  turn("hidden");
  clock.advance(OUT_MS);
  assert.deepEqual(last(), PEEKS);
  root.pictureInPictureElement = null;
  clock.advance(OUT_MS);
  assert.deepEqual(last(), AWAY);
});

test("a view that its page hides where it is counts as away, and comes back", () => {
  const { clock, last, add, hidden, watch } = createWatch();
  const { element } = add();
  show(element, 1);
  clock.advance(5 * OUT_MS);
  assert.deepEqual(last(), PLACED);
  hidden.add(element);
  clock.advance(2 * OUT_MS);
  assert.deepEqual(last(), AWAY);
  assert.equal(watch.onScreen, false);
  hidden.delete(element);
  clock.advance(OUT_MS);
  assert.deepEqual(last(), PLACED);
});

test("a view that its page makes transparent counts as away; a floating picture does so itself", () => {
  const { clock, last, add, transparent } = createWatch();
  const { element, view } = add();
  show(element, 1);
  transparent.add(element);
  clock.advance(2 * OUT_MS);
  assert.deepEqual(last(), AWAY);
  transparent.delete(element);
  clock.advance(OUT_MS);
  assert.deepEqual(last(), PLACED);
  view.abort();
  const { element: floating } = add(true);
  show(floating, 1);
  transparent.add(floating);
  clock.advance(2 * OUT_MS);
  assert.deepEqual(last(), PEEKS);
});

test("a floating picture is seen, and is in no cell", () => {
  const { clock, last, add } = createWatch();
  show(add().element, 0);
  const { element, view } = add(true);
  show(element, 1);
  clock.advance(OUT_MS);
  assert.deepEqual(last(), PEEKS);
  view.abort();
  clock.advance(OUT_MS);
  assert.deepEqual(last(), AWAY);
});

test("of several views one is enough; without any, nothing is seen at once", () => {
  const { clock, last, add } = createWatch();
  const observing = FakeIntersectionObserver.observing;
  const [one, other] = [add(), add()];
  show(one.element, 0);
  show(other.element, 1);
  clock.advance(OUT_MS);
  assert.deepEqual(last(), PLACED);
  other.view.abort();
  one.view.abort();
  assert.deepEqual(last(), AWAY);
  assert.deepEqual([clock.waiting, FakeIntersectionObserver.observing], [0, observing]);
});

test("nothing is told once the widget has ended", () => {
  const { clock, scope, add, told } = createWatch();
  const { element } = add();
  scope.abort();
  show(element, 0);
  assert.equal(clock.waiting, 0);
  assert.deepEqual(told, [PLACED]);
});

test("a browser that tells no shares shows all", () => {
  Reflect.deleteProperty(globalThis, "IntersectionObserver");
  const { watch, last, add } = createWatch();
  add();
  assert.deepEqual([last(), watch.onScreen], [PLACED, true]);
});
