// A message stream with a WebSocket: frames, words and acknowledgements go by it, until it breaks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { storeBundle } from "../../src/connection/bundles";
import { RETRY_MS } from "../../src/connection/unreached";
import { SocketPipe } from "../../src/socket-bundle/index";
import { ACKNOWLEDGE_MS, SILENT_MS } from "../../src/streams/message-stream";
import { settle } from "../support/fakes";
import { batch, FakeMedia, GOOD, picture, sound } from "../support/frames";
import { createStage, phase } from "../support/player";
import { FakeSocket, pack } from "../support/socket";

const SERVER = { baseUrl: "/", federated_extensions: [{ name: "@jupyterhub/jupyter-server-proxy" }] };
const first = [picture(1, 0, true), sound(2, 0)];

class TestPipe extends SocketPipe {
  constructor(...[options, events, signal]: ConstructorParameters<typeof SocketPipe>) {
    super({ ...options, create: FakeSocket.create }, events, signal);
  }
}

test("the code for it is asked for with the frames, and without it they come by messages", async () => {
  const page = await createPage();
  assert.deepEqual(page.model.of("need-bundle"), [{ type: "need-bundle", name: "socket" }]);
  assert.equal((await createPage("auto", {})).model.of("need-bundle").length, 0);
  page.model.tellAnything({ type: "socket-granted", page: "p", peer: "p.1", port: 4321, token: "t" }, []);
  await settle();
  page.model.tellAnything(batch(first), [GOOD, GOOD]);
  assert.equal(page.stream()?.kind, "messages");
  assert.equal(FakeSocket.all.length, 0);
  storeBundle("socket", GOOD, async () => ({ SocketPipe: TestPipe }));
  await settle();
  assert.equal(FakeSocket.all.length, 1, "it was late, and is of use yet");
});

async function createPage(carrier: "auto" | "websocket" | "messages" = "auto", server: object = SERVER) {
  FakeSocket.all.length = 0;
  const media: FakeMedia[] = [];
  const stage = createStage(
    { carrier },
    "live",
    {},
    {
      createPeer: null,
      createFrameParts: () => {
        media.push(new FakeMedia(stage.clock));
        return (media.at(-1) as FakeMedia).parts;
      },
    },
  );
  const { document } = stage.page;
  document.body.innerHTML = `<script id="jupyter-config-data">${JSON.stringify(server)}</script>`;
  const grant = async (peer = "p.1"): Promise<FakeSocket> => {
    stage.model.tellAnything({ type: "socket-granted", page: "p", peer, port: 4321, token: "t" }, []);
    await settle();
    return FakeSocket.last;
  };
  const letIn = async (): Promise<FakeSocket> => {
    const web = await grant();
    web.open();
    web.tell(pack(batch(first)));
    return web;
  };
  stage.show();
  await settle();
  const asked = () => stage.model.of("subscribe").at(-1);
  return { ...stage, media, grant, letIn, asked, stream: () => stage.player.stream };
}

test("a page asks for a socket where its server passes ports on, or its user wants it", async () => {
  assert.equal((await createPage()).asked()?.origin, "http://localhost");
  assert.equal((await createPage("auto", { baseUrl: "/" })).asked()?.origin, "");
  assert.equal((await createPage("messages")).asked()?.origin, "");
  assert.equal((await createPage("websocket", {})).asked()?.origin, "http://localhost");
});

test("frames, words and acknowledgements go by the socket, and the numbers say so", async () => {
  const page = await createPage();
  page.model.tellAnything(batch(first), [GOOD, GOOD]);
  assert.equal(page.stream()?.kind, "messages");
  const web = await page.grant();
  web.open();
  web.tell(pack(batch([picture(3, 40), sound(4, 40)])));
  assert.equal(page.stream()?.kind, "websocket");
  assert.equal(page.media[0]?.played.length, 2);
  assert.equal(page.media.length, 1, "the same player: nothing is seen of the change");
  const before = page.model.of("acknowledge").length;
  page.clock.advance(ACKNOWLEDGE_MS);
  web.tell(pack(batch([sound(5, 60)])));
  page.clock.advance(ACKNOWLEDGE_MS);
  page.player.say("Hello");
  const sent = web.sent.map((text) => JSON.parse(text));
  assert.equal(sent.filter(({ type }) => type === "acknowledge").at(-1)?.number, 5);
  assert.equal(sent.filter(({ type }) => type === "say").length, 1);
  assert.equal(page.model.of("acknowledge").length, before);
  assert.equal(page.model.of("say").length, 0);
  page.clock.advance(1_000);
  await settle();
  page.clock.advance(1_000);
  await settle();
  assert.equal(page.player.store.get().measured?.transport, "websocket");
});

