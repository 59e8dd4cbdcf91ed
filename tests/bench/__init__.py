"""`python -m tests.bench`: speed and cost, against the design's budgets."""
