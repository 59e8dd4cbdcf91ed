"""`python -m tests.bench`: what the avatar costs and how fast it is, against the design's budgets."""
