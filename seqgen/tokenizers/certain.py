"""Text that is certain: no unfinished character is in it, nor what may turn out to be the beginning of a stop text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from seqgen.tokenizers.base import Tokenizer, normalise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Beginning(NamedTuple):
    """A prompt as a model reads it: `ids`, without the bytes that were `taken_back` as they may be the beginning of a longer
    symbol. What follows spells them again: its first `given` characters are the prompt's."""

    prompt: str
    ids: NDArray[np.int32]
    taken_back: bytes = b""
    given: int = 0

    @classmethod
    def of(cls, tokenizer: Tokenizer, prompt: str) -> Beginning:
        """Of a text."""
        whole = tokenizer.encode(prompt)
        kept = len(whole) - tokenizer.open_end(whole)
        if kept == len(whole):
            return cls(prompt, whole)
        table = tokenizer.spellings()
        given = len(normalise(prompt)) - len(tokenizer.decode(whole[:kept]))
        return cls(prompt, whole[:kept], b"".join(table[id_] for id_ in whole[kept:].tolist()), given)


class CertainText:
    """Turns the ids of one sample into certain text."""

    def __init__(self, tokenizer: Tokenizer, stops: tuple[str, ...], begin: Beginning) -> None:
        self.decoder = tokenizer.decoder()
        # What stands last decides how a decoder goes on: at the beginning of a line, or within it.
        for id_ in begin.ids[-1:].tolist():
            self.decoder.push(id_)
        self.given = begin.given
        self.stops = stops
        self.held = ""
        self.done = False

    def push(self, id_: int) -> str:
        """The text that is certain now; sets `done` where a stop text is complete."""
        text = self.decoder.push(id_)
        if self.given:
            text, self.given = text[self.given :], max(0, self.given - len(text))
        if not self.stops:
            return text
        self.held += text
        found = [place for stop in self.stops if (place := self.held.find(stop)) >= 0]
        if found:
            self.done = True
            certain, self.held = self.held[: min(found)], ""
            return certain
        keep = max(_overlap(self.held, stop) for stop in self.stops)
        certain, self.held = self.held[: len(self.held) - keep], self.held[len(self.held) - keep :]
        return certain

    def flush(self) -> str:
        """What was held back, once nothing more comes."""
        return "" if self.done else self.rest()

    def rest(self) -> str:
        """What is held back, as if the text ended here."""
        rest, self.held = self.held + self.decoder.flush(), ""
        found = [place for stop in self.stops if (place := rest.find(stop)) >= 0]
        return rest[: min(found)] if found else rest


def _overlap(text: str, stop: str) -> int:
    """The length of the longest end of `text` that `stop` begins with."""
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
