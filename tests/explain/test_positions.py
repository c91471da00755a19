"""The positional encoding, and that without it two orders of the same pieces are one: by formula, by law, by command."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from seqgen.errors import ConfigError
from seqgen.explain.positions import ROUNDING, check_orders, encoding, matched, reordered, two_orders
from seqgen.infer.transformer import TransformerReader
from seqgen.tokenizers.char import CharTokenizer
from seqgen.weights import TransformerShape, transformer_weights
from tests.conftest import ROOT, Seqgen

TINY = ROOT / "checkpoints" / "tiny-english-french"


def test_the_similarity_is_a_mean_of_cosines() -> None:
    """Of any two positions as far apart, not only of the first."""
    found = encoding(40, 12)
    assert found.table.shape == (40, 12) and found.similarity.shape == (40,)
    for distance in (0, 1, 7, 39):
        expected = sum(math.cos(distance / 10_000 ** (2 * i / 12)) for i in range(6)) / 6
        assert found.similarity[distance] == pytest.approx(expected, abs=1e-5)
    a, b = found.table[11], found.table[30]
    assert a @ b / (np.linalg.norm(a) * np.linalg.norm(b)) == pytest.approx(found.similarity[19], abs=1e-5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("sentence", ["a b", "a a a a a a a b", "The cat sees the dog ?", "one two  three!"])
def test_another_order_has_the_same_words_and_end(sentence: str, seed: int) -> None:
    found = reordered(sentence, seed)
    before, after = (text.rstrip("?! ").split() for text in (sentence, found))
    assert sorted(before) == sorted(after) and before != after and found == reordered(sentence, seed)
    assert found.endswith(" ?") == sentence.endswith(" ?") and found.endswith("!") == sentence.endswith("!")


def test_what_has_no_other_order_is_an_error() -> None:
    for sentence in ("one", "no no no.", "..."):
        with pytest.raises(ConfigError, match="no other order"):
            reordered(sentence, 0)
    tokenizer = CharTokenizer.train(["abc "])
    for second, says in (("a c", "'b' 1 and 0 times"), ("a b b", "' ' 1 and 2 times"), ("a b", "the same")):
        with pytest.raises(ConfigError, match=says):
            check_orders(tokenizer, tokenizer.encode("a b"), tokenizer.encode(second))


def test_equal_pieces_are_matched_in_order_of_appearance() -> None:
    assert matched(np.array([7, 5, 7, 9]), np.array([9, 7, 5, 7])).tolist() == [1, 2, 3, 0, 4]


@pytest.mark.parametrize("pre_norm", [True, False])
def test_random_networks_without_positions_see_a_bag(pre_norm: bool) -> None:
    rng = np.random.default_rng(5)
    tokenizer = CharTokenizer.train(["abcdxy "])
    orders = tokenizer.encode("a b c d a"), tokenizer.encode("d a a c b")
    for positions in (True, False):
        shape = TransformerShape(len(tokenizer), 2, 2, 2, 8, 12, pre_norm, positions)
        arrays = {name: rng.standard_normal(size, dtype=np.float32) for name, size in transformer_weights(shape).items()}
        found = two_orders("x", TransformerReader(shape, arrays), tokenizer, orders, tokenizer.encode("xy"), orders)
        assert len(found.pieces) == len(found.differences) == 10 and found.pieces[-1] == "<eos>"
        first, second = found.log_probs
        if positions:
            assert not found.alike and found.differences.max() > 10 * ROUNDING and abs(first - second) > 1e-2
        else:
            assert found.alike and first == pytest.approx(second, abs=1e-3)


def test_the_encoding_needs_no_run(seqgen: Seqgen, tmp_path: Path) -> None:
    done = seqgen("explain", "positions", "--json", "--runs-dir", tmp_path)
    found = json.loads(done.stdout)
    assert np.array(found["table"]).shape == (64, 32) and found["similarity"][0] == 1 and done.stderr == ""
    drawn = seqgen("explain", "positions", "-m", TINY, "-o", tmp_path / "sinusoids.svg")
    assert drawn.returncode == 0 and max(map(len, drawn.stdout.splitlines())) <= 80
    assert "16 of 64 pairs" in drawn.stdout and (tmp_path / "sinusoids.svg").is_file()


def test_leaving_the_encoding_out_confuses_the_orders(seqgen: Seqgen) -> None:
    girl = ("The girl sees the boy.", "--shuffled", "the boy sees The girl.")
    found = json.loads(seqgen("explain", "positions", "-m", TINY, *girl, "--json", "-q").stdout)
    trained, without = found["models"]
    assert found["target"] == trained["translations"][0] == "La fille voit le garçon."
    assert trained["translations"][1].lower() == "le garçon voit la fille." and not trained["alike"]
    assert trained["log_probs"][0] - trained["log_probs"][1] > 5
    assert without["alike"] and without["greatest"] < 1e-4 and not without["positions"]
    assert without["log_probs"][0] == pytest.approx(without["log_probs"][1], abs=1e-4)
    assert without["translations"][0] == without["translations"][1]
    drawn = seqgen("explain", "positions", "-m", TINY, "The girl sees the boy.", "--seed", "3", "-q")
    assert drawn.returncode == 0 and "bag of pieces" in drawn.stdout and "order 2: " in drawn.stdout


def test_a_model_that_never_had_positions_cannot_tell_orders_apart(seqgen: Seqgen, digits: Path, tmp_path: Path) -> None:
    options = ["--no-positions", "--layers", "1", "--hidden", "32", "--ffn", "64", "--max-tokens", "800", "--steps", "20",
               "--lr", "0.01", "--dropout", "0"]  # fmt: skip
    assert seqgen("train", digits, "-o", tmp_path / "blind", *options).returncode == 0
    found = json.loads(seqgen("explain", "positions", "-m", tmp_path / "blind", "1 2 3 4", "--json", "-q").stdout)
    (trained,) = found["models"]
    assert trained["name"] == "as trained, without positions" and trained["alike"]
    assert trained["log_probs"][0] == pytest.approx(trained["log_probs"][1], abs=1e-4)
    assert trained["translations"][0] == trained["translations"][1]
    assert found["orders"][0] != found["orders"][1]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--shuffled", "b a"], 2, "--shuffled belongs to SENTENCE"),
        (["a b", "--shuffled", "b a", "--seed", "1"], 2, "--shuffled and --seed exclude each other"),
        ([" "], 2, "SENTENCE is empty"),
        (["a b", "--shuffled", "b c"], 1, "expected the same pieces"),
        (["one"], 1, "no other order"),
        (["a b", "-m", str(ROOT / "checkpoints" / "tiny-english")], 1, "a recurrent model has no attention"),
        (["-m", str(ROOT / "checkpoints" / "tiny-english")], 1, "a recurrent model has no attention"),
    ],
)
def test_errors_are_one_line(seqgen: Seqgen, arguments: list[str], code: int, says: str) -> None:
    done = seqgen("explain", "positions", "-m", TINY, *arguments, "-q")
    assert done.returncode == code and says in done.stderr and "Traceback" not in done.stderr
