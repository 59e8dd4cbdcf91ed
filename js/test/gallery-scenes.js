// The states of the widget that are looked at: what Python says, what the browser does, and what the user has done.

const BROKEN = new DataView(new ArrayBuffer(8));

const LONG = "Gradient descent walks downhill, one small step at a time, until the slope under its feet is flat.";
// The fifth word is spoken for as long as the pictures are taken.
const words = LONG.split(" ").map((word, index) => (index < 5 ? [word, index * 0.3 - 1.5, 30] : [word, 30, 31]));

// What Python says: each fact is newer than those made before it.
let time = 0;
const caption = { type: "caption", speech: "s", text: LONG, at: ++time, words, clockMs: null };
/** A caption without times, as services have it. */
const captionOf = (text) => ({ ...caption, text, words: [], at: ++time });
const speech = (id, state, more = {}) => ({
  type: "speech",
  speech: id,
  state,
  text: LONG,
  at: ++time,
  askedAt: 0,
  reason: "",
  latencyMs: null,
  words: [],
  ...more,
});
const status = (name, text = "", error = null) => ({
  type: "status",
  status: name,
  text,
  at: ++time,
  error,
  resumes: false,
});
const failure = (what, fix) => ({ name: "AvatarError", what, fix, fields: {}, open_sessions: [] });
const speaking = speech("s", "speaking", { latencyMs: 96 });

const listening = (mode, hearing = false) => ({
  type: "listening",
  mode,
  hearing,
  microphones: 1,
  dropped: [],
  request: 0,
  at: ++time,
  page: "",
});
const heard = (text, reason = "") => ({ type: "heard", text, reason, at: ++time, page: "" });

/** The microphone of the last scene that was answered. */
let track;
const allows = async () => {
  track = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
  return new MediaStream([track]);
};
const refuses = (name, message) => async () => {
  throw new DOMException(message, name);
};
const open = (answer, more = {}) => ({ says: [listening("open")], microphone: { answer, ...more } });
const held = { answer: allows, press: "pointerdown" };

export const LIVE = status("live");

const MICROPHONE_SCENES = {
  "microphone: off": { says: [listening("open")] },
  "microphone: the browser asks": open(() => new Promise(() => undefined)),
  "microphone: on": open(allows),
  "microphone: hears somebody": { ...open(allows), heard: listening("open", true) },
  "microphone: has understood": { ...open(allows), heard: heard("What does the slope say about the steps?") },
  "microphone: has understood, in Arabic": { ...open(allows), heard: heard("ماذا يعني الميل؟") },
  "microphone: has not understood": { ...open(allows), heard: heard("", "Nothing was understood.") },
  "microphone: muted in the system": open(allows, {
    later: () => {
      Object.defineProperty(track, "muted", { value: true });
      track.dispatchEvent(new Event("mute"));
    },
  }),
  "microphone: allowed, and not held": {
    says: [listening("push_to_talk")],
    microphone: {
      answer: () => new Promise((done) => setTimeout(() => done(allows()), 150)),
      press: "pointerdown",
      later: () => document.dispatchEvent(new PointerEvent("pointerup")),
    },
  },
  "microphone: refused": open(refuses("NotAllowedError", "Permission denied")),
  "microphone: refused by the system": open(refuses("NotAllowedError", "Permission denied by system")),
  "microphone: none there": open(refuses("NotFoundError", "Requested device not found")),
  "microphone: in use": open(refuses("NotReadableError", "Could not start audio source")),
  "microphone: unplugged": open(allows, { later: () => track.dispatchEvent(new Event("ended")) }),
  "microphone: not by http": open(null, { secure: false }),
  "microphone: the session has ended": { says: [listening("open"), status("ended")] },
  // Behind the others: who lets go of another button lets go of this one.
  "microphone: held": { says: [listening("push_to_talk")], microphone: held },
};

