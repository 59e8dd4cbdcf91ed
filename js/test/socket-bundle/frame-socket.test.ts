// The WebSocket to the host: its address, its first words, what it takes and in which order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeText } from "../../src/model/decode";
import { findAddress, OPEN_MS, ORDER_MS, openSocket, unpackFrames } from "../../src/socket-bundle/frame-socket";
import { FakeClock, makePage } from "../support/fakes";
import { batch, picture, sound } from "../support/frames";
import { FakeSocket, pack } from "../support/socket";

const GRANTED = { type: "socket-granted", page: "p", peer: "p.1", port: 4321, token: "t" } as const;

function connect(newest = 0, fault: string | null = null) {
  const clock = new FakeClock();
  const told: string[] = [];
  const state = { newest };
  const scope = new AbortController();
  const { document } = makePage();
  const socket = openSocket(
    GRANTED,
    { clock, document, decode: decodeText, newest: () => state.newest, create: FakeSocket.create },
    {
      opened: () => told.push("opened"),
      closed: () => told.push("closed"),
      text: (text) => told.push(text),
      frames: ({ frames }) => {
        state.newest = frames.at(-1)?.number ?? state.newest;
        told.push(frames.map(({ number }) => number).join());
        if (told.at(-1) === fault) throw new Error("a fault in it");
      },
    },
    scope.signal,
  );
  return { clock, told, state, scope, socket, web: FakeSocket.last };
}

test("the address is below the server's own, with its scheme", () => {
  const { document, window } = makePage();
  const address = (href: string, baseUrl?: string) => {
    window.happyDOM.setURL(href);
    document.body.innerHTML = baseUrl
      ? `<script id="jupyter-config-data" type="application/json">${JSON.stringify({ baseUrl })}</script>`
      : "";
    return findAddress(document, 4321);
  };
  assert.equal(address("http://localhost:8888/lab", "/"), "ws://localhost:8888/proxy/127.0.0.1:4321/");
  assert.equal(
    address("https://hub.example/user/a%20b/lab/tree/n.ipynb?x", "/user/a%20b/"),
    "wss://hub.example/user/a%20b/proxy/127.0.0.1:4321/",
  );
  assert.equal(address("http://localhost:8888/lab"), "ws://localhost:8888/proxy/127.0.0.1:4321/");
});

test("it says whose it is first, and is open when the host says something", () => {
  const { socket, web, told } = connect();
  web.open();
  assert.deepEqual(JSON.parse(web.sent[0] ?? ""), { type: "open-socket", page: "p", peer: "p.1", token: "t" });
  assert.ok(!web.url.includes("token"));
  assert.ok(!socket.send("too soon"));
  web.tell("hello");
  assert.deepEqual(told, ["opened", "hello"]);
  assert.ok(socket.send("in time"));
  web.bufferedAmount = 2_000_000;
  assert.ok(!socket.send("nobody reads"));
  assert.deepEqual(web.sent.slice(1), ["in time"]);
});

test("frames wait for those that come by widget message, and not for ever", () => {
  const { clock, web, told, state } = connect(3);
  web.open();
  web.tell(pack(batch([sound(6, 60)])));
  web.tell(pack(batch([picture(7, 80), sound(8, 80)])));
  assert.deepEqual(told, ["opened"]);
  state.newest = 5;
  clock.advance(20);
  assert.deepEqual(told, ["opened", "6", "7,8"]);
  web.tell(pack(batch([sound(10, 100)])));
  clock.advance(ORDER_MS);
  assert.deepEqual(told.at(-1), "10");
  web.tell(pack(batch([sound(20, 100)])));
  assert.deepEqual(told.at(-1), "20", "a hole is a hole");
});

test("frames that raise hold up none after them", (t) => {
  const warned = t.mock.method(console, "warn", () => undefined);
  const { clock, web, told } = connect(1, "10");
  web.open();
  const idle = clock.waiting;
  for (const number of [10, 11, 12]) web.tell(pack(batch([sound(number, 0)])));
  assert.equal(clock.waiting, idle + 1, "it looks once, however many wait");
  clock.advance(ORDER_MS);
  assert.deepEqual(told, ["opened", "10", "11", "12"]);
  web.tell(pack(batch([sound(13, 0)])));
  assert.equal(told.at(-1), "13");
  assert.equal(clock.waiting, idle);
  assert.equal(warned.mock.callCount(), 1);
});

test("what is no message is nothing, and the next one is taken", () => {
  const whole = new Uint8Array(pack(batch([sound(1, 0), picture(2, 0, true)])));
  const { web, told } = connect();
  web.open();
  for (let length = 0; length < whole.length; length += 7) web.tell(whole.slice(0, length).buffer);
  web.tell(Uint8Array.of(255, 255, 255, 255, 0).buffer);
  web.tell(pack({ ...batch([]), type: "status" } as never));
  assert.deepEqual(told, ["opened"]);
  web.tell(whole.buffer);
  assert.deepEqual(told, ["opened", "1,2"]);
  const [, buffers] = unpackFrames(pack(batch([sound(1, 0)]), [Uint8Array.of(9)]), decodeText) ?? [];
  assert.deepEqual([buffers?.length, buffers?.[0]?.byteLength, buffers?.[0]?.getUint8(0)], [1, 1, 9]);
});

for (const [how, end] of [
  ["refused", (web: FakeSocket) => web.end()],
  ["never answered", (_: FakeSocket, clock: FakeClock) => clock.advance(OPEN_MS)],
] as const) {
  test(`one that is ${how} is told once`, () => {
    const { clock, web, told, socket } = connect();
    end(web, clock);
    web.end();
    socket.close();
    clock.advance(OPEN_MS);
    assert.deepEqual(told, ["closed"]);
  });
}

test("with its stream it ends, and nobody is told", () => {
  const { scope, web, told, clock } = connect();
  web.open();
  scope.abort();
  web.tell("late");
  web.end();
  assert.deepEqual(told, []);
  assert.equal(web.readyState, 3);
  assert.equal(clock.waiting, 0);
});
