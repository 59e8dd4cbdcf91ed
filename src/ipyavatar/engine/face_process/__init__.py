"""Faces drawn in a process of their own: many at once would wait for each other's GIL."""
