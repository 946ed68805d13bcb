"""Smart-card layer: reader events, one APDU channel, the social-security card's files, PIN and proofs.

Works alone: knows nothing of the terminal, of central or of paper.
"""
