"""Beam search over a model with a fixed table, where everything can be worked out by trying all there is."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen.decode.beam import beam_search
from seqgen.decode.translator import TranslateOptions
from seqgen.errors import ConfigError
from tests.fakes import FakeScorer

EOS, BOS = 0, 1


def table(seed: int, size: int = 5) -> FakeScorer:
    rows = np.random.default_rng(seed).dirichlet(np.full(size, 0.6), size)
    return FakeScorer((rows + 1e-6).tolist())


def search(scorer: FakeScorer, sources: int = 1, **options: object) -> list[list[tuple[tuple[int, ...], float]]]:
    found = beam_search(scorer, sources, TranslateOptions(**options), bos=BOS, eos=EOS)  # type: ignore[arg-type]
    return [[(tuple(h.ids.tolist()), h.score) for h in row] for row in found]


def log_prob(scorer: FakeScorer, ids: tuple[int, ...], first_eos: bool = False) -> float:
    """Of a finished sequence; at its first place <eos> is impossible and the others share out what it had."""
    total, last = 0.0, BOS
    for place, id_ in enumerate((*ids, EOS)):
        row = scorer.log_table[last].astype(np.float64)
        total += row[id_] - (math.log1p(-math.exp(row[EOS])) if place == 0 else 0.0)
        last = id_
    return total


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30)
def test_a_beam_of_one_is_greedy(seed: int) -> None:
    scorer = table(seed)
    ids: list[int] = []
    last = BOS
    while len(ids) < 6:
        row = scorer.log_table[last].copy()
        if not ids:
            row[EOS] = -np.inf
        last = int(row.argmax())
        if last == EOS:
            break
        ids.append(last)
    assert search(scorer, beam_size=1, max_length=6)[0][0][0] == tuple(ids)


@given(seed=st.integers(0, 10_000), penalty=st.sampled_from([0.0, 0.6, 1.0, 2.0]))
@settings(max_examples=30, deadline=None)
def test_a_wide_beam_finds_what_trying_everything_finds(seed: int, penalty: float) -> None:
    scorer = table(seed, size=4)
    longest = 3
    best = -math.inf
    for length in range(1, longest):
        for ids in itertools.product(range(1, 4), repeat=length):
            best = max(best, log_prob(scorer, ids) / (length + 1) ** penalty)
    # Cut-off hypotheses compete too, without an end.
    for ids in itertools.product(range(1, 4), repeat=longest):
        cut = log_prob(scorer, ids) - float(scorer.log_table[ids[-1], EOS])
        best = max(best, cut / longest**penalty)
    # Wider than there are sequences: nothing is ever dropped, and the search goes on to the end.
    found = search(scorer, beam_size=90, max_length=longest, length_penalty=penalty, nbest=3)[0]
    if penalty:
        assert math.isclose(found[0][1], best, rel_tol=1e-4)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)


def test_scores_are_log_probabilities_over_length() -> None:
    scorer = table(3)
    for penalty in (0.0, 1.0):
        for ids, score in search(scorer, beam_size=4, max_length=12, length_penalty=penalty, nbest=4)[0]:
            if len(ids) < 12:
                assert math.isclose(score, log_prob(scorer, ids) / (len(ids) + 1) ** penalty, rel_tol=1e-4)


def test_sources_side_by_side_are_as_if_alone() -> None:
    scorer = table(5)
    assert search(scorer, sources=3, beam_size=3, max_length=9) == search(scorer, beam_size=3, max_length=9) * 3


def test_length_prefix_and_repeats_are_obeyed() -> None:
    endless = FakeScorer([[0.01, 0.01, 0.9, 0.08]] * 4)
    found = beam_search(endless, 1, TranslateOptions(beam_size=2, max_length=7), bos=BOS, eos=EOS)[0][0]
    assert len(found.ids) == 7 and not found.whole
    ids = search(endless, beam_size=2, max_length=7, no_repeat_ngram=2)[0][0][0]
    pairs = list(itertools.pairwise(ids))
    assert len(pairs) == len(set(pairs))
    assert search(endless, beam_size=3, max_length=5, prefix=(3, 1))[0][0][0][:2] == (3, 1)


def test_the_first_token_is_never_the_end() -> None:
    scorer = FakeScorer([[0.97, 0.01, 0.01, 0.01]] * 4)
    for beam in (1, 4):
        ids = search(scorer, beam_size=beam, max_length=5)[0][0][0]
        assert len(ids) == 1 and EOS not in ids


@pytest.mark.parametrize(
    "options", [{"beam_size": 0}, {"nbest": 3, "beam_size": 2}, {"top_p": 0.0}, {"length_penalty": -1.0}, {"max_length": 0}]
)
def test_options_out_of_range_are_named(options: dict) -> None:
    with pytest.raises(ConfigError, match="--"):
        TranslateOptions(**options)
