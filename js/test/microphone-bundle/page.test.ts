// The microphone in a page, as its user meets it: fake browser, fake kernel, fake peer connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import { storeBundle } from "../../src/connection/bundles";
import { SHOWN_MS, TAIL_MS } from "../../src/microphone-bundle/control";
import { createPart } from "../../src/microphone-bundle/index";
import { DROPPED, REFUSED, UNPLUGGED } from "../../src/microphone-bundle/problems";
import type { ListeningMode, ToPage } from "../../src/model/messages";
import { createView } from "../../src/ui/view";
import { FakePeer, settle, status, welcome } from "../support/fakes";
import { live, type Shown, sent } from "../support/shown";

class FakeTrack extends EventTarget {
  readonly kind = "audio";
  muted = false;
  stopped = false;

  stop(): void {
    this.stopped = true;
  }
}

/** A browser with a microphone. */
class FakeDevices {
  readonly asked: MediaStreamConstraints[] = [];
  readonly tracks: FakeTrack[] = [];
  refusal: Error | null = null;
  /** Where it is set, the browser's question waits for it. */
  question: Promise<void> | null = null;

  async getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
    this.asked.push(constraints);
    await this.question;
    if (this.refusal) throw this.refusal;
    const track = new FakeTrack();
    this.tracks.push(track);
    return { getAudioTracks: () => [track] } as unknown as MediaStream;
  }
}

/** What the page's browser has. */
const browser = { devices: new FakeDevices() };
storeBundle("microphone", new DataView(new ArrayBuffer(1)), async () => ({
  createPart: (port: Parameters<typeof createPart>[0], signal: AbortSignal) =>
    createPart(
      port,
      signal,
      Object.assign(Object.create(globalThis), { navigator: { mediaDevices: browser.devices } }),
    ),
}));

let time = 1;
const listening = (mode: ListeningMode, more = {}): ToPage => {
  time += 1;
  return {
    type: "listening",
    mode,
    hearing: false,
    microphones: 0,
    at: time,
    page: "",
    dropped: [],
    request: 0,
    ...more,
  };
};

/** A live avatar that listens, in a browser that has a microphone. */
async function listens(mode: ListeningMode = "open"): Promise<Shown & { button: HTMLElement }> {
  browser.devices = new FakeDevices();
  const shown = await live();
  FakePeer.last.says(listening(mode));
  await settle();
  return { ...shown, button: shown.one(".ipyavatar-microphone") };
}

const told = (): unknown[] => sent("microphone").map((message) => ({ ...(message as object), page: undefined }));
const line = ({ one }: Shown): string => one(".ipyavatar-hearing-line").textContent ?? "";
const isLit = ({ one }: Shown): boolean => !one(".ipyavatar-lamp").hidden;
const carried = (): unknown => FakePeer.last.microphone;

function pointer(shown: Shown, target: EventTarget, kind: string): void {
  target.dispatchEvent(new shown.page.window.MouseEvent(kind, { bubbles: true, detail: 1 }) as unknown as Event);
}

function key(shown: Shown, target: EventTarget, kind: string, more = {}): boolean {
  const event = new shown.page.window.KeyboardEvent(kind, { key: " ", bubbles: true, cancelable: true, ...more });
  return target.dispatchEvent(event as unknown as Event);
}

test("where nobody listens, nothing of a microphone is in the page, nor asked for", async () => {
  const { root, model } = await live();
  FakePeer.last.says(listening("off"));
  await settle();
  assert.equal(root.querySelector(".ipyavatar-microphone"), null);
  assert.deepEqual(model.of("need-bundle"), []);
});

test("before the press nothing is asked of the browser and nothing is sent", async () => {
  const shown = await listens();
  assert.equal(shown.button.hidden, false);
  assert.equal(shown.button.getAttribute("aria-label"), "Talk to Ava");
  shown.clock.advance(60_000);
  assert.deepEqual([browser.devices.asked, told(), carried()], [[], [], null]);
  assert.equal(isLit(shown), false);
});

test("open: a press asks for a microphone without echo and opens it, the next one closes it", async () => {
  const shown = await listens();
  shown.button.click();
  assert.equal(shown.button.dataset.microphone, "asking");
  await settle();
  assert.deepEqual(browser.devices.asked, [
    { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } },
  ]);
  assert.deepEqual(told(), [{ type: "microphone", page: undefined, state: "on", via: "track" }]);
  assert.deepEqual([carried(), isLit(shown), line(shown).trim()], [browser.devices.tracks[0], true, "Listening"]);
  assert.equal(shown.button.getAttribute("aria-pressed"), "true");
  shown.button.click();
  assert.deepEqual(told().at(-1), { type: "microphone", page: undefined, state: "off" });
  assert.deepEqual([carried(), isLit(shown), browser.devices.tracks[0]?.stopped], [null, false, true]);
  assert.equal(shown.button.getAttribute("aria-pressed"), "false");
});

