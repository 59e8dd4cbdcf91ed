"""LiveKit's native library, in a process of its own: when it aborts, that ends one connection."""
