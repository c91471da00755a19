"""Rules: laws over all of them, and golden values worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.decode.applied import AppliedRules
from seqgen.decode.rules import (
    PENALTY_WINDOW,
    Rule,
    banned,
    check_rules,
    check_samplers,
    dry,
    forbidden,
    frequency_penalty,
    logit_bias,
    min_p,
    mirostat,
    no_repeat_ngram,
    not_first,
    presence_penalty,
    repetition_penalty,
    rules_of,
    temperature,
    top_k,
    top_p,
    typical,
    xtc,
)
from seqgen.decode.rules import (
    RULES as DECLARED,
)
from seqgen.errors import ConfigError

RULES: dict[str, Callable[[], Rule]] = {
    "forbidden": lambda: forbidden([0, 2]),
    "not_first": lambda: not_first([1]),
    "no_repeat_ngram": lambda: no_repeat_ngram(2),
    "temperature": lambda: temperature(0.7),
    "top_k": lambda: top_k(3),
    "top_p": lambda: top_p(0.8),
    "min_p": lambda: min_p(0.2),
    "repetition_penalty": lambda: repetition_penalty(1.3),
    "presence_penalty": lambda: presence_penalty(0.7),
    "frequency_penalty": lambda: frequency_penalty(-0.4),
    "dry": lambda: dry(0.8, 1.75, 1),
    "typical": lambda: typical(0.6),
    "xtc": lambda: xtc(1.0, np.random.default_rng(0), 0.15),
    "mirostat 1": lambda: mirostat(1, 1.0),
    "mirostat 2": lambda: mirostat(2, 1.0),
    "logit_bias": lambda: logit_bias({0: -np.inf, 1: 2.0}),
    "banned": lambda: banned(["a", "bc"], [bytes((97 + id_,)) for id_ in range(12)]),
}
CUTS = ("forbidden", "not_first", "no_repeat_ngram", "top_k", "top_p", "min_p", "typical", "xtc", "mirostat 1", "mirostat 2",
        "banned")  # fmt: skip
NOTHING = np.full((1, 4), -1)


def logs(*probabilities: float) -> np.ndarray:
    return np.log(np.array([probabilities], dtype=np.float32))


@pytest.mark.parametrize("name", RULES)
@given(seed=st.integers(0, 999), rows=st.integers(1, 4), size=st.integers(4, 12))
def test_a_row_of_a_batch_is_treated_as_it_would_be_alone(name: str, seed: int, rows: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    logits = np.log(rng.dirichlet(np.ones(size), rows)).astype(np.float32)
    # As a search keeps it: rows that have begun later begin with -1.
    history = rng.integers(0, size, (rows, 5))
    history[np.arange(5) < rng.integers(0, 5, (rows, 1))] = -1
    together = RULES[name]().apply(logits.copy(), history)
    for row in range(rows):
        alone = RULES[name]().apply(logits[row : row + 1].copy(), history[row : row + 1])
        np.testing.assert_array_equal(together[row : row + 1], alone)
    assert np.isfinite(together).any(axis=1).all(), "something can always be drawn"
    if name in CUTS:
        kept = np.isfinite(together)
        np.testing.assert_array_equal(together[kept], logits[kept])


SETTINGS = {
    row.name: st.floats(max(row.low, 1e-6), min(row.high, 4.0)) if isinstance(row.off, float) else st.integers(int(row.low), 4)
    for row in DECLARED
    if row.name not in ("repetition_window", "dry_penalty_last_n")
}


@given(
    settings=st.fixed_dictionaries({}, optional=SETTINGS),
    order=st.permutations(["penalties", "dry", "temperature", "top_k", "typ_p", "top_p", "min_p", "xtc"]),
    seed=st.integers(0, 99),
    rows=st.integers(1, 3),
)
def test_all_rules_together_keep_the_laws(settings: dict[str, float], order: list[str], seed: int, rows: int) -> None:
    """Whatever is set, in whatever order, over several steps: finite or -inf, something to draw, what is banned stays banned,
    and the shares sum to one."""
    rng = np.random.default_rng(seed)
    spelt = [bytes((97 + id_,)) for id_ in range(8)]
    never = [forbidden([0]), logit_bias({1: -np.inf}), banned(["c", "de"], spelt)]
    applied = AppliedRules([*never, *rules_of(settings, rng=rng, samplers=order)], [rng.integers(3, 8, 5)] * rows)
    before = np.full(rows, -1)
    for _ in range(3):
        logits = applied(np.log(rng.dirichlet(np.full(8, 0.3), rows) + 1e-30).astype(np.float32))
        assert not np.isnan(logits).any() and (logits < np.inf).all() and np.isfinite(logits).any(axis=1).all()
        assert (logits[:, :3] == -np.inf).all() and (logits[before == 3, 4] == -np.inf).all()
        shares = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
        shares /= shares.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(shares.sum(axis=1), 1)
        before = np.array([rng.choice(8, p=share) for share in shares])
        applied.took(before)


def test_where_bans_leave_nothing_all_is_banned_and_other_rows_go_on() -> None:
    spelt = [b"a", b"b", b"c"]
    rules = [banned(["ba", "bb", "bc"], spelt), *rules_of({"top_p": 0.5, "typical": 0.9, "mirostat": 2, "min_p": 0.1})]
    applied = AppliedRules(rules, [np.array([0])] * 2)
    applied(logs(0.2, 0.3, 0.5).repeat(2, axis=0))
    applied.took(np.array([1, 0]))
    left = applied(logs(0.2, 0.3, 0.5).repeat(2, axis=0))
    assert np.isinf(left[0]).all() and np.isfinite(left[1]).any()


@given(text=st.text("ab한", max_size=12), strings=st.lists(st.text("ab한", min_size=1, max_size=4), min_size=1, max_size=3))
def test_a_symbol_is_banned_where_it_completes_a_string(text: str, strings: list[str]) -> None:
    """Against looking, for symbols that are characters, pieces and single bytes."""
    texts = ["a", "b", "한", "ab", "ba한", "bab"]
    spelt = [*map(str.encode, texts), *(bytes((byte,)) for byte in "한".encode())]
    cut = len(text) // 2
    rule = banned(strings, spelt, text[:cut])
    rule.apply(np.zeros((1, 9), dtype=np.float32), np.zeros((1, 0), dtype=np.int64))
    for character in text[cut:]:
        left = rule.apply(np.zeros((1, 9), dtype=np.float32), np.array([[texts.index(character)]]))
    if text[cut:]:
        ends = [any(s in (text + new)[max(0, len(text) - len(s) + 1) :] for s in strings) for new in texts]
        assert np.isinf(left[0, :6]).tolist() == ends


def test_the_last_byte_of_a_character_is_banned() -> None:
    spelt = [bytes((byte,)) for byte in "한".encode()]
    rule = banned(["한"], spelt)
    for last, kept in (-1, [True] * 3), (0, [True] * 3), (1, [True, True, False]):
        left = rule.apply(np.zeros((1, 3), dtype=np.float32), np.array([[last]]))
        assert np.isfinite(left)[0].tolist() == kept


def test_a_piece_that_begins_a_line_leaves_out_its_space() -> None:
    """Where one symbol writes "he" at the beginning of a line and " he" elsewhere, both are told apart."""
    elsewhere, first = [b" he", b"\n", b"x", b" "], [b"he", b"\n", b"x", b""]
    for strings, before, expected in (
        (["\nhe"], "a\n", {0}), (["\n he"], "a\n", set()), ([" he"], "a", {0}), (["he"], "", {0}), ([" he"], "", set()),
        (["ahe"], "a", set()),
    ):  # fmt: skip
        left = banned(strings, elsewhere, before, first).apply(np.zeros((1, 4), np.float32), np.zeros((1, 0), np.int64))
        assert set(np.flatnonzero(np.isinf(left[0])).tolist()) == expected, (strings, before)
    rule = banned(["\nhex"], elsewhere, "", first)
    for last, banned_ids in ((-1, set()), (1, set()), (0, {2})):
        left = rule.apply(np.zeros((1, 4), np.float32), np.array([[last]]))
        assert set(np.flatnonzero(np.isinf(left[0])).tolist()) == banned_ids


def test_penalties_by_hand() -> None:
    history = np.array([[-1, 1, 1, 2]])
    change = presence_penalty(0.5).apply(np.zeros((1, 4), dtype=np.float32), history)
    np.testing.assert_allclose(change, [[0, -0.5, -0.5, 0]])
    change = frequency_penalty(0.5).apply(np.zeros((1, 4), dtype=np.float32), history)
    np.testing.assert_allclose(change, [[0, -1, -0.5, 0]])
    (both,) = rules_of({"frequency_penalty": 0.5, "repetition_window": 2})
    assert both.window == 2
    np.testing.assert_allclose(repetition_penalty(np.e).apply(np.zeros((1, 4), dtype=np.float32), history), [[0, -2, -1, 0]])


@given(ids=st.lists(st.integers(0, 3), max_size=30), allowed=st.integers(1, 4))
def test_dry_against_its_definition(ids: list[int], allowed: int) -> None:
    longest: dict[int, int] = {}
    for place in range(1, len(ids)):
        length = 0
        while length < place and ids[place - 1 - length] == ids[len(ids) - 1 - length]:
            length += 1
        longest[ids[place]] = max(length, longest.get(ids[place], 0))
    expected = [-0.8 * 1.5 ** (longest[i] - allowed) if longest.get(i, 0) >= allowed else 0 for i in range(4)]
    found = dry(0.8, 1.5, allowed).apply(np.zeros((1, 4), dtype=np.float32), np.array([[-1, -1, *ids]]))
    np.testing.assert_allclose(found, [expected], rtol=1e-5)


def test_typical_takes_what_surprises_as_expected() -> None:
    """Entropy 1.16 nats: 0.3 (1.20) is nearest, then 0.2 (1.61), then 0.5 (0.69)... worked out by hand."""
    q = np.array([0.5, 0.3, 0.2])
    entropy = -(q * np.log(q)).sum()
    order = np.argsort(np.abs(-np.log(q) - entropy))
    assert order.tolist()[0] == 1
    assert np.isfinite(typical(0.25).apply(logs(*q), NOTHING)).tolist() == [[False, True, False]]
    two = np.isfinite(typical(0.4).apply(logs(*q), NOTHING))[0]
    assert sorted(np.flatnonzero(two).tolist()) == sorted(order[:2].tolist())


def test_xtc_leaves_the_least_likely_of_the_top_choices() -> None:
    rng = np.random.default_rng(0)
    assert np.isfinite(xtc(1.0, rng).apply(logs(0.4, 0.3, 0.25, 0.05), NOTHING)).tolist() == [[False, False, True, True]]
    assert np.isfinite(xtc(1.0, rng, 0.35).apply(logs(0.4, 0.3, 0.25, 0.05), NOTHING)).all()
    removed = [np.isinf(xtc(0.3, rng).apply(logs(0.5, 0.5), NOTHING)).any() for _ in range(2_000)]
    assert abs(np.mean(removed) - 0.3) < 0.05


@pytest.mark.parametrize(("version", "off_by"), [(1, 0.5), (2, 0.1)])
@pytest.mark.parametrize("bits", [2.5, 3.5])
def test_mirostat_surprises_as_much_as_was_asked_for(version: int, off_by: float, bits: float) -> None:
    """Mean surprise of 2,000 draws; before the rule it would be the entropy, 4.9 bits."""
    rng = np.random.default_rng(0)
    q = 1 / np.arange(1, 60) ** 1.1
    q /= q.sum()
    rule = mirostat(version, bits)
    last, surprise = np.array([[0]]), []
    for _ in range(2_000):
        left = np.exp(rule.apply(np.log(q[None]).astype(np.float32), last).astype(float)[0])
        last = np.array([[rng.choice(len(q), p=left / left.sum())]])
        surprise.append(-np.log2(q[last[0, 0]]))
    assert abs(np.mean(surprise[200:]) - bits) < off_by


def test_samplers_come_in_the_order_that_is_named() -> None:
    """Of 0.5, 0.3, 0.2 two are enough for top_p 0.6; squared by the temperature first, one is."""
    settings = {"temperature": 0.5, "top_p": 0.6}
    for order, kept in (("temperature", "top_p"), 1), (("top_p", "temperature"), 2):
        logits = logs(0.5, 0.3, 0.2)
        for rule in rules_of(settings, samplers=order):
            logits = rule.apply(logits, NOTHING)
        assert np.isfinite(logits).sum() == kept
    more = rules_of({**settings, "mirostat": 2, "no_repeat_ngram": 3}, samplers=("top_p", "temperature"))
    assert [rule.name for rule in more] == ["no_repeat_ngram", "top_p", "temperature", "mirostat"]
    wrong = {"no sampler 'warmth'": ["warmth"], "each once": ["top_p", "top_p"], "leaves out temp": ["top_p"]}
    for problem, names in wrong.items():
        with pytest.raises(ConfigError, match=problem):
            check_samplers(names, settings)


def test_top_k_keeps_ties() -> None:
    cut = top_k(2).apply(logs(0.1, 0.3, 0.2, 0.2, 0.2), NOTHING)
    assert np.isfinite(cut).tolist() == [[False, True, True, True, True]]
    assert np.isfinite(top_k(9).apply(logs(0.5, 0.5), NOTHING)).all()


def test_top_p_keeps_the_least_set_that_reaches_p() -> None:
    assert np.isfinite(top_p(0.75).apply(logs(0.1, 0.5, 0.3, 0.1), NOTHING)).tolist() == [[False, True, True, False]]
    assert np.isfinite(top_p(0.01).apply(logs(0.1, 0.5, 0.3, 0.1), NOTHING)).tolist() == [[False, True, False, False]]


def test_min_p_is_relative_to_the_likeliest() -> None:
    assert np.isfinite(min_p(0.5).apply(logs(0.26, 0.5, 0.24), NOTHING)).tolist() == [[True, True, False]]


def test_temperature_divides() -> None:
    np.testing.assert_allclose(temperature(2.0).apply(logs(0.25, 0.75), NOTHING), logs(0.5, 0.75**0.5), rtol=1e-6)


def test_the_penalty_divides_the_odds_each_time_that_a_symbol_was_seen() -> None:
    penalised = repetition_penalty(2.0).apply(logs(0.5, 0.25, 0.25), np.array([[1, -1, 1, 0]]))
    np.testing.assert_allclose(np.exp(penalised), [[0.25, 0.0625, 0.25]], rtol=1e-5)
    # What is nearly certain as well: a log-probability near 0 has nothing to multiply.
    sure = repetition_penalty(4.0).apply(logs(1 - 1e-4, 1e-4), np.array([[0, 0, 0, 0, 0, 0, 0]]))
    assert sure.argmax() == 1


def test_the_penalty_counts_within_its_window() -> None:
    (rule,) = rules_of({"repetition_penalty": 2.0, "repetition_window": 3})
    assert rule.window == 3 and rules_of({"repetition_penalty": 2.0})[0].window == PENALTY_WINDOW
    assert rules_of({"repetition_window": 3}) == []


@given(seed=st.integers(0, 99), times=st.integers(1, 400))
def test_a_reward_shifts_odds_as_a_penalty_does_and_nothing_overflows(seed: int, times: int) -> None:
    logits = np.log(np.random.default_rng(seed).dirichlet(np.ones(4), 1)).astype(np.float32)
    history = np.full((1, times), 2)
    for penalty in (0.5, 1e-20, 1_000.0):
        shifted = repetition_penalty(penalty).apply(logits.copy(), history)
        assert (shifted <= 0).all()
        expected = logits[0, 2] - logits[0, 1] - times * np.log(penalty)
        np.testing.assert_allclose(shifted[0, 2] - shifted[0, 1], expected, rtol=1e-4, atol=1e-3)


def test_a_temperature_near_nothing_takes_the_likeliest() -> None:
    for value in (1e-40, 1e-320, 5e-324):
        cold = temperature(value).apply(logs(0.4, 0.35, 0.25) * 100, NOTHING)
        assert np.isfinite(cold).all() and cold.argmax() == 0 and cold[0, 0] - cold[0, 1] > 1e9


@given(history=st.lists(st.integers(0, 3), max_size=40), n=st.integers(1, 6), late=st.integers(0, 3))
def test_no_ngram_comes_twice(history: list[int], n: int, late: int) -> None:
    """Against the definition: a symbol is banned where the n-gram that it would end is there already."""
    ids = np.array([[-1] * late + history])
    kept = np.isfinite(no_repeat_ngram(n).apply(np.zeros((1, 5), dtype=np.float32), ids))[0]
    grams = {tuple(history[place : place + n]) for place in range(len(history) - n + 1)}
    recent = tuple(history[len(history) - n + 1 :])
    assert kept.tolist() == [(*recent, symbol) not in grams for symbol in range(5)] or len(history) < n - 1


@pytest.mark.parametrize("n", [2, 65, 66, 67, 68, 130, 200])
@pytest.mark.parametrize("period", [1, 3, 7])
def test_a_long_ngram_is_compared_to_its_very_beginning(n: int, period: int) -> None:
    """A text that goes round in circles for n - 1 symbols may not do so for one more; another beginning is another n-gram."""
    circles = [place % period for place in range(n - 1 + period)]
    kept = np.isfinite(no_repeat_ngram(n).apply(np.zeros((1, 9), dtype=np.float32), np.array([circles])))[0]
    assert kept.tolist() == [symbol != len(circles) % period for symbol in range(9)]
    differs = np.array([[8, *circles[1:]]])
    assert np.isfinite(no_repeat_ngram(n).apply(np.zeros((1, 9), dtype=np.float32), differs)).all()


def test_where_nothing_else_is_left_an_ngram_may_repeat() -> None:
    spent = no_repeat_ngram(1).apply(logs(0.5, 0.5), np.array([[0, 1]]))
    np.testing.assert_array_equal(spent, logs(0.5, 0.5))


def test_nothing_is_forbidden_once_something_is_written() -> None:
    first = not_first([0])
    assert np.isinf(first.apply(logs(0.5, 0.5), np.zeros((1, 0), dtype=np.int64))[0, 0])
    assert np.isfinite(first.apply(logs(0.5, 0.5), np.array([[1]]))).all()


def test_neutral_settings_make_no_rules_and_draws_do_not_matter_to_the_likeliest() -> None:
    assert rules_of({row.name: row.off for row in DECLARED}) == [] == rules_of({})
    settings = {"temperature": 0.5, "top_k": 3, "top_p": 0.9, "min_p": 0.1, "repetition_penalty": 1.2, "no_repeat_ngram": 2}
    assert len(rules_of(settings)) == 6 and len(rules_of(settings, greedy=True)) == 2


@pytest.mark.parametrize("row", DECLARED, ids=lambda row: row.name)
def test_a_setting_is_a_finite_number_in_its_range(row: object) -> None:
    row.check(row.off)
    row.check(row.high)
    beyond = row.low if row.above else row.low - 1
    for value in (beyond, row.high * 2, float("nan"), float("inf"), -float("inf"), 1e300, 2**64, "1", None, True):
        with pytest.raises(ConfigError, match=f"{row.option_name}: expected"):
            row.check(value)
    with pytest.raises(ConfigError, match="no rule 'warmth'"):
        check_rules({"warmth": 1.0})


def test_every_rule_survives_the_ends_of_its_range() -> None:
    """No value that is allowed leaves a row with nothing to draw, or with what is no number."""
    rng = np.random.default_rng(0)
    history = rng.integers(0, 6, (3, 40))
    for row in DECLARED:
        for value in (row.high, float(np.nextafter(row.low, 1)) if row.above else row.low):
            for more in ({}, {"repetition_penalty": 1_000.0}):
                rules = rules_of({**more, row.name: value}, rng=rng)
                logits = np.log(rng.dirichlet(np.full(6, 0.05), 3) + 1e-38).astype(np.float32)
                logits[:, 0] = -np.inf
                for rule in rules:
                    logits = rule.apply(logits, history)
                assert not np.isnan(logits).any() and np.isfinite(logits).any(axis=1).all(), row.name