test("push to talk by pointer: while it is held, let go of anywhere", async () => {
  const shown = await listens("push_to_talk");
  pointer(shown, shown.button, "pointerdown");
  await settle();
  assert.deepEqual([carried(), isLit(shown)], [browser.devices.tracks[0], true]);
  pointer(shown, shown.page.document.body, "pointerup");
  pointer(shown, shown.button, "click");
  assert.equal(told().length, 1, "the end of the last word is on its way");
  shown.clock.advance(TAIL_MS);
  assert.deepEqual([told().length, carried(), isLit(shown)], [2, null, false]);
  assert.ok(browser.devices.tracks[0]?.stopped);
});

for (const [end, act] of [
  ["the key goes up elsewhere", (shown: Shown) => key(shown, shown.page.document.body, "keyup")],
  [
    "the window loses the focus",
    (shown: Shown) => shown.page.window.dispatchEvent(new shown.page.window.Event("blur")),
  ],
  ["the view goes away", (shown: Shown) => shown.view.abort()],
] as const) {
  test(`push to talk by key, until ${end}`, async () => {
    const shown = await listens("push_to_talk");
    assert.match(shown.button.getAttribute("aria-label") ?? "", /Space/);
    assert.equal(key(shown, shown.button, "keydown"), false, "the page does not scroll");
    await settle();
    key(shown, shown.button, "keydown", { repeat: true });
    assert.equal(told().length, 1);
    act(shown);
    shown.clock.advance(TAIL_MS);
    assert.deepEqual([told().length, carried(), browser.devices.asked.length], [2, null, 1]);
    assert.ok(browser.devices.tracks[0]?.stopped);
  });
}

test("push to talk by who cannot hold a button: a click without a pointer opens, another one closes", async () => {
  const shown = await listens("push_to_talk");
  shown.button.click();
  await settle();
  assert.ok(isLit(shown));
  shown.button.click();
  assert.deepEqual([isLit(shown), carried()], [false, null]);
});

test("who lets go of the button to answer the browser is told to hold it again", async () => {
  const shown = await listens("push_to_talk");
  let allow = (): void => undefined;
  browser.devices.question = new Promise((resolve) => {
    allow = resolve;
  });
  pointer(shown, shown.button, "pointerdown");
  assert.match(line(shown), /Allow it/);
  pointer(shown, shown.page.document.body, "pointerup");
  allow();
  await settle();
  assert.match(line(shown), /allowed.*Hold the button/);
  assert.deepEqual([told(), browser.devices.tracks[0]?.stopped, isLit(shown)], [[], true, false]);
  pointer(shown, shown.button, "pointerdown");
  await settle();
  assert.ok(isLit(shown));
});

test("what the browser answers after the user has thought better of it is stopped at once", async () => {
  const shown = await listens();
  let allow = (): void => undefined;
  browser.devices.question = new Promise((resolve) => {
    allow = resolve;
  });
  shown.button.click();
  shown.button.click();
  allow();
  await settle();
  assert.deepEqual([told(), browser.devices.tracks[0]?.stopped, carried()], [[], true, null]);
});

test("refused: it says so, and how to get one, and Python is told", async () => {
  const shown = await listens();
  browser.devices.refusal = new DOMException("Permission denied", "NotAllowedError");
  shown.button.click();
  await settle();
  assert.equal(line(shown), `${REFUSED.what} ${REFUSED.fix}`);
  assert.deepEqual(told(), [{ type: "microphone", page: undefined, state: "failed", ...REFUSED }]);
  assert.equal(shown.button.dataset.microphone, "failed");
  browser.devices.refusal = null;
  shown.button.click();
  await settle();
  assert.ok(isLit(shown), "it is asked for again");
});

test("unplugged: it says so, the lamp goes out, and Python is told", async () => {
  const shown = await listens();
  shown.button.click();
  await settle();
  browser.devices.tracks[0]?.dispatchEvent(new Event("ended"));
  assert.equal(line(shown), `${UNPLUGGED.what} ${UNPLUGGED.fix}`);
  assert.deepEqual(told().at(-1), { type: "microphone", page: undefined, state: "failed", ...UNPLUGGED });
  assert.deepEqual([isLit(shown), carried()], [false, null]);
});

for (const [end, act] of [
  ["the session ends", () => FakePeer.last.says(status("ended"))],
  ["Python does not listen any more", () => FakePeer.last.says(listening("off"))],
  ["Python listens another way", () => FakePeer.last.says(listening("push_to_talk"))],
  ["the widget is taken away", (shown: Shown) => shown.view.abort()],
  ["the model goes", (shown: Shown) => shown.scope.abort()],
] as const) {
  test(`the microphone is closed when ${end}`, async () => {
    const shown = await listens();
    shown.button.click();
    await settle();
    assert.equal(browser.devices.tracks[0]?.stopped, false);
    act(shown);
    assert.equal(browser.devices.tracks[0]?.stopped, true);
    assert.deepEqual(shown.page.document.querySelectorAll(".ipyavatar-lamp:not([hidden])").length, 0);
  });
}

