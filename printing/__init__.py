"""Paper from records: A4 pages, 80 mm slips, and printers followed until they confirm. Knows the contract only."""


def warm() -> None:
    """Load fonts and layouts while nobody waits."""
    import escpos.printer
    import pyipp

    from printing import a4, fonts, slip

    fonts.load()
    del a4, slip, pyipp, escpos
