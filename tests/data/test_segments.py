"""Long lines in pieces: short enough, nothing lost, in time linear in the line whatever is in it."""

from __future__ import annotations

import pytest

from seqgen.data.segments import segments

WORDS = "Ein Satz. Noch ein Satz! Und, wenn man so will, ein dritter: mit Doppelpunkt; mit Semikolon - und Strich. " * 3


@pytest.mark.parametrize("limit", [1, 3, 8, 20, 1000])
@pytest.mark.parametrize("text", [WORDS, "가나다. 라마바사아 " * 9, "x" * 50, "文。文文、文" * 9, "  a  b  ", "…"])
def test_pieces_are_short_enough_and_nothing_is_lost(text: str, limit: int) -> None:
    def length(piece: str) -> int:
        return max(1, len(piece) // 3)

    pieces = segments(text, limit, length)
    assert "".join(piece.text + piece.space for piece in pieces) == text
    assert all(length(piece.text) <= limit or len(piece.text) == 1 for piece in pieces)
    if length(text) <= limit:
        assert len(pieces) == 1


def test_sentences_are_kept_whole_where_they_can_be() -> None:
    pieces = segments("One two. Three four. Five six.", 5, lambda text: len(text.split()))
    assert [piece.text for piece in pieces] == ["One two. Three four.", "Five six."]
