#!/bin/sh
# Stops with the command that installs what is missing. All else comes as wheels.
python="${1:-python3}"
if ! command -v "$python" >/dev/null 2>&1; then
    echo "'$python' is not installed. On Debian or Ubuntu: sudo apt-get install python3 python3-venv" >&2
    echo "On macOS: brew install python. Elsewhere: https://python.org" >&2
    exit 1
fi
"$python" - <<'PY' || exit 1
import sys
if sys.version_info < (3, 10):
    sys.exit(f"Python 3.10 or newer is needed; {sys.executable} is {sys.version.split()[0]}. Try: make PYTHON=python3.12 ...")
try:
    import ensurepip  # noqa: F401
except ImportError:
    sys.exit("Python's venv is missing. On Debian or Ubuntu: sudo apt-get install python3-venv")
PY
