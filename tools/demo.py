"""Open the quickstart notebook in JupyterLab; without a display, print its address."""

import os
import sys

NOTEBOOK = "notebooks/01_quickstart.ipynb"


def main() -> None:
    # The printed address leads to the notebook, too, not only the browser that is opened here.
    address = f"--LabApp.default_url=/lab/tree/{NOTEBOOK}"
    arguments = [sys.executable, "-m", "jupyter", "lab", NOTEBOOK, address]
    display = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if not display:
        arguments.append("--no-browser")
        print("No display here: open the address that JupyterLab prints below.", flush=True)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")
    os.execv(sys.executable, arguments)


if __name__ == "__main__":
    main()
