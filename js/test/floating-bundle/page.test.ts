// The small picture in the corner of the page, as people meet it.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { createFloating, LINGER_MS } from "../../src/floating-bundle/index";
import type { Traits } from "../../src/model/bridge";
import { follow } from "../../src/state/follow";
import { OUT_MS } from "../../src/state/sight";
import { viewModel } from "../../src/state/view-model";
import { button as createButton } from "../../src/ui/controls";
import { createStage } from "../../src/ui/stage";
import { FakeIntersectionObserver, FakePeer, settle, speech, status } from "../support/fakes";
import { live, press, type Shown, sent } from "../support/shown";

afterEach(() => {
  Reflect.deleteProperty(globalThis, "IntersectionObserver");
});

/** A live avatar whose cell the browser tells of, and which may float. */
async function onPage(traits: Partial<Traits> = {}) {
  Object.assign(globalThis, { IntersectionObserver: FakeIntersectionObserver });
  const shown = await live(traits);
  Object.assign(globalThis, { HTMLInputElement: shown.page.window.HTMLInputElement });
  const { player, clock } = shown;
  createFloating({ player, clock, button: createButton, createStage, follow, viewModel }, shown.scope.signal);
  const cell = shown.one("video");
  const scroll = (share: number): void => {
    FakeIntersectionObserver.show(cell, share);
    shown.clock.advance(OUT_MS);
  };
  const float = (): HTMLElement | null => shown.page.document.querySelector(".ipyavatar-float");
  scroll(1);
  return { ...shown, scroll, float };
}

const speaks = (): void => FakePeer.last.says(speech("s", "speaking"));

test("it follows while it speaks, and goes back when its cell is seen", async () => {
  const { scroll, float } = await onPage();
  scroll(0);
  assert.equal(float(), null, "it is silent");
  speaks();
  assert.ok(float());
  assert.equal(float()?.querySelector("section")?.getAttribute("aria-label"), "Ava, floating");
  scroll(0.5);
  assert.equal(float(), null);
  assert.equal(document.querySelector(".ipyavatar-dock"), null);
});

test("it is drawn for: the host draws while a floating picture is all there is to see", async () => {
  const { scroll, float, clock } = await onPage();
  const told = () => sent("media").at(-1);
  scroll(0);
  assert.deepEqual(told(), { type: "media", page: "p", playback: "paused" });
  speaks();
  assert.deepEqual(told(), { type: "media", page: "p", playback: "playing" });
  FakeIntersectionObserver.show(float()?.querySelector("video"), 0);
  clock.advance(OUT_MS);
  assert.deepEqual(told(), { type: "media", page: "p", playback: "paused" }, "it floats in a frame out of sight");
});

test("between two speeches it stays; after the last it goes", async () => {
  const { scroll, float, clock } = await onPage();
  speaks();
  scroll(0);
  FakePeer.last.says(speech("s", "said"));
  clock.advance(LINGER_MS - 1);
  assert.ok(float());
  FakePeer.last.says(speech("t", "speaking"));
  clock.advance(LINGER_MS);
  assert.ok(float());
  FakePeer.last.says(speech("t", "said"));
  clock.advance(LINGER_MS);
  assert.equal(float(), null);
});

test("who has the focus on it keeps it", async () => {
  const { scroll, float, clock } = await onPage();
  speaks();
  scroll(0);
  const kept = float();
  assert.ok(kept);
  let used = true;
  Object.assign(kept, { matches: () => used });
  FakePeer.last.says(speech("s", "said"));
  clock.advance(3 * LINGER_MS);
  assert.equal(float(), kept);
  used = false;
  clock.advance(LINGER_MS);
  assert.equal(float(), null);
});

test("closed by button or Escape it stays away until the cell was seen", async () => {
  for (const close of [
    ({ float }: Awaited<ReturnType<typeof onPage>>) =>
      float()?.querySelector<HTMLElement>("[aria-label=Close]")?.click(),
    (all: Awaited<ReturnType<typeof onPage>>) => press(all, all.float() as HTMLElement, "Escape"),
  ]) {
    const all = await onPage();
    speaks();
    all.scroll(0);
    close(all);
    assert.equal(all.float(), null);
    FakePeer.last.says(speech("t", "speaking"));
    all.scroll(0.1);
    assert.equal(all.float(), null);
    assert.equal(sent("interrupt").length, 0, "it goes on speaking");
    all.scroll(1);
    all.scroll(0);
    assert.ok(all.float());
  }
});

