// What the user has to act on, in words.

import type { Problem } from "../model/bridge";

export const NO_WEBRTC: Problem = {
  what: "This page cannot play live video: it has no WebRTC.",
  fix: "Use a current Chrome, Edge, Firefox or Safari, and allow WebRTC if an extension or a policy turns it off.",
};
export const NO_WAY: Problem = {
  what: "This page cannot play live video: it has neither WebRTC nor what it takes to play widget messages.",
  fix: "Use a current Chrome, Edge, Firefox or Safari.",
};
export const NO_MESSAGES: Problem = {
  what: "This browser cannot play what widget messages bring.",
  fix: 'Use a current Chrome, Edge, Firefox or Safari, or leave out transport="messages".',
};
export const UDP_BLOCKED: Problem = {
  what: "No video gets through: UDP seems to be blocked between this page and the kernel.",
  fix: "Let UDP through (firewall, VPN, container ports), then press Retry; or name a TURN server by ice_servers=, and run the cell again.",
};
export const NO_INTERFACE: Problem = {
  what: "No video gets through: this computer has no network interface that the browser uses for video.",
  fix: "Switch WiFi on or plug in a cable (no internet is needed). Then press Retry.",
};
export const RELAY_FAILED: Problem = {
  what: "No video gets through, neither directly nor by the servers that ice_servers= names.",
  fix: "Check that this page and the kernel's machine both reach the TURN server; the kernel's log says what it found. Then press Retry.",
};
export const RELAY_UNREACHABLE: Problem = {
  what: "No video gets through, and this page does not reach the TURN server that ice_servers= names.",
  fix: "Check its address in ice_servers= or IPYAVATAR_ICE_SERVERS (most firewalls let ?transport=tcp through), and run the cell again.",
};
export const RELAY_UNAUTHORIZED: Problem = {
  what: "The TURN server does not accept the user name or credential that ice_servers= gives.",
  fix: "Correct ice_servers= or IPYAVATAR_ICE_SERVERS (short-lived credentials may have expired), and run the cell again.",
};
export const OTHER_VERSION: Problem = {
  what: "This page and the kernel run different versions of ipyavatar.",
  fix: "Restart the kernel, reload this page, and run the cell again.",
};
export const SHOWN_ELSEWHERE: Problem = {
  what: "This avatar is shown in another page or tab.",
  fix: "Press Retry to watch it here.",
};
export const SESSION_OVER: Problem = {
  what: "The service has ended this session.",
  fix: "Press play to start a new one.",
};

export const PLAYER_NOT_LOADED: Problem = {
  what: "This page could not load the player for this stream.",
  fix: "Use a current browser. If the notebook server sets a Content-Security-Policy, it must allow scripts from blob: addresses. Then press Retry.",
};

export function describeRefusal(why: string): Problem {
  return {
    what: joinReason("The service does not let this page watch", why),
    fix: "Press Retry. If it happens again, stop the session and start a new one.",
  };
}

export function describeUnreachable(why: string): Problem {
  return {
    what: joinReason("The service's stream does not get through to this page", why),
    fix: "Check the network between this computer and the service (firewall, VPN, proxy). Then press Retry.",
  };
}

/** What a TURN server's error code means; 701 is the browser's own for one that it does not reach. */
export function describeRelayError(code: number, text: string): Problem {
  if (code === 701) return RELAY_UNREACHABLE;
  if (code === 401 || code === 441) return RELAY_UNAUTHORIZED;
  return {
    what: joinReason("The TURN server that ice_servers= names does not relay for this page", `${code} ${text}`),
    fix: "Ask who runs it, or name another one, and run the cell again.",
  };
}

function joinReason(what: string, why: string): string {
  const words = why.trim().replace(/\.$/, "");
  return words === "" ? `${what}.` : `${what}: ${words}.`;
}
