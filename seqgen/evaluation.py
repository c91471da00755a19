"""How well a model predicts a text: every symbol once, in order, the state carried through.

Static evaluation: the model does not learn from the text. The first symbol is predicted after a newline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen import __version__
from seqgen.decode.scorer import Ids, Scorer
from seqgen.decode.translator import LONGEST_SIDE, Translator
from seqgen.metrics.likelihood import Scores, scores
from seqgen.tokenizers.base import UNK, Tokenizer, normalise

PIECE = 4_096


@dataclass(frozen=True)
class Evaluation:
    """Scores of a text, of each of its lines if asked for, and the settings behind them."""

    total: Scores
    lines: tuple[Scores, ...]
    signature: str


def conditioned(tokenizer: Tokenizer, text: str) -> NDArray[np.int32]:
    """The ids of a text, preceded by the newline that its first symbol is predicted after."""
    return np.concatenate([tokenizer.encode("\n"), tokenizer.encode(text)]).astype(np.int32)


def score_in_pieces(scorer: Scorer, ids: NDArray[Any]) -> Iterator[NDArray[np.float32]]:
    """Log-probability of each of ids[1:], PIECE symbols at a time, so that a caller can show progress or stop."""
    state = scorer.start([ids[:1]])
    for start in range(0, len(ids) - 1, PIECE):
        log_probs, state = scorer.score(ids[start : start + PIECE + 1], state)
        yield log_probs


def score_pairs(translator: Translator, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[NDArray[np.float32] | None]:
    """Log-probability of each token of each target and of its <eos> [T + 1]; None for a pair that is too long."""
    sides = list(zip(sources, targets, strict=True))
    fits = [max(map(len, pair)) <= LONGEST_SIDE for pair in sides]
    pairs = [pair for pair, fit in zip(sides, fits, strict=True) if fit]
    found = iter(translator.score([source for source, _ in pairs], [target for _, target in pairs]) if pairs else ())
    return [next(found) if fit else None for fit in fits]


def too_long(numbers: Sequence[int]) -> str:
    """Which pairs, counted from 1, could not be scored, in words for a note."""
    shown = ", ".join(f"{number:,}" for number in numbers[:5]) + (", ..." if len(numbers) > 5 else "")
    which = f"pair {shown} has" if len(numbers) == 1 else f"{len(numbers):,} pairs ({shown}) have"
    return f"{which} over {LONGEST_SIDE:,} tokens on a side, too many to say how likely the target is"


def signature(tokenizer: Tokenizer, arch: str) -> str:
    """The settings and the protocol behind a figure, in one word."""
    return f"arch:{arch}|tok:{tokenizer.kind}|norm:nfc|state:carried|start:newline|unk:uniform|adapt:no|v:{__version__}"


def evaluate_text(
    scorer: Scorer, tokenizer: Tokenizer, text: str, *, arch: str, per_line: bool = False
) -> Iterator[tuple[float, Evaluation | None]]:
    """Score a text; yields (share done, None) on the way and (1, Evaluation) at the end."""
    text = normalise(text)
    ids = conditioned(tokenizer, text)
    pieces = []
    done = 0
    for piece in score_in_pieces(scorer, ids):
        pieces.append(piece)
        done += len(piece)
        yield done / len(ids), None
    log_probs = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.float32)
    total = scores(log_probs, ids[1:], UNK, len(tokenizer), len(text), len(text.encode()))
    lines = tuple(_per_line(tokenizer, text, ids[1:], log_probs)) if per_line else ()
    yield 1.0, Evaluation(total, lines, signature(tokenizer, arch))


def _per_line(tokenizer: Tokenizer, text: str, ids: NDArray[Any], log_probs: NDArray[np.float32]) -> Iterator[Scores]:
    """Scores of each line with its newline, given all lines before it."""
    start = 0
    pieces = text.split("\n")
    for number, line in enumerate(pieces):
        whole = line + "\n" if number + 1 < len(pieces) else line
        if not whole:
            continue
        end = start + len(tokenizer.encode(whole))
        yield scores(log_probs[start:end], ids[start:end], UNK, len(tokenizer), len(whole), len(whole.encode()))
        start = end
