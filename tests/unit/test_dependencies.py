"""What is imported is declared, and what is private to others is bounded and looked after."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Modules whose distribution need not be installed where the unit tests run.
NOT_INSTALLED = {
    "faster_whisper": "faster-whisper",
    "nbclient": "nbclient",
    "nbformat": "nbformat",
    "jupyter_client": "jupyter-client",
    "ipykernel": "ipykernel",
    "latex2mathml": "latex2mathml",
    "livekit": "livekit",
    "mkdocs": "mkdocs",
    "nbconvert": "nbconvert",
    "packaging": "packaging",
    "pandas": "pandas",
    "playwright": "playwright",
    "psutil": "psutil",
    "skia": "skia-python",
}

BASE, SERVE, LIVEKIT = "project", "extra serve", "extra livekit"
PANDAS, LISTEN = "extra pandas", "extra listen"
LESSON = "extra lesson"

# Which declarations count for which folder; the first that fits.
SCOPES: list[tuple[str, set[str]]] = [
    ("src/ipyavatar/twin", {BASE, SERVE}),
    ("src/ipyavatar/providers", {BASE, LIVEKIT}),
    ("src/ipyavatar/client", {BASE, PANDAS, LISTEN}),
    ("src/ipyavatar/api/lesson_movie", {BASE, LESSON}),
    ("src/ipyavatar", {BASE}),
    ("tests/unit", {BASE, "unit"}),
    ("tests/contract", {BASE, "unit"}),
    ("tests", {BASE, SERVE, LIVEKIT, "unit", "test", "lab"}),
    ("tools", {BASE, "unit", "test", "lab", "docs", "art"}),
]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def declared() -> dict[str, dict[str, str]]:
    """The requirements of `pyproject.toml`: by group, name and requirement."""
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 has no parser for TOML")
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {BASE: data["project"]["dependencies"]}
    for name, rows in data["project"]["optional-dependencies"].items():
        groups[f"extra {name}"] = rows
    for name, rows in data["dependency-groups"].items():
        groups[name] = [row for row in rows if isinstance(row, str)]
    return {
        group: {canonical(re.match(r"[\w.-]+", row)[0]): row for row in rows}
        for group, rows in groups.items()
    }


def python_files(folder: str) -> Iterator[Path]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "node_modules" not in path.parts:
            yield path


def imports(path: Path) -> set[str]:
    """The modules of others that a file imports, also in functions and for types alone."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.partition(".")[0])
    ours = {"ipyavatar", "tests", "tools", *(p.stem for p in path.parent.glob("*.py"))}
    return found - set(sys.stdlib_module_names) - ours


installed = cache(packages_distributions)


def distributions(module: str) -> set[str]:
    """The distributions a module comes from."""
    names: Iterable[str] = installed().get(module, ())
    return {canonical(name) for name in names} or {canonical(NOT_INSTALLED[module])}


@pytest.mark.parametrize("folder", ["src", "tests", "tools"])
def test_everything_that_is_imported_is_declared(folder):
    """A package that is only there because another one needs it may be gone tomorrow."""
    undeclared = []
    checked = 0
    for path in python_files(folder):
        where = path.relative_to(ROOT).as_posix()
        groups = next(groups for start, groups in SCOPES if where.startswith(f"{start}/"))
        known = {name for group in groups for name in declared()[group]}
        for module in sorted(imports(path)):
            checked += 1
            if not distributions(module) & known:
                undeclared.append(f"{where}: {module}")
    assert checked > 5
    assert undeclared == [], "\n".join(undeclared)


