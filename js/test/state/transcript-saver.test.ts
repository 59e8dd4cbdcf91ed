// What was said, saved from the page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { live } from "../support/shown";

interface Saved {
  readonly name: string;
  readonly text: Promise<string>;
}

/** A page that is live, and the files that its user gets. */
async function saving(): Promise<{
  shown: Awaited<ReturnType<typeof live>>;
  saved: Saved[];
  choose(kind: string): void;
}> {
  const shown = await live();
  const saved: Saved[] = [];
  const blobs = new Map<string, Blob>();
  URL.createObjectURL = (blob) => {
    blobs.set(`blob:${blobs.size}`, blob as Blob);
    return `blob:${blobs.size - 1}`;
  };
  const link = shown.page.window.HTMLAnchorElement.prototype as unknown as HTMLAnchorElement;
  link.click = function click(this: HTMLAnchorElement): void {
    saved.push({ name: this.download, text: (blobs.get(this.href) as Blob).text() });
  };
  const menu = shown.named("Save what was said") as unknown as HTMLSelectElement;
  const choose = (kind: string): void => {
    menu.value = kind;
    menu.dispatchEvent(new shown.page.window.Event("change") as unknown as Event);
  };
  return { shown, saved, choose };
}

test("the user chooses a kind, Python has the text, and it is one file", async () => {
  const { shown, saved, choose } = await saving();
  choose("vtt");
  assert.deepEqual(shown.model.of("need-transcript"), [{ type: "need-transcript", page: "p", kind: "vtt" }]);
  const answer = { type: "saved-transcript", page: "p", kind: "vtt", text: "WEBVTT\n\n…" } as const;
  for (const page of ["other", "p", "p"]) shown.model.tell({ ...answer, page });
  assert.deepEqual(
    saved.map(({ name }) => name),
    ["transcript.vtt"],
  );
  assert.equal(await saved[0]?.text, "WEBVTT\n\n…");
  choose("vtt");
  assert.equal(shown.model.of("need-transcript").length, 2, "it can be chosen again");
});

test("where nothing was said, that is told, and no file comes", async () => {
  const { shown, saved, choose } = await saving();
  choose("txt");
  shown.model.tell({ type: "saved-transcript", page: "p", kind: "txt", text: "" });
  assert.deepEqual(saved, []);
  assert.match(shown.page.document.querySelector(".ipyavatar-words")?.textContent ?? "", /Nothing was said yet/);
});
