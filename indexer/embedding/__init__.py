"""Text to meaning: a model in a process of its own, and the door to it."""
