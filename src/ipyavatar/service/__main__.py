"""`python -m ipyavatar.service`: the offline twin as a process."""

from .serve import main

raise SystemExit(main())
