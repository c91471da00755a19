"""Rules at work: the ordered history, what a rule remembers of its rows, and a rule that only the table knows."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.decode import rules as declared
from seqgen.decode.applied import AppliedRules
from seqgen.decode.beam import beam_search
from seqgen.decode.rules import Declared, Rule, no_repeat_ngram, rules_of
from seqgen.decode.sampling import Sampling
from seqgen.decode.translator import TranslateOptions
from seqgen.generation import GenerateOptions, generate_text
from seqgen.tokenizers.char import CharTokenizer
from tests.fakes import FakeScorer

SIZE = 6
EOS, BOS = 0, 1


def scorer(seed: int = 0) -> FakeScorer:
    return FakeScorer(np.random.default_rng(seed).dirichlet(np.full(SIZE, 0.7), SIZE).tolist())


def at_most_by_state(most: int) -> Rule:
    """No symbol more than so often; counted row by row, from what the last step has added."""
    counts: list[dict[int, int]] = []

    def apply(logits: np.ndarray, history: np.ndarray) -> np.ndarray:
        if not counts:
            counts.extend({} for _ in logits)
        for row, ids in enumerate(history.tolist()):
            for id_ in ids:
                counts[row][id_] = counts[row].get(id_, 0) + 1
            for id_, count in counts[row].items():
                if count >= most and id_ != EOS:
                    logits[row, id_] = -np.inf
        return logits

    def reorder(rows: np.ndarray) -> None:
        counts[:] = [dict(counts[row]) for row in rows] if counts else []

    return Rule(apply, window=1, reorder=reorder)


def at_most_by_history(most: int) -> Rule:
    """The same, counted anew at each step over all that is written."""

    def apply(logits: np.ndarray, history: np.ndarray) -> np.ndarray:
        for row, ids in enumerate(history.tolist()):
            for id_ in set(ids) - {EOS, -1}:
                if ids.count(id_) >= most:
                    logits[row, id_] = -np.inf
        return logits

    return Rule(apply, window=None)


def column_by_column(rule: Rule, seed: int) -> list[list[int]]:
    """Six rows of which some are dropped, repeated and moved on the way."""
    sampling = Sampling(scorer(seed), [np.array([2])] * 6, [rule], np.random.default_rng(seed))
    columns, found = iter(sampling), []
    for step in range(8):
        found.append(next(columns)[0].tolist())
        if step in (1, 4):
            sampling.keep(np.array([4, 0, 3, 3]) if step == 1 else np.array([3, 1]))
    return found


@given(seed=st.integers(0, 200))
def test_what_a_rule_remembers_moves_with_its_rows_in_both_searches(seed: int) -> None:
    assert column_by_column(at_most_by_state(3), seed) == column_by_column(at_most_by_history(3), seed)
    found = []
    for make in (at_most_by_state, at_most_by_history):
        with pytest.MonkeyPatch.context() as patch:
            row = Declared("at_most", make, off=0, low=0, high=100, help="", option=False)
            patch.setattr(declared, "RULES", [*declared.RULES, row])
            options = TranslateOptions(beam_size=3, nbest=3, max_length=9, rules={"at_most": 2})
            hypotheses = beam_search(scorer(seed), 2, options, bos=BOS, eos=EOS)
            found.append([[(tuple(h.ids.tolist()), h.score) for h in row] for row in hypotheses])
    assert found[0] == found[1]
    assert all(ids.count(id_) <= 2 for row in found[0] for ids, _ in row for id_ in ids)


@given(
    windows=st.lists(st.sampled_from([0, 1, 3, 64, None]), max_size=3),
    lengths=st.lists(st.integers(0, 90), min_size=1, max_size=3),
    seed=st.integers(0, 99),
)
def test_the_history_is_what_was_written_in_order(windows: list[int | None], lengths: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [rng.integers(0, 9, length).tolist() for length in lengths]
    applied = AppliedRules([Rule(lambda logits, history: logits, window) for window in windows], list(map(np.array, rows)))
    for step in range(300):
        if step % 97 == 50:
            order = rng.integers(0, len(rows), rng.integers(1, 4))
            applied.reorder(order)
            rows = [list(rows[place]) for place in order]
        ids = rng.integers(0, 9, len(rows))
        applied.took(ids)
        for row, id_ in zip(rows, ids.tolist(), strict=True):
            row.append(id_)
        if step % 20 and step < 290:
            continue
        for window in windows:
            for seen, row in zip(applied.history(window).tolist(), rows, strict=True):
                assert [id_ for id_ in seen if id_ >= 0] == row[len(row) - min(len(row), window) if window is not None else 0 :]
                assert seen == sorted(seen, key=lambda id_: id_ >= 0), "what is missing is missing in front"


def test_an_endless_text_needs_no_endless_table() -> None:
    applied = AppliedRules([Rule(lambda logits, history: logits, 64)], [np.array([0])])
    for id_ in range(20_000):
        applied.took(np.array([id_]))
    assert applied.history(64)[0].tolist() == list(range(20_000 - 64, 20_000)) and applied._ids.size < 5_000


def test_sampling_obeys_a_rule_over_the_whole_history() -> None:
    sampling = Sampling(scorer(1), [np.array([2, 3, 2])] * 4, [no_repeat_ngram(2)], np.random.default_rng(0))
    drawn = np.stack([ids for ids, _ in islice(iter(sampling), 20)])  # [T, N]
    for row in drawn.T.tolist():
        pairs = list(zip([2, 3, 2, *row], [3, 2, *row], strict=False))
        assert len(pairs) == len(set(pairs)) == 22


def only(id_: float) -> Rule:
    """Nothing but one symbol."""

    def apply(logits: np.ndarray, history: np.ndarray) -> np.ndarray:
        logits[:, np.arange(logits.shape[1]) != id_] = -np.inf
        return logits

    return Rule(apply)


FAKE = Declared("only", only, off=-1, low=-1, high=1_000, help="Nothing but this symbol.", flags=("--just",))


def test_a_row_of_the_table_is_a_rule_of_both_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "RULES", [*declared.RULES, FAKE])
    monkeypatch.setattr("seqgen.generation.options.RULES", declared.RULES)
    assert len(rules_of({"only": 3})) == 1 and not rules_of({"only": -1})
    alphabet = CharTokenizer.train(["abcd"])
    options = GenerateOptions(length=4, only=6)
    made = generate_text(FakeScorer(np.ones((9, 9)).tolist()), alphabet, "a", options, np.random.default_rng(0))
    assert "".join(piece.text for piece in made) == alphabet.decode([6] * 4)
    found = beam_search(scorer(), 1, TranslateOptions(beam_size=2, max_length=3, rules={"only": 4}), bos=BOS, eos=EOS)
    assert found[0][0].ids.tolist() == [4, 4, 4]


WITH_A_RULE = """
import sys
from seqgen.decode import rules
from seqgen.decode.rules import Declared, Rule

def only(id_):
    def apply(logits, history):
        logits[:, [place for place in range(logits.shape[1]) if place != id_]] = float("-inf")
        return logits
    return Rule(apply)

rules.RULES.append(Declared("only", only, off=-1, low=-1, high=9, draws=True, help="Nothing but this.", flags=("--just",)))
from seqgen.cli import main
main(sys.argv[1:])
"""


def test_a_row_of_the_table_is_an_option_with_its_check(runs: Path) -> None:
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", WITH_A_RULE, "generate", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL)

    done = run("--help")
    assert "--only, --just INTEGER" in done.stdout and "Nothing but this." in done.stdout
    record = json.loads(run("-m", runs / "lstm", "--just", 7, "-n", 5, "--json").stdout)
    assert [token["id"] for token in record["tokens"]] == [7] * 5 and record["settings"]["only"] == 7
    done = run("-m", runs / "lstm", "--only", 10)
    assert done.returncode == 1 and "--only: expected -1 to 9, found 10" in done.stderr
    done = run("-m", runs / "lstm", "--only", 3, "--greedy")
    assert done.returncode == 2 and "--greedy and --only exclude each other" in done.stderr
