"""People, their keys, and how often they may call."""
