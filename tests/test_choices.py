"""`generate` and `translate --show-choices`, as users see them."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from seqgen.cli import main
from seqgen.commands.choices import name_of
from seqgen.opening import open_reader, open_scorer, pair_encoder
from seqgen.run import Run
from seqgen.tokenizers.base import EOS
from seqgen.tokenizers.byte import ByteTokenizer
from seqgen.tokenizers.char import CharTokenizer
from tests.conftest import ROOT

RUNS = ROOT / "tests" / "compat" / "runs"
ENGLISH, FRENCH = ROOT / "checkpoints" / "tiny-english", ROOT / "checkpoints" / "tiny-english-french"
LONG = "The sea is blue. The old sailor sees 3 boats."

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


@pytest.mark.parametrize("name", ["markov", "rnn", "lstm", "gru", "hybrid", "lstm-byte", "markov-byte"])
@pytest.mark.parametrize("how", [["--seed", 5, "-T", 0.8, "--top-p", 0.9], ["--greedy"]], ids=["drawn", "greedy"])
def test_the_text_is_what_it_is_without(name: str, how: list[Any], say: Say) -> None:
    call = ("generate", "-m", RUNS / name, "-p", "The ", "-n", 12, *how)
    code, text, said = say(*call, "--show-choices", 3)
    assert (code, text) == say(*call)[:2] == (0, text)
    rows = said.splitlines()
    assert sum(row.lstrip().startswith(">") for row in rows) == 12 and all(cell_len(row) <= 80 for row in rows)
    assert ("always takes the largest" in said) == (how == ["--greedy"]) and ("--temperature 0.8, --top-p 0.9" in said) != (
        how == ["--greedy"]
    )


@pytest.mark.parametrize("samples", [1, 3])
def test_a_program_gets_all_of_it(samples: int, say: Say) -> None:
    """The model's probability is that of the token, and the shares that were drawn from add up."""
    call = ("generate", "-m", ENGLISH, "-p", "The ", "-n", 220, "--seed", 4, "--top-k", 5, "--num-samples", samples, "--json")
    _, out, said = say(*call, "--show-choices", 6)
    plain = [json.loads(line) for line in say(*call)[1].splitlines()]
    assert not said
    for record, without in zip([json.loads(line) for line in out.splitlines()], plain, strict=True):
        choices = record.pop("choices")
        assert record == without and len(choices) == 220
        for choice, token in zip(choices, record["tokens"], strict=True):
            taken = next(each for each in choice["candidates"] if each["id"] == choice["drawn"] == token["id"])
            assert np.isclose(np.log(taken["p"]), token["log_prob"], atol=1e-5) and taken["symbol"] == token["symbol"]
            assert sum(each["drawn_from"] for each in choice["candidates"]) == pytest.approx(1)
            assert {each.get("removed_by") for each in choice["candidates"]} <= {None, "top_k"}
            assert [each["p"] for each in choice["candidates"][:6]] == sorted(
                (each["p"] for each in choice["candidates"][:6]), reverse=True
            )


def test_a_long_text_is_shown_in_part_and_that_is_said(say: Say) -> None:
    _, _, said = say("generate", "-m", RUNS / "markov", "-n", 230, "--seed", 1, "--show-choices", 1)
    rows = said.splitlines()
    assert rows[-1] == "shown: the first 200 steps of this text; --json has all"
    assert sum(row.lstrip().startswith(">") for row in rows) == 200
    _, _, said = say("generate", "-m", RUNS / "markov", "-n", 60, "--seed", 1, "--num-samples", 4, "--show-choices", 1)
    assert "shown: the first 50 steps of each of the first 4 samples" in said and "sample 4 of 4" in said
    assert "shown:" not in say("generate", "-m", RUNS / "markov", "-n", 200, "--seed", 1, "--show-choices", 1)[2]


def test_nothing_written_is_nothing_to_show(say: Say) -> None:
    assert say("generate", "-m", RUNS / "markov", "-n", 0, "--seed", 1, "--show-choices", 2, "-p", "a") == (0, "a\n", "")


def test_symbols_have_names_that_can_be_seen() -> None:
    chars, bytes_ = CharTokenizer.train(["a \n\t한́"]), ByteTokenizer()
    assert [name_of(chars, int(chars.encode(text)[0])) for text in ("a", " ", "\n", "\t", "한", "\u0301")] == [
        "a", "␣", "⏎", "␉", "한", "◌\u0301"
    ]  # fmt: skip
    assert name_of(chars, 1) == "<unk>" and name_of(bytes_, 3) == "<eos>"
    assert [name_of(bytes_, int(id_)) for id_ in bytes_.encode("a \n한")] == ["a", "␣", "⏎", "\\xed", "\\x95", "\\x9c"]


