"""What goes on where a service's session cannot be opened, or breaks for good."""