def shown_code() -> Iterator[tuple[str, str, str]]:
    """Where it is shown, the code, and all that is written around it."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        for cell in json.loads(text)["cells"]:
            if cell["cell_type"] == "code":
                yield path.name, "".join(cell["source"]), text
    for path in [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]:
        text = path.read_text(encoding="utf-8")
        for code in re.findall(r"^ *```py.*?\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
            yield path.relative_to(ROOT).as_posix(), code, text


def test_what_notebooks_and_pages_show_is_installed_or_told_how():
    """Whoever copies it has what it imports with ipyavatar, or reads there what to install."""
    known, missing, checked = set(declared()[BASE]), [], 0
    for where, code, around in shown_code():
        for module in re.findall(r"^\s*(?:import|from) ([a-zA-Z_]\w*)", code, re.MULTILINE):
            if module in ("ipyavatar", *sys.stdlib_module_names):
                continue
            checked += 1
            names = {canonical(name) for name in installed().get(module, (module,))}
            if not names & known and not any(
                re.search(rf"(pip|conda) install [^`]*{name}", around, re.IGNORECASE)
                for name in (module, *names)
            ):
                missing.append(f"{where}: {module}")
    assert checked > 5
    assert missing == []


# ---- what is private to others ------------------------------------------------------------------


def names_of(function: Any) -> set[str]:
    return set(function.__code__.co_names)


def sender_parts() -> set[str]:
    from aiortc import RTCRtpSender

    source = inspect.getsource(RTCRtpSender)
    return set(re.findall(r"self\.(_\w+)", source)) | {
        f"_RTCRtpSender{name}" for name in re.findall(r"self\.(__\w+)", source)
    }


def receiver_parts() -> set[str]:
    from aiortc.rtcdtlstransport import RTCDtlsTransport

    called = re.findall(r"(?:receiver|recipient)\.(_\w+)", inspect.getsource(RTCDtlsTransport))
    return {*vars(RTCDtlsTransport), *called}


def h264_parts() -> set[str]:
    from aiortc.codecs.h264 import H264Encoder

    return set(vars(H264Encoder))


def vp8_parts() -> set[str]:
    from aiortc.codecs.vpx import Vp8Encoder

    return set(vars(Vp8Encoder)) | names_of(Vp8Encoder.__init__)


def ice_parts() -> set[str]:
    from aioice import ice

    return set(vars(ice))


def turn_parts() -> set[str]:
    from aioice import turn

    return set(vars(turn)) | set(inspect.signature(turn.create_turn_endpoint).parameters)


def ice_transport_parts() -> set[str]:
    from aiortc import rtcicetransport

    return set(vars(rtcicetransport)) | set(rtcicetransport.parse_stun_turn_uri("turn:a"))


def httpx_parts() -> set[str]:
    import httpx

    return set(vars(httpx.RequestError("x")))


def onnxruntime_parts() -> set[str]:
    import onnxruntime

    return names_of(onnxruntime.InferenceSession.__init__)


def hibari_parts() -> set[str]:
    from hibari import g2p

    return names_of(g2p.G2P.__init__)


def connection_parts() -> set[str]:
    from aiortc import RTCPeerConnection

    return set(vars(RTCPeerConnection))


def traitlets_parts() -> set[str]:
    import traitlets

    return set(vars(traitlets.HasTraits))


def anywidget_parts() -> set[str]:
    import anywidget

    return set(dir(anywidget.AnyWidget))


def ipywidgets_parts() -> set[str]:
    import ipywidgets

    return set(vars(ipywidgets.Widget))


def livekit_parts() -> set[str]:
    module = pytest.importorskip("livekit.rtc._ffi_client", reason="no wheel for every platform")
    return {"_ffi_client", *vars(module)}


def nbconvert_parts() -> set[str]:
    module = pytest.importorskip(
        "nbconvert.filters.markdown_mistune", reason="of the extra `lesson`"
    )
    return set(vars(module.IPythonRenderer))


def uvicorn_parts() -> set[str]:
    from uvicorn import Server
    from uvicorn.protocols.http.flow_control import FlowControl
    from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    classes = (Server, FlowControl, H11Protocol, RequestResponseCycle, WebSocketsSansIOProtocol)
    inner = (getattr(Server, name) for name in ("_serve", "shutdown", "startup"))
    return (
        {name for one in classes for name in (*vars(one), *names_of(one.__init__))}
        | {name for one in inner for name in names_of(one)}
    )  # fmt: skip


# Distribution -> the group it is declared in, what it has, and the names that we use of it. Some
# are no `_name`, and yet promised by nobody.
PRIVATE: dict[str, tuple[str, Any, set[str]]] = {
    "aioice": (BASE, ice_parts, {"get_host_addresses"}),
    "aioice, TURN": (
        BASE,
        turn_parts,
        {"create_turn_endpoint", "username", "password", "ssl", "transport"},
    ),
    "aiortc, TURN": (
        BASE,
        ice_transport_parts,
        {"parse_stun_turn_uri", "scheme", "host", "port", "transport"},
    ),
    "aiortc": (BASE, sender_parts, {"_stream_id", "_track_id", "_RTCRtpSender__encoder"}),
    "aiortc, receiver": (
        BASE,
        receiver_parts,
        {
            "_register_rtp_receiver",
            *("_handle_rtp_packet", "_handle_rtcp_packet", "_handle_disconnect"),
        },
    ),
    "aiortc, connection": (BASE, connection_parts, {"_RTCPeerConnection__connect"}),
    "aiortc, H264": (BASE, h264_parts, {"_split_bitstream", "_encode_frame"}),
    "aiortc, VP8": (BASE, vp8_parts, {"_packetize", "picture_id", "codec"}),
    "httpx": (BASE, httpx_parts, {"_request"}),
    "onnxruntime": (BASE, onnxruntime_parts, {"_model_bytes"}),
    "hibari-tts": (BASE, hibari_parts, {"_oov"}),
    "traitlets": (BASE, traitlets_parts, {"_notify_trait"}),
    "anywidget": (BASE, anywidget_parts, {"_repr_mimebundle_"}),
    "ipywidgets": (BASE, ipywidgets_parts, {"_should_send_property", "_send"}),
    "livekit": (LIVEKIT, livekit_parts, {"_ffi_client", "FfiClient"}),
    "nbconvert": (LESSON, nbconvert_parts, {"_embed_image_or_attachment"}),
    "uvicorn": (
        SERVE,
        uvicorn_parts,
        {
            "cycle", "conn", "flow", "transport", "write_paused", "response_complete", "more_body",
            "writable", "handshake_complete", "handle_websocket_upgrade", "lifespan", "servers",
            "started", "should_exit", "capture_signals", "handle_exit", "server_state", "shutdown",
        },
    ),
}  # fmt: skip

# Not another's: of Python itself and documented; or of ipykernel, where it is guarded, and
# tests/e2e/test_subshell_canary.py looks after it.
EXCEPTED = {
    *("os._exit", "sys._current_frames", "sys._getframe", "widget.comm._reply_subshell_for"),
    "kernel._publish_status",  # without it nothing is let in: widget/kernel_messages.py
}


@pytest.mark.parametrize("name", PRIVATE)
def test_private_parts_are_there_and_their_owner_is_bounded(name):
    """A release that takes one away fails here, and no user gets it before we have looked."""
    group, parts, used = PRIVATE[name]
    assert used - parts() == set()
    requirement = declared()[group][name.partition(",")[0]]
    assert "<" in requirement or "==" in requirement, requirement


def test_every_private_part_that_is_used_is_in_the_table():
    """Whoever reaches into another package says so here."""
    known = {part for _, _, used in PRIVATE.values() for part in used}
    found, unknown = set(), []
    for path in python_files("src"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        own = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            and ast.unparse(node.value) in ("self", "cls")
        } | {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
                private = {n for n in names if n.startswith("_") and not n.startswith("__")}
            elif isinstance(node, ast.Attribute) and re.match(r"_[^_]", node.attr):
                text = ast.unparse(node)
                mine = node.attr in own and not text.startswith("super()")
                skipped = text in EXCEPTED or re.match(r"(self|cls)\._\w+$", text)
                private = set() if mine or skipped else {node.attr}
            else:
                continue
            found |= private
            unknown += [f"{path.relative_to(ROOT)}:{node.lineno} {n}" for n in private - known]
    assert unknown == []
    assert {"_stream_id", "_request", "_notify_trait", "_ffi_client"} <= found


def test_only_one_module_gets_loggers_of_ours() -> None:
    """What goes by `core/log.py` calls users' handlers where nobody waits for them."""
    there = {
        path.relative_to(ROOT / "src/ipyavatar").as_posix()
        for path in (ROOT / "src").rglob("*.py")
        if "logging.getLogger(" in path.read_text(encoding="utf-8")
    }
    # The companion's own handler; loggers of httpx that are kept quiet.
    assert there == {"core/log.py", "host/__main__.py", "core/unlogged_client.py"}
