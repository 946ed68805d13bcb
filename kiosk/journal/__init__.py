"""The terminal's durable memory of what it issued and printed; every step is on disk before the next begins."""
