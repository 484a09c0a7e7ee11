"""Pages drawn by a browser before they are read: an extra, off unless a source asks for it."""
