import assert from "node:assert/strict";
import { test } from "node:test";
import { WALL_MS } from "../support/fakes";
import { live, press, sent, type } from "../support/shown";

test("Enter sends what was typed and empties the box; blank text is not sent", async () => {
  const shown = await live();
  const field = type(shown, "Hello there");
  press(shown, field, "Enter");
  assert.equal(field.value, "");
  press(shown, type(shown, "   "), "Enter");
  assert.deepEqual(sent("say"), [{ type: "say", text: "Hello there", page: "p", atMs: WALL_MS }]);
});

test("an Enter that ends a composition does not send, in whatever order the browser tells", async () => {
  const shown = await live();
  const field = type(shown, "こんにちは");
  for (const taken of [
    { isComposing: true, keyCode: 13 },
    { isComposing: true, keyCode: 229 },
    { isComposing: false, keyCode: 229 }, // Safari: the composition has ended just before
  ]) {
    const event = new shown.page.window.KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
    Object.defineProperties(event, { isComposing: { value: taken.isComposing }, keyCode: { value: taken.keyCode } });
    field.dispatchEvent(event as unknown as Event);
    assert.equal(event.defaultPrevented, false);
  }
  assert.deepEqual([sent("say").length, field.value], [0, "こんにちは"]);
  press(shown, field, "Enter");
  assert.equal(sent("say").length, 1);
});

test("Send is off until there is something to send", async () => {
  const shown = await live();
  const send = shown.named("Send");
  assert.equal(send.getAttribute("aria-disabled"), "true");
  type(shown, "Hi");
  assert.equal(send.getAttribute("aria-disabled"), null);
  send.click();
  assert.equal(sent("say").length, 1);
  assert.equal(send.getAttribute("aria-disabled"), "true");
});

test("keys stay inside: typing must not run or delete cells", async () => {
  const shown = await live();
  let outside = 0;
  shown.page.document.body.addEventListener("keydown", () => {
    outside += 1;
  });
  press(shown, type(shown, "d"), "d");
  press(shown, shown.named("Mute"), "Enter");
  assert.equal(outside, 0);
  assert.equal(shown.root.getAttribute("data-lm-suppress-shortcuts"), "true");
  assert.equal(shown.one("input[type=text]").getAttribute("data-lm-suppress-shortcuts"), "true");
});
