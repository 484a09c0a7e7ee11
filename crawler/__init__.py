"""A source to pages: address rules, politeness, fetching, and the snapshot of what was fetched."""
