"""Runs that seqgen 0.3.0 has made (tests/compat): they open for ever, say what they said then, and go on."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgen.api import open_run
from seqgen.cli import main
from seqgen.generation import GenerateOptions, generate_text
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "compat"
RUNS = FOLDER / "runs"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
TEXT = FOLDER / "corpora" / "poem.txt"
PAIRS = FOLDER / "corpora" / "digits.tsv"

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(capfd: pytest.CaptureFixture[str]) -> Iterator[Say]:
    """Run the command line in this process; return exit code, stdout and stderr."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def run(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    yield run
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_nothing_of_the_folder_has_changed_its_size() -> None:
    """What is kept here is what was written then, in little room."""
    assert set(EXPECTED) == {path.name for path in RUNS.iterdir()}
    files = [path for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 600_000
    for name in EXPECTED:
        content = json.loads((RUNS / name / "config.json").read_text(encoding="utf-8"))
        assert content["version"] == "0.3.0" and content["format"] == 1


@pytest.mark.parametrize("name", EXPECTED)
def test_a_run_says_what_it_said(name: str, tmp_path: Path, say: Say) -> None:
    then = EXPECTED[name]
    run = shutil.copytree(RUNS / name, tmp_path / name)
    if then["kind"] == "language":
        # Then nothing was read before a short prompt; what is read now comes from the text, which says nothing in `evaluate`.
        (run / "text.safetensors").unlink(missing_ok=True)
        assert say("generate", "-m", run, "--greedy", "-n", 60, "-p", "The rain")[:2] == (0, then["generate"])
        code, out, _ = say("evaluate", "-m", run, "--json", FOLDER / "corpora" / "held-out.txt")
        figures = ("nats_per_char", "bits_per_char", "bits_per_byte", "perplexity", "tokens", "chars", "bytes", "unknown")
    else:
        sentences = FOLDER / "corpora" / "sentences.txt"
        assert say("translate", "-m", run, "--precision", "float32", sentences)[:2] == (0, then["translate"])
        code, out, _ = say("evaluate", "-m", run, "--json", "--precision", "float32", *_pairs(name))
        figures = ("bleu", "chrf", "ter", "nats_per_token", "perplexity", "pairs")
    found = json.loads(out)
    assert code == 0
    for figure in figures:
        assert found[figure] == pytest.approx(then["evaluate"][figure], rel=1e-3), figure


@pytest.mark.parametrize("name", [name for name in EXPECTED if EXPECTED[name]["kind"] == "language"])
def test_a_run_without_primers_takes_them_from_its_text(name: str) -> None:
    """Where it kept any; else a text without a prompt begins after a newline, as it did."""
    run = open_run(RUNS / name)
    is_kept = (RUNS / name / "text.safetensors").exists()
    assert bool(run.stretches) == is_kept == (name not in ("gru", "lstm-byte"))
    poem = TEXT.read_text(encoding="utf-8")
    assert all(run.tokenizer.decode(ids) in poem and run.tokenizer.decode(ids).endswith("\n") for ids in run.stretches)
    options = GenerateOptions(length=40, seed=3)
    pieces = generate_text(
        run.scorer, run.tokenizer, "", options, np.random.default_rng(3), stretches=run.stretches if is_kept else ()
    )
    assert "".join(run.generate(length=40, seed=3)) == "".join(piece.text for piece in pieces)


def test_all_are_listed(tmp_path: Path, say: Say) -> None:
    shutil.copytree(RUNS, tmp_path / "runs")
    code, out, _ = say("runs", "--runs-dir", tmp_path / "runs", "--json")
    listed = {record["name"]: record for record in map(json.loads, out.splitlines())}
    assert code == 0 and set(listed) == set(EXPECTED)
    for name, record in listed.items():
        assert record["kind"] == EXPECTED[name]["kind"]


def _pairs(name: str) -> tuple[object, ...]:
    sides = FOLDER / "corpora" / "digits.src", FOLDER / "corpora" / "digits.tgt"
    return ("--src", sides[0], "--tgt", sides[1]) if name == "reversed" else (PAIRS,)


def _again(name: str) -> list[object]:
    """The shortest command that goes on with a run."""
    words: list[object] = ["train"]
    if name == "hybrid-valid":
        words += [TEXT, "--valid", FOLDER / "corpora" / "held-out.txt"]
    elif EXPECTED[name]["kind"] == "language":
        words += [TEXT]
    else:
        words += [*_pairs(name)]
    return words


def _more(name: str, steps: int) -> list[object]:
    return ["--steps", EXPECTED[name]["step"] + steps]


# Runs that were kept with all they need to go on.
GOING_ON = ["lstm", "unfinished", "unfinished-pairs", "steps-to-minutes", "minutes-to-steps"]


@pytest.mark.parametrize("name", GOING_ON)
def test_a_run_goes_on(name: str, tmp_path: Path, say: Say) -> None:
    """It goes on from its own step, with the same text, and is a finished run afterwards."""
    run = shutil.copytree(RUNS / name, tmp_path / name)
    code, out, err = say(*_again(name), "-o", run, *_more(name, 6), "--threads", 1)
    assert (code, out) == (0, ""), err
    content = json.loads((run / "config.json").read_text(encoding="utf-8"))
    assert content["step"] == EXPECTED[name]["step"] + 6 and content["finished"]
    assert f"at step {EXPECTED[name]['step']}" in err
    assert say("runs", "--runs-dir", tmp_path)[0] == 0


@pytest.mark.parametrize("name", ["markov", "markov-byte"])
def test_a_counted_run_that_is_trained_again_stays_what_it_is(name: str, tmp_path: Path, say: Say) -> None:
    run = shutil.copytree(RUNS / name, tmp_path / name)
    say("train", TEXT, "-o", run, "--minutes", 7)
    assert say("generate", "-m", run, "--greedy", "-n", 60, "-p", "The rain")[:2] == (0, EXPECTED[name]["generate"])
