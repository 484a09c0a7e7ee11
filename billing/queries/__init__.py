"""The statements of billing, a module per table."""
