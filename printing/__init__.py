"""Paper from records: A4 pages, 80 mm slips, and printers followed until they confirm. Knows the contract only."""


def warm() -> None:
    """Load fonts, layouts and the glyphs of all our words while nobody waits (0.6 s here)."""
    import escpos.printer
    import pyipp

    from printing import a4, fonts, glyphs, slip, words

    fonts.load()
    glyphs.warm(words.characters())
    del a4, slip, pyipp, escpos
