"""Recorded visits and cards that every change is replayed against."""
