"""Bytes: the 256 values of UTF-8's code units. Nothing is unknown, and a Hangul syllable takes three symbols.

Files that are no texts are read as if each byte were the character of its number (ISO 8859-1): then a byte is one again.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqgen.tokenizers.base import REPLACEMENT, SPECIALS, UNK, JsonTokenizer, checked_ids, normalise

FIRST = len(SPECIALS)


class ByteTokenizer(JsonTokenizer):
    """The id of a byte is its value plus the number of special ids."""

    kind = "byte"

    def __init__(self, is_binary: bool = False) -> None:
        """`is_binary`: a text has one character for each byte."""
        self.is_binary = is_binary

    @classmethod
    def train(cls, texts: Iterable[str], size: int | None = None) -> Self:
        """There is nothing to learn."""
        return cls()

    @classmethod
    def from_json(cls, content: dict[str, Any], folder: Path) -> Self:
        """The inverse of save."""
        return cls(bool(content.get("binary", False)))

    def to_json(self) -> dict[str, Any]:
        """Whether a character is a byte."""
        return {"binary": True} if self.is_binary else {}

    def __len__(self) -> int:
        return FIRST + 256

    def encode(self, text: str) -> NDArray[np.int32]:
        """One id per byte of the text in UTF-8, or per character of a binary one."""
        if self.is_binary:
            return np.frombuffer(text.encode("latin-1"), dtype=np.uint8).astype(np.int32) + FIRST
        return np.frombuffer(normalise(text).encode(), dtype=np.uint8).astype(np.int32) + FIRST

    def decode(self, ids: Iterable[int] | NDArray[Any]) -> str:
        """The text; U+FFFD where the bytes are not UTF-8."""
        decoder = self.decoder()
        return "".join([decoder.push(i) for i in checked_ids(ids, len(self)).tolist()]) + decoder.flush()

    def decoder(self) -> ByteDecoder:
        """Holds bytes back until they make a character."""
        return ByteDecoder("latin-1" if self.is_binary else "utf-8")

    def bytes_of(self, text: str) -> int:
        """In UTF-8, or as many as there are characters."""
        return len(text) if self.is_binary else super().bytes_of(text)

    def unknown(self, text: str) -> list[str]:
        """No character is."""
        return []

    def characters(self) -> frozenset[str] | None:
        """No character is stranger than another."""
        return None

    def symbol(self, id_: int) -> str:
        """The byte as ASCII where it is printable, else as \\x and two digits."""
        if id_ < FIRST:
            return SPECIALS[id_]
        character = chr(id_ - FIRST)
        return character if character.isascii() and character.isprintable() else f"\\x{id_ - FIRST:02x}"


class ByteDecoder:
    """Ids to text, one at a time."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def push(self, id_: int) -> str:
        """The characters that this byte completes."""
        if id_ < FIRST:
            # A special id ends an unfinished character, which can never be completed across it.
            return self.flush() + (REPLACEMENT if id_ == UNK else "")
        return self._decoder.decode(bytes((id_ - FIRST,)))

    def flush(self) -> str:
        """U+FFFD for what was never completed."""
        rest = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return rest