test("a session that is over has no microphone to press", async () => {
  const shown = await listens();
  FakePeer.last.says(status("ended"));
  assert.equal(shown.button.getAttribute("aria-disabled"), "true");
  shown.button.click();
  await settle();
  assert.deepEqual(browser.devices.asked, []);
});

test("another kernel is believed, though its clock is behind; what the one before wanted is over", async () => {
  const shown = await listens();
  shown.button.click();
  await settle();
  shown.model.tell(welcome("another"));
  assert.deepEqual([browser.devices.tracks[0]?.stopped, shown.button.hidden], [true, true]);
  shown.model.tell({ ...listening("push_to_talk"), at: 0.5 } as ToPage);
  assert.equal(shown.button.hidden, false);
});

test("one that Python has given up says so instead of listening, and a press goes on", async () => {
  const shown = await listens();
  const hears = (...dropped: string[]): void => FakePeer.last.says(listening("open", { dropped }));
  shown.button.click();
  await settle();
  const [{ page: pageId }] = sent("microphone") as [{ page: string }];
  hears("somebody else");
  assert.equal(line(shown).trim(), "Listening");
  hears("somebody else", pageId);
  assert.equal(line(shown), `${DROPPED.what} ${DROPPED.fix}`);
  assert.deepEqual([carried(), isLit(shown), browser.devices.tracks[0]?.stopped], [null, false, true]);
  assert.deepEqual(told().at(-1), { type: "microphone", page: undefined, state: "failed", ...DROPPED });
  shown.button.click();
  await settle();
  hears(pageId); // Python has not heard yet that it is on
  assert.equal(line(shown).trim(), "Listening");
  hears();
  hears(pageId);
  assert.equal(line(shown), `${DROPPED.what} ${DROPPED.fix}`, "given up once more");
});

test("after a reconnect the track goes by the new connection, and Python is told anew", async () => {
  const shown = await listens();
  shown.button.click();
  await settle();
  const first = FakePeer.last;
  first.drop();
  shown.clock.advance(1_000);
  await settle();
  assert.notEqual(FakePeer.last, first);
  assert.deepEqual([carried(), isLit(shown)], [null, true]);
  FakePeer.last.connect();
  await settle();
  assert.equal(carried(), browser.devices.tracks[0]);
  assert.equal(shown.model.of("microphone").length, 1, "the data channel was not open yet");
  shown.one("video").dispatchEvent(new shown.page.window.Event("playing") as unknown as Event);
  assert.equal(told().length, 1, "and the kernel may be busy");
  assert.equal(browser.devices.asked.length, 1);
});

test("what is heard lights up, what was understood is shown in the user's own words, for a while", async () => {
  const shown = await listens();
  shown.button.click();
  await settle();
  FakePeer.last.says(listening("open", { hearing: true }));
  assert.equal(shown.button.dataset.hearing, "true");
  shown.model.tell({ type: "heard", text: "What is a <b>mean</b>?", at: 5, reason: "", page: "p" });
  const heard = shown.one(".ipyavatar-heard");
  const said = (): string | null => heard.querySelector("bdi")?.textContent ?? null;
  assert.equal(said(), "What is a <b>mean</b>?");
  shown.model.tell({ type: "heard", text: "older", at: 4, reason: "", page: "p" });
  assert.equal(said(), "What is a <b>mean</b>?");
  shown.model.tell({ type: "heard", text: "", at: 6, reason: "Nothing was understood.", page: "p" });
  assert.equal(said(), "Nothing was understood.");
  shown.clock.advance(SHOWN_MS);
  assert.equal(heard.hidden, true);
});

test("several views show one microphone, and one of them reads it aloud", async () => {
  const shown = await listens();
  const second = new AbortController();
  createView(shown.page.document.body, shown.player, second.signal);
  const buttons = [...shown.page.document.querySelectorAll<HTMLElement>(".ipyavatar-microphone")];
  assert.equal(buttons.length, 2);
  buttons[1]?.click();
  await settle();
  assert.deepEqual(
    buttons.map((button) => button.getAttribute("aria-pressed")),
    ["true", "true"],
  );
  assert.equal(browser.devices.asked.length, 1);
  const lines = [...shown.page.document.querySelectorAll(".ipyavatar-hearing")];
  assert.deepEqual(
    lines.map((one) => one.getAttribute("aria-live")),
    ["polite", "off"],
  );
  second.abort();
  assert.equal(isLit(shown), true, "the other view is still there");
});
