"""The time that stands in central's records, documents and log. Central's own word: it does not read the terminal's."""

from datetime import timedelta, timezone

ZONE = timezone(timedelta(hours=8), "CST")
