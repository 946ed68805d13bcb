"""Talks to the central platform: identity, records, issuing. Knows no card, no paper, no screen."""
