// Whether a small picture stays in the corner of the page when the reader has gone on. Pure.

import type { PageState } from "./page-state";

export type FollowInput = Pick<
  PageState,
  "floating" | "inPlace" | "floatClosed" | "ownWindow" | "connection" | "status" | "sounding" | "queued"
>;

/** In a window of its own; shown; shown for a little longer, since it has just fallen silent; or not shown. */
export type Following = "in-window" | "shown" | "lingering" | "away";

export function follow(state: FollowInput): Following {
  const { floating, inPlace, floatClosed, ownWindow, connection, status, sounding, queued } = state;
  const plays = connection.views > 0 && connection.stream.phase === "connected" && status === "live";
  if (plays && ownWindow) return "in-window";
  if (!plays || floating === false || inPlace || floatClosed) return "away";
  return floating === true || sounding !== null || queued.length > 0 ? "shown" : "lingering";
}
