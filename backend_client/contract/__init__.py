"""The contract between a terminal and the central platform: typed models, nothing that acts.

Both sides import these models; `central openapi` writes the same shapes down as `docs/openapi.json`.
"""
