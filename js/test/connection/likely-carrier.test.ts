// What a stream begins with.

import assert from "node:assert/strict";
import { test } from "node:test";
import { findLikelyCarrier, noteCarrier } from "../../src/connection/likely-carrier";
import { makePage } from "../support/fakes";

function pageAt(url: string): Document {
  const { document, window } = makePage();
  window.happyDOM.setURL(url);
  return document;
}

test("on one machine WebRTC is likely, elsewhere messages", () => {
  for (const url of ["http://localhost:8888/lab", "http://127.0.0.1:8888/", "http://[::1]:8888/"]) {
    assert.equal(findLikelyCarrier(pageAt(url)), "webrtc", url);
  }
  for (const url of ["https://hub.example/user/a/lab", "http://10.0.0.1:8888/", "https://localhost.example/"]) {
    assert.equal(findLikelyCarrier(pageAt(url)), "messages", url);
  }
});

test("a page remembers what its last stream came by", () => {
  const page = pageAt("http://localhost:8888/");
  noteCarrier(page, "messages");
  assert.equal(findLikelyCarrier(page), "messages");
  noteCarrier(page, "webrtc");
  assert.equal(findLikelyCarrier(page), "webrtc");
});
