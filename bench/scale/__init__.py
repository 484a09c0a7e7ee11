"""How memory, disk and time grow with the index: `python -m bench.scale`, see docs/cost.md."""
