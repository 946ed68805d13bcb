"""Faults at every durable step, every call and every byte: `bin/faults`, and a slice of it in `bin/test`."""
