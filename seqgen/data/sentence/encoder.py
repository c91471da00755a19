"""Both sides of pairs as a model reads them: spans behind placeholders, spellings made one, ids. Whatever reads a text for a
translation model, in training and in use, reads it through this."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seqgen.data.sentence.normalise import source_text, target_text
from seqgen.data.sentence.numerals import NO_FORMS, NumberForms
from seqgen.data.sentence.placeholders import MOST, SENTINEL, Masked, masked, masked_pair
from seqgen.data.sentence.spans import Span, spans
from seqgen.tokenizers.base import SENTINELS, Tokenizer

Ids = NDArray[np.int32]
# Of a line in which spans are hidden, the places of them; and what counts as one more.
_RUN = re.compile(rf"([{SENTINELS}])\1*+")
_NUMBER = re.compile(r"\d++(?:[.,:/\-–]\d++)*+")
_TOO_LONG = 10**9


@dataclass(frozen=True)
class PairEncoder:
    """A run's way from texts to ids. `placeholders` says that its model has learnt these; `forms` how numbers change."""

    tokenizer: Tokenizer
    normalise: str
    placeholders: bool = False
    forms: NumberForms = NO_FORMS
    _seen: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def spans(self, text: str, shouted: bool = False) -> list[Span]:
        """What the model must not change, of a text that it will read in lower case where that is `shouted`."""
        return spans(text, self._unseen_lowered if shouted else self._unseen)

    def masked(self, text: str, found: Sequence[Span], also: Container[str] = ()) -> Masked:
        """A source with its spans out of the model's reach; `also` numbers that it has been seen to lose."""
        return masked(text, found, self.forms, learnt=self.placeholders, also=also)

    def sources(self, texts: Sequence[str]) -> list[Ids]:
        """The ids of sources as the model reads them."""
        if self.placeholders:
            texts = [self.masked(text, self.spans(text)).text for text in texts]
        return self.ids(texts)

    def ids(self, texts: Sequence[str]) -> list[Ids]:
        """The ids of sources that are masked already."""
        return self.tokenizer.encode_all([source_text(text, self.normalise) for text in texts])

    def targets(self, texts: Sequence[str]) -> list[Ids]:
        """The ids of targets as they stand."""
        return self.tokenizer.encode_all([target_text(text, self.normalise) for text in texts])

    def pairs(self, sources: Sequence[str], targets: Sequence[str]) -> tuple[list[Ids], list[Ids]]:
        """The ids of both sides, with what stands on both behind placeholders."""
        if self.placeholders:
            hidden = hidden_pairs(sources, targets, self.forms, self._unseen)
            sources, targets = [pair[0] for pair in hidden], [pair[1] for pair in hidden]
        return self.ids(sources), self.targets(targets)

    def pair(self, source: str, target: str) -> tuple[Ids, Ids]:
        """The same of one pair."""
        sources, targets = self.pairs([source], [target])
        return sources[0], targets[0]

    def length(self, text: str, fits: int = 0) -> int:
        """Tokens of a piece of a line in which spans are hidden, each a run of one placeholder; at most a guess of `fits` where
        it is certain that they are no more. More than any limit where it has more spans than there are placeholders."""
        # A token is at least one byte: most pieces need not be encoded to know that they fit.
        size = len(text.encode("utf-8", "surrogatepass"))
        if size < min(fits, MOST):
            return size
        text = _RUN.sub(r"\1", text)
        if len(SENTINEL.findall(text)) + len(_NUMBER.findall(text)) > MOST:
            return _TOO_LONG
        return size if size < fits else len(self.ids([text])[0])

    def _unseen(self, text: str) -> set[str]:
        seen = self._seen
        return {character for character in set(text) if not (seen[character] if character in seen else self._look(character))}

    def _unseen_lowered(self, text: str) -> set[str]:
        return {character for character in self._unseen(text) if self._unseen(character.lower())}

    def _look(self, character: str) -> bool:
        """Whether the model has a symbol for what a character is read as, be that nothing."""
        known = self._characters
        read = source_text(f"x{character}x", self.normalise)[1:-1]
        found = character not in SENTINELS and (known is None or all(part in known for part in read) or character.isspace())
        self._seen[character] = found
        return found

    @cached_property
    def _characters(self) -> frozenset[str] | None:
        return self.tokenizer.characters()


def hidden_pairs(
    sources: Sequence[str],
    targets: Sequence[str],
    forms: NumberForms,
    unseen: Callable[[str], set[str]],
    order: Callable[[int], Sequence[int]] = lambda row: range(MOST),
) -> list[tuple[str, str]]:
    """Pairs with what stands on both sides behind placeholders; `order` gives their numbers for each row."""
    found = []
    for row, (source, target) in enumerate(zip(sources, targets, strict=True)):
        left = spans(source, unseen)
        if left:
            source, target = masked_pair(source, target, (left, spans(target, unseen)), forms, order(row))
        found.append((source, target))
    return found
