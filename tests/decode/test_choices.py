"""What is told of a choice is what the search saw: the same draws with an observer as without, figures by hand."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from seqgen.decode.choices import Choices, choice_of
from seqgen.decode.rules import Rule, forbidden, rules_of
from seqgen.decode.sampling import Sampling
from tests.fakes import FakeScorer

ROW = [0.05, 0.5, 0.3, 0.15, 0.0]
TABLE = [ROW] * 5


def drawn(rules: list[Rule], count: int, rows: int = 1, choices: Choices | None = None, greedy: bool = False) -> np.ndarray:
    watched = rules if choices is None else choices.watched(rules)
    sampling = Sampling(FakeScorer(TABLE), [np.array([1])] * rows, watched, np.random.default_rng(3), greedy=greedy)
    found = []
    for ids, _ in islice(iter(sampling), count):
        found.append(ids)
        if choices is not None:
            choices.took(range(rows), ids)
    return np.stack(found)


ALL = {"no_repeat_ngram": 3, "repetition_penalty": 1.5, "temperature": 0.7, "top_k": 3, "top_p": 0.9, "min_p": 0.01}


@pytest.mark.parametrize("greedy", [False, True])
@pytest.mark.parametrize("rows", [1, 3])
def test_an_observer_changes_nothing(rows: int, greedy: bool) -> None:
    rules = [forbidden([0]), *rules_of(ALL, greedy=greedy)]
    choices = Choices(3)
    found = drawn(rules, 40, rows, choices, greedy)
    np.testing.assert_array_equal(found, drawn(rules, 40, rows, greedy=greedy))
    assert [[one.taken for one in choices.found[row]] for row in range(rows)] == found.T.tolist()
    assert all(one.taken in [each.id for each in one.candidates] for row in range(rows) for one in choices.found[row])


def test_each_figure_by_hand() -> None:
    choices = Choices(4)
    drawn([forbidden([0]), *rules_of({"temperature": 0.5, "top_k": 2})], 1, choices=choices)
    (choice,) = choices.found[0]
    assert [each.id for each in choice.candidates] == [1, 2, 3, 0] and choice.others.id == 1
    np.testing.assert_allclose([each.p for each in choice.candidates], [0.5, 0.3, 0.15, 0.05], rtol=1e-6)
    # At temperature 1/2 probabilities are squared; two of them are left.
    np.testing.assert_allclose([each.drawn_from for each in choice.candidates], [0.25 / 0.34, 0.09 / 0.34, 0, 0], rtol=1e-6)
    assert [each.removed_by for each in choice.candidates] == [None, None, "top_k", "forbidden"]
    # The fifth symbol the model never had: no rule removed it.
    assert choice.others.p == choice.others.drawn_from == 0


def test_what_is_drawn_from_is_what_is_drawn() -> None:
    """Shares of 4,000 draws; each may be off by five standard deviations."""
    choices = Choices(5)
    found = drawn([forbidden([0]), *rules_of({"temperature": 1.7, "top_p": 0.95})], 4_000, choices=choices).reshape(-1)
    expected = {each.id: each.drawn_from or 0.0 for each in choices.found[0][0].candidates}
    for id_, p in expected.items():
        assert abs((found == id_).mean() - p) <= 5 * np.sqrt(p * (1 - p) / len(found))
    assert sum(expected.values()) == pytest.approx(1)


def test_one_that_is_not_among_the_likeliest_stands_last_with_its_rank() -> None:
    choices = Choices(1)
    drawn([forbidden([0])], 60, choices=choices)
    ranks = {1: 1, 2: 2, 3: 3}
    found = choices.found[0]
    assert {one.taken for one in found} == {1, 2, 3}
    for one in found:
        assert one.rank == ranks[one.taken] and [each.id for each in one.candidates] == [1, one.taken][: 1 + (one.taken != 1)]
        assert sum(each.p for each in one.candidates) + one.others.p == pytest.approx(1)
        assert one.others.id == 5 - len(one.candidates)


def test_only_the_first_steps_of_the_first_samples_are_kept() -> None:
    choices = Choices(2, steps=5, samples=2)
    found = drawn([forbidden([0])], 30, 4, choices)
    assert choices.is_cut and sorted(choices.found) == [0, 1] and {len(each) for each in choices.found.values()} == {5}
    np.testing.assert_array_equal(found, drawn([forbidden([0])], 30, 4))
    enough = Choices(2, steps=5, samples=4)
    drawn([forbidden([0])], 5, 4, enough)
    assert not enough.is_cut


def test_without_rules_there_is_one_probability() -> None:
    log_probs = np.log(np.array([0.1, 0.2, 0.2, 0.5], dtype=np.float32))
    choice = choice_of(log_probs, 2, taken=2)
    # Of equals the first comes first.
    assert [each.id for each in choice.candidates] == [3, 1, 2] and choice.rank == 3 and not choice.given
    assert all(each.drawn_from is None and each.removed_by is None for each in (*choice.candidates, choice.others))
    assert choice.others.p == pytest.approx(0.1) and choice.others.id == 1
    assert len(choice_of(log_probs, 1_000, taken=0).candidates) == 4
