"""Usage to money: the usage log, counters, prices and invoices."""
