// What is on the page, as people meet it.

import assert from "node:assert/strict";
import { test } from "node:test";
import widget from "../../src/index";
import { createView, type TestHook } from "../../src/ui/view";
import { caption, FakeModel, FakePeer, failure, makePage, settle, speech, status } from "../support/fakes";
import { live, press, sent, show } from "../support/shown";

test("Interrupt works while anything sounds or waits, and only then", async () => {
  const { named, one } = await live();
  const interrupt = named("Interrupt");
  const isOn = (): boolean => interrupt.getAttribute("aria-disabled") === null;
  assert.equal(isOn(), false);
  interrupt.click();
  FakePeer.last.says(speech("one", "speaking"));
  FakePeer.last.says(speech("two", "queued"));
  assert.deepEqual([isOn(), one("[role=status]").textContent], [true, "Speaking"]);
  assert.equal(one(".ipyavatar-stage").getAttribute("data-speaking"), "true");
  interrupt.click();
  assert.equal(sent("interrupt").length, 1);
  FakePeer.last.says(speech("two", "interrupted"));
  assert.equal(one(".ipyavatar-stage").getAttribute("data-speaking"), "true", "what was dropped did not sound");
  FakePeer.last.says(speech("three", "queued"));
  FakePeer.last.says(speech("one", "interrupted"));
  assert.equal(one(".ipyavatar-stage").getAttribute("data-speaking"), null);
  assert.equal(isOn(), true, "one waits");
  FakePeer.last.says(speech("three", "interrupted"));
  assert.equal(isOn(), false);
});

test("one button stops what runs and starts what has ended", async () => {
  const { one, named } = await live();
  named("Stop the session").click();
  assert.equal(sent("stop").length, 1);
  FakePeer.last.says(status("ended"));
  named("Start").click();
  assert.equal(sent("start").length, 1);
  assert.equal(one(".ipyavatar-start").hidden, false);
});

test("Mute shows its state in words and picture; from zero, unmuting is audible", async () => {
  const { one, named } = await live({ volume: 0 });
  assert.equal(one(".ipyavatar-muted-mark").hidden, false);
  named("Unmute").click();
  assert.deepEqual(sent("set-sound"), [{ type: "set-sound", muted: false, volume: 0.5, page: "p" }]);
  assert.equal(one(".ipyavatar-muted-mark").hidden, true);
  assert.equal(one(".ipyavatar-volume").getAttribute("aria-valuetext"), "50 percent");
  named("Mute").click();
  assert.equal(one(".ipyavatar-volume").getAttribute("aria-valuetext"), "Muted");
});

test("the captions' button is a toggle that hides them", async () => {
  const { one, named } = await live();
  FakePeer.last.says(
    caption("s", [
      ["Hello", 0, 1],
      ["you", 1, 2],
    ]),
  );
  assert.equal(one(".ipyavatar-captions").textContent?.trim(), "Hello you");
  assert.equal(one(".ipyavatar-now").textContent, "Hello");
  assert.equal(named("Captions").getAttribute("aria-pressed"), "true");
  named("Captions").click();
  assert.equal(named("Captions").getAttribute("aria-pressed"), "false");
  assert.equal(one(".ipyavatar-captions").textContent, "");
});

test("markup in captions, names and errors is text", async () => {
  const { root, one } = await live({ character: "<b>x</b>" });
  FakePeer.last.says(
    caption("s", [
      ["<img", 0, 1],
      ["src=x>", 1, 2],
    ]),
  );
  FakePeer.last.says(status("live", { text: "<i>hi</i>" }));
  assert.equal(root.querySelector("img, b, i"), null);
  assert.equal(one("[role=status]").textContent, "<i>hi</i>");
});

test("a failure is a named panel with what, fix and Retry", async () => {
  const shown = show({}, status("failed", { error: failure("No voice.", "Install it.") }));
  const panel = shown.one(".ipyavatar-panel");
  assert.equal(panel.hidden, false);
  assert.equal(
    shown.page.document.getElementById(panel.getAttribute("aria-labelledby") ?? "")?.textContent,
    "No voice.",
  );
  assert.equal(
    shown.page.document.getElementById(panel.getAttribute("aria-describedby") ?? "")?.textContent,
    "Install it.",
  );
  shown.one(".ipyavatar-retry").click();
  assert.equal(shown.model.of("start").length, 1);
});

