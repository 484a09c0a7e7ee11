"""The crawler's SQL: one function, one statement."""
