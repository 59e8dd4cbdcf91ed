"""A made-up fourth service: all that ipyavatar needs to know of it is in this folder.

Together with one line in `ipyavatar.providers.registry.PROVIDERS` it can be driven like any other.
"""
