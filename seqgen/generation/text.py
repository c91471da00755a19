"""From a prompt to text, piece by piece as it comes; knows models only as Scorers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from seqgen.decode.choices import Choices
from seqgen.decode.sampling import Sampling
from seqgen.decode.scorer import Ids, Scorer
from seqgen.generation.options import GenerateOptions
from seqgen.generation.prepared import Prepared
from seqgen.tokenizers.base import Tokenizer
from seqgen.tokenizers.certain import CertainText

if TYPE_CHECKING:
    from seqgen.copies.never import Never


@dataclass(frozen=True)
class Piece:
    """Text that has become certain, and the id that was drawn for it.

    `text` is empty while a character is incomplete or may begin a stop text; it then comes with a later piece. The last
    piece of a sample has no id: it is what was held back. `ended` says that nothing was allowed to follow.
    """

    sample: int
    text: str
    id: int | None
    log_prob: float
    ended: bool = False


def generate_text(
    scorer: Scorer,
    tokenizer: Tokenizer,
    prompt: str,
    options: GenerateOptions,
    rng: np.random.Generator,
    is_over: Callable[[], bool] = lambda: False,
    stretches: Sequence[Ids] = (),
    choices: Choices | None = None,
    never: Never | None = None,
) -> Iterator[Piece]:
    """Continue a prompt, `num_samples` times side by side; of `best_of` texts those come that the model finds likeliest.

    `stretches` of the training text give what each sample reads silently before a short prompt (data/primers.py): nothing
    counts it as written. Without them an empty prompt is continued as if after a newline. `is_over` is asked before each
    symbol whether to end here, as if the length were reached. `choices` are told what stood to choose. `never` is the training
    text, as `no_copy` needs it.
    """
    # Made here, not at the first piece: errors are raised by this call.
    prepared = Prepared.of(tokenizer, prompt, options, rng, stretches, never, choices)
    pieces = _written(scorer, tokenizer, prepared, options, rng, is_over, choices)
    return pieces if options.best_of == 1 else _likeliest(pieces, options)


def _likeliest(pieces: Iterable[Piece], options: GenerateOptions) -> Iterator[Piece]:
    """The pieces of the samples with the highest mean log-probability of a symbol under the model, before rules; the best
    first."""
    of: list[list[Piece]] = [[] for _ in range(options.best_of)]
    for piece in pieces:
        of[piece.sample].append(piece)
    scores = [_mean([piece.log_prob for piece in sample if piece.id is not None]) for sample in of]
    for number, best in enumerate(sorted(range(len(of)), key=lambda sample: -scores[sample])[: options.num_samples]):
        yield from (replace(piece, sample=number) for piece in of[best])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else -math.inf


def _written(
    scorer: Scorer,
    tokenizer: Tokenizer,
    prepared: Prepared,
    options: GenerateOptions,
    rng: np.random.Generator,
    is_over: Callable[[], bool],
    choices: Choices | None,
) -> Iterator[Piece]:
    """The pieces of all samples, as they come."""
    begin, rules, before, ids = prepared
    sampling = Sampling(scorer, [ids] * options.drawn, rules, rng, greedy=options.greedy, before=before)
    rows = [CertainText(tokenizer, options.stops, begin) for _ in range(options.drawn)]
    alive = list(range(options.drawn))
    columns = iter(sampling)
    made, has_ended = 0, False
    while alive and made != options.length and not is_over():
        drawn, log_probs = next(columns)
        made += 1
        if choices is not None:
            choices.took(alive, drawn)
        for sample, id_, log_prob in zip(alive, drawn.tolist(), log_probs.tolist(), strict=True):
            if id_ < 0:
                rows[sample].done = has_ended = True
                yield Piece(sample, rows[sample].rest(), None, 0.0, ended=True)
            else:
                yield Piece(sample, rows[sample].push(id_), id_, log_prob)
        if (options.stops or has_ended) and any(rows[sample].done for sample in alive):
            kept = [place for place, sample in enumerate(alive) if not rows[sample].done]
            alive = [alive[place] for place in kept]
            if alive:
                sampling.keep(np.array(kept))
    yield from (Piece(sample, rest, None, 0.0) for sample, row in enumerate(rows) if (rest := row.flush()))
