"""Plain text: the content is the text."""

from __future__ import annotations

from seqgen.formats.document import Document


def text(document: Document) -> str:
    """All of it. Raises CorpusError for what is not in the encoding."""
    return document.text()
