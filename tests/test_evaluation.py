"""Scoring a text as many streams, against the one stream that it stands for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seqgen.decode.scorer import Scorer
from seqgen.evaluation import STREAMS, WARM_UP, Scoring, score_in_pieces
from seqgen.infer.rnn import RNNScorer
from seqgen.threads import _set_blas, blas_threads
from seqgen.training.language.final import (
    LEAST_SHARE,
    MEASURED_STEPS,
    MEASURED_SYMBOLS,
    ONE_STREAM,
    SHARE,
    allowed_seconds,
    plan_scoring,
)
from seqgen.weights import RNNShape, rnn_weights

IDS = np.random.default_rng(1).integers(4, 20, 6_001).astype(np.int32)


def network(forget: float = 0.0) -> RNNScorer:
    """An LSTM with random weights: the larger the bias of its forget gates, the longer it remembers."""
    shape, rng = RNNShape("lstm", 20, 1, 24, 8, "tanh"), np.random.default_rng(0)
    weights = {n: rng.uniform(-0.5, 0.5, s).astype(np.float32) for n, s in rnn_weights(shape).items()}
    weights["rnn.bias_ih_l0"][24:48] += forget
    return RNNScorer(shape, weights)


def exact(scorer: Scorer) -> np.ndarray:
    return np.concatenate(list(score_in_pieces(scorer, IDS)))


def test_one_stream_is_the_exact_score() -> None:
    scoring = Scoring(network(), IDS)
    assert list(scoring.run())[-1] == 1.0
    places, log_probs = scoring.found()
    np.testing.assert_array_equal(places, np.arange(6_000))
    np.testing.assert_array_equal(log_probs, exact(network()))
    assert scoring.protocol() == "carried" and scoring.error() is None


@pytest.mark.parametrize("streams", [2, 5, 7, 16])
@pytest.mark.parametrize("forget", [0.0, 5.0])
def test_streams_score_every_symbol_once_and_know_their_error(streams: int, forget: float) -> None:
    scoring = Scoring(network(forget), IDS, streams)
    assert list(scoring.run())[-1] == 1.0
    places, log_probs = scoring.found()
    np.testing.assert_array_equal(places, np.arange(6_000))
    error = np.abs(log_probs - exact(network(forget))).mean()
    stated = scoring.error()
    assert stated is not None and error <= stated + 1e-6
    # Such a network remembers what it read long ago, and the signature says so.
    assert (stated < 1e-5) == (forget < 1)
    assert f"{streams}-streams,warm-up:{WARM_UP},error:{stated:.0e}" == scoring.protocol()


def test_scoring_that_is_cut_short_has_whole_beginnings_of_streams() -> None:
    scoring = Scoring(network(), IDS, 5)
    shares = scoring.run()
    for _ in range(WARM_UP // 32 + 2):
        next(shares)
    places, log_probs = scoring.found()
    assert len(places) == WARM_UP + 5 * 64 and len(set(places)) == len(places)
    np.testing.assert_allclose(log_probs, exact(network())[places], atol=1e-4)
    assert scoring.error() is None and "error:unknown" in scoring.protocol()


def test_without_a_clock_the_streams_follow_from_the_number_of_symbols() -> None:
    for symbols, streams in ((1, 1), (ONE_STREAM, 1), (ONE_STREAM + 1, STREAMS), (500_000, STREAMS)):
        plan = plan_scoring(network(), np.zeros(symbols + 1, dtype=np.int32), None)
        assert (plan.streams, plan.symbols) == (streams, symbols) and math.isnan(plan.seconds)


@pytest.mark.parametrize(
    ("allowed", "streams", "symbols"),
    [(10.0, 1, 6_000), (4.0, 5, 6_000), (1.0, 5, WARM_UP + 5 * (850 - WARM_UP)), (0.1, 1, 85), (0.5, 5, 1_101)],
)
def test_a_slow_network_gets_streams_and_then_fewer_symbols(
    allowed: float, streams: int, symbols: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def a_millisecond_each(work) -> float:  # a symbol, or a step of all streams
        counted = iter((MEASURED_SYMBOLS, MEASURED_STEPS)) if not measured else measured.pop()
        measured.append(counted)
        return next(counted) * 1e-3

    measured: list = []
    monkeypatch.setattr("seqgen.training.language.final._seconds", a_millisecond_each)
    plan = plan_scoring(network(), IDS, allowed)
    assert (plan.streams, plan.symbols) == (streams, symbols)
    assert plan.seconds <= allowed


def test_scoring_gets_a_twentieth_and_less_where_time_has_run_out() -> None:
    assert allowed_seconds(60, 30) == SHARE * 60
    assert allowed_seconds(60, 100) == LEAST_SHARE * 60
    assert LEAST_SHARE * 60 < allowed_seconds(60, 58) < SHARE * 60


def test_numpys_threads_are_set_and_set_back() -> None:
    before = _set_blas(1)
    if before is None:
        pytest.skip("this NumPy's library does not say how many threads it uses")
    with blas_threads(2):
        assert _set_blas(2) == 2
        with blas_threads(1):
            assert _set_blas(1) == 1
        assert _set_blas(2) == 2
    assert _set_blas(before) == 1
