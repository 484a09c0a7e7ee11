"""A question to ranked snippets: look at the question, take candidates, fuse, drop repetition, pack, render."""
