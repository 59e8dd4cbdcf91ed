// Frames, received and played: a bundle of its own, which Python sends where no peer connection carries the stream.

import { createBrowserParts } from "../media/frame-output";
import { FramePlayer } from "../media/frame-player";
import type { FramesBundle } from "../streams/frame-stream";
import { openMessageStream } from "../streams/message-stream";

export const open: FramesBundle["open"] = (options, createParts, events, signal) => {
  const { clock, document } = options;
  const createPlayer = (onBroken: (error: unknown) => void): FramePlayer =>
    new FramePlayer(createParts?.() ?? createBrowserParts(document), clock, onBroken);
  return openMessageStream({ ...options, createPlayer }, events, signal);
};