test("Click for sound shows only over a picture whose sound is held back", async () => {
  const shown = show();
  shown.page.soundAllowed = false;
  await settle();
  FakePeer.last.connect();
  await settle();
  const unlock = shown.one(".ipyavatar-unlock");
  assert.equal(unlock.hidden, true);
  shown.one("video").dispatchEvent(new shown.page.window.Event("playing") as unknown as Event);
  assert.equal(unlock.hidden, false);
  shown.page.soundAllowed = true;
  unlock.click();
  await settle();
  assert.equal(unlock.hidden, true);
});

test("the numbers open by keyboard and close with Escape", async () => {
  const shown = await live({ stats: { speech_latency_ms: 88 } });
  const line = shown.one(".ipyavatar-line");
  assert.match(
    shown.page.document.getElementById(line.getAttribute("aria-describedby") ?? "")?.textContent ?? "",
    /88 ms/,
  );
  line.click();
  assert.equal(line.getAttribute("aria-expanded"), "true");
  press(shown, line, "Escape");
  assert.equal(line.getAttribute("aria-expanded"), "false");
});

test("width and badge follow their traits", async () => {
  const { root, one, model } = await live();
  const width = (): string => root.style.getPropertyValue("--ipyavatar-width");
  assert.equal(width(), "720px");
  model.set("width", 400);
  model.set("badge", false);
  assert.equal(width(), "400px");
  assert.equal(one(".ipyavatar-badge").hidden, true);
});

test("the hook for tests tells stream, peer and state", async () => {
  const { root } = await live();
  const hook = (root as HTMLElement & { __ipyavatar: TestHook }).__ipyavatar;
  assert.equal(hook.state().connection.stream.phase, "connected");
  assert.equal(hook.pc(), FakePeer.last as unknown);
  assert.equal(hook.stream?.getTracks().length, 2);
});

test("a view that goes leaves no listener and no element behind", async () => {
  const shown = await live();
  const { document } = shown.page;
  let listening = 0;
  const add = document.addEventListener.bind(document);
  document.addEventListener = (...all: Parameters<typeof add>) => {
    listening += 1;
    const { signal } = (all[2] ?? {}) as AddEventListenerOptions;
    assert.ok(signal, "every listener of the document ends with a signal");
    signal.addEventListener("abort", () => {
      listening -= 1;
    });
    add(...all);
  };
  const second = new AbortController();
  createView(document.body, shown.player, second.signal);
  assert.ok(listening > 0);
  assert.equal(document.querySelectorAll(".ipyavatar-root").length, 2);
  second.abort();
  shown.view.abort();
  assert.equal(listening, 0);
  assert.equal(document.querySelectorAll(".ipyavatar-root").length, 0);
  shown.scope.abort();
  assert.equal(shown.model.listeners, 0);
  assert.equal(shown.clock.waiting, 0);
});

test("the module works in a host without signals, and two models do not mix", () => {
  makePage();
  const one = new FakeModel({ character: "One" });
  const two = new FakeModel({ character: "Two" });
  const [first, second] = [widget(), widget()];
  const ends = [first.initialize({ model: one.any }), second.initialize({ model: two.any })];
  const [a, b] = [document.createElement("div"), document.createElement("div")];
  // `render` gets another object for the same model.
  ends.push(first.render({ model: new FakeModel().any, el: a }), second.render({ model: new FakeModel().any, el: b }));
  assert.equal(a.querySelector("section")?.getAttribute("aria-label"), "Avatar One");
  assert.equal(b.querySelector("section")?.getAttribute("aria-label"), "Avatar Two");
  for (const end of ends) end();
  assert.equal(one.listeners + two.listeners, 0);
  assert.equal(a.children.length, 0);
});
