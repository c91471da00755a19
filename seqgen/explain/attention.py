"""What a Transformer looks at while it reads a source and writes a target, between words or pieces.

Attention says where values were taken from, not why a word was chosen: heads work together, and values differ in size.

Shape legend: S words of the source and <eos>, T words of the target and <bos> (or <eos>), L layers, h heads, Q rows that
look, K columns that are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids
from seqgen.errors import CheckpointError, ConfigError
from seqgen.explain.subjects import has_attention
from seqgen.explain.words import joined, pieces_of, words_of
from seqgen.families import family_of
from seqgen.infer.transformer import TransformerReader
from seqgen.run import Run
from seqgen.tokenizers.base import BOS, EOS, SPECIALS, Tokenizer, normalise

Array = NDArray[np.float64]
KINDS = ("encoder", "decoder", "cross")
# What a head looks at is named only where more than this share of its attention goes there.
MAJORITY = 0.5
# Columns by their distance from the row. Across, the same place is the word of the same number.
STEPS: dict[str, dict[int, str]] = {
    "encoder": {-1: "previous", 0: "itself", 1: "next"},
    "decoder": {-1: "previous", 0: "itself"},
    "cross": {0: "same place"},
}


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

    def maps(self, kind: str) -> Array:
        """All maps of a kind [L, h, Q, K]."""
        return {"encoder": self.encoder, "decoder": self.decoder, "cross": self.cross}[kind]

    def labels(self, kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of the rows [Q] and columns [K] of a kind's maps."""
        rows = {"encoder": self.source, "decoder": self.read, "cross": self.written}[kind]
        return rows, self.read if kind == "decoder" else self.source


def check_attention(run: Run) -> None:
    """Raise CheckpointError, saying what can look inside it, where a run is not a Transformer."""
    if has_attention(run.info):
        return
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

    def check(self, attention: Attention) -> None:
        """Raise ConfigError where no stack has such a layer, or no layer such a head."""
        layers, heads = max(len(attention.maps(kind)) for kind in KINDS), attention.encoder.shape[1]
        if isinstance(self.layer, int) and self.layer > layers:
            raise ConfigError(f"--layer: expected 1 to {layers} or all, found {self.layer}", "leave it out for the last one")
        if self.head is not None and self.head > heads:
            raise ConfigError(f"--head: expected 1 to {heads}, found {self.head}", "leave it out for the mean of all")


@dataclass(frozen=True)
class Head:
    """One head, layer and head counted from 1: how sharp it is, and what more than half of its attention goes to, if
    there is such a thing. `sharpness` is None where no row sees two places."""

    kind: str
    layer: int
    head: int
    sharpness: float | None
    looks_at: str | None
    share: float | None


def heads_of(attention: Attention) -> list[Head]:
    """All heads, the sharpest first."""
    found = []
    for kind in KINDS:
        maps = attention.maps(kind)
        for layer, head in np.ndindex(*maps.shape[:2]):
            shares = maps[layer, head]
            name, share = _favourite(shares, kind)
            found.append(Head(kind, layer + 1, head + 1, sharpness(shares, causal=kind == "decoder"), name, share))
    return sorted(found, key=lambda one: -1.0 if one.sharpness is None else one.sharpness, reverse=True)


def sharpness(shares: Array, *, causal: bool) -> float | None:
    """1 - entropy / log(places that can be seen), the mean over the rows of [Q, K] that see two places or more.

    1 means all attention at one place, 0 the same attention everywhere (entropy as in Shannon 1948, §6).
    """
    rows, columns = shares.shape
    seen = np.arange(1, rows + 1) if causal else np.full(rows, columns)
    several = seen > 1
    if not several.any():
        return None
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)  # what has no share adds nothing
    entropy = -(shares * logs).sum(axis=1)  # [Q]
    return float((1 - entropy[several] / np.log(seen[several])).mean())


def _favourite(shares: Array, kind: str) -> tuple[str | None, float | None]:
    """What more than half of a head's attention [Q, K] goes to, and how much of it."""
    name, share = max(_habits(shares, kind), key=lambda habit: habit[1], default=(None, 0.0))
    return (name, share) if share > MAJORITY else (None, None)


def _habits(shares: Array, kind: str) -> Iterator[tuple[str, float]]:
    """What heads are known to look at, each with its mean share over the rows that can see it."""
    rows, columns = shares.shape
    for step, name in STEPS[kind].items():
        # The decoder's first row sees nothing but itself.
        there = [shares[row, row + step] for row in range(kind == "decoder", rows) if 0 <= row + step < columns]
        if there:
            yield name, float(np.mean(there))
    several = shares[kind == "decoder" :]
    if len(several):
        yield (SPECIALS[BOS] if kind == "decoder" else "first"), float(several[:, 0].mean())
    if kind != "decoder":
        yield SPECIALS[EOS], float(shares[:, -1].mean())


@dataclass(frozen=True)
class Look:
    """Where one word looks: `kind` of attention, its place from 0 among the rows, and its shares [K] of `columns` [K]."""

    kind: str
    word: str
    place: int
    columns: tuple[str, ...]
    shares: Array


def looks_of(attention: Attention, word: str, view: View) -> list[Look]:
    """Where each occurrence of a word looks: in the source at the source, in the target, while it is written, at the source.

    Where no word matches exactly, case is ignored. Raises ConfigError, listing the words, where there is none.
    """
    for any_case in (False, True):
        looks = []
        for kind in ("encoder", "cross"):
            shares = view.of(attention.maps(kind))
            if shares is None:
                continue
            rows, columns = attention.labels(kind)
            for place in places_of(rows, word, any_case):
                looks.append(Look(kind, rows[place], place, columns, shares[place]))
        if looks:
            return looks
    raise absent(word, attention.source[:-1], attention.written[:-1])


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
