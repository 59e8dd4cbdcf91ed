"""`python -m ipyavatar.twin`: the offline twin as a process."""

from .server import main

raise SystemExit(main())
