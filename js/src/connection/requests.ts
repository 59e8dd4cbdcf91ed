// What the user asked for by widget message: sent again until what Python tells shows that it came.

import type { Clock } from "../clock";
import type { FromPage, ToPage } from "../model/messages";
import { resend } from "./resend";

export type Request = Extract<FromPage, { type: "say" | "interrupt" | "start" | "stop" }>;

interface Pending {
  readonly cancel: () => void;
  readonly confirms: (answer: ToPage) => boolean;
}

const RUNNING: readonly string[] = ["starting", "live", "reconnecting"];

export class Requests {
  readonly #pending = new Map<string, Pending>();
  readonly #clock: Clock;
  readonly #send: (message: FromPage) => void;

  constructor(clock: Clock, send: (message: FromPage) => void, signal: AbortSignal) {
    this.#clock = clock;
    this.#send = send;
    signal.addEventListener("abort", () => this.#cancelAll(), { once: true });
  }

  /** Sends it now, and again until it is confirmed, or until the user wants something else. */
  send(request: Request): void {
    const key = keyOf(request);
    this.#dropOlder();
    if (request.type === "interrupt" && !request.speech) {
      this.#send(request);
      return;
    }
    const cancel = resend(this.#clock, () => this.#send(request));
    this.#pending.set(key, { cancel, confirms: (answer) => isConfirmed(request, answer) });
  }

  /** Python has said this. */
  note(answer: ToPage): void {
    for (const [key, { confirms }] of this.#pending) if (confirms(answer)) this.#drop(key);
  }

  /** A newer wish replaces the last one; what was typed is said all the same. */
  #dropOlder(): void {
    for (const key of this.#pending.keys()) if (!key.startsWith("say ")) this.#drop(key);
  }

  #drop(key: string): void {
    this.#pending.get(key)?.cancel();
    this.#pending.delete(key);
  }

  #cancelAll(): void {
    for (const key of this.#pending.keys()) this.#drop(key);
  }
}

function keyOf(request: Request): string {
  return request.type === "say" ? `say ${speechId(request)}` : request.type;
}

/** What Python calls the speech: so it is said once, however often it is asked for. */
function speechId({ page, atMs }: Extract<Request, { type: "say" }>): string {
  return `page-${page}-${atMs}`;
}

function isConfirmed(request: Request, answer: ToPage): boolean {
  switch (request.type) {
    case "say": {
      const id = speechId(request);
      if (answer.type === "speech") return answer.speech === id;
      return answer.type === "under-way" && (answer.sounding === id || answer.queued.includes(id));
    }
    case "interrupt":
      if (answer.type === "speech") return answer.speech === request.speech && answer.state !== "speaking";
      return answer.type === "under-way" && answer.sounding !== request.speech;
    case "start":
      return answer.type === "status" && (RUNNING.includes(answer.status) || answer.status === "failed");
    case "stop":
      return answer.type === "status" && !RUNNING.includes(answer.status);
  }
}
