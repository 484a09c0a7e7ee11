"""What clients touch: the MCP endpoint, the HTTP API and the command line."""
