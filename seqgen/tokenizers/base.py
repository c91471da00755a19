"""What every tokenizer is: a vocabulary of V ids, the first four of them special, and a law.

The law: decode(encode(x)) == normalise(x), exactly, if every character is known or the symbols are bytes; a character
missing from a vocabulary of characters comes back as U+FFFD.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import TokenizerError
from seqgen.files import to_json, write_inside

PAD, UNK, BOS, EOS = range(4)
SPECIALS = ("<pad>", "<unk>", "<bos>", "<eos>")
REPLACEMENT = "�"
# How tokenizers show a byte that is not a character of its own.
_BYTE = re.compile(r"(?:<0x|\\x)([0-9A-Fa-f]{2})>?")
# Characters that stand for spans of a text which a model must not change: the 32 of one block that Unicode keeps for programs'
# own use (noncharacters U+FDD0 to U+FDEF; The Unicode Standard, 23.7), so that no text has them for anything else.
SENTINELS = "".join(map(chr, range(0xFDD0, 0xFDF0)))
FORMAT = 1
_SURROGATE = re.compile("[\ud800-\udfff]")


class Decoder(Protocol):
    """Ids to text, one id at a time; holds back what is not yet a whole character."""

    def push(self, id_: int) -> str:
        """The text that this id completes, perhaps none."""
        ...

    def flush(self) -> str:
        """What is left at the end: U+FFFD for a character that was never completed."""
        ...


class Tokenizer(Protocol):
    """Text to ids and back."""

    kind: str

    @classmethod
    def train(cls, texts: Iterable[str], size: int | None = None) -> Self:
        """Learn a vocabulary; `size` is V where it does not follow from the texts. Raises ConfigError if it is too small."""
        ...

    @classmethod
    def from_json(cls, content: dict[str, Any], folder: Path) -> Self:
        """The inverse of save. Raises TokenizerError naming the file that is damaged."""
        ...

    def extended(self, texts: Iterable[str]) -> Tokenizer:
        """The same with a symbol more for each character of the texts that it does not know, behind all others; itself where
        symbols are made of bytes, which spell all characters."""
        ...

    def __len__(self) -> int:
        """V, special ids included."""
        ...

    def encode(self, text: str) -> NDArray[np.int32]:
        """The ids of a text after normalisation."""
        ...

    def encode_all(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """encode of many texts at once."""
        ...

    def decode(self, ids: Iterable[int] | NDArray[Any]) -> str:
        """The text of ids; pad, bos and eos have none. Raises TokenizerError for an id outside [0, V)."""
        ...

    def decoder(self) -> Decoder:
        """A fresh incremental decoder."""
        ...

    def unknown(self, text: str) -> list[str]:
        """The characters of a text that become <unk>, each once, in order of appearance."""
        ...

    def characters(self) -> frozenset[str] | None:
        """The characters that training has seen; None where that says nothing, as all are made of the same symbols."""
        ...

    def symbol(self, id_: int) -> str:
        """One id in printable form."""
        ...

    def open_end(self, ids: NDArray[np.int32]) -> int:
        """How many of the last ids, at the end of a prompt, spell what a longer symbol begins with: 0 where each symbol is a
        character or a part of one."""
        ...

    def bytes_of(self, text: str) -> int:
        """How many bytes a text has."""
        ...

    def spellings(self) -> Sequence[bytes]:
        """The bytes of each id, in UTF-8; <pad>, <bos> and <eos> have none."""
        ...

    def first_spellings(self) -> Sequence[bytes]:
        """The same where a line begins, behind one of BREAKS: there a piece may leave out its space."""
        ...

    def save(self, folder: Path) -> None:
        """Write tokenizer.json, and whatever else is needed."""
        ...


# What ends a line, a record and a record's label: what follows is spelt as at the beginning of a text.
BREAKS = "\n\x1e\x1f"


def begins_anew(before: str) -> bool:
    """Whether what follows a text is spelt as at the beginning of one."""
    return not before or before[-1] in BREAKS


def normalise(text: str) -> str:
    """Unicode's composed form (NFC, UAX #15); lone surrogates, which cannot be encoded, become U+FFFD."""
    return unicodedata.normalize("NFC", _SURROGATE.sub(REPLACEMENT, text))


def checked_ids(ids: Iterable[int] | NDArray[Any], size: int) -> NDArray[np.int64]:
    """Ids as an array. Raises TokenizerError for one outside [0, size)."""
    array = np.asarray(ids if isinstance(ids, np.ndarray) else list(ids), dtype=np.int64).reshape(-1)
    if len(array) and (array.min() < 0 or array.max() >= size):
        bad = array[(array < 0) | (array >= size)][0]
        raise TokenizerError(f"id {bad} is outside the vocabulary of {size}", "were the ids made by another tokenizer?")
    return array


class JsonTokenizer:
    """What tokenizers described by JSON share."""

    kind: str

    def encode(self, text: str) -> NDArray[np.int32]:
        """The ids of a text after normalisation."""
        raise NotImplementedError

    def extended(self: Tokenizer, texts: Iterable[str]) -> Tokenizer:
        """Bytes spell every character."""
        return self

    def encode_all(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """encode of many texts at once."""
        return [self.encode(text) for text in texts]

    def open_end(self, ids: NDArray[np.int32]) -> int:
        """No symbol is the beginning of another."""
        return 0

    def bytes_of(self, text: str) -> int:
        """In UTF-8."""
        return len(text.encode("utf-8", "surrogatepass"))

    def spellings(self: Tokenizer) -> Sequence[bytes]:
        """The bytes of each id, as the decoder has them behind another one: at the very beginning it may leave out a space."""
        before = self.encode("e").tolist()
        return [_spelling(self, id_, before) for id_ in range(len(self))]

    def first_spellings(self: Tokenizer) -> Sequence[bytes]:
        """No other ones."""
        return self.spellings()

    def to_json(self) -> dict[str, Any]:
        """What there is to save."""
        raise NotImplementedError

    def save(self, folder: Path) -> None:
        """Write tokenizer.json."""
        content = {"format": FORMAT, "kind": self.kind, "normalisation": "NFC", **self.to_json()}
        write_inside(folder / "tokenizer.json", to_json(content) + b"\n")


def _spelling(tokenizer: Tokenizer, id_: int, before: Sequence[int]) -> bytes:
    decoder = tokenizer.decoder()
    for one in before:
        decoder.push(one)
    text = decoder.push(id_) + decoder.flush()
    found = _BYTE.fullmatch(tokenizer.symbol(id_)) if id_ >= len(SPECIALS) and REPLACEMENT in text else None
    return bytes.fromhex(found[1]) if found else text.encode("utf-8", "surrogatepass")
