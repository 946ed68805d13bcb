"""Does a central platform keep the contract? Asked from outside, over HTTP, with test credentials (decision 0041).

Stands alone: it knows the contract's models and nothing of our own platform or client, so that no mistake is mirrored.
"""
