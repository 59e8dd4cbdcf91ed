"""Writes js/src/model/messages.ts, the TypeScript half of the table in `ipyavatar.protocol.page`.

python tools/page_types.py            # write it
python tools/page_types.py --check    # only say whether the committed file is up to date
"""

from __future__ import annotations

import sys
import textwrap
import typing
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from ipyavatar.core.secret import Secret
from ipyavatar.core.text import LONGEST_TEXT
from ipyavatar.protocol import frames, listening, page, page_media, saving
from ipyavatar.protocol.frames import MediaFrame

TARGET = Path(__file__).resolve().parent.parent / "js" / "src" / "model" / "messages.ts"

HEADER = """\
// Written by tools/page_types.py from src/ipyavatar/protocol/page.py. Do not edit.

import type { Shape } from "./shape";
"""

_SCALARS = {
    inspect.StrType: "string",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.BoolType: "boolean",
    inspect.NoneType: "null",
}


def render() -> str:
    """The whole text of messages.ts."""
    aliases = _literal_aliases()
    parts = [HEADER, f"export const PROTOCOL = {page.PROTOCOL};\n"]
    parts.append(f"/** Characters in one speech. */\nexport const LONGEST_TEXT = {LONGEST_TEXT};\n")
    piece = page_media.PIECE_BYTES
    parts.append(f"/** In one piece of recorded media. */\nexport const PIECE_BYTES = {piece};\n")
    parts += [
        f"export type {name} = {_choices(values)};\n"
        for values, name in sorted(aliases.items(), key=lambda kv: kv[1])
    ]
    structs = (page.Failure, page.StreamGrant, page.IceServer, MediaFrame)
    parts += [_interface(cls, aliases, may_omit=False) for cls in structs]
    written: set[type] = set()
    for name in ("FromPage", "ToPage"):
        members = typing.get_args(getattr(page, name))
        # What the page sends may leave defaults out; what it gets is always complete. A message
        # that goes both ways is written once.
        news = [cls for cls in members if cls not in written]
        written.update(news)
        parts += [_interface(cls, aliases, may_omit=name == "FromPage") for cls in news]
        parts.append(f"export type {name} =\n  | {_lines(members)};\n")
    parts.append(_shapes())
    return "\n".join(parts)


def _shapes() -> str:
    """What each message that the page is told has to look like; `model/decode.ts` compares."""
    shapes = {
        cls.__struct_config__.tag: _fields(inspect.type_info(cls))
        for cls in typing.get_args(page.ToPage)
    }
    text = msgspec.json.format(msgspec.json.encode(shapes), indent=2).decode()
    return f"export const SHAPES: Record<string, Record<string, Shape>> = {text};\n"


def _fields(info: inspect.StructType) -> dict[str, Any]:
    return {field.encode_name: _shape(field.type) for field in info.fields}


def _shape(kind: inspect.Type) -> Any:
    match kind:
        case inspect.LiteralType():
            return {"oneOf": sorted(map(str, kind.values))}
        case inspect.UnionType():
            return {"anyOf": [_shape(one) for one in kind.types]}
        case inspect.CustomType():
            return "string"
        case inspect.StructType():
            return {"fields": _fields(kind)}
        case inspect.ListType() | inspect.VarTupleType():
            return {"items": _shape(kind.item_type)}
        case inspect.TupleType():
            return {"tuple": [_shape(one) for one in kind.item_types]}
        case inspect.DictType():
            return {"values": _shape(kind.value_type)}
    return _SCALARS[type(kind)]


def _literal_aliases() -> dict[tuple[Any, ...], str]:
    """Literal types of the table by their values, so that fields can refer to them by name."""
    return {
        tuple(sorted(typing.get_args(value))): name
        for name, value in (vars(frames) | vars(listening) | vars(saving) | vars(page)).items()
        if typing.get_origin(value) is typing.Literal
    }


def _interface(cls: type, aliases: dict[tuple[Any, ...], str], *, may_omit: bool) -> str:
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    fields = [] if info.tag is None else [f'  type: "{info.tag}";']
    for field in info.fields:
        mark = "?" if may_omit and not field.required else ""
        fields.append(f"  {field.encode_name}{mark}: {_type(field.type, aliases)};")
    return f"{_comment(cls)}export interface {cls.__name__} {{\n" + "\n".join(fields) + "\n}\n"


def _type(kind: inspect.Type, aliases: dict[tuple[Any, ...], str]) -> str:
    if type(kind) in _SCALARS:
        return _SCALARS[type(kind)]
    if isinstance(kind, inspect.LiteralType):
        values = tuple(sorted(map(str, kind.values)))
        return aliases.get(values) or _choices(values)
    if isinstance(kind, inspect.UnionType):
        return " | ".join(dict.fromkeys(_type(one, aliases) for one in kind.types))
    if isinstance(kind, inspect.CustomType) and kind.cls is Secret:
        return "string"
    if isinstance(kind, inspect.StructType):
        return kind.cls.__name__
    if isinstance(kind, inspect.ListType | inspect.VarTupleType):
        return f"Array<{_type(kind.item_type, aliases)}>"
    if isinstance(kind, inspect.TupleType):
        return "[" + ", ".join(_type(one, aliases) for one in kind.item_types) + "]"
    if isinstance(kind, inspect.DictType):
        return f"Record<string, {_type(kind.value_type, aliases)}>"
    raise TypeError(f"page.py uses {kind!r}, which tools/page_types.py cannot write as TypeScript")


def _choices(values: tuple[Any, ...]) -> str:
    return " | ".join(msgspec.json.encode(value).decode() for value in values)


def _lines(members: tuple[type, ...]) -> str:
    return "\n  | ".join(cls.__name__ for cls in members)


def _comment(cls: type) -> str:
    doc = textwrap.dedent(cls.__doc__ or "").strip()
    paragraphs = [" ".join(part.split()) for part in doc.split("\n\n")]
    lines = textwrap.wrap(" ".join(paragraphs), width=94)
    return (
        f"/** {lines[0]} */\n"
        if len(lines) == 1
        else "\n".join(["/**", *(f" * {x}" for x in lines), " */", ""])
    )


def main(arguments: list[str]) -> int:
    text = render()
    if "--check" in arguments:
        if TARGET.exists() and TARGET.read_text() == text:
            return 0
        print(f"{TARGET.name} is not up to date: run python tools/page_types.py", file=sys.stderr)
        return 1
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
