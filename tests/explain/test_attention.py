"""Attention between words: the laws of joining, what is said of heads, and the command as users run it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgen.errors import ConfigError
from seqgen.explain.attention import Attention, View, attention_of, looks_of
from seqgen.explain.heads import heads_of, sharpness
from seqgen.explain.words import joined, words_of
from seqgen.opening import open_reader
from seqgen.run import Run
from seqgen.tokenizers.byte import ByteTokenizer
from seqgen.tokenizers.char import CharTokenizer
from tests.conftest import ROOT, Seqgen

TINY = ROOT / "checkpoints" / "tiny-english-french"
SENTENCE = "The old sailor sees 3 boats."


def tokenizers() -> list[Any]:
    return [Run(TINY).tokenizer(), CharTokenizer.train(["abcdefghijklmnopqrstuvwxyz LTW30é'’“”\".,!?…"]), ByteTokenizer()]


@pytest.mark.parametrize("tokenizer", tokenizers(), ids=lambda tokenizer: tokenizer.kind)
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The sailor sees 30 boats.", ["The", "sailor", "sees", "30", "boats", "."]),
        ("“Who?” said l’eau, don't it…", ["“", "Who", "?”", "said", "l’eau", ",", "don't", "it", "…"]),
        ("  a  é ", ["a", "é"]),
        ("...", ["..."]),
        ("", []),
    ],
)
def test_words_are_those_of_people(tokenizer: Any, text: str, words: list[str]) -> None:
    """Whatever the pieces are, and each piece is in one word."""
    ids = tokenizer.encode(text)
    found = words_of(tokenizer, ids)
    assert list(found.texts) == words and len(found.numbers) == len(ids)
    assert set(found.numbers.tolist()) == set(range(len(words))) and np.all(np.diff(found.numbers) >= 0)


def test_a_character_spelt_in_bytes_is_in_one_word() -> None:
    tokenizer = Run(TINY).tokenizer()
    assert words_of(tokenizer, tokenizer.encode("a 漢 b")).texts == ("a", "漢", "b")
    assert words_of(tokenizer, tokenizer.encode("漢")[:-1]).texts == ("�",)


def test_joining_by_hand() -> None:
    """To a word the sum over its pieces, from it the mean over its pieces."""
    tokenizer = CharTokenizer.train(["ab "])
    rows, columns = words_of(tokenizer, tokenizer.encode("aa")), words_of(tokenizer, tokenizer.encode("ab b"))
    assert columns.numbers.tolist() == [0, 0, 1, 1]
    maps = np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.1, 0.4, 0.0]])
    np.testing.assert_allclose(joined(maps, rows, columns), [[0.45, 0.55]])
    assert rows.with_first("<bos>").numbers.tolist() == [0, 1, 1] and rows.with_last("<eos>").texts == ("aa", "<eos>")


@pytest.fixture(scope="module")
def tiny() -> dict[bool, Attention]:
    """Words and pieces of one pair, by a trained model."""
    run = Run(TINY)
    tokenizer, reader = run.tokenizer(), open_reader(run)
    pair = tokenizer.encode(SENTENCE), tokenizer.encode("Le vieux marin voit 3 bateaux.")
    return {pieces: attention_of(reader, tokenizer, *pair, pieces=pieces) for pieces in (False, True)}


@pytest.mark.parametrize("pieces", [False, True])
@pytest.mark.parametrize("kind", ["encoder", "decoder", "cross"])
def test_rows_sum_to_one_and_the_unseen_is_zero(tiny: dict[bool, Attention], kind: str, pieces: bool) -> None:
    attention = tiny[pieces]
    maps = attention.maps(kind)
    assert attention.is_joined is not pieces  # "▁" and "3" are two pieces
    rows, columns = attention.labels(kind)
    assert maps.shape == (2, 4, len(rows), len(columns))
    np.testing.assert_allclose(maps.sum(axis=-1), 1, atol=1e-5)
    if kind == "decoder":
        above = np.triu_indices(len(rows), k=1)
        assert np.all(maps[..., above[0], above[1]] == 0)
    for view in (View(), View("all"), View(1, 2)):
        shares = view.of(maps)
        assert shares is not None
        np.testing.assert_allclose(shares.sum(axis=-1), 1, atol=1e-5)


def test_views_choose(tiny: dict[bool, Attention]) -> None:
    maps = tiny[False].encoder
    np.testing.assert_array_equal(View(2, 3).of(maps), maps[1, 2])
    np.testing.assert_allclose(View().of(maps), maps[1].mean(axis=0))
    np.testing.assert_allclose(View("all").of(maps), maps.mean(axis=(0, 1)))
    assert View(3).of(maps) is None
    for view in (View(3), View(head=5)):
        with pytest.raises(ConfigError, match="expected 1 to"):
            view.check(tiny[False])


def test_sharpness_is_one_of_one_place_and_zero_of_all() -> None:
    assert sharpness(np.eye(4), causal=False) == 1
    assert sharpness(np.full((3, 5), 0.2), causal=False) == pytest.approx(0)
    causal = np.tril(np.ones((4, 4))) / np.arange(1, 5)[:, None]
    assert sharpness(causal, causal=True) == pytest.approx(0)
    assert sharpness(np.ones((1, 1)), causal=True) is None
    # Half and half of four: 1 - log 2 / log 4.
    assert sharpness(np.array([[0.5, 0.5, 0, 0]]), causal=False) == pytest.approx(1 - math.log(2) / math.log(4))


def test_habits_are_named_where_most_of_the_attention_is() -> None:
    """Heads made to look at one thing: each is told by its name, a head without a habit has none."""
    before, behind = np.eye(5, k=-1), np.eye(5, k=1)
    before[0, 2], behind[4, 2] = 1, 1
    end, even = np.zeros((5, 5)), np.full((5, 5), 0.2)
    end[:, -1] = 1
    encoder = np.stack([before, np.eye(5), behind, end, even])[None]
    decoder = np.stack([np.tril(np.ones((3, 3))) / np.arange(1, 4)[:, None]] * 4 + [np.eye(3, k=-1)])[None]
    decoder[0, 4, 0, 0] = 1
    words = ("a", "b", "c", "d", "<eos>")
    attention = Attention(words, ("<bos>", "x", "y"), ("x", "y", "<eos>"), encoder, decoder, even[None, None, :3].repeat(5, 1))
    heads = {(head.kind, head.head): head for head in heads_of(attention)}
    names = ["previous", "itself", "next", "<eos>"]
    assert [heads["encoder", number + 1].looks_at for number in range(4)] == names
    assert all(heads["encoder", number + 1].share == 1 for number in range(4))
    assert heads["encoder", 5].looks_at is None and heads["encoder", 5].share is None
    assert heads["decoder", 5].looks_at == "previous" and heads["cross", 1].looks_at is None
    sharp = [head.sharpness for head in heads_of(attention)]
    assert sharp == sorted(sharp, key=lambda value: -(value or 0)) and sharp[0] == 1


def test_a_word_is_found_in_both_sentences(tiny: dict[bool, Attention]) -> None:
    looks = looks_of(tiny[False], "3", View())
    assert [(look.kind, look.place) for look in looks] == [("encoder", 4), ("cross", 4)]
    shares = View().of(tiny[False].cross)
    assert shares is not None
    np.testing.assert_array_equal(looks[1].shares, shares[4])
    assert looks_of(tiny[False], "sees", View())[0].word == looks_of(tiny[False], "SEES", View())[0].word == "sees"
    assert looks_of(tiny[True], "sailor", View())[0].word == "▁sailor"
    with pytest.raises(ConfigError, match="'four' is not there") as caught:
        looks_of(tiny[False], "four", View())
    assert "The old sailor sees 3 boats ." in str(caught.value) and "bateaux" in str(caught.value)


def test_all_maps_as_json(seqgen: Seqgen) -> None:
    done = seqgen("explain", "attention", "-m", TINY, SENTENCE, "--json", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["source"] == ["The", "old", "sailor", "sees", "3", "boats", ".", "<eos>"]
    assert found["target"] == ["<bos>", "Le", "vieux", "marin", "voit", "3", "bateaux", "."]
    assert found["written"] == [*found["target"][1:], "<eos>"]
    for kind in ("encoder", "decoder", "cross"):
        maps = np.array(found[kind])
        assert maps.shape == (2, 4, 8, 8)
        np.testing.assert_allclose(maps.sum(axis=-1), 1, atol=1e-5)
    assert len(found["heads"]) == 24 and set(found["heads"][0]) == {"kind", "layer", "head", "sharpness", "looks_at", "share"}
    # The trained model aligns: to write 'voit' it looks at 'sees', and so on.
    cross = np.array(found["cross"])[-1].mean(axis=0)
    assert [found["source"][place] for place in cross[:6].argmax(axis=1)] == found["source"][:6]
    other = json.loads(seqgen("explain", "attention", "-m", TINY, SENTENCE, "--pieces", "--target", "Le chat", "--json").stdout)
    assert other["translation"] == "Le chat" and other["target"] == ["<bos>", "▁Le", "▁chat"]
    assert "looks" not in other and "▁sees" in other["source"]


def test_what_a_word_looks_at(seqgen: Seqgen) -> None:
    done = seqgen("explain", "attention", "-m", TINY, SENTENCE, "--word", "voit", "--json", "-q")
    (look,) = json.loads(done.stdout)["looks"]
    assert look["kind"] == "cross" and look["says"].startswith("to write 'voit' the model looks at 'sees' ")
    drawn = seqgen("explain", "attention", "-m", TINY, SENTENCE, "--word", "sees", "-q")
    assert drawn.returncode == 0 and "\n'sees' looks at " in drawn.stdout and "itself" in drawn.stdout
    done = seqgen("explain", "attention", "-m", TINY, SENTENCE, "--word", "four", "-q")
    assert done.returncode == 1 and done.stderr.startswith(
        "error: --word 'four' is not there\nhint: the words of the source are"
    )


def test_it_is_drawn(seqgen: Seqgen, translation_run: Path, tmp_path: Path) -> None:
    picture = tmp_path / "attention.svg"
    done = seqgen("explain", "attention", "-m", translation_run, "1 2 3", "--layer", "all", "-o", picture)
    assert done.returncode == 0 and picture.read_bytes().startswith(b"<") and str(picture) in done.stderr
    assert all(title in done.stdout for title in ("encoder: ", "decoder: ", "cross-attention: ", "sharpness"))
    assert max(map(len, done.stdout.splitlines())) <= 80
    long = seqgen("explain", "attention", "-m", translation_run, "1 2 3 4 5 6 7 8 9 0 1 2", "--json")
    assert "the longest learnt from" in long.stderr and long.returncode == 0
    assert seqgen("explain", "attention", "-m", translation_run, "1", "--target", "", "--json").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([" "], 2, "SENTENCE is empty"),
        (["a", "--layer", "0"], 2, "expected all or a number from 1"),
        (["a", "--layer", "7"], 1, "--layer: expected 1 to 2 or all, found 7"),
        (["a", "--head", "5"], 1, "--head: expected 1 to 4, found 5"),
        (["a " * 600], 1, "expected at most 512"),
        (["a", "--target", "a " * 600], 1, "expected at most 512"),
        (["a", "-m", str(ROOT / "checkpoints" / "tiny-english")], 1, "a recurrent model has no attention"),
    ],
)
def test_errors_are_one_line(seqgen: Seqgen, arguments: list[str], code: int, says: str) -> None:
    done = seqgen("explain", "attention", "-m", TINY, *arguments, "-q")
    assert done.returncode == code and says in done.stderr and "Traceback" not in done.stderr and done.stdout == ""
    if "recurrent" in says:
        assert "seqgen explain gates" in done.stderr


CODE = """
import sys
from seqgen.cli import main
try:
    main(sys.argv[1:])
except SystemExit as error:
    print("LOADED", error.code, *sorted(sys.modules.keys() & {"torch", "numpy", "rich", "ctranslate2"}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["attention", SENTENCE, "-m", str(TINY), "--json"], {"numpy", "ctranslate2"}),
        (["attention", SENTENCE, "-m", str(TINY), "--json", "--target", "Le chat"], {"numpy"}),
        (["positions", SENTENCE, "-m", str(TINY), "--json"], {"numpy", "ctranslate2"}),
        (["positions", "--json"], {"numpy"}),
        (["attention", "--help"], set()),
        (["positions", "--help"], set()),
        (["attention"], set()),
        (["attention", "a", "--layer", "x"], set()),
        (["positions", "--seed", "1"], set()),
    ],
)
def test_only_what_is_needed_is_loaded(arguments: list[str], expected: set[str]) -> None:
    """Torch is installed, and never loaded; help and usage errors load nothing."""
    done = subprocess.run([sys.executable, "-c", CODE, "explain", *arguments], capture_output=True, text=True)
    assert set(done.stderr.split("LOADED ")[1].split()[1:]) == expected
