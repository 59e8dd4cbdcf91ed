// The page's half of `ipyavatar.doctor()`: a widget of its own that shows nothing. It says what this
// browser can do, answers pings, and counts what it is sent.

import type { AnyModel } from "@anywidget/types";
import { readFacts } from "./facts";

/** What is sent in a burst is counted until so long after the last of it. */
const QUIET_MS = 1_000;

interface Props {
  model: AnyModel;
}

interface Ping {
  type: "ping";
  n: number;
}

interface Frame {
  type: "frame";
  of: number;
}

export default {
  initialize({ model }: Props): () => void {
    let frames = 0;
    let bytes = 0;
    let began = 0;
    let quiet: ReturnType<typeof setTimeout> | undefined;

    const tell = (last: number): void => {
      clearTimeout(quiet);
      model.send({ type: "counted", frames, bytes, ms: last - began });
      frames = bytes = 0;
    };

    const onFrame = ({ of }: Frame, buffers: readonly DataView[]): void => {
      const now = performance.now();
      if (frames === 0) began = now;
      frames += 1;
      bytes += buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
      clearTimeout(quiet);
      if (frames === of) tell(now);
      else quiet = setTimeout(() => tell(now), QUIET_MS);
    };

    const onMessage = (message: Ping | Frame, buffers: readonly DataView[]): void => {
      if (message.type === "ping") model.send({ type: "pong", n: message.n });
      else onFrame(message, buffers);
    };

    model.on("msg:custom", onMessage);
    return () => {
      clearTimeout(quiet);
      model.off("msg:custom", onMessage);
    };
  },

  /** Only a page that shows it is asked. */
  render({ model }: Props): void {
    void readFacts(window).then((facts) => model.send({ type: "facts", ...facts }));
  },
};
