// The stream of our own host as frames, in messages or by a WebSocket: opened once the code for that is there.

import { askForBundle, loadBundle } from "../connection/bundles";
import { PLAYER_NOT_LOADED } from "../connection/problems";
import type { FrameParts } from "../media/frame-parts";
import { decodeText } from "../model/decode";
import type * as SocketBundle from "../socket-bundle/index";
import type { MessageStreamOptions } from "./message-stream";
import { type AvatarStream, type StreamEvents, UNSUPPORTED } from "./stream";

/** Code that plays frames. What is for it is handed over, for it knows no other bundle. */
export interface FramesBundle {
  /** Opens it, with the browser's parts where none are given; ends with `signal`. */
  open(
    options: Omit<MessageStreamOptions, "createPlayer">,
    createParts: (() => FrameParts) | undefined,
    events: StreamEvents,
    signal: AbortSignal,
  ): AvatarStream;
}

export type FrameStreamOptions = Omit<MessageStreamOptions, "createPlayer" | "decode" | "askForSocket" | "loadSocket">;

export function openFrameStream(
  options: FrameStreamOptions,
  createParts: (() => FrameParts) | undefined,
  events: StreamEvents,
  signal: AbortSignal,
): AvatarStream {
  const { clock, send } = options;
  let asked = false;
  const ask = (): void => {
    asked = true;
  };
  let stream: AvatarStream = { ...UNSUPPORTED, kind: "messages", ask, getStats: async () => [] };
  const open = async (): Promise<void> => {
    askForBundle("frames", clock, send, signal);
    const code = await loadBundle<FramesBundle>("frames", signal);
    if (!code || signal.aborted) return;
    const more = {
      decode: decodeText,
      askForSocket: () => askForBundle("socket", clock, send, signal),
      loadSocket: () => loadBundle<typeof SocketBundle>("socket", signal),
    };
    stream = code.open({ ...options, ...more }, createParts, events, signal);
    if (asked) stream.ask();
  };
  open().catch((error: unknown) => {
    if (signal.aborted) return;
    console.warn("[ipyavatar] the code that plays frames could not be loaded", error);
    events.failed(PLAYER_NOT_LOADED);
  });
  // Whoever holds it has the real one as soon as that is there.
  return new Proxy(stream, { get: (_, member: keyof AvatarStream) => stream[member] });
}
