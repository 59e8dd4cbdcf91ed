// How the code that plays frames gets into a page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ASK_AGAIN_MS, storeBundle } from "../../src/connection/bundles";
import { PLAYER_NOT_LOADED } from "../../src/connection/problems";
import type { FramesBundle } from "../../src/streams/frame-stream";
import { UNSUPPORTED } from "../../src/streams/stream";
import { settle } from "../support/fakes";
import { createStage, phase } from "../support/player";

const NO_BYTES = new DataView(new ArrayBuffer(1));
const show = async () => {
  const stage = createStage({ carrier: "messages" }, "live", {}, { createFrameParts: () => assert.fail("no parts") });
  stage.show();
  await settle();
  return stage;
};

test("it is asked for with the first frames; a page that cannot load it says so; late, it asks for them at once", async () => {
  const page = await show();
  assert.deepEqual(page.model.of("need-bundle"), [{ type: "need-bundle", name: "frames" }]);
  page.clock.advance(ASK_AGAIN_MS);
  assert.equal(page.model.of("need-bundle").length, 2);
  assert.equal(page.model.of("subscribe").length, 0, "nobody could play them");
  assert.equal(phase(page), "offering");
  storeBundle("frames", NO_BYTES, async () => {
    throw new Error("blob: is forbidden");
  });
  await settle();
  assert.deepEqual(page.player.store.get().connection.stream, { phase: "stuck", problem: PLAYER_NOT_LOADED });

  const asks: string[] = [];
  const open: FramesBundle["open"] = ({ page: name }) => {
    const ask = (): void => void asks.push(name);
    return { ...UNSUPPORTED, kind: "messages", ask, getStats: async () => [] };
  };
  const other = await show();
  storeBundle("frames", NO_BYTES, async () => ({ open }));
  await settle();
  other.player.retry();
  await settle();
  assert.deepEqual(asks.slice(0, 1), ["p"]);
});
