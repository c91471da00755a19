"""Beam search over a Scorer, in readable form; a beam of 1 is greedy search.

It follows the rules of CTranslate2's search, so that the two can be compared hypothesis by hypothesis:
- Each step the 2 K best continuations of a source's K beams are candidates. Of the best K, those that end are finished;
  the place of each is taken by the next candidate after the K-th that does not end.
- A source is done once K hypotheses have finished: later ones may be better but are not waited for. Without a length
  penalty it is done when the best of all candidates has ended and as many as are asked for have finished.
- A finished hypothesis scores its log-probability divided by length^alpha, <eos> included in both.
- At the greatest length all beams finish as they are. The first token is never <eos>.
- Rules come before the softmax: what they leave of a row is normalised to sum to one.

Shape legend: B sources, K beams, V vocabulary, T tokens written.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.applied import AppliedRules
from seqgen.decode.rules import Rule, not_first, rules_of
from seqgen.decode.scorer import LogProbs, Scorer
from seqgen.decode.translator import Hypothesis, TranslateOptions


@dataclass
class _Search:
    """One source on its way: the tokens of its beams [K, T], their log-probabilities [K], what has finished."""

    index: int
    written: NDArray[np.int64]
    scores: NDArray[np.float32]
    finished: list[Hypothesis] = field(default_factory=list)
    best_ended: bool = False


def rules_for_translation(options: TranslateOptions, eos: int) -> list[Rule]:
    """The rules of a search for the best translation; those that only shape draws belong to --sample."""
    chosen = {**options.rules, "no_repeat_ngram": options.no_repeat_ngram}
    return [not_first([eos]), *rules_of(chosen, greedy=True)]


def beam_search(scorer: Scorer, sources: int, options: TranslateOptions, *, bos: int, eos: int) -> list[list[Hypothesis]]:
    """The `nbest` hypotheses of each of the scorer's sources, best first."""
    done: list[list[Hypothesis]] = [[] for _ in range(sources)]
    active = [_Search(i, np.zeros((1, 0), dtype=np.int64), np.zeros(1, dtype=np.float32)) for i in range(sources)]
    state = scorer.start([np.array([bos])] * sources)
    last = np.full(sources, bos, dtype=np.int64)
    # <bos> is not part of what is written.
    rules = AppliedRules(rules_for_translation(options, eos), [np.zeros(0, dtype=np.int64)] * sources)
    for step in range(max(options.max_length, len(options.prefix) + 1)):
        log_probs, state = scorer.step(state, last)
        if step >= len(options.prefix):
            log_probs = _normalised(rules(log_probs))
        rows: list[NDArray[np.int64]] = []
        first = 0
        going: list[_Search] = []
        for search in active:
            beams = len(search.scores)
            origins = _advance(search, log_probs[first : first + beams], step, options, eos)
            if origins is None:
                best = sorted(search.finished, key=lambda found: -found.score)
                done[search.index] = best[: options.nbest]
            else:
                rows.append(first + origins)
                going.append(search)
            first += beams
        active = going
        if not active:
            break
        kept = np.concatenate(rows)
        state = scorer.reorder(state, kept)
        rules.reorder(kept)
        last = np.concatenate([search.written[:, -1] for search in active])
        rules.took(last)
    return done


def _advance(search: _Search, log_probs: LogProbs, step: int, options: TranslateOptions, eos: int) -> NDArray[np.int64] | None:
    """Write one more token; return which beam each new one continues [K], None where the source is done."""
    if step < len(options.prefix):
        token = options.prefix[step]
        search.written = np.concatenate([search.written, [[token]]], axis=1)
        return np.zeros(1, dtype=np.int64)
    beams = options.beam_size
    candidates, scores = _best(search.scores[:, None] + log_probs, 2 * beams)
    origins, tokens = np.divmod(candidates, log_probs.shape[1])
    is_last = step + 1 >= options.max_length
    kept, behind = list(range(min(beams, len(tokens)))), beams
    search.best_ended |= bool(tokens[0] == eos) or is_last
    for place in list(kept):
        if scores[place] == -np.inf or (tokens[place] != eos and not is_last):
            continue
        _finish(search, int(origins[place]), int(tokens[place]), float(scores[place]), options, eos)
        while behind < len(tokens) and tokens[behind] == eos:
            behind += 1
        if behind < len(tokens):
            kept[place], behind = behind, behind + 1
        else:
            # A vocabulary smaller than two beams has nothing to put there: what has ended must not continue.
            scores[place] = -np.inf
    search.written = np.concatenate([search.written[origins[kept]], tokens[kept, None]], axis=1)
    search.scores = scores[kept]
    return None if is_last or _is_done(search, options) else origins[kept]


def _finish(search: _Search, origin: int, token: int, score: float, options: TranslateOptions, eos: int) -> None:
    ids = search.written[origin] if token == eos else np.append(search.written[origin], token)
    length = search.written.shape[1] + 1
    search.finished.append(Hypothesis(ids, float(score / length**options.length_penalty), whole=token == eos))


def _is_done(search: _Search, options: TranslateOptions) -> bool:
    if options.length_penalty == 0 and options.beam_size > 1:
        return search.best_ended and len(search.finished) >= options.nbest
    return len(search.finished) >= options.beam_size or bool(np.all(search.scores == -np.inf))


def _best(scores: NDArray[np.float32], count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Places and values of the `count` greatest of scores [K, V], greatest first; the first of equal ones."""
    flat = scores.reshape(-1)  # [K * V]
    count = min(count, len(flat))
    places = np.argpartition(-flat, count - 1)[:count]
    places = places[np.lexsort((places, -flat[places]))]
    return places.astype(np.int64), flat[places]


def _normalised(logits: LogProbs) -> LogProbs:
    """Log-probabilities [N, V] of logits; a row in which nothing may follow stays as it is."""
    top = logits.max(axis=1, keepdims=True)
    top[top == -np.inf] = 0
    with np.errstate(divide="ignore"):
        total = np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    found: LogProbs = logits - top - np.where(total == -np.inf, 0, total)
    return found
