// What the page plays, recorded and sent: fake browser, fake kernel.

import assert from "node:assert/strict";
import { test } from "node:test";
import { storeBundle } from "../../src/connection/bundles";
import { PICTURE_WAIT_MS, SLICE_MS, SOUND_WAIT_MS } from "../../src/recording-bundle/control";
import { createPart } from "../../src/recording-bundle/index";
import { GONE_MS } from "../../src/recording-bundle/piece-sender";
import { FakePeer, settle, status, welcome } from "../support/fakes";
import { live, type Shown } from "../support/shown";

class FakeTrack extends EventTarget {
  readonly kind: string;

  constructor(kind: string) {
    super();
    this.kind = kind;
  }
}

class FakeRecorder {
  static last: FakeRecorder | null = null;
  static types: readonly string[] = [];
  static refusal: Error | null = null;
  state = "inactive";
  ondataavailable: ((event: { data: Blob }) => void) | null = null;
  onstop: (() => void) | null = null;
  onerror: (() => void) | null = null;
  readonly mimeType: string;
  readonly tracks: readonly FakeTrack[];

  constructor(stream: { tracks: readonly FakeTrack[] }, { mimeType }: { mimeType: string }) {
    if (FakeRecorder.refusal) throw FakeRecorder.refusal;
    this.mimeType = mimeType;
    this.tracks = stream.tracks;
    FakeRecorder.last = this;
  }

  static isTypeSupported(type: string): boolean {
    return FakeRecorder.types.includes(type);
  }

  start(): void {
    this.state = "recording";
  }

  stop(): void {
    this.state = "inactive";
    this.gives("end");
    this.onstop?.();
  }

  gives(text: string): void {
    this.ondataavailable?.({ data: new Blob([text]) });
  }
}

class FakeMediaStream {
  readonly tracks: readonly FakeTrack[];

  constructor(tracks: readonly FakeTrack[]) {
    this.tracks = tracks;
  }
}

const WEBM = "video/webm;codecs=vp8,opus";
const browser: { recorder: unknown } = { recorder: FakeRecorder };
storeBundle("recording", new DataView(new ArrayBuffer(1)), async () => ({
  createPart: (port: Parameters<typeof createPart>[0], signal: AbortSignal) =>
    createPart(
      port,
      signal,
      Object.assign(Object.create(globalThis), { MediaRecorder: browser.recorder, MediaStream: FakeMediaStream }),
    ),
}));

interface Recorded extends Shown {
  readonly video: FakeTrack;
  readonly audio: FakeTrack;
}

/** A live page with these tracks, that Python asks to send. */
async function asked(kinds: readonly string[] = ["video", "audio"], types = [WEBM]): Promise<Recorded> {
  FakeRecorder.last = null;
  FakeRecorder.types = types;
  FakeRecorder.refusal = null;
  const shown = await live();
  shown.player.playback.removeAllTracks();
  const video = new FakeTrack("video");
  const audio = new FakeTrack("audio");
  for (const track of [video, audio]) if (kinds.includes(track.kind)) shown.player.playback.stream?.addTrack(as(track));
  shown.model.tell({ type: "send-media", page: "p", sending: "s" });
  await settle();
  return { ...shown, video, audio };
}

const as = (track: FakeTrack): MediaStreamTrack => track as unknown as MediaStreamTrack;
const isLit = ({ one }: Shown): boolean => !one(".ipyavatar-recording").hidden;
const over = ({ model }: Shown): string[] => model.of("media-over").map(({ what }) => what);

/** What Python has by now; it takes all of it. */
async function taken({ model, clock }: Shown): Promise<string> {
  await settle();
  clock.advance(SLICE_MS);
  await settle();
  const number = model.of("media-piece").at(-1)?.number ?? 0;
  model.tell({ type: "media-taken", page: "p", sending: "s", number });
  return model.buffers
    .map((bytes) => new TextDecoder().decode(bytes))
    .join(" ")
    .trim();
}

test("until Python asks, nothing of a recorder is in the page", async () => {
  const { root, model } = await live();
  assert.equal(root.querySelector(".ipyavatar-recording"), null);
  assert.deepEqual(model.of("media-piece"), []);
});

test("it says that it has begun, then sends what the browser records, in order; the lamp is lit meanwhile", async () => {
  const shown = await asked();
  assert.equal(isLit(shown), true);
  const [first] = shown.model.of("media-piece");
  assert.deepEqual([first?.number, first?.kind, shown.model.buffers[0]?.byteLength], [1, WEBM, 0]);
  for (const text of ["a", "b", "c"]) FakeRecorder.last?.gives(text);
  assert.equal(await taken(shown), "a b c");
  assert.deepEqual(FakeRecorder.last?.tracks, [shown.video, shown.audio]);
  shown.model.tell({ type: "send-media", page: "p", sending: "s" });
  assert.equal(FakeRecorder.last?.state, "recording", "asked twice, it goes on");
  shown.model.tell({ type: "stop-media", page: "p", sending: "s" });
  await settle();
  assert.deepEqual([isLit(shown), FakeRecorder.last?.state, over(shown)], [false, "inactive", []]);
});

