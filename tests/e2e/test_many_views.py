"""Hundreds of views, one after the other, in one page: nothing of them stays.

The widget as it is built, in a real browser, with models of the test's own in place of a kernel.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from ipyavatar.widget.traits import STATIC

ADDRESS = "http://avatar.test"

PAGE = """<!doctype html><meta charset="utf-8"><body><script type="module">
import widget from "/widget.js";

/** What a front end makes of a widget's model; Python is said to be there, and live. */
class Model {
  listeners = [];
  traits = {stream: "host", character: "Ava", volume: 1, captions_on: true, badge: true};
  get(name) { return this.traits[name]; }
  set(name, value) { this.traits[name] = value; }
  save_changes() {}
  on(name, run) { this.listeners.push([name, run]); }
  off(name, run) {
    this.listeners = this.listeners.filter(([n, r]) => (name && n !== name) || (run && r !== run));
  }
  offered = new Promise((resolve) => (this.wasOffered = resolve));
  send(message) {
    if (message.type === "offer") this.wasOffered();
    if (message.type !== "hello") return;
    this.hears({type: "welcome", protocol: message.protocol, epoch: "1"});
    this.hears({type: "status", status: "live", text: "Ready", at: 1, error: null});
    this.hears({type: "speech", speech: "s1", state: "speaking", text: "Words.", at: 2});
    this.hears({type: "caption", speech: "s1", text: "Words.", at: 3, words: [["Words.", 0, 1]]});
  }
  hears(message) {
    for (const [name, run] of [...this.listeners]) if (name === "msg:custom") run(message, []);
  }
}

/** Models made, shown in two views each, and ended, as often; what each asked for, was asked. */
window.show = async (count) => {
  let peers = 0;
  const Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real { constructor(...a) { super(...a); peers += 1; } };
  for (let i = 0; i < count; i++) {
    const {initialize, render} = widget(), model = new Model(), life = new AbortController();
    initialize({model, signal: life.signal});
    const views = [1, 2].map(() => {
      const el = document.createElement("div"), shown = new AbortController();
      document.body.append(el);
      render({model, el, signal: shown.signal});
      return {el, shown};
    });
    // Chromium keeps what is closed before its offer is made; a busy machine may take long.
    let timer;
    const late = new Promise((_, fail) => timer = setTimeout(() => {
      const roots = views.map(({el}) => el.querySelector(".ipyavatar-root"));
      const states = roots.map((root) => JSON.stringify(root.__ipyavatar.state().connection));
      fail(new Error(`no offer by model ${i}: ${states}`));
    }, 60_000));
    await Promise.race([model.offered, late]);
    clearTimeout(timer);  // it would keep the views
    for (const {el, shown} of views) {
      el.querySelector("button").click();
      shown.abort();
      el.remove();
    }
    life.abort();
  }
  window.RTCPeerConnection = Real;
  return peers;
};
window.ready = true;
</script>"""

KINDS = ("RTCPeerConnection", "HTMLMediaElement", "MediaStream", "RTCDataChannel", "Worker")


def serve(page: Page, name: str, body: str, kind: str) -> None:
    page.route(f"{ADDRESS}/{name}", lambda route: route.fulfill(body=body, content_type=kind))


@pytest.fixture
def page(browser: Browser) -> Any:
    """The widget as it is built, on a page with models of its own."""
    context = browser.new_context()
    page = context.new_page()
    serve(page, "widget.js", (STATIC / "widget.js").read_text(encoding="utf-8"), "text/javascript")
    serve(page, "", PAGE, "text/html")
    page.goto(f"{ADDRESS}/")
    page.wait_for_function("window.ready")
    yield page
    context.close()


def measure(page: Page) -> dict[str, float]:
    """What lives in the page after everything that can be collected has been."""
    cdp = page.context.new_cdp_session(page)
    for domain in ("HeapProfiler", "Performance", "Runtime"):
        cdp.send(f"{domain}.enable")
    for _ in range(3):
        cdp.send("HeapProfiler.collectGarbage")
    metrics = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
    found = {kind: count_objects(cdp, kind) for kind in KINDS}
    cdp.detach()
    return {
        "heap, MB": metrics["JSHeapUsedSize"] / 1e6,
        "nodes": metrics["Nodes"],
        "listeners": metrics["JSEventListeners"],
        **found,
    }


def count_objects(cdp: CDPSession, kind: str) -> int:
    """How many objects of a class live in the page."""
    group = {"objectGroup": "counted"}
    prototype = cdp.send("Runtime.evaluate", {"expression": f"{kind}.prototype", **group})
    found = cdp.send(
        "Runtime.queryObjects", {"prototypeObjectId": prototype["result"]["objectId"], **group}
    )
    call = {
        "objectId": found["objects"]["objectId"],
        "functionDeclaration": "function() { return this.length; }",
        "returnByValue": True,
    }
    length = cdp.send("Runtime.callFunctionOn", call)["result"]["value"]
    cdp.send("Runtime.releaseObjectGroup", group)
    return int(length)


def settle(page: Page, before: dict[str, float], within_s: float = 20.0) -> dict[str, float]:
    """Measure until it is as before: connections that were closed end on threads of their own."""
    end = time.monotonic() + within_s
    while True:
        after = measure(page)
        if all(after[kind] <= before[kind] for kind in KINDS) or time.monotonic() > end:
            return after
        page.wait_for_timeout(500)


NONE = dict.fromkeys(KINDS, 0.0)


def test_of_500_models_with_two_views_each_nothing_stays(page: Page, record_property: Any) -> None:
    """Each made a real peer connection; heap, nodes, listeners and media elements are flat."""
    page.evaluate("show(50)")  # what is made once, is there
    before = settle(page, NONE, 5.0)
    peers = 0
    for _ in range(10):
        peers += page.evaluate("show(50)")
        settle(page, before)  # of those that are not collected yet Chromium refuses the 501st
    assert peers >= 500
    after = settle(page, before)
    record_property("before", before)
    record_property("after 500 models, 1,000 views", after)
    assert after["heap, MB"] <= before["heap, MB"] + 1.0
    assert after["nodes"] <= before["nodes"] + 50
    assert after["listeners"] <= before["listeners"] + 5
    for kind in KINDS:
        assert after[kind] <= before[kind], kind
