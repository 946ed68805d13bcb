"""Terminals' certificates: one-time codes, EST (RFC 7030), renewal, revocation."""
