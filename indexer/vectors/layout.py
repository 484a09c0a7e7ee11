"""How points lie in memory and on disk, alike for both engines; a change here is taken over by indexes that exist.

Every question is about one version of a library. So no graph is built over all vectors, which would cost most of the
time of indexing: versions of more than `SCANNED_KIB` have a graph of their own, and in smaller ones a question is
compared with every vector, which is faster there and exact. Compared are vectors of bytes, kept in memory; the best are
compared once more as they are, from the disk. Postings of words and payloads are mapped files.
"""

GRAPH_EDGES = 16
"""Edges of a node in the graph of one version (`payload_m`)."""

GRAPH_BUILD_WIDTH = 100
"""How many nodes are looked at to place one in the graph (`ef_construct`)."""

GRAPH_SEARCH_WIDTH = 512
"""How many nodes of the graph a question looks at (`ef`): on 14 800 passages of Python's documentation page recall@5 by
meaning is .904 with it and .896 with the engines' default of 100."""

SCANNED_KIB = 30_000
"""20 000 vectors of 384 dimensions: there a scan takes as long as the graph at that width."""

SCANNED_PASSAGES = 400
"""Where a filter leaves fewer, as of passages whose scores are asked for, their words are read and not the postings."""

BYTES_QUANTILE = 0.99
"""The share of values that bytes tell apart; what lies beyond counts as the highest or the lowest."""

OVERSAMPLING = 2.0
"""Of how many times as many as are asked for the vectors themselves are compared."""
