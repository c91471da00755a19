"""Surprise: the bits add up to what evaluation says, and places are where they are."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from seqgen.draw.panels import ShadedText
from seqgen.evaluation import evaluate_text
from seqgen.explain.exhibits.surprise import exhibit_of, sentences_of, worst_places
from seqgen.explain.surprise import Surprise, surprise_of_target, surprise_of_text, words_of
from seqgen.opening import open_scorer
from seqgen.run import Run
from seqgen.tokenizers.base import EOS
from seqgen.tokenizers.byte import ByteTokenizer
from seqgen.tokenizers.char import CharTokenizer
from tests.conftest import Seqgen
from tests.fakes import FakeScorer

TEXT = 'The rain 漢 began\n\n"Not I," said Ben.\n'


@pytest.mark.parametrize("model", ["markov", "lstm", "hybrid"])
def test_the_bits_are_those_of_the_evaluation(model: str, runs: Path) -> None:
    run = Run(runs / model)
    tokenizer = run.tokenizer()
    *_, (_, found) = surprise_of_text(open_scorer(run), tokenizer, TEXT, 3)
    *_, (_, whole) = evaluate_text(open_scorer(run), tokenizer, TEXT, arch=model)
    assert found is not None and whole is not None
    assert found.total == pytest.approx(whole.total.nats / math.log(2), rel=1e-4)
    assert "".join(found.texts) == TEXT and len(found.bits) == len(TEXT)
    assert np.all(np.diff(found.probabilities, axis=1) <= 0) and np.all(found.probabilities >= 0)
    assert np.array_equal(found.rank == 0, found.alternatives[:, 0] == tokenizer.encode(TEXT))


def test_a_character_of_several_bytes_is_shown_once_with_the_bits_of_them_all() -> None:
    tokenizer = ByteTokenizer()
    even = FakeScorer(np.full((len(tokenizer), len(tokenizer)), 1 / len(tokenizer)))
    *_, (_, found) = surprise_of_text(even, tokenizer, "a한b", 2)
    assert found is not None and found.texts == ("a", "", "", "한", "b")
    shown = exhibit_of(found, tokenizer, 0).panels[0]
    assert isinstance(shown, ShadedText)
    assert [cell.text for cell in shown.cells] == ["a", "한", "b"]
    assert shown.cells[1].value == pytest.approx(3 * math.log2(len(tokenizer)))


def test_a_target_ends_with_its_end() -> None:
    tokenizer = CharTokenizer.train(["ab"])
    ids = tokenizer.encode("ab")
    log_probs = np.full((3, len(tokenizer)), math.log(0.01), dtype=np.float32)
    for place, id_ in enumerate([*ids.tolist(), EOS]):
        log_probs[place, id_] = math.log(0.5)
    found = surprise_of_target(log_probs, tokenizer, ids, "ab", 1)
    assert found.texts == ("a", "b", "<eos>") and found.bits == pytest.approx([1, 1, 1])
    assert found.alternatives[:, 0].tolist() == [*ids.tolist(), EOS]
    assert found.characters == 2, "the end of a sentence spells nothing"


def test_lines_and_columns_count_from_one() -> None:
    texts = ("a", "b", "\n", "c", "d\n", "e")
    bits = np.array([1.0, 6, 2, 5, 3, 4])
    none = np.zeros((6, 0))
    found = Surprise(texts, texts, bits, np.zeros(6, dtype=np.int64), none.astype(np.int64), none)
    assert [(line, column) for line, column, _ in worst_places(found, 4)] == [(1, 2), (2, 1), (3, 1), (2, 2)]


def test_the_words_of_a_text_have_the_bits_of_their_symbols() -> None:
    def words(*parts: str) -> list[tuple[str, str, float]]:
        none = np.zeros((len(parts), 0))
        bits = 2.0 ** np.arange(len(parts))
        symbols = tuple("<eos>" if part.startswith("<eos>") else part for part in parts)
        found = Surprise(parts, symbols, bits, np.zeros(len(parts), dtype=np.int64), none.astype(np.int64), none)
        return [(word.text, str(word.place), word.bits) for word in words_of(found)]

    assert words("a", "b", " ", "c", "\n", "\n", "d") == [("ab", "1:1", 3), ("c", "1:4", 8), ("d", "3:1", 64)]
    assert words("Le", " chat", "s", ".", "<eos>") == [("Le", "1:1", 1), ("chats.", "1:4", 14)]
    assert words("a.", "<eos>\n", "b", "<eos>") == [("a.", "1:1", 1), ("b", "2:1", 4)]
    assert words("", "", "한", "글") == [("한글", "1:1", 15)]
    assert words(" ", "\n") == [] == words()


def test_the_sentences_name_the_worst_place_and_the_average() -> None:
    tokenizer = CharTokenizer.train(["ab"])
    ids = tokenizer.encode("ab")
    log_probs = np.full((3, len(tokenizer)), math.log(0.01), dtype=np.float32)
    for place, p in enumerate([0.5, 0.25, 0.5]):
        log_probs[place, [*ids.tolist(), EOS][place]] = math.log(p)
    found = surprise_of_target(log_probs, tokenizer, ids, "ab", 1)
    said = " ".join(sentences_of(found, tokenizer))
    assert "4.0 bits in all, 2.00 a character" in said and "3 of 3 symbols (100%) were" in said
    assert "'b' at 1:2: it cost 2.0 bits where the average is 1.3." in said and "unknown" not in said


def test_the_command_draws_and_counts(runs: Path, seqgen: Seqgen, poem: Path) -> None:
    done = seqgen("explain", "surprise", "-m", runs / "lstm", "-p", "The rain\n비", "--worst", 2)
    assert done.returncode == 0 and "bits in all" in done.stdout and "\x1b" not in done.stdout
    assert "'비'" in done.stdout and "it would rather have said" in done.stdout
    record = json.loads(seqgen("explain", "surprise", "-m", runs / "lstm", poem, "--json", "--worst", 20).stdout)
    assert len(record["symbols"]) == len(poem.read_text()) and len(record["worst"]) == 20
    worst = [record["symbols"][place["symbol"]]["bits"] for place in record["worst"]]
    assert worst == sorted((symbol["bits"] for symbol in record["symbols"]), reverse=True)[:20]


def test_pairs_are_looked_at_one_or_many(translation_run: Path, seqgen: Seqgen, digits: Path) -> None:
    common = ("explain", "surprise", "-m", translation_run, "--json")
    one = json.loads(seqgen(*common, "-p", "1 2 3", "--target", "one two three").stdout)
    assert "".join(symbol["text"] for symbol in one["symbols"]) == "one two three<eos>"
    scored = json.loads(seqgen("score", "-m", translation_run, "-", "--json", "--precision", "float32",
                               stdin="1 2 3\tone two three\n").stdout)  # fmt: skip
    nats = [token["log_prob"] for token in scored["tokens"]]
    assert one["bits"] == pytest.approx(-sum(nats) / math.log(2), abs=1e-3)
    many = json.loads(seqgen(*common, digits).stdout)
    assert sum(symbol["text"].endswith("<eos>\n") for symbol in many["symbols"]) == 399


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "give a text with -p"),
        (["-p", "x", "--target", "y", "file.txt"], 2, "FILE and --prompt exclude each other"),
        (["--target", "y", "file.txt"], 2, "--target belongs to --prompt"),
        (["missing.txt"], 1, "missing.txt"),
        (["-p", "x", "-o", "x.gif"], 2, ".png, .svg, .html"),
        (["-p", "x", "-o", "no/such/x.png"], 2, "make it first"),
        (["-p", ""], 2, "-p is empty"),
    ],
)
def test_mistakes_are_said_in_a_line(arguments: list[str], code: int, said: str, runs: Path, seqgen: Seqgen) -> None:
    done = seqgen("explain", "surprise", *arguments, SEQGEN_RUNS=str(runs))
    assert done.returncode == code and said in done.stderr and not done.stdout and "Traceback" not in done.stderr
