"""Statements on the tables the indexer writes besides the catalogue's."""
