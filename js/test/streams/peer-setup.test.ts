import assert from "node:assert/strict";
import { test } from "node:test";
import { dropMdnsCandidates } from "../../src/streams/peer-setup";

test("mDNS candidates are dropped, everything else is kept", () => {
  const sdp =
    "v=0\r\na=candidate:1 1 udp 1 4a.local 9 typ host\r\na=candidate:2 1 udp 1 10.0.0.2 9 typ host\r\na=mid:0\r\n";
  assert.equal(dropMdnsCandidates(sdp), "v=0\r\na=candidate:2 1 udp 1 10.0.0.2 9 typ host\r\na=mid:0\r\n");
});
