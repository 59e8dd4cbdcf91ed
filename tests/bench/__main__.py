"""`python -m tests.bench [--rows startup,cpu] [--out bench.json]`.

The exit code tells whether all could be measured; a missed budget is a result, not an error.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
import time

from . import (
    avsync,
    carriers,
    cpu,
    encode,
    far,
    fps,
    imports,
    latency,
    listening,
    memory,
    microphone,
    paid,
    recordings,
    render,
    services,
    size,
    startup,
    twin,
    twin_latency,
    voices,
)
from .rows import Part, Row, measured
from .stand import Stand
from .table import table

PARTS: tuple[Part, ...] = (
    *imports.PARTS,
    *startup.PARTS,
    *latency.PARTS,
    *listening.PARTS,
    *microphone.PARTS,
    *voices.PARTS,
    *avsync.PARTS,
    *fps.PARTS,
    *carriers.PARTS,
    *far.PARTS,
    *cpu.PARTS,
    *memory.PARTS,
    *encode.PARTS,
    *render.PARTS,
    *recordings.PARTS,
    *paid.PARTS,
    *services.PARTS,
    *twin.PARTS,
    *twin_latency.PARTS,
    *size.PARTS,
)
GROUPS = tuple(dict.fromkeys(part.group for part in PARTS))


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", default=",".join(GROUPS), help=f"of {','.join(GROUPS)}")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("bench.json"))
    options = parser.parse_args()
    wanted = [name.strip() for name in options.rows.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in GROUPS]
    if unknown or not wanted:
        parser.error(f"no rows {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    rows: list[Row] = []
    with Stand() as stand:
        for part in PARTS:
            if part.group in wanted:
                begin = time.monotonic()
                rows += measured(part, stand)
                took = time.monotonic() - begin
                print(f"{part.group}: {took:.0f} s", file=sys.stderr, flush=True)
    options.out.write_text(json.dumps([row.plain() for row in rows], indent=1) + "\n")
    print(table(rows))
    return 0 if all(row.value is not None for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
