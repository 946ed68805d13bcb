"""Residents that nobody is: records as pure functions of (seed, kind, number)."""
