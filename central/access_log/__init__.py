"""Who looked at whose data (谁查过我): one line for every read, chained, signed at intervals, verifiable without us."""
