// How the floating picture's code gets into a page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ASK_AGAIN_MS, storeBundle } from "../../src/connection/bundles";
import { createBridge } from "../../src/model/bridge";
import { type FloatingPort, loadFloating } from "../../src/ui/floating";
import { settle } from "../support/fakes";
import { createStage } from "../support/player";

test("its code is asked for once there is a view, again when it is wanted, and makes one for each model", async () => {
  const all = createStage();
  const asked = () => all.model.of("need-bundle").length;
  loadFloating(all.player, createBridge(all.model.any), all.clock, all.scope.signal);
  assert.equal(asked(), 0, "nobody sees the avatar");
  all.show();
  all.show();
  assert.deepEqual(all.model.of("need-bundle"), [{ type: "need-bundle", name: "floating" }]);
  all.clock.advance(60 * ASK_AGAIN_MS);
  const lost = asked();
  all.player.setOwnWindow(true);
  assert.equal(asked(), lost + 1);
  const made: FloatingPort[] = [];
  storeBundle("floating", new DataView(new ArrayBuffer(1)), async () => ({
    createFloating: (port: FloatingPort) => made.push(port),
  }));
  await settle();
  assert.deepEqual(
    made.map(({ player }) => player),
    [all.player],
  );
  all.player.setOwnWindow(false);
  all.player.setOwnWindow(true);
  assert.equal(asked(), lost + 1, "it is here");
  const gone = createStage();
  loadFloating(gone.player, createBridge(gone.model.any), gone.clock, gone.scope.signal);
  gone.scope.abort();
  await settle();
  assert.equal(made.length, 1, "that model has gone");
});