test("what the host says over it is a message like any other", async () => {
  const page = await createPage();
  const web = await page.letIn();
  web.tell("garbage");
  web.tell(JSON.stringify({ type: "caption", speech: "s", text: "Past the kernel", at: 9, words: [], clockMs: null }));
  assert.equal(page.player.store.get().sentence?.text, "Past the kernel");
});

test("one that breaks is replaced by messages at once, and asked for again soon", async () => {
  const page = await createPage();
  const web = await page.letIn();
  const before = page.model.of("subscribe").length;
  web.end();
  assert.equal(page.stream()?.kind, "messages");
  assert.equal(page.model.of("subscribe").length, before + 1);
  assert.equal(page.asked()?.origin, "");
  page.model.tellAnything(batch([picture(3, 40, true)]), [GOOD]);
  assert.equal(phase(page), "connected");
  page.clock.advance(1_500);
  assert.equal(page.asked()?.origin, "http://localhost");
  const other = await page.grant();
  assert.notEqual(other, web);
  other.open();
  other.tell(pack(batch([picture(4, 80, true)])));
  assert.equal(page.stream()?.kind, "websocket");
});

test("one that brings nothing is given up", async () => {
  const page = await createPage();
  await page.letIn();
  page.clock.advance(SILENT_MS);
  assert.equal(page.stream()?.kind, "messages");
  page.model.tellAnything(batch([picture(3, 40, true)]), [GOOD]);
  assert.equal(phase(page), "connected");
});

test("one that is refused costs nothing, and is tried ever less often", async () => {
  const page = await createPage();
  page.model.tellAnything(batch(first), [GOOD, GOOD]);
  let tries = 0;
  for (let second = 0; second < 1_200; second += 1) {
    page.model.tellAnything(batch([picture(3 + second, second * 1_000)]), [GOOD]);
    page.clock.advance(1_000);
    await settle();
    if (page.asked()?.origin === "") continue;
    const known = FakeSocket.all.length;
    const web = await page.grant();
    if (FakeSocket.all.length === known) continue;
    tries += 1;
    web.end();
  }
  assert.ok(tries > 4 && tries < 9, String(tries));
  assert.equal(phase(page), "connected");
});

test("at rest nothing is asked for, however often a proxy closes it", async () => {
  const page = await createPage();
  const web = await page.letIn();
  web.tell(pack(batch([], { resting: true })));
  // The stage's kernel answers a hello before the page has set its timer.
  const asked = () => page.model.sent.filter(({ type }) => type !== "hello").length;
  const before = asked();
  const said = web.sent.length;
  page.clock.advance(20_000);
  await settle();
  assert.equal(web.sent.length, said, "numbers, too, would keep a hub's server from being culled");
  web.end();
  page.clock.advance(3_600_000);
  assert.equal(asked(), before);
  page.model.tellAnything(batch([sound(3, 20)]), [GOOD]);
  page.clock.advance(2_000);
  assert.equal(page.asked()?.origin, "http://localhost");
});

test("who wants nothing else is told where there is none", async () => {
  const page = await createPage("websocket");
  const web = await page.grant();
  web.end();
  const { stream } = page.player.store.get().connection;
  assert.ok(stream.phase === "stuck");
  assert.match(stream.problem.fix, /jupyter-server-proxy/);
  assert.equal(page.model.of("media").at(-1)?.playback, "failed");
});

test("who wants nothing else goes on by itself once the server is there", async () => {
  const page = await createPage("websocket");
  (await page.grant()).end();
  page.clock.advance(RETRY_MS[0] ?? 0);
  await settle();
  (await page.grant("p.2")).end();
  assert.equal(phase(page), "stuck");
  const told = page.model.of("media").length;
  page.clock.advance(RETRY_MS[1] ?? 0);
  await settle();
  const web = await page.grant("p.3");
  web.open();
  web.tell(pack(batch(first, { peer: "p.3" })));
  assert.equal(phase(page), "connected");
  assert.equal(page.model.of("media").filter(({ playback }) => playback === "failed").length, told, "said once");
});
