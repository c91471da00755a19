"""Texts written side by side, over all engines: each is the text that it would be alone, whenever the others begin and end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from seqgen.decode.mixture import MixtureScorer
from seqgen.decode.rules import forbidden, rules_of
from seqgen.decode.sampling import Sampling
from seqgen.decode.scorer import Ids, Joining
from seqgen.decode.streams import Beginner, Streams
from seqgen.infer.decoder import DecoderScorer
from seqgen.infer.rnn import RNNScorer
from seqgen.markov import MarkovScorer
from seqgen.markov.count import count
from seqgen.markov.model import smooth
from seqgen.weights import DecoderShape, RNNShape, decoder_weights, rnn_weights

V = 13
SETTINGS = {"temperature": 0.9, "top_k": 9, "repeat_penalty": 1.2}


def drawn_weights(expected: dict[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    return {name: rng.uniform(-0.6, 0.6, size).astype(np.float32) for name, size in expected.items()}


def recurrent(cell: str) -> Joining:
    shape = RNNShape(cell, V, 2, 16, 8, "tanh")  # type: ignore[arg-type]
    return RNNScorer(shape, drawn_weights(rnn_weights(shape)))


def markov() -> Joining:
    ids = np.random.default_rng(4).integers(4, V, 3_000)
    return MarkovScorer(smooth(count(ids, V, 3), 3))


def decoder(context: int) -> Joining:
    shape = DecoderShape(V, layers=2, heads=2, hidden=16, ffn=24, context=context, positions=True)
    return DecoderScorer(shape, drawn_weights(decoder_weights(shape)))


ENGINES: dict[str, Callable[[], Joining]] = {
    "lstm": lambda: recurrent("lstm"),
    "gru": lambda: recurrent("gru"),
    "markov": markov,
    "transformer": lambda: decoder(64),
    "transformer whose window slides": lambda: decoder(6),
    "hybrid": lambda: MixtureScorer(recurrent("gru"), markov(), 0.6),
    "hybrid of a Transformer": lambda: MixtureScorer(decoder(16), markov(), 0.6),
}


def alone(scorer: Joining, number: int, prompt: Ids, length: int) -> tuple[list[int], list[float]]:
    rng = np.random.default_rng(number)
    rules = [forbidden((0, 1)), *rules_of(SETTINGS, greedy=number % 3 == 2, rng=rng)]
    columns = iter(Sampling(scorer, [prompt], rules, rng, greedy=number % 3 == 2))
    found = [next(columns) for _ in range(length)]
    return [int(ids[0]) for ids, _ in found], [float(log_probs[0]) for _, log_probs in found]


@pytest.mark.parametrize("engine", ENGINES)
def test_each_text_is_what_it_would_be_alone(engine: str) -> None:
    scorer = ENGINES[engine]()
    streams: Streams[int] = Streams(scorer)
    plan = np.random.default_rng(5)
    begins, lengths = plan.integers(0, 20, 12).tolist(), plan.integers(1, 25, 12).tolist()
    prompts = [plan.integers(4, V, size) for size in plan.integers(1, 12, 12)]
    found: dict[int, tuple[list[int], list[float]]] = {number: ([], []) for number in range(12)}
    for time in range(60):
        new = []
        for number in (number for number in range(12) if begins[number] == time):
            rng = np.random.default_rng(number)
            rules = [forbidden((0, 1)), *rules_of(SETTINGS, greedy=number % 3 == 2, rng=rng)]
            new.append(Beginner(number, prompts[number], rules, rng, number % 3 == 2))
        streams.add(new)
        if not len(streams):
            continue
        for drawn in streams.step():
            found[drawn.key][0].append(drawn.id)
            found[drawn.key][1].append(float(drawn.log_probs[drawn.id]))
        streams.drop({number for number in range(12) if len(found[number][0]) == lengths[number]})
    assert not len(streams)
    for number in range(12):
        ids, log_probs = alone(scorer, number, prompts[number], lengths[number])
        assert found[number][0] == ids
        np.testing.assert_allclose(found[number][1], log_probs, atol=1e-5)


def test_a_text_with_nothing_left_to_draw_is_told_apart() -> None:
    streams: Streams[str] = Streams(markov())
    prompt = np.array([5])
    streams.add([
        Beginner("none", prompt, [forbidden(range(V))], np.random.default_rng(1)),
        Beginner("greedy", prompt, [forbidden(range(V))], np.random.default_rng(1), True),
        Beginner("some", prompt, [], np.random.default_rng(1)),
    ])  # fmt: skip
    ids = {drawn.key: drawn.id for drawn in streams.step()}
    assert ids["none"] == ids["greedy"] == -1 and ids["some"] >= 0
    streams.drop({"none", "greedy"})
    assert [drawn.key for drawn in streams.step()] == ["some"]


def test_what_is_read_before_a_prompt_is_no_part_of_it() -> None:
    scorer = recurrent("gru")
    before, prompt = np.array([4, 5, 6]), np.array([7])
    streams: Streams[int] = Streams(scorer)
    streams.add([Beginner(0, prompt, [], np.random.default_rng(1), before=before)])
    expected, _ = scorer.step(scorer.start([np.array([4, 5, 6, 7])]), prompt)
    np.testing.assert_allclose(streams.step()[0].log_probs, expected[0], atol=1e-6)
