"""The statements of accounts, a module per table."""