/** `session` is the status that Python tells each page that says hello; `says` comes over the data channel. */
export const SCENES = {
  "idle, before the first view connects": { session: status("idle"), answers: false },
  starting: { session: status("starting", "Getting the voice ready"), answers: false },
  "kernel is busy": { answers: false, deafAfterwards: true },
  live: {},
  "live, controls shown": { focus: ".ipyavatar-button[data-icon=captions]" },
  speaking: { says: [speaking, caption], act: (root) => root.querySelector("input[type=text]").focus() },
  "speaking Arabic": { says: [speaking, captionOf("نكتب اليوم برنامجا في Python. هل أنتم مستعدون؟")] },
  "speaking Chinese": {
    // biome-ignore lint/security/noSecrets: a sentence without spaces looks like one
    says: [speaking, captionOf("梯度下降，每次一小步。".repeat(9))],
  },
  "one long word": { says: [speaking, captionOf("https://example.org/".padEnd(140, "a-very-long-address/"))] },
  "speaking, another is queued": {
    says: [speaking, caption, speech("t", "queued")],
    focus: ".ipyavatar-button[data-icon=interrupt]",
  },
  "queued, nothing sounds": { says: [speech("t", "queued")], focus: ".ipyavatar-button[data-icon=interrupt]" },
  muted: { traits: { muted: true } },
  "numbers of the status line": { says: [speech("u", "said", { latencyMs: 96 })], click: ".ipyavatar-line" },
  "not said": { says: [speech("v", "failed", { reason: "the text has no words that can be spoken" })] },
  reconnecting: { dropped: true, offers: 1 },
  stopping: { says: [status("stopping")] },
  ended: { session: status("ended") },
  "ended, with the last picture": { saysLater: [status("ended")] },
  "failed, with the last picture": {
    saysLater: [status("failed", "", failure("The service has ended the session.", "Press Retry."))],
  },
  "goodbye: idle for long": {
    says: [
      status("ended"),
      { type: "goodbye", what: "Stopped after 10 minutes without anybody.", fix: "Press play to go on." },
    ],
  },
  failed: {
    session: status(
      "failed",
      "",
      failure(
        "The voice could not be loaded: onnxruntime is missing.",
        "Run: pip install onnxruntime, then restart the kernel.",
      ),
    ),
  },
  refused: {
    refused: {
      what: "This kernel has no room for another picture.",
      fix: "Close one of the other avatars, then press Retry.",
      taken: false,
    },
  },
  "UDP blocked": { blocked: true },
  "no network interface": { blocked: true, noInterface: true },
  "no WebRTC": { bare: true },
  "kernel silent": { deaf: true },
  "kernel gone": { dropped: true, deafAfterwards: true },
  "service: no player": { traits: { stream: "livekit" }, player: BROKEN, deafAfterwards: true },
  "service: starting": {
    traits: { stream: "livekit" },
    session: status("starting", "Opening a session at HeyGen"),
    answers: false,
  },
  "service: live": { traits: { stream: "livekit" } },
  "service: interrupted": { traits: { stream: "livekit" }, interrupted: true },
  "service: the picture froze": { traits: { stream: "livekit" }, freezes: true, joins: 1 },
  "service: shown elsewhere": { traits: { stream: "livekit" }, over: ["taken", ""] },
  "service: has ended it": { traits: { stream: "livekit" }, over: ["ended", ""] },
  "service: refuses": { traits: { stream: "livekit" }, over: ["refused", "invalid token"] },
  "service: out of reach": { traits: { stream: "livekit" }, over: ["lost", "could not establish pc connection"] },
  "service: kernel does not answer": {
    traits: { stream: "livekit" },
    deafAfterwards: true,
    act: (root) => {
      const field = root.querySelector("input[type=text]");
      field.value = "Hello";
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    },
  },
  ...MICROPHONE_SCENES,
  "sounds in another tab": { says: [speaking, caption], elsewhere: true },
  "scrolled away while it speaks": { away: true, says: [speaking, caption] },
  "scrolled away, muted": { away: true, traits: { muted: true }, says: [speaking, caption] },
  // Last, since a click anywhere is what it waits for.
  "click for sound": { says: [speaking], silent: true },
};
