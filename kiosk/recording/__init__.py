"""Masked recordings of visits, for support, and their replay through the same core and the same window."""
