"""Pages to chunks to an index, and a question to ranked snippets."""
