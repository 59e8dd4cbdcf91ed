import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore } from "../../src/state/store";

test("a store tells of changes only, and no longer after abort", () => {
  const store = createStore({ one: 1, two: 2 });
  const scope = new AbortController();
  const heard: number[] = [];
  store.subscribe(({ one }) => heard.push(one), scope.signal);
  store.update({ one: 1 });
  store.update({ one: 3 });
  scope.abort();
  store.update({ one: 4 });
  assert.deepEqual(heard, [1, 3]);
});
