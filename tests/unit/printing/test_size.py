"""How big files are: a page that anyone can send on."""

from itertools import islice

from benchmarks.paper_page import AT, documents
from printing import glyphs, words
from printing.a4 import render_a4, render_ofd

LIMIT = 50 * 1024


def test_a_one_page_statement_has_less_than_50_kib() -> None:
    for document in islice(documents(1), 6):
        assert len(render_a4(document, "zh", AT)) < LIMIT
        assert len(render_ofd(document, "zh", AT)) < 1.25 * LIMIT


def test_every_character_of_our_words_can_be_drawn_and_is_ready_after_warming() -> None:
    glyphs.warm(words.characters())
    before = glyphs.drawn.cache_info().misses
    glyphs.warm(words.characters())
    assert glyphs.drawn.cache_info().misses == before
    glyphs.warm("\ue5e5")  # nobody's fault yet
