"""Layers: the paper's sizes, own parameters, and what one other word changes where."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from seqgen.errors import ConfigError
from seqgen.explain.layers import base, changes_of, drawn, encoder_reader, layers_of, numbered, replaced, words_in
from seqgen.weights import TransformerShape, transformer_weights
from tests.conftest import ROOT, Seqgen

TINY = ROOT / "checkpoints" / "tiny-english-french"
SMALL = TransformerShape(12, 3, 2, 2, 8, 12, pre_norm=False)


def test_the_size_is_the_papers() -> None:
    """Table 3 says 65 million parameters, with 37,000 words in one table of 512 each."""
    shape = base(5)
    assert (shape.layers, shape.decoder_layers, shape.hidden, shape.heads, shape.ffn) == (6, 6, 512, 8, 2048)
    sizes = {side: sum(int(np.prod(size)) for name, size in transformer_weights(shape).items() if name.startswith(side))
             for side in ("encoder", "decoder")}  # fmt: skip
    assert 62e6 < sum(sizes.values()) + 37_000 * 512 < 66e6


def test_each_layer_has_its_own() -> None:
    weights = drawn(SMALL, 1)
    layers = layers_of(SMALL, weights, 3)
    assert [(layer.side, layer.number) for layer in layers] == [
        ("encoder", 1), ("encoder", 2), ("encoder", 3), ("decoder", 1), ("decoder", 2),
    ]  # fmt: skip
    assert len({layer.begins for layer in layers}) == 5 and len({layer.parameters for layer in layers}) == 2
    assert layers[0].parameters == 4 * (8 * 8 + 8) + (8 * 12 + 12) + (12 * 8 + 8) + 2 * 16
    again, other = drawn(SMALL, 1), drawn(SMALL, 2)
    assert all(np.array_equal(array, again[name]) for name, array in weights.items())
    assert layers_of(SMALL, other, 3)[0].begins != layers[0].begins


def test_attention_mixes_and_the_feed_forward_part_does_not() -> None:
    """A law of all weights: without attention nothing leaves its place; with it, everything does."""
    count, (first, second) = numbered([words_in("a b c d."), words_in("a x c d.")])
    assert count == 6 and first.tolist() == [4, 5, 6, 7, 8] and second.tolist() == [4, 9, 6, 7, 8]
    for seed in range(3):
        found = changes_of(encoder_reader(SMALL, drawn(SMALL, seed)), first, second)
        for stage in ("comes in", "feed-forward alone"):
            assert found.counted(stage) == 1 and found.stages[stage][1] > 0.1
        for stage in ("attention", "layer 1", "encoder"):
            assert found.counted(stage) == 6, "all words and <eos>"
    with pytest.raises(ConfigError, match="as many pieces, found 5 pieces in all before and 4 after"):
        changes_of(encoder_reader(SMALL, drawn(SMALL, 1)), first, second[:4])


def test_words_are_replaced_whole() -> None:
    assert replaced("a cat, a dog.", "dog", "cat") == "a cat, a cat."
    assert replaced("concat cat", "cat", r"\1") == r"concat \1" and replaced("배가 와요", "배가", "개가") == "개가 와요"
    for word in ("ca", "Cat", "bird"):
        with pytest.raises(ConfigError, match=f"'{word}' is not a word of the sentence") as caught:
            replaced("a cat", word, "x")
        assert "a cat" in str(caught.value.hint)
    with pytest.raises(ConfigError, match="by itself"):
        replaced("a cat", "cat", "cat")


def test_the_untrained_model_needs_no_run(seqgen: Seqgen, tmp_path: Path) -> None:
    options = ("--replace", "dog=cat", "--runs-dir", tmp_path)
    done = seqgen("explain", "layers", "The dog sleeps.", *options, "-o", tmp_path / "layers.svg")
    assert done.returncode == 0 and max(map(len, done.stdout.splitlines())) <= 80
    assert done.stdout.count("\nencoder ") == 6 and "over 8 " in done.stdout and "the root of 64, 8." in done.stdout
    assert "vectors of 5 of 5 places differ" in done.stdout and "there 1 of 5 differ" in done.stdout
    found = json.loads(seqgen("explain", "layers", "The dog sleeps.", *options, "--json", "-q").stdout)
    assert found["d"] == 64 and found["scores"]["root"] == 8 and len(found["layers"]) == 12
    assert found["pieces"][1] == ["The", "cat", "sleeps", ".", "<eos>"]


def test_the_layers_of_a_run(seqgen: Seqgen) -> None:
    command = ("explain", "layers", "The girl sees the boy.", "-m", TINY, "--replace", "boy=king", "--json")
    found = json.loads(seqgen(*command).stdout)
    assert found["d"] == 32 and len(found["layers"]) == 4
    changes = {name: np.array(values) for name, values in found["changes"].items()}
    place = found["pieces"][0].index("▁boy")
    assert np.flatnonzero(changes["feed-forward alone"]).tolist() == [place] and np.all(changes["encoder"] > 1e-3)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--replace", "a=b"], 2, "--replace belongs to SENTENCE"),
        (["a b", "--replace", "ab"], 2, "expected WORD=OTHER, found 'ab'"),
        (["a b", "--replace", "c=d"], 1, "'c' is not a word of the sentence"),
        (["a b", "--replace", "a=c d"], 1, "as many pieces"),
        (["-m", str(TINY), "--seed", "1"], 2, "--seed and --model exclude each other"),
        (["-m", str(ROOT / "checkpoints" / "tiny-english")], 1, "a recurrent model has no attention"),
        ([" "], 2, "SENTENCE is empty"),
    ],
)
def test_mistakes_are_one_line(seqgen: Seqgen, arguments: list[str], code: int, says: str) -> None:
    done = seqgen("explain", "layers", *arguments, "-q")
    assert done.returncode == code and says in done.stderr and "Traceback" not in done.stderr and done.stdout == ""
