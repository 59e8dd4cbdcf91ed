"""`python -m ipyavatar`: the command line."""

from .cli import main

raise SystemExit(main())
