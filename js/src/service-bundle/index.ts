// The streams of services by a peer connection: a bundle of its own, which Python sends when the page needs it.

import type { ServiceBundle } from "../streams/service-stream";
import { openWebRtcStream } from "./webrtc-stream";
import { openWhepStream } from "./whep-stream";

export const open: ServiceBundle["open"] = (grant, options, events, signal) =>
  (grant.kind === "whep" ? openWhepStream : openWebRtcStream)(grant, options, events, signal);
