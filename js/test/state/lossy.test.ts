// A notebook server drops what the kernel sends while a cell prints a lot: the page ends with what the
// kernel knows, whatever was lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Caption, StatusName, ToPage } from "../../src/model/messages";
import { caption, speech, status, welcome } from "../support/fakes";
import { createStage, type Stage } from "../support/player";

/** What the kernel knows, and tells: each fact by a numbered message, all of them to a page that asks. */
class Kernel {
  status: StatusName = "live";
  queued: string[] = [];
  sounding: string | null = null;
  caption: Caption = caption("", []);
  lost = 0;
  hellos = 0;
  #at = 1e6;
  #seq = 0;
  #speeches = 0;
  readonly #stage: Stage;
  readonly #drops: (seq: number) => boolean;

  constructor(stage: Stage, drops: (seq: number) => boolean) {
    this.#stage = stage;
    this.#drops = drops;
    stage.model.kernel = (message) => {
      if (message.type !== "hello") return;
      this.hellos += 1;
      for (const fact of this.facts()) this.send(fact);
    };
  }

  facts(): ToPage[] {
    const { queued, sounding } = this;
    const at = this.#at;
    const facts: ToPage[] = [
      welcome(),
      status(this.status, { at }),
      { type: "under-way", queued, sounding: sounding ?? "", at },
    ];
    if (sounding !== null) facts.push(speech(sounding, "speaking", { at }));
    return [...facts, { ...this.caption }];
  }

  send(message: ToPage): void {
    this.#seq += 1;
    if (this.#drops(this.#seq)) this.lost += 1;
    else this.#stage.model.tellAnything({ ...message, seq: this.#seq });
  }

  /** Something happens. */
  step(choice: number): void {
    this.#at += 1;
    const at = this.#at;
    const next = this.queued[0];
    if (choice === 0) {
      this.#speeches += 1;
      const id = `s${this.#speeches}`;
      this.queued = [...this.queued, id];
      this.send(speech(id, "queued", { at }));
    } else if (choice === 1 && this.sounding === null && next !== undefined) {
      this.queued = this.queued.slice(1);
      this.sounding = next;
      this.send(speech(next, "speaking", { at }));
      this.#show(caption(next, [["Hi", 0, 1]], { at }));
    } else if (choice === 2 && this.sounding !== null) {
      this.send(speech(this.sounding, "said", { at }));
      this.sounding = null;
      this.#show(caption("", [], { at, text: "" }));
    } else if (choice === 3 && next !== undefined) {
      this.queued = this.queued.slice(1);
      this.send(speech(next, "interrupted", { at }));
    } else if (choice === 4) {
      this.status = this.status === "live" ? "reconnecting" : "live";
      this.send(status(this.status, { at }));
    }
  }

  #show(shown: Caption): void {
    this.caption = shown;
    this.send(shown);
  }
}

function assertSame({ player }: Stage, kernel: Kernel, label: string): void {
  const { status: name, queued, sounding } = player.store.get();
  assert.deepEqual([name, queued, sounding], [kernel.status, kernel.queued, kernel.sounding], label);
}

const STORY = [0, 1, 0, 0, 2, 1, 4, 3, 4, 2, 0, 1];

test("each message in turn may be lost, the last one too", () => {
  let tried = 0;
  for (let fired = true; fired; ) {
    const stage = createStage({ stream: "livekit" });
    const lost = tried + 1;
    const kernel = new Kernel(stage, (seq) => seq === lost);
    for (const choice of STORY) kernel.step(choice);
    const told = kernel.lost;
    kernel.send({ type: "sync" });
    stage.clock.advance(2_000);
    assertSame(stage, kernel, `message ${lost} lost`);
    stage.scope.abort();
    fired = told === 1;
    if (fired) tried += 1;
  }
  assert.ok(tried > 12, `${tried} messages were lost in turn`);
});

test("without a loss nothing is asked, and a sync is answered", () => {
  const stage = createStage({ stream: "livekit" });
  const kernel = new Kernel(stage, () => false);
  for (const choice of STORY) kernel.step(choice);
  kernel.send({ type: "sync" });
  assert.equal(kernel.hellos, 0);
  assert.equal(stage.model.of("synced").length, 1);
  assertSame(stage, kernel, "nothing lost");
  stage.scope.abort();
});

test("of 200 stories with random losses each ends with what the kernel knows", () => {
  let state = 11;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  let lost = 0;
  for (let story = 0; story < 200; story += 1) {
    const stage = createStage({ stream: "livekit" });
    const share = random();
    let dropping = true;
    const kernel = new Kernel(stage, () => dropping && random() < share);
    for (let step = 0; step < 30; step += 1) {
      kernel.step(Math.floor(random() * 5));
      stage.clock.advance(random() * 2_000);
    }
    dropping = false;
    kernel.send({ type: "sync" });
    stage.clock.advance(2_000);
    assertSame(stage, kernel, `story ${story}`);
    lost += kernel.lost;
    stage.scope.abort();
  }
  assert.ok(lost > 1_000, `${lost} messages were lost`);
});

test("what is lost while something is under way is asked for, even if nothing comes after it", () => {
  const stage = createStage({ stream: "livekit" });
  let dropping = false;
  const kernel = new Kernel(stage, () => dropping);
  for (const choice of [0, 1]) kernel.step(choice);
  dropping = true;
  kernel.step(2);
  assert.equal(stage.player.store.get().sounding, "s1");
  dropping = false;
  stage.clock.advance(5_000);
  assertSame(stage, kernel, "asked after five seconds");
  const { hellos } = kernel;
  stage.clock.advance(600_000);
  assert.equal(kernel.hellos, hellos, "at rest nothing is asked");
  stage.scope.abort();
});

test("what the user asks for is sent again until it is heard of, and said once", () => {
  const { clock, model, player, scope } = createStage({ stream: "livekit" });
  player.say("Hello");
  clock.advance(3_000);
  const says = model.of("say");
  assert.ok(says.length > 2);
  assert.equal(new Set(says.map((one) => JSON.stringify(one))).size, 1, "the same, by page and click");
  model.tell(speech(`page-${says[0]?.page}-${says[0]?.atMs}`, "queued"));
  const count = says.length;
  clock.advance(60_000);
  assert.equal(model.of("say").length, count);
  player.stop();
  model.tell(status("stopping"));
  clock.advance(60_000);
  assert.equal(model.of("stop").length, 1);
  scope.abort();
});
