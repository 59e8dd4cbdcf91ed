// What LiveKit's reasons mean to the page. The numbers are those of its protocol (livekit_models.proto,
// `DisconnectReason`) and of livekit-client 2.23 (`ConnectionErrorReason`).

import type { Rejection } from "../streams/stream";

export type RoomEnd = Rejection | "lost";

const REASONS: Readonly<Record<number, readonly [RoomEnd, string]>> = {
  2: ["taken", "joined from somewhere else"], // DUPLICATE_IDENTITY
  3: ["ended", "the service is shutting down"], // SERVER_SHUTDOWN
  4: ["ended", "this page was taken out of the room"], // PARTICIPANT_REMOVED
  5: ["ended", "the room was deleted"], // ROOM_DELETED
  10: ["ended", "the room was closed"], // ROOM_CLOSED
};

/** A room that had been joined is left. */
export function explainDisconnect(reason: number | undefined): readonly [RoomEnd, string] {
  return REASONS[reason ?? 0] ?? ["lost", reason === undefined ? "" : `LiveKit's reason ${reason}`];
}

const NOT_ALLOWED = 0;
const LEAVE_REQUEST = 4;

/** A room could not be joined. */
export function explainFailedJoin(error: {
  message?: string;
  reason?: number;
  status?: unknown;
  context?: unknown;
}): readonly [RoomEnd, string] {
  // What the service said comes after LiveKit's own words.
  const why = (error.message ?? "").replace(/^could not establish signal connection: /, "");
  if (error.reason === NOT_ALLOWED) return [error.status === 404 ? "ended" : "refused", why];
  if (error.reason === LEAVE_REQUEST && typeof error.context === "number") return explainDisconnect(error.context);
  return ["lost", why];
}
