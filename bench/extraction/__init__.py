"""How well pages are read: our extraction against truth that is computed from each page by an independent path."""
