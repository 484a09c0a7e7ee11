"""The MCP endpoint: two tools, described for a model, served in both protocol eras."""
