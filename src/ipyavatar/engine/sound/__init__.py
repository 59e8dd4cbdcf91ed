"""Sound that somebody else made: the user's own, a file's, or that of a voice by the network."""
