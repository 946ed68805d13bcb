"""Real parts as context managers: pcscd, a card in a reader, printers, central. For the demo and for the tests."""
