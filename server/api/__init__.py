"""Our own HTTP API below `/api/v1`: keys, usage, and the two tools as plain requests."""
