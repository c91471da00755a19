"""Readers of two formats that nobody has: what somebody who adds one writes."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from seqgen.formats.document import Document, Record


def records(document: Document) -> Iterator[Record]:
    """Pairs that are no lines, in a file that says itself how it is encoded."""
    try:
        root = ElementTree.fromstring(bytes(document.taken()))
    except ElementTree.ParseError as error:
        raise document.error(error.position[0], f"not XML: {error.msg}") from None
    for number, unit in enumerate(root.iter("unit"), 1):
        yield Record(unit.findtext("one", ""), unit.findtext("other", ""), number)


def text(document: Document) -> str:
    """A text between two lines that do not belong to it."""
    lines = document.text().split("\n")
    return "\n".join(lines[1:-2]) + "\n"
