"""Unified identity: who the terminal is, who the holder is, what a token may do."""
