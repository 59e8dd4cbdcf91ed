// The LiveKit player: a bundle of its own, which Python sends when the page needs it.

import type { ServiceBundle } from "../streams/service-stream";
import { join } from "./room";
import { openRoomStream } from "./stream";

export const open: ServiceBundle["open"] = (grant, _options, events, signal) =>
  openRoomStream(join, grant, events, signal);
