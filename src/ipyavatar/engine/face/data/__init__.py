"""The drawn characters; made by `tools/art/make.py`."""
