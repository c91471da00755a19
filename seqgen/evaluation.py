"""How well a model predicts a text: every symbol once, in order, the state carried through.

Static evaluation: the model does not learn from the text. The first symbol is predicted after a newline. Where a training has
no time for that, the text is cut into streams that are read side by side (see Scoring).

Shape legend: N streams, W symbols of warm-up, L symbols that a stream adds to the score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen import __version__
from seqgen.decode.scorer import Ids, Scorer, TextScorer
from seqgen.decode.translator import LONGEST_SIDE, Translator
from seqgen.errors import EngineError
from seqgen.metrics.likelihood import Scores, scores
from seqgen.threads import blas_threads
from seqgen.tokenizers.base import UNK, Tokenizer, normalise

PIECE = 4_096
# So many streams keep a processor busy with products of matrices; more gain little.
STREAMS = 64
# Symbols that a stream reads before those it is scored on.
WARM_UP = 256
# Steps of all streams between two looks at the clock.
STEPS = 32


@dataclass(frozen=True)
class Evaluation:
    """Scores of a text, of each of its lines if asked for, and the settings behind them."""

    total: Scores
    lines: tuple[Scores, ...]
    signature: str


def conditioned(tokenizer: Tokenizer, text: str, before: str = "\n") -> NDArray[np.int32]:
    """The ids of a text, preceded by what its first symbol is predicted after: a newline, or the end of another record."""
    return np.concatenate([tokenizer.encode(before), tokenizer.encode(text)]).astype(np.int32)


def score_in_pieces(scorer: TextScorer, ids: NDArray[Any]) -> Iterator[NDArray[np.float32]]:
    """Log-probability of each of ids[1:], PIECE symbols at a time, so that a caller can show progress or stop."""
    state = scorer.start([ids[:1]])
    for start in range(0, len(ids) - 1, PIECE):
        # Products this small gain nothing from threads, and lose tenfold where these wait for each other.
        with blas_threads(1):
            log_probs, state = scorer.score(ids[start : start + PIECE + 1], state)
        yield _numbers(log_probs)


class Scoring:
    """A text scored as N streams side by side: all but the first begin without memory, so what they say of their first W
    symbols does not count. With one stream it is the exact score.

    Stream k reads from symbol k L on, for W + L symbols. The last W of them are those that the next stream warms up on: the
    difference between the two there is the error of the warm-up.
    """

    def __init__(self, scorer: Scorer, ids: NDArray[Any], streams: int = 1) -> None:
        """Score ids[1:] given ids[0]."""
        self.scorer, self.ids, self.streams = scorer, ids, streams
        self.symbols = len(ids) - 1
        self.warm_up = min(WARM_UP, self.symbols) if streams > 1 else 0
        self.length = -(-(self.symbols - self.warm_up) // streams)
        self._found = np.zeros((streams, self.warm_up + self.length), dtype=np.float32)  # [N, W + L]
        self._steps = 0  # columns of it that are filled

    def run(self) -> Iterator[float]:
        """Score; yields the share that is done, so that a caller can show progress or stop."""
        return self._one() if self.streams == 1 else self._many()

    def _one(self) -> Iterator[float]:
        for piece in score_in_pieces(self.scorer, self.ids):
            self._found[0, self._steps : self._steps + len(piece)] = piece
            self._steps += len(piece)
            yield self._steps / self.symbols

    def _many(self) -> Iterator[float]:
        steps, rows = self._found.shape[1], np.arange(self.streams)
        state = self.scorer.start([self.ids[:1]] * self.streams)
        for start in range(0, steps, STEPS):
            with blas_threads(1):
                for step in range(start, min(steps, start + STEPS)):
                    # The last streams may reach beyond the end; what they find there is not looked at.
                    places = np.minimum(rows * self.length + step, self.symbols - 1)
                    log_probs, state = self.scorer.step(state, self.ids[places])  # [N, V]
                    self._found[:, step] = log_probs[rows, self.ids[places + 1]]
            self._steps = min(steps, start + STEPS)
            yield self._steps / steps

    def found(self) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """The places in ids[1:] that have been scored so far, in order, and their log-probabilities."""
        starts = np.arange(self.streams)[:, None] * self.length
        steps = np.arange(self._steps)[None, :]
        places = starts + steps  # [N, steps done]
        counts = ((steps >= self.warm_up) | (starts == 0)) & (places < self.symbols)
        return places[counts], self._found[:, : self._steps][counts]

    def error(self) -> float | None:
        """Mean absolute difference in nats, at the end of a warm-up, to the stream before it, which has read L symbols more;
        after the warm-up it is smaller. None where that place has not been reached, or nothing warms up."""
        quarter, steps = self.warm_up // 4, self._found.shape[1]
        if self.streams == 1 or not quarter or self._steps < steps:
            return None
        # Streams that lie in the text as a whole: the last ones may reach beyond its end.
        whole = min(self.streams, (self.symbols - steps) // max(1, self.length) + 1)
        late = self._found[1:whole, self.warm_up - quarter : self.warm_up]
        exact = self._found[: whole - 1, steps - quarter :]
        return float(np.abs(late - exact).mean(dtype=np.float64)) if late.size else None

    def protocol(self) -> str:
        """How the state was carried, as the signature says it."""
        if self.streams == 1:
            return "carried"
        error = self.error()
        return f"{self.streams}-streams,warm-up:{self.warm_up},error:{'unknown' if error is None else f'{error:.0e}'}"


def score_pairs(translator: Translator, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[NDArray[np.float32] | None]:
    """Log-probability of each token of each target and of its <eos> [T + 1]; None for a pair that is too long."""
    sides = list(zip(sources, targets, strict=True))
    fits = [max(map(len, pair)) <= LONGEST_SIDE for pair in sides]
    pairs = [pair for pair, fit in zip(sides, fits, strict=True) if fit]
    found = iter(translator.score([source for source, _ in pairs], [target for _, target in pairs]) if pairs else ())
    return [_numbers(next(found)) if fit else None for fit in fits]


def _numbers(log_probs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Raise EngineError for what is no number: weights can be finite and yet so large that products of them are not."""
    if np.isnan(log_probs).any():
        raise EngineError("the model's probabilities are not numbers", "its weights are damaged: restore them, or train anew")
    return log_probs


