"""Characters: each code point of the training text is a symbol; any other is <unk>.

Not here: graphemes. A family emoji is several code points joined, and a model may well split it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import TokenizerError
from seqgen.tokenizers.base import REPLACEMENT, SPECIALS, UNK, JsonTokenizer, checked_ids, normalise


class CharTokenizer(JsonTokenizer):
    """A vocabulary of characters, in code point order but for those added later, always with the newline that empty prompts
    start from."""

    kind = "char"

    def __init__(self, characters: str) -> None:
        """`characters` are distinct; the first gets the id after the special ones."""
        self._characters = characters
        points = _points(characters)
        # Code point -> id, up to the largest known code point; everything beyond it is unknown as well.
        self._ids = np.full(int(points.max(initial=0)) + 2, UNK, dtype=np.int32)
        self._ids[points] = np.arange(len(points)) + len(SPECIALS)
        self._texts: list[str] = ["", REPLACEMENT, "", "", *characters]

    @classmethod
    def train(cls, texts: Iterable[str], size: int | None = None) -> Self:
        """Every character that occurs."""
        found = {"\n"}
        for text in texts:
            found.update(normalise(text))
        return cls("".join(sorted(found)))

    def extended(self, texts: Iterable[str]) -> CharTokenizer:
        """The same with all characters of the texts; those that it has keep their ids."""
        found: set[str] = set()
        for text in texts:
            found.update(normalise(text))
        new = found.difference(self._characters)
        return CharTokenizer(self._characters + "".join(sorted(new))) if new else self

    @classmethod
    def from_json(cls, content: dict[str, Any], folder: Path) -> Self:
        """The inverse of save."""
        where = folder / "tokenizer.json"
        characters = content.get("characters")
        if not isinstance(characters, str) or not characters or len(set(characters)) != len(characters):
            raise TokenizerError(f"{where}: expected distinct characters under 'characters'", "the file is damaged")
        return cls(characters)

    def to_json(self) -> dict[str, Any]:
        """The characters, in the order of their ids."""
        return {"characters": self._characters}

    def __len__(self) -> int:
        return len(self._texts)

    def encode(self, text: str) -> NDArray[np.int32]:
        """One id per character."""
        points = _points(normalise(text))
        # The table's last entry is <unk>: code points beyond its end read that entry.
        return self._ids[np.minimum(points, len(self._ids) - 1)]

    def decode(self, ids: Iterable[int] | NDArray[Any]) -> str:
        """One character per id; U+FFFD for <unk>, nothing for the other special ones."""
        return "".join([self._texts[i] for i in checked_ids(ids, len(self)).tolist()])

    def decoder(self) -> CharDecoder:
        """Every id is a whole character: there is nothing to hold back."""
        return CharDecoder(self._texts)

    def unknown(self, text: str) -> list[str]:
        """The characters that are not in the vocabulary, each once."""
        new = set(normalise(text)).difference(self._characters)
        return [c for c in dict.fromkeys(normalise(text)) if c in new] if new else []

    def characters(self) -> frozenset[str] | None:
        """All of the vocabulary."""
        return frozenset(self._characters)

    def symbol(self, id_: int) -> str:
        """The character, escaped where it cannot be seen."""
        if id_ < len(SPECIALS):
            return SPECIALS[id_]
        character = self._texts[id_]
        return str(character) if character.isprintable() else character.encode("unicode_escape").decode("ascii")


class CharDecoder:
    """Ids to characters, one at a time."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts

    def push(self, id_: int) -> str:
        """The character of an id."""
        return self._texts[id_]

    def flush(self) -> str:
        """Nothing is ever held back."""
        return ""


def _points(text: str) -> NDArray[np.uint32]:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
