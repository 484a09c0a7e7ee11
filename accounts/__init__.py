"""People, organisations, keys and sign-in: who is calling, and how much they may call."""
