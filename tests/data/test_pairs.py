"""Pairs: cleaned with reasons, split by source, batched so that each pass reads each pair once."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen.data.clean import clean
from seqgen.data.pairs import Pairs
from seqgen.data.parallel import Batches, PairIds, batch_of
from seqgen.data.split import split_pairs
from seqgen.tokenizers.base import BOS, EOS, PAD


def rows(pairs: Pairs) -> list[tuple[str, str]]:
    return list(zip(pairs.sources, pairs.targets, strict=True))


def pairs_of(*found: tuple[str, str]) -> Pairs:
    left, right = zip(*found, strict=True)
    return Pairs(left, right, ("x",), 0, "", ())


def test_cleaning_counts_by_reason() -> None:
    good = [(f"a sentence with {n} words", f"une phrase de {n} mots") for n in range(20)]
    bad = [good[3], ("", "vide"), ("nothing", " \u3000\u00a0"),
           ("the very same line", "the very same line"), ("x" * 1001, "y" * 1001),
           ("short", "beaucoup beaucoup beaucoup beaucoup beaucoup trop de mots pour si peu de choses à dire")]  # fmt: skip
    kept, reasons = clean(pairs_of(*good, *bad, ("Paris", "Paris")))
    assert rows(kept) == [*good, ("Paris", "Paris")]
    assert reasons == {
        "exact duplicates": 1, "with an empty side": 2, "with equal sides": 1, "over 1,000 characters": 1,
        "of unlike length": 1,
    }  # fmt: skip


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=30))
def test_nothing_is_too_odd_to_be_cleaned(found: list[tuple[str, str]]) -> None:
    kept, reasons = clean(pairs_of(*found))
    assert len(kept) + sum(reasons.values()) == len(found) and set(rows(kept)) <= set(found)


def test_a_language_that_says_it_shorter_is_not_cleaned_away() -> None:
    korean = pairs_of(*[(f"this is sentence number {n} of the harbour town", f"{n}번째 문장이다") for n in range(30)])
    assert len(clean(korean)[0]) == 30


@given(st.lists(st.text(), min_size=1, max_size=50), st.floats(0, 1))
def test_a_source_stands_on_one_side_only(sources: list[str], fraction: float) -> None:
    doubled = [*sources, *(f" {source.upper()} " for source in sources if source.upper().casefold() == source.casefold())]
    held = split_pairs(doubled, fraction)
    sides: dict[str, bool] = {}
    for source, side in zip(doubled, held, strict=True):
        assert sides.setdefault(" ".join(source.casefold().split()), side) == side
    assert split_pairs(sources, fraction) == held[: len(sources)]


def test_the_share_held_out_is_the_share_asked_for() -> None:
    held = split_pairs([f"sentence {n}" for n in range(20_000)], 0.1)
    assert abs(sum(held) / len(held) - 0.1) < 0.01


ids = st.lists(st.integers(4, 99), max_size=20).map(lambda values: np.array(values, dtype=np.int32))


@given(st.lists(st.tuples(ids, ids), min_size=1, max_size=60), st.integers(1, 200), st.integers(0, 9))
@settings(max_examples=50, deadline=None)
def test_a_pass_reads_each_pair_once(found: list, most: int, seed: int) -> None:
    pairs = PairIds.of([a for a, _ in found], [b for _, b in found])
    batches = Batches(pairs, most, seed)
    again = Batches(pairs, most, seed)
    for epoch in range(2):
        steps = range(epoch * len(batches), (epoch + 1) * len(batches))
        seen = np.concatenate([batches.rows(k) for k in steps])
        assert sorted(seen.tolist()) == list(range(len(found)))
        for k in reversed(steps):
            np.testing.assert_array_equal(batches.rows(k), again.rows(k))
            batch = batches.batch(k)
            size = len(batch.source) * max(batch.source.shape[1], batch.outputs.shape[1])
            assert size <= most or len(batch.source) == 1


def test_a_batch_is_framed_and_filled_up() -> None:
    pairs = PairIds.of([np.array([5, 6]), np.array([7])], [np.array([8]), np.array([9, 10, 11])])
    batch = batch_of(pairs, [0, 1])
    assert batch.source.tolist() == [[5, 6, EOS], [7, EOS, PAD]]
    assert batch.inputs.tolist() == [[BOS, 8, PAD, PAD], [BOS, 9, 10, 11]]
    assert batch.outputs.tolist() == [[8, EOS, PAD, PAD], [9, 10, 11, EOS]]