def test_what_nobody_would_see_is_an_error(say: Say) -> None:
    code, _, said = say("generate", "-m", RUNS / "markov", "--show-choices", 2, "-q")
    assert code == 2 and "--show-choices and --quiet exclude each other" in said
    assert say("generate", "-m", RUNS / "markov", "--show-choices", 2, "-q", "--json", "-n", 2)[0] == 0
    assert say("generate", "-m", RUNS / "markov", "--show-choices", 0)[0] == 2


def written(say: Say, tmp_path: Path, text: str, *options: object) -> tuple[int, str, str]:
    path = tmp_path / "in.txt"
    path.write_text(text, encoding="utf-8")
    return say("translate", "-m", FRENCH, path, *options)


def test_a_translation_is_read_as_the_network_sees_it(tmp_path: Path, say: Say) -> None:
    """Two sentences, an empty line, and one that is only a number: for each written piece and the end a choice."""
    text = f"{LONG}\n\n12345\n"
    _, out, said = written(say, tmp_path, text, "--json", "--show-choices", 4)
    records = [json.loads(line) for line in out.splitlines()]
    assert not said and [bool(record["choices"]) for record in records] == [True, False, False]
    assert [{**record, "choices": None} for record in records] == [
        {**json.loads(line), "choices": None} for line in written(say, tmp_path, text, "--json")[1].splitlines()
    ]
    run = Run(FRENCH)
    reader, encoder, tokenizer = open_reader(run), pair_encoder(run), run.tokenizer()
    for part, sentence in enumerate(("The sea is blue.", "The old sailor sees 3 boats."), 1):
        choices = [choice for choice in records[0]["choices"] if choice["part"] == part]
        ids = np.array([choice["taken"] for choice in choices])
        assert ids[-1] == EOS and tokenizer.decode(ids) in records[0]["translation"]
        log_probs = reader.read(encoder.sources([sentence])[0], ids[:-1]).log_probs
        for choice, row in zip(choices, log_probs, strict=True):
            likeliest = sorted(row.tolist(), reverse=True)[:4]
            np.testing.assert_allclose([each["p"] for each in choice["candidates"][:4]], np.exp(likeliest), rtol=1e-6)
            assert choice["rank"] == 1 + int((row > row[choice["taken"]]).sum()) and "drawn_from" not in choice["candidates"][0]


def test_translations_stay_alone_on_stdout(tmp_path: Path, say: Say) -> None:
    code, out, said = written(say, tmp_path, f"{LONG}\n" * 2, "--show-choices", 2, "--prefix", "La")
    assert (code, out) == written(say, tmp_path, f"{LONG}\n" * 2, "--prefix", "La")[:2] == (0, out)
    rows = said.splitlines()
    assert all(cell_len(row) <= 80 for row in rows) and "line 2: The old sailor sees 3 boats." in rows
    given = [number for number, row in enumerate(rows) if row.endswith("given, not chosen")]
    assert len(given) == 2 and all(any("> ▁La" in row for row in rows[at : at + 4]) for at in given)


def test_what_is_hidden_from_the_model_has_its_name(tmp_path: Path, say: Say) -> None:
    said = written(say, tmp_path, "The old sailor sees 1,250 boats.\n", "--show-choices", 1)[2]
    assert "line 1: The old sailor sees <placeholder0> boats." in said and "·" not in said and "1,250" not in said


def test_of_many_translations_the_first_pieces_are_shown(tmp_path: Path, say: Say) -> None:
    said = written(say, tmp_path, f"{LONG}\n" * 20, "--show-choices", 1)[2]
    rows = said.splitlines()
    assert sum(row.lstrip().startswith("> ") and "%" in row for row in rows) == 200
    assert rows[-1] == "shown: the first 200 pieces; --json has all"


def test_a_scorer_is_asked_as_often_as_without() -> None:
    """The observer reads what sampling has computed; it asks the model for nothing."""
    from seqgen.decode.choices import Choices
    from seqgen.generation import GenerateOptions, generate_text

    scorer, tokenizer = open_scorer(Run(RUNS / "lstm")), Run(RUNS / "lstm").tokenizer()
    asked = []
    step = scorer.step
    scorer.step = lambda state, last: (asked.append(1), step(state, last))[1]  # type: ignore[method-assign]
    list(generate_text(scorer, tokenizer, "a", GenerateOptions(length=9), np.random.default_rng(0), choices=Choices(3)))
    assert len(asked) == 9
