// Why there is no microphone: each in words that tell what to do.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  explain,
  findObstacle,
  IN_USE,
  NO_DEVICE,
  NO_SUPPORT,
  NOT_IN_THIS_FRAME,
  NOT_IN_VS_CODE,
  NOT_SECURE,
  REFUSED,
  REFUSED_BY_SYSTEM,
  type Scope,
  UNPLUGGED,
} from "../../src/microphone-bundle/problems";

const navigator = { mediaDevices: { getUserMedia: () => undefined } };
const PAGE: Scope = { isSecureContext: true, location: { protocol: "https:" }, navigator };
const frame = (allows: boolean): Scope => ({
  ...PAGE,
  document: { featurePolicy: { allowsFeature: () => allows } } as unknown as Document,
});
const vsCode: Scope = { ...PAGE, document: { body: { dataset: { vscodeThemeKind: "dark" } } } as unknown as Document };

test("a page that may ask has no obstacle; one over http, and an old browser, are told apart", () => {
  assert.equal(findObstacle(PAGE), null);
  assert.equal(findObstacle({ ...PAGE, isSecureContext: false, navigator: {} }), NOT_SECURE);
  assert.equal(findObstacle({ ...PAGE, navigator: { mediaDevices: {} } }), NO_SUPPORT);
  assert.equal(findObstacle({ navigator: {}, location: { protocol: "vscode-webview:" } }), NOT_IN_VS_CODE);
});

test("a refusal is the user's, the system's, or that of the page around", () => {
  const refusal = (message: string): DOMException => new DOMException(message, "NotAllowedError");
  assert.equal(explain(refusal("Permission denied"), PAGE), REFUSED);
  assert.equal(explain(refusal("Permission denied"), frame(true)), REFUSED);
  assert.equal(explain(refusal("Permission denied by system"), PAGE), REFUSED_BY_SYSTEM);
  assert.equal(explain(refusal("Permission denied"), frame(false)), NOT_IN_THIS_FRAME);
  assert.equal(explain(refusal("Permission denied"), vsCode), NOT_IN_VS_CODE);
});

test("no device, one that is in use, and what nobody foresaw", () => {
  assert.equal(explain(new DOMException("Requested device not found", "NotFoundError"), PAGE), NO_DEVICE);
  assert.equal(explain(new DOMException("Could not start audio source", "NotReadableError"), PAGE), IN_USE);
  assert.match(explain(new Error("odd"), PAGE).what, /odd/);
  assert.match(explain("odd", PAGE).what, /odd/);
  assert.ok(explain(undefined, PAGE).fix);
});

test("the documentation has each of them", () => {
  const page = readFileSync("../docs/how-to/microphone.md", "utf8");
  const all = [
    NOT_SECURE,
    NOT_IN_VS_CODE,
    NOT_IN_THIS_FRAME,
    REFUSED,
    REFUSED_BY_SYSTEM,
    NO_SUPPORT,
    NO_DEVICE,
    IN_USE,
  ];
  for (const { what } of [...all, UNPLUGGED]) assert.ok(page.includes(what), what);
});
