// The twin's own page: asks for the state once a second and draws it. Text only ever goes into
// text nodes, because what clients sent is shown here.

const $ = (id) => document.getElementById(id);
const PERIOD_MS = 1000;
const KINDS = ["401", "402", "429", "500", "503", "slow", "hang", "reset", "half", "half-json", "html", "gone", "ok-error"];
const SERVICES = { heygen: "HeyGen", liveavatar: "LiveAvatar", kaltura: "Kaltura" };
const ENDED = { stopped: "stopped", idle: "idle too long", max_duration: "ran too long", nobody_joined: "nobody joined", gone: "ended by a fault" };

/** A table cell. `what` is text, or a node. */
function cell(what, kind = "") {
  const td = document.createElement("td");
  td.className = kind;
  td.append(what ?? "");
  return td;
}

function row(...cells) {
  const tr = document.createElement("tr");
  tr.append(...cells);
  return tr;
}

function short(id) {
  const code = document.createElement("code");
  code.textContent = id ? id.slice(0, 8) : "";
  code.title = id ?? "";
  return code;
}

function duration(seconds) {
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.floor(seconds % 60);
  if (minutes < 60) return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function fill(name, rows, count) {
  $(name).replaceChildren(...rows);
  $(`${name}-empty`).hidden = rows.length > 0;
  $(name).closest("table").hidden = rows.length === 0;
  $(`${name}-count`).textContent = count;
}

function drawSessions(state) {
  const rows = state.sessions.map((s) => {
    const open = s.state !== "closed";
    const last = s.speeches.at(-1);
    const words = last ? last.text || `${(last.ends_at - last.starts_at).toFixed(1)} s of audio` : "";
    const what = open ? s.state : `closed: ${ENDED[s.end_reason] ?? s.end_reason}`;
    const idle = open ? `${duration(state.now - s.last_activity)} of ${duration(s.idle_s)}` : "";
    return row(
      cell(`${SERVICES[s.service]} ${s.mode === "FULL" || s.mode === "LITE" ? s.mode : ""}`),
      cell(short(s.id)),
      cell(what, open ? "state open" : "closed"),
      cell(duration(s.seconds), "number"),
      cell(idle, "number"),
      cell(last ? `${words} (${last.state})` : "", "text"),
    );
  });
  fill("sessions", rows, `${state.open} open, ${state.closed} closed`);
}

function drawFaults(state) {
  const rows = state.faults.map((f) => {
    const remove = document.createElement("button");
    remove.className = "plain";
    remove.textContent = "Remove";
    remove.onclick = () => send("DELETE", `/_twin/faults/${f.id}`);
    return row(
      cell(f.kind, "state"),
      cell(SERVICES[f.service] ?? "each"),
      cell(f.call === "*" || !f.call ? "each" : f.call),
      cell(f.left ?? "for ever", "number"),
      cell(f.used, "number"),
      cell(remove),
    );
  });
  fill("faults", rows, rows.length ? `${rows.length} waiting` : "");
}

function drawCalls(state) {
  const rows = state.calls.toReversed().map((c) => {
    const bad = c.status === 0 || c.status >= 400;
    const status = c.status === null ? "under way" : c.status === 0 ? "no answer" : c.status;
    return row(
      cell(new Date(c.at * 1000).toLocaleTimeString()),
      cell(SERVICES[c.service]),
      cell(c.call),
      cell(status, bad ? "number failed" : "number"),
      cell(c.ms === null ? "" : `${c.ms.toFixed(1)} ms`, "number"),
      cell(c.fault, "failed"),
      cell(short(c.session)),
    );
  });
  fill("calls", rows, state.calls_total ? `${state.calls_total} in all` : "");
}

function options(select, entries) {
  const before = select.value;
  select.replaceChildren(...entries.map(([value, text]) => new Option(text, value)));
  if (entries.some(([value]) => value === before)) select.value = before;
}

let known = {};
function drawCallNames() {
  const service = $("fault").elements.service.value;
  const names = service === "*" ? Object.values(known).flat() : known[service] ?? [];
  const entries = [...new Set(names)].sort().map((name) => [name, name]);
  options($("fault").elements.call, [["*", "each"], ...entries]);
}

/** A call of the admin API. A twin with a key wants it; it is kept for this tab alone. */
async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { "Content-Type": "application/json", "X-Api-Key": sessionStorage.getItem("key") ?? "" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  $("key").hidden = response.status !== 401;
  return response;
}

async function send(method, path, body) {
  const answer = await call(method, path, body);
  const problem = answer.ok ? "" : ((await answer.json()).error ?? `Status ${answer.status}`);
  $("problem").textContent = problem;
  $("problem").hidden = !problem;
  await draw();
}

async function draw() {
  const answer = await call("GET", "/_twin/state?last=100");
  if (answer.status === 401) {
    $("about").textContent = "This twin has a key, and shows its state to those who have it.";
    return;
  }
  const state = await answer.json();
  if (JSON.stringify(known) !== JSON.stringify(state.known_calls)) {
    known = state.known_calls;
    drawCallNames();
  }
  const limits = `up to ${state.settings.concurrency} open sessions each`;
  const key = state.settings.api_key_needed ? "one key is accepted" : "any key is accepted";
  $("about").textContent = `HeyGen streaming, HeyGen LiveAvatar and Kaltura on ${location.origin}: ${limits}, ${key}.`;
  drawSessions(state);
  drawFaults(state);
  drawCalls(state);
}

async function loop() {
  try {
    if (!document.hidden) await draw();
    $("link").className = "live";
    $("link").textContent = "live";
  } catch {
    $("link").className = "lost";
    $("link").textContent = "not reachable";
  }
  setTimeout(loop, PERIOD_MS);
}

const form = $("fault").elements;
options(form.kind, KINDS.map((kind) => [kind, kind]));
options(form.service, [["*", "each"], ...Object.entries(SERVICES)]);
form.service.onchange = drawCallNames;
drawCallNames();
$("clear").onclick = () => send("DELETE", "/_twin/faults");
$("key").onsubmit = (event) => {
  event.preventDefault();
  sessionStorage.setItem("key", $("key").elements.key.value);
  $("key").reset();
  draw();
};
$("fault").onsubmit = (event) => {
  event.preventDefault();
  const times = form.times.value === "" ? null : Number(form.times.value);
  send("POST", "/_twin/faults", { kind: form.kind.value, service: form.service.value, call: form.call.value, times });
};
loop();
