// A browser's WebSocket, and what the host packs for it.

import type { Frames } from "../../src/model/messages";

export class FakeSocket extends EventTarget {
  static readonly all: FakeSocket[] = [];
  readonly sent: string[] = [];
  readyState = 0;
  bufferedAmount = 0;
  binaryType = "blob";
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    FakeSocket.all.push(this);
  }

  static create = (url: string): WebSocket => new FakeSocket(url) as unknown as WebSocket;

  static get last(): FakeSocket {
    return FakeSocket.all.at(-1) as FakeSocket;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  /** As a browser does: the event comes later. */
  close(): void {
    this.readyState = 2;
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  /** The other end has closed it, or the network is gone. */
  end(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }

  tell(data: string | ArrayBuffer): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
}

/** As `page_codec.pack_frames`. */
export function pack(message: Frames, data: readonly Uint8Array[] = message.frames.map(() => Uint8Array.of(1, 2, 3))) {
  const head = new TextEncoder().encode(JSON.stringify(message));
  const size = 4 + head.length + data.reduce((sum, one) => sum + 4 + one.length, 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, head.length, true);
  bytes.set(head, 4);
  let at = 4 + head.length;
  for (const { length } of data) {
    view.setUint32(at, length, true);
    at += 4;
  }
  for (const one of data) {
    bytes.set(one, at);
    at += one.length;
  }
  return bytes.buffer;
}