test("two views have a lamp each, and one recorder", async () => {
  const shown = await asked();
  const recorder = FakeRecorder.last;
  const { createView } = await import("../../src/ui/view");
  createView(shown.page.document.body, shown.player, shown.view.signal);
  const lamps = [...shown.page.document.querySelectorAll<HTMLElement>(".ipyavatar-recording")];
  assert.deepEqual(
    lamps.map(({ hidden }) => hidden),
    [false, false],
  );
  assert.equal(FakeRecorder.last, recorder);
});

for (const [end, act, why] of [
  ["the session ends", ({ model }: Recorded) => FakePeer.last.says(status("stopping")) ?? model, "session has ended"],
  ["a track ends", ({ video }: Recorded) => video.dispatchEvent(new Event("ended")), "picture ended"],
  [
    "the stream is made anew",
    ({ player }: Recorded) => {
      player.playback.stream?.addTrack(as(new FakeTrack("video")));
      player.store.update({ notice: "x" });
    },
    "another way",
  ],
  ["the recorder fails", () => FakeRecorder.last?.onerror?.(), "recorder has failed"],
] as const) {
  test(`when ${end}, all that was recorded comes first, and then why`, async () => {
    const shown = await asked();
    FakeRecorder.last?.gives("a");
    await taken(shown);
    act(shown);
    await settle();
    assert.deepEqual([over(shown), isLit(shown)], [[], false]);
    assert.equal(await taken(shown), "a end");
    assert.match(over(shown).join(), new RegExp(why));
  });
}

test("what cannot be recorded is said at once, and again where that got lost", async () => {
  for (const [recorder, types, why] of [
    [undefined, [], /cannot record/],
    [FakeRecorder, ["video/ogg"], /nothing that Python can read/],
  ] as const) {
    browser.recorder = recorder;
    const shown = await asked(["video", "audio"], [...types]);
    browser.recorder = FakeRecorder;
    shown.model.tell({ type: "send-media", page: "p", sending: "s" });
    assert.deepEqual(
      shown.model.of("media-over").map(({ final }) => final),
      [true, true],
      "asked anew it could not either",
    );
    assert.match(over(shown)[0] ?? "", why);
    assert.equal(FakeRecorder.last, null);
  }
});

test("a recorder that refuses the stream is said", async () => {
  const shown = await asked([]);
  FakeRecorder.refusal = new Error("no");
  for (const track of [shown.video, shown.audio]) shown.player.playback.stream?.addTrack(as(track));
  shown.player.store.update({ notice: "x" });
  assert.match(over(shown).join(), /does not record it: Error: no/);
});

test("without a picture it waits, and then says so", async () => {
  const shown = await asked(["audio"]);
  shown.clock.advance(PICTURE_WAIT_MS - 1);
  assert.deepEqual([FakeRecorder.last, over(shown)], [null, []]);
  shown.clock.advance(1);
  assert.match(over(shown).join(), /no picture/);
});

test("sound is waited for, but not for ever", async () => {
  const shown = await asked(["video"]);
  assert.equal(FakeRecorder.last, null);
  shown.clock.advance(SOUND_WAIT_MS);
  assert.deepEqual((FakeRecorder.last as FakeRecorder | null)?.tracks, [shown.video]);
});

test("another wish takes the place of the one before", async () => {
  const shown = await asked();
  const first = FakeRecorder.last;
  shown.model.tell({ type: "send-media", page: "p", sending: "t" });
  assert.deepEqual([first?.state, FakeRecorder.last === first], ["inactive", false]);
  assert.equal(shown.model.of("media-piece").at(-1)?.sending, "t");
  assert.deepEqual([over(shown), isLit(shown)], [[], true]);
});

test("a model that goes ends it without a word", async () => {
  const shown = await asked();
  shown.scope.abort();
  assert.deepEqual([FakeRecorder.last?.state, over(shown)], ["inactive", []]);
});

test("once Python has stopped it, whatever changes in the page, nothing is recorded", async () => {
  const shown = await asked();
  const recorder = FakeRecorder.last;
  shown.model.tell({ type: "stop-media", page: "p", sending: "s" });
  shown.player.store.update({ notice: "x" });
  await settle();
  assert.deepEqual([isLit(shown), FakeRecorder.last === recorder], [false, true]);
});

test("another kernel, which knows nothing of it, ends it at once and without a word", async () => {
  const shown = await asked();
  const recorder = FakeRecorder.last;
  shown.model.tell(welcome("another"));
  await settle();
  assert.deepEqual([isLit(shown), recorder?.state, FakeRecorder.last === recorder], [false, "inactive", true]);
  assert.deepEqual(over(shown), []);
  const sent = shown.model.of("media-piece").length;
  shown.clock.advance(GONE_MS);
  assert.equal(shown.model.of("media-piece").length, sent);
});

test("a kernel that is gone is not recorded for, nor waited for, for ever", async () => {
  const shown = await asked();
  for (let second = 0; second <= (2 * GONE_MS) / 1_000; second += 1) {
    FakeRecorder.last?.gives("a");
    await settle();
    shown.clock.advance(1_000);
  }
  assert.deepEqual([isLit(shown), FakeRecorder.last?.state], [false, "inactive"]);
  assert.match(over(shown).join(), /takes nothing/);
});
