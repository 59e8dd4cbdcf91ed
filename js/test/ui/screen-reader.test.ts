// What of the page reaches those who do not see it, or use no mouse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createView } from "../../src/ui/view";
import { caption, FakePeer, settle, speech, status } from "../support/fakes";
import { live, press, type Shown, sent, type } from "../support/shown";

test("every control is a real button or input with a name, reachable by Tab", async () => {
  const { root } = await live();
  const controls = [...root.querySelectorAll<HTMLElement>("button, input")];
  assert.ok(controls.length >= 9);
  for (const control of controls) {
    assert.ok(control.getAttribute("aria-label") || control.textContent, control.outerHTML);
    assert.notEqual(control.getAttribute("tabindex"), "-1");
    assert.equal(control.hasAttribute("disabled"), false, "a disabled button loses the focus");
  }
  for (const icon of root.querySelectorAll("svg")) assert.equal(icon.getAttribute("aria-hidden"), "true");
});

test("the picture, the card and the box carry the character's name", async () => {
  const { one } = await live();
  assert.equal(one("section").getAttribute("aria-label"), "Avatar Ava");
  assert.equal(one("video").getAttribute("aria-label"), "Ava, listening");
  assert.equal(one("input[type=text]").getAttribute("aria-label"), "Tell Ava what to say");
});

test("the status is words in a live region, not a colour alone", async () => {
  const { one } = await live();
  const words = one("[role=status]");
  assert.equal(words.getAttribute("aria-live"), "polite");
  assert.equal(words.textContent, "Live");
  FakePeer.last.says(status("live", { text: "Stops in 30 s" }));
  assert.equal(words.textContent, "Stops in 30 s");
});

test("Escape interrupts what is said, but not where it has a nearer use", async () => {
  const shown = await live({ stats: { speech_latency_ms: 88 } });
  const field = type(shown, "x");
  press(shown, field, "Escape");
  assert.equal(sent("interrupt").length, 0, "nothing to interrupt");
  FakePeer.last.says(speech("s", "speaking"));
  const line = shown.one(".ipyavatar-line");
  line.click();
  press(shown, line, "Escape");
  const composing = new shown.page.window.KeyboardEvent("keydown", { key: "Escape", bubbles: true });
  Object.defineProperty(composing, "keyCode", { value: 229 });
  field.dispatchEvent(composing as unknown as Event);
  assert.equal(sent("interrupt").length, 0, "it closed the numbers, and a candidate");
  press(shown, line, "Escape");
  press(shown, field, "Escape");
  assert.equal(sent("interrupt").length, 2);
  assert.equal(shown.named("Interrupt").getAttribute("aria-keyshortcuts"), "Escape");
});

/** What a screen reader would read, of this view, from now on: what comes into a live region. */
function listen(shown: Shown, root = shown.root): string[] {
  const heard: string[] = [];
  const { MutationObserver } = shown.page.window;
  const observer = new MutationObserver((records) => {
    for (const { target, addedNodes } of records) {
      const region = (target as unknown as Element).closest?.("[aria-live]");
      if (region?.getAttribute("aria-live") !== "polite") continue;
      for (const node of addedNodes) if (node.textContent) heard.push(node.textContent);
    }
  });
  observer.observe(root as never, { subtree: true, childList: true });
  return heard;
}

const SENTENCES = ["First comes this.", "Then comes that."] as const;

/** One speech of two sentences, from the first to the last sign of it. */
async function speakAll(shown: Shown): Promise<void> {
  FakePeer.last.says(speech("s", "speaking", { text: SENTENCES.join(" ") }));
  for (const text of SENTENCES) {
    FakePeer.last.says(caption("s", [[text, 0, 1]]));
    shown.clock.advance(1_000);
    await settle();
  }
  FakePeer.last.says(speech("s", "said"));
  FakePeer.last.says(caption("s", []));
  await settle();
  await new Promise((resolve) => setTimeout(resolve));
}

test("screen readers keep silent while the avatar is heard, and still tell of its status", async () => {
  const shown = await live();
  const heard = listen(shown);
  await speakAll(shown);
  assert.deepEqual(heard, ["Live"], "that it is done");
  FakePeer.last.says(speech("t", "speaking"));
  await new Promise((resolve) => setTimeout(resolve));
  FakePeer.last.says(speech("u", "failed", { reason: "nobody answers" }));
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(heard.slice(1), ["Not said: nobody answers"], "what goes wrong is told at once");
});

test("screen readers get each sentence once, in its time, where the sound is off", async () => {
  for (const traits of [{ muted: true }, { volume: 0 }]) {
    const shown = await live(traits);
    const heard = listen(shown);
    await speakAll(shown);
    assert.deepEqual(heard, ["Speaking", ...SENTENCES, "Live"]);
    assert.equal(shown.one(".ipyavatar-captions").getAttribute("aria-hidden"), "true");
  }
});

test("muting in the middle reads from the next sentence on, unmuting stops", async () => {
  const shown = await live();
  const heard = listen(shown);
  const say = async (text: string): Promise<void> => {
    FakePeer.last.says(caption("s", [[text, 0, 1]]));
    await settle();
  };
  await say("One.");
  shown.named("Mute").click();
  await say("Two.");
  await say("Two.");
  shown.named("Unmute").click();
  await say("Three.");
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(heard, ["Two.", "Two."]);
});

test("of several views one is read aloud, and the next when that one goes", async () => {
  const shown = await live({ muted: true });
  const second = new AbortController();
  createView(shown.page.document.body, shown.player, second.signal);
  const [, other] = shown.page.document.querySelectorAll<HTMLElement>(".ipyavatar-root");
  assert.ok(other);
  other.querySelector("video")?.dispatchEvent(new shown.page.window.Event("playing") as unknown as Event);
  const heard = listen(shown);
  const heardThere = listen(shown, other);
  await speakAll(shown);
  assert.deepEqual([heard.length, heardThere.length], [4, 0]);
  shown.view.abort();
  await speakAll(shown);
  assert.deepEqual(heardThere, ["Speaking", ...SENTENCES, "Live"]);
});

test("users' text is read in its own direction", async () => {
  const shown = await live({ muted: true });
  FakePeer.last.says(caption("s", [["مرحبا.", 0, 1]]));
  const { one } = shown;
  for (const part of [".ipyavatar-captions", "[role=log] > *", "[role=status]", "input[type=text]"]) {
    assert.equal(one(part).getAttribute("dir"), "auto", part);
  }
  for (const part of [".ipyavatar-what", ".ipyavatar-fix"]) assert.equal(one(part).getAttribute("dir"), "auto", part);
});
