// What a service's word on why there is no stream means to the connection.

import type { Rejection } from "../streams/stream";
import { describeRefusal, SHOWN_ELSEWHERE } from "./problems";
import type { ConnectionEvent } from "./types";

export function rejectionEvent(peer: number, reason: Rejection, why: string): ConnectionEvent {
  switch (reason) {
    case "ended":
      return { on: "session-over", peer };
    case "taken":
      return { on: "refused", peer, problem: SHOWN_ELSEWHERE };
    case "refused":
      return { on: "token-refused", peer, problem: describeRefusal(why) };
  }
}
