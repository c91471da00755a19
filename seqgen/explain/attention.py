"""What a Transformer looks at while it reads a source and writes a target, between words or pieces.

Attention says where values were taken from, not why a word was chosen: heads work together, and values differ in size.

Shape legend: S words of the source and <eos>, T words of the target and <bos> (or <eos>), L layers, h heads, Q rows that
look, K columns that are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids
from seqgen.errors import CheckpointError, ConfigError
from seqgen.explain.subjects import has_attention, translates
from seqgen.explain.words import joined, pieces_of, words_of
from seqgen.families import family_of
from seqgen.infer.transformer import TransformerReader
from seqgen.run import Run
from seqgen.tokenizers.base import BOS, EOS, SPECIALS, Tokenizer, normalise

if TYPE_CHECKING:
    from seqgen.infer.decoder import DecoderScorer

Array = NDArray[np.float64]
KINDS = ("encoder", "decoder", "cross")
TEXT = "text"


class Maps(Protocol):
    """The attention of a model, one or several `kinds` of it; `asked` are those that show where a word looks."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of attention that it has."""
        ...

    @property
    def asked(self) -> tuple[str, ...]:
        """Those of them in which a word is looked up."""
        ...

    @property
    def is_joined(self) -> bool:
        """Whether a word is joined from several pieces."""
        ...

    def maps(self, kind: str) -> Array:
        """All maps of a kind [L, h, Q, K]."""
        ...

    def labels(self, kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the rows [Q] and columns [K] of a kind's maps."""
        ...

    def absent(self, word: str) -> ConfigError:
        """The error for a word that is not there."""
        ...


@dataclass(frozen=True)
class Attention:
    """All maps of a pair; each row sums to one.

    `read` [T] is what the decoder has read, <bos> first: the rows and columns of its self-attention. `written` [T] is what
    it writes from there, <eos> last: the rows of its attention to the source. Row i of both is the same place. `is_joined`
    says whether a word of either is joined from several pieces.
    """

    source: tuple[str, ...]  # [S]
    read: tuple[str, ...]  # [T]
    written: tuple[str, ...]  # [T]
    encoder: Array  # [L, h, S, S]
    decoder: Array  # [Ld, h, T, T], 0 right of the diagonal
    cross: Array  # [Ld, h, T, S]
    is_joined: bool = False
    kinds: tuple[str, ...] = KINDS
    asked: tuple[str, ...] = ("encoder", "cross")

    def maps(self, kind: str) -> Array:
        """All maps of a kind [L, h, Q, K]."""
        return {"encoder": self.encoder, "decoder": self.decoder, "cross": self.cross}[kind]

    def labels(self, kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the rows [Q] and columns [K] of a kind's maps."""
        rows = {"encoder": self.source, "decoder": self.read, "cross": self.written}[kind]
        return rows, self.read if kind == "decoder" else self.source

    def absent(self, word: str) -> ConfigError:
        """The error for a word that is in neither sentence."""
        return absent(word, self.source[:-1], self.written[:-1])


@dataclass(frozen=True)
class TextAttention:
    """All maps [L, h, T, T] of a text of T words, 0 right of the diagonal; each row sums to one. Row t is what word t looks at
    while what follows it is predicted."""

    words: tuple[str, ...]  # [T]
    shares: Array  # [L, h, T, T]
    is_joined: bool = False
    kinds: tuple[str, ...] = (TEXT,)
    asked: tuple[str, ...] = (TEXT,)

    def maps(self, kind: str) -> Array:
        """All maps [L, h, T, T]."""
        return self.shares

    def labels(self, kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The words, which look and are looked at."""
        return self.words, self.words

    def absent(self, word: str) -> ConfigError:
        """The error for a word that is not in the text."""
        return ConfigError(f"--word {word!r} is not there", f"the words of the text are: {' '.join(self.words)}")


def check_attention(run: Run, pairs: bool = False) -> None:
    """Raise CheckpointError, saying what can look inside it, where a run is not a Transformer, or where it has to have learnt
    `pairs` and has not."""
    if translates(run.info) or (has_attention(run.info) and not pairs):
        return
    if has_attention(run.info):
        raise CheckpointError(
            f"{run.path}: a Transformer that writes text has no encoder, which this look is about",
            "see seqgen explain attention and positions, or name a run of pairs with -m",
        )
    if family_of(run.info.config).network is None:
        raise CheckpointError(
            f"{run.path}: a model that counts has no attention", "see seqgen explain context, or name another"
        )
    raise CheckpointError(
        f"{run.path}: a recurrent model has no attention", "see seqgen explain gates, or name another with -m"
    )


def attention_of(reader: TransformerReader, tokenizer: Tokenizer, source: Ids, target: Ids, *, pieces: bool) -> Attention:
    """Read a pair of ids (without <bos> and <eos>); words are joined from their pieces unless `pieces` are asked for."""
    found = reader.read(source, target)
    cut = pieces_of if pieces else words_of
    left = cut(tokenizer, source).with_last(SPECIALS[EOS])
    right = cut(tokenizer, target)
    read, written = right.with_first(SPECIALS[BOS]), right.with_last(SPECIALS[EOS])
    return Attention(
        source=left.texts,
        read=read.texts,
        written=written.texts,
        encoder=joined(found.encoder, left, left),
        decoder=joined(found.decoder, read, read),
        cross=joined(found.cross, written, left),
        is_joined=any(len(words.texts) < len(words.numbers) for words in (left, right)),
    )


def attention_of_text(scorer: DecoderScorer, tokenizer: Tokenizer, ids: Ids, *, pieces: bool) -> TextAttention:
    """Read a text of ids that fits in the context; words are joined from their symbols unless `pieces` are asked for."""
    words = (pieces_of if pieces else words_of)(tokenizer, ids)
    shares = joined(scorer.look(ids)[0], words, words)
    return TextAttention(words.texts, shares, is_joined=len(words.texts) < len(words.numbers))


@dataclass(frozen=True)
class View:
    """Which maps to look at: `layer` counts from 1, or is "last" or "all", `head` counts from 1; of several, the mean."""

    layer: int | Literal["last", "all"] = "last"
    head: int | None = None

    def of(self, maps: Array) -> Array | None:
        """The mean [Q, K] of the chosen maps among [L, h, Q, K]; None where this stack has no such layer."""
        if isinstance(self.layer, int) and self.layer > len(maps):
            return None
        if self.layer != "all":
            maps = maps[-1:] if self.layer == "last" else maps[self.layer - 1 : self.layer]
        mean: Array = (maps if self.head is None else maps[:, self.head - 1 : self.head]).mean(axis=(0, 1))
        return mean

    def check(self, attention: Maps) -> None:
        """Raise ConfigError where no stack has such a layer, or no layer such a head."""
        stacks = [attention.maps(kind) for kind in attention.kinds]
        layers, heads = max(map(len, stacks)), stacks[0].shape[1]
        if isinstance(self.layer, int) and self.layer > layers:
            raise ConfigError(f"--layer: expected 1 to {layers} or all, found {self.layer}", "leave it out for the last one")
        if self.head is not None and self.head > heads:
            raise ConfigError(f"--head: expected 1 to {heads}, found {self.head}", "leave it out for the mean of all")


@dataclass(frozen=True)
class Look:
    """Where one word looks: `kind` of attention, its place from 0 among the rows, and its shares [K] of `columns` [K]."""

    kind: str
    word: str
    place: int
    columns: tuple[str, ...]
    shares: Array


def looks_of(attention: Maps, word: str, view: View) -> list[Look]:
    """Where each occurrence of a word looks: in the source at the source, in the target, while it is written, at the source;
    in a text at what it has read.

    Where no word matches exactly, case is ignored. Raises ConfigError, listing the words, where there is none.
    """
    for any_case in (False, True):
        looks = []
        for kind in attention.asked:
            shares = view.of(attention.maps(kind))
            if shares is None:
                continue
            rows, columns = attention.labels(kind)
            for place in places_of(rows, word, any_case):
                looks.append(Look(kind, rows[place], place, columns, shares[place]))
        if looks:
            return looks
    raise attention.absent(word)


def absent(word: str, source: Sequence[str], target: Sequence[str]) -> ConfigError:
    """The error for a word that is in neither sentence."""
    hint = f"the words of the source are: {' '.join(source)}; of the target: {' '.join(target)}"
    return ConfigError(f"--word {word!r} is not there", hint)


def places_of(rows: Sequence[str], word: str, any_case: bool) -> list[int]:
    """The places of a word; a piece is found without its sign for a space."""
    word = normalise(word).strip()
    wanted = word.casefold() if any_case else word
    texts = [text.casefold() if any_case else text for text in rows]
    return [place for place, text in enumerate(texts) if wanted and wanted in (text, text.removeprefix("▁"))]