def too_long(numbers: Sequence[int]) -> str:
    """Which pairs, counted from 1, could not be scored, in words for a note."""
    shown = ", ".join(f"{number:,}" for number in numbers[:5]) + (", ..." if len(numbers) > 5 else "")
    which = f"pair {shown} has" if len(numbers) == 1 else f"{len(numbers):,} pairs ({shown}) have"
    return f"{which} over {LONGEST_SIDE:,} tokens on a side, too many to say how likely the target is"


def signature(tokenizer: Tokenizer, arch: str, state: str = "carried", adapt: str = "no") -> str:
    """The settings and the protocol behind a figure, in one word."""
    return f"arch:{arch}|tok:{tokenizer.kind}|norm:nfc|state:{state}|start:newline|unk:uniform|adapt:{adapt}|v:{__version__}"


def evaluate_text(
    scorer: TextScorer,
    tokenizer: Tokenizer,
    text: str,
    *,
    arch: str,
    per_line: bool = False,
    before: str = "\n",
    adapt: str = "no",
) -> Iterator[tuple[float, Evaluation | None]]:
    """Score a text; yields (share done, None) on the way and (1, Evaluation) at the end. `adapt` is what of the scorer learns
    from the text, as the signature says it."""
    text = normalise(text)
    ids = conditioned(tokenizer, text, before)
    pieces = []
    done = 0
    for piece in score_in_pieces(scorer, ids):
        pieces.append(piece)
        done += len(piece)
        yield done / len(ids), None
    log_probs = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.float32)
    total = scores(log_probs, ids[1:], UNK, len(tokenizer), len(text), tokenizer.bytes_of(text))
    lines = tuple(_per_line(tokenizer, text, ids[1:], log_probs)) if per_line else ()
    yield 1.0, Evaluation(total, lines, signature(tokenizer, arch, adapt=adapt))


def _per_line(tokenizer: Tokenizer, text: str, ids: NDArray[Any], log_probs: NDArray[np.float32]) -> Iterator[Scores]:
    """Scores of each line with its newline, given all lines before it."""
    start = 0
    pieces = text.split("\n")
    for number, line in enumerate(pieces):
        whole = line + "\n" if number + 1 < len(pieces) else line
        if not whole:
            continue
        end = start + len(tokenizer.encode(whole))
        yield scores(log_probs[start:end], ids[start:end], UNK, len(tokenizer), len(whole), tokenizer.bytes_of(whole))
        start = end