test("the button turns it off and on, for Python too", async () => {
  const { named, model, scroll, float } = await onPage();
  const toggle = named("Follow when scrolled away");
  assert.equal(toggle.getAttribute("aria-pressed"), "true");
  toggle.click();
  assert.equal(model.traits.floating, false);
  speaks();
  scroll(0);
  assert.equal(float(), null);
  toggle.click();
  assert.equal(model.traits.floating, "auto");
  assert.ok(float());
});

test("floating=True keeps it also in silence, and Python may change its mind", async () => {
  const { scroll, float, model } = await onPage({ floating: true });
  scroll(0);
  assert.ok(float());
  model.set("floating", false);
  assert.equal(float(), null);
});

/** Gives the picture a box of 280 by 160 in the lower right corner of 1000 by 800. */
function layOut({ page }: Shown, float: HTMLElement): void {
  Object.assign(page.window, { innerWidth: 1000, innerHeight: 800 });
  float.getBoundingClientRect = () => {
    const [x = 0, y = 0] = float.style.translate.split(" ").map((part) => Number.parseFloat(part));
    return { left: 704 + x, right: 984 + x, top: 624 + y, bottom: 784 + y } as DOMRect;
  };
}

test("it is dragged, stays in the window, and comes back where it was", async () => {
  const all = await onPage();
  speaks();
  all.scroll(0);
  const float = all.float() as HTMLElement;
  layOut(all, float);
  const stage = float.querySelector(".ipyavatar-stage") as HTMLElement;
  let held = false;
  stage.setPointerCapture = () => {
    held = true;
  };
  stage.hasPointerCapture = () => held;
  const point = (kind: string, clientX: number, clientY: number): void => {
    const event = new all.page.window.MouseEvent(kind, { clientX, clientY, bubbles: true, cancelable: true });
    stage.dispatchEvent(event as unknown as Event);
  };
  point("pointermove", 500, 500);
  assert.equal(float.style.translate, "0px 0px", "nothing is held");
  point("pointerdown", 800, 700);
  point("pointermove", 700, 650);
  assert.equal(float.style.translate, "-100px -50px");
  point("pointermove", -5_000, 5_000);
  assert.equal(float.style.translate, "-704px 16px");
  all.scroll(1);
  all.scroll(0);
  assert.equal(all.float()?.style.translate, "-704px 16px");
});

test("the arrow keys move it, but not from the slider", async () => {
  const all = await onPage();
  speaks();
  all.scroll(0);
  const float = all.float() as HTMLElement;
  layOut(all, float);
  for (const key of ["ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "ArrowDown"]) {
    assert.equal(press(all, float.querySelector("button") as HTMLElement, key), false);
  }
  assert.equal(float.style.translate, "-32px 16px");
  press(all, float.querySelector("input") as HTMLElement, "ArrowLeft");
  assert.equal(float.style.translate, "-32px 16px");
});

test("when the session or the widget ends, it goes", async () => {
  for (const end of [(_: Shown) => FakePeer.last.says(status("ended")), (all: Shown) => all.scope.abort()]) {
    const all = await onPage();
    speaks();
    all.scroll(0);
    assert.ok(all.float());
    end(all);
    assert.equal(all.float(), null);
  }
});

test("picture in picture is the floating video's, and ends with its window", async () => {
  const all = await onPage();
  Object.assign(document, { pictureInPictureEnabled: true });
  let opened = 0;
  const prototype = all.page.window.HTMLVideoElement.prototype as unknown as HTMLVideoElement;
  Object.defineProperty(prototype, "readyState", { configurable: true, value: 1 });
  prototype.requestPictureInPicture = async function open(this: HTMLVideoElement) {
    opened += 1;
    Object.assign(document, { pictureInPictureElement: this });
    return {} as PictureInPictureWindow;
  };
  const button = all.named("Picture in picture");
  button.click();
  await settle();
  assert.deepEqual([opened, button.getAttribute("aria-pressed"), all.float()?.inert], [1, "true", true]);
  all.scroll(0);
  assert.deepEqual(sent("media").at(-1), { type: "media", page: "p", playback: "playing" }, "it is seen there");
  Object.assign(document, { pictureInPictureElement: null });
  all
    .float()
    ?.querySelector("video")
    ?.dispatchEvent(new all.page.window.Event("leavepictureinpicture") as unknown as Event);
  assert.deepEqual([button.getAttribute("aria-pressed"), all.float()], ["false", null]);
  prototype.requestPictureInPicture = () => Promise.reject(new Error("not allowed"));
  button.click();
  await settle();
  assert.deepEqual([button.getAttribute("aria-pressed"), all.float()], ["false", null]);
});
