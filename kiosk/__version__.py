"""The version of the terminal, in one place."""

VERSION = "0.1.0"
