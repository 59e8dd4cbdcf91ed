import assert from "node:assert/strict";
import { test } from "node:test";
import { WarmPeer } from "../../src/streams/warm-peer";
import { FakeClock, FakePeer } from "../support/fakes";

test("a peer made in advance is used once; the next is made when it is wanted", () => {
  const clock = new FakeClock();
  const warm = new WarmPeer();
  FakePeer.all.length = 0;
  warm.prepare(FakePeer.create, clock, new AbortController().signal);
  const first = warm.take(FakePeer.create);
  assert.equal(FakePeer.all.length, 1);
  assert.notEqual(warm.take(FakePeer.create).pc, first.pc);
  clock.advance(60_000);
  assert.equal(FakePeer.all[0]?.closed, false, "whoever took it closes it");
});

test("one that nobody wants is closed, in time and with the page", () => {
  for (const end of ["time", "page"]) {
    const clock = new FakeClock();
    const scope = new AbortController();
    new WarmPeer().prepare(FakePeer.create, clock, scope.signal);
    if (end === "time") clock.advance(5_000);
    else scope.abort();
    assert.ok(FakePeer.last.closed);
    assert.equal(clock.waiting, 0);
  }
});

test("a browser that refuses is asked again when a view needs a peer", () => {
  const warm = new WarmPeer();
  const refuse = (): never => {
    throw new Error("no more peers");
  };
  warm.prepare(refuse, new FakeClock(), new AbortController().signal);
  assert.throws(() => warm.take(refuse), /no more peers/);
  assert.ok(warm.take(FakePeer.create).pc);
});
