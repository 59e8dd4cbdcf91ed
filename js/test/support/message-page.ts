// A page whose stream comes by widget messages.

import type { Frames, MediaFrame } from "../../src/model/messages";
import { settle } from "./fakes";
import { batch, FakeMedia, GOOD } from "./frames";
import { createStage } from "./player";

/** As its user or its network wants it. */
export async function createPage(carrier: "auto" | "messages" = "messages", media: FakeMedia[] = []) {
  const stage = createStage(
    { carrier },
    "live",
    {},
    {
      createFrameParts: () => {
        media.push(new FakeMedia(stage.clock));
        return (media.at(-1) as FakeMedia).parts;
      },
    },
  );
  const tell = (frames: MediaFrame[], more: Partial<Frames> = {}): void =>
    stage.model.tellAnything(
      batch(frames, more),
      frames.map(() => GOOD),
    );
  stage.show();
  await settle();
  return { ...stage, tell, media };
}
