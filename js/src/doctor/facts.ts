// What a browser can do, found out without asking its user for anything.

/** Looking for ways to be reached takes no longer. */
const GATHER_MS = 1_500;

export interface BrowserFacts {
  browser: string;
  /** The page may use what browsers keep from pages that came over a line anybody can read. */
  secure: boolean;
  webrtc: boolean;
  /** Kinds of addresses by which it can be reached: `host`, `srflx`, `relay`. */
  candidates: string[];
  webcodecs: boolean;
  /** Whether sound plays before a click; null where only a click will tell. */
  autoplay: boolean | null;
  /** `granted`, `prompt`, `denied`, `unknown`; or `unavailable`. */
  microphone: string;
}

type Scope = Window & typeof globalThis;

export async function readFacts(scope: Scope): Promise<BrowserFacts> {
  const [candidates, microphone, autoplay] = await Promise.all([
    findCandidates(scope),
    readMicrophone(scope),
    readAutoplay(scope),
  ]);
  return {
    browser: nameBrowser(scope.navigator.userAgent),
    secure: scope.isSecureContext === true,
    webrtc: typeof scope.RTCPeerConnection === "function",
    candidates,
    webcodecs: typeof scope.VideoDecoder === "function" && typeof scope.AudioDecoder === "function",
    autoplay,
    microphone,
  };
}

/** The browser and its major version: all that a bug report needs. */
export function nameBrowser(agent: string): string {
  const names: readonly [string, RegExp][] = [
    ["Edge", /Edg\/(\d+)/],
    ["Firefox", /Firefox\/(\d+)/],
    ["Chrome", /Chrom(?:e|ium)\/(\d+)/],
    ["Safari", /Version\/(\d+).*Safari/],
  ];
  for (const [name, pattern] of names) {
    const version = pattern.exec(agent)?.[1];
    if (version) return `${name} ${version}`;
  }
  return "another browser";
}

async function findCandidates(scope: Scope): Promise<string[]> {
  if (typeof scope.RTCPeerConnection !== "function") return [];
  const found = new Set<string>();
  const peer = new scope.RTCPeerConnection();
  try {
    peer.createDataChannel("doctor");
    const gathered = new Promise<void>((resolve) => {
      peer.onicecandidate = ({ candidate }) => {
        if (candidate === null) resolve();
        else if (candidate.type) found.add(candidate.type);
      };
      setTimeout(resolve, GATHER_MS);
    });
    await peer.setLocalDescription(await peer.createOffer());
    await gathered;
  } catch (error) {
    console.warn("[ipyavatar] no connection could be tried", error);
  } finally {
    peer.close();
  }
  return [...found];
}

async function readMicrophone({ navigator }: Scope): Promise<string> {
  if (typeof navigator.mediaDevices?.getUserMedia !== "function") return "unavailable";
  try {
    const { state } = await navigator.permissions.query({ name: "microphone" as PermissionName });
    return state;
  } catch {
    return "unknown"; // a browser that does not tell before it is asked
  }
}

async function readAutoplay(scope: Scope): Promise<boolean | null> {
  if (scope.navigator.userActivation?.hasBeenActive) return true;
  if (typeof scope.AudioContext !== "function") return null;
  const context = new scope.AudioContext();
  try {
    // Without leave it stays suspended, and the promise pending.
    await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, 300))]);
    return context.state === "running";
  } catch {
    return null;
  } finally {
    void context.close().catch(() => undefined);
  }
}
