"""A Transformer that writes, looked into: its maps against its torch module's formula, laws of positions, the commands."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from seqgen.errors import ConfigError
from seqgen.explain.attention import View, attention_of_text, looks_of
from seqgen.explain.heads import heads_of
from seqgen.explain.positions import ROUNDING
from seqgen.explain.text_orders import text_orders
from seqgen.infer.decoder import DecoderScorer
from seqgen.opening import open_decoder
from seqgen.run import Run
from seqgen.tokenizers.char import CharTokenizer
from seqgen.weights import DecoderShape, decoder_weights
from tests.conftest import Seqgen

TEXT = "The rain began, and Ann said it"
TOKENIZER = CharTokenizer.train([TEXT])


def scorer(*, positions: bool = True, layers: int = 2) -> DecoderScorer:
    shape = DecoderShape(len(TOKENIZER), layers=layers, heads=2, hidden=16, ffn=24, context=64, positions=positions)
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(0, 0.4, size).astype(np.float32) for name, size in decoder_weights(shape).items()}
    return DecoderScorer(shape, weights)


def test_the_first_layers_maps_by_formula() -> None:
    """Softmax of q k / sqrt(d) over what stands to the left, with every pair of dimensions turned by its place: in torch."""
    reader, ids = scorer(), TOKENIZER.encode(TEXT).astype(np.int64)
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(0, 0.4, size) for name, size in decoder_weights(reader.shape).items()}
    x = torch.tensor(weights["embedding.weight"], dtype=torch.float32)[torch.tensor(ids)] * 4  # sqrt of 16
    made = torch.rms_norm(x, (16,)) @ torch.tensor(weights["layers.0.attention.inputs.weight"], dtype=torch.float32).T
    query, key, _ = made.view(len(ids), 3, 2, 8).permute(1, 2, 0, 3)  # [h, T, d] each
    angles = torch.arange(len(ids))[:, None] / 10_000 ** (torch.arange(0, 8, 2) / 8)
    query, key = (
        torch.view_as_real(
            torch.view_as_complex(part.reshape(2, -1, 4, 2)) * torch.polar(torch.ones_like(angles), angles)
        ).flatten(2)
        for part in (query, key)
    )
    scores = (query @ key.mT / math.sqrt(8)).masked_fill(torch.ones(len(ids), len(ids)).triu(1).bool(), -math.inf)
    np.testing.assert_allclose(reader.look(ids)[0][0], scores.softmax(-1).numpy(), atol=1e-4)


def test_each_word_shares_itself_out_among_what_it_has_read() -> None:
    found = attention_of_text(scorer(), TOKENIZER, TOKENIZER.encode(TEXT).astype(np.int64), pieces=False)
    assert found.words == ("The", "rain", "began", ",", "and", "Ann", "said", "it") and found.shares.shape == (2, 2, 8, 8)
    np.testing.assert_allclose(found.shares.sum(axis=-1), 1, atol=1e-5)
    assert not np.triu(found.shares, k=1).any() and (found.shares >= 0).all()
    assert len(heads_of(found)) == 4
    (look,) = looks_of(found, "it", View())
    assert "it" in str(look)
    with pytest.raises(ConfigError, match="'nobody'"):
        looks_of(found, "nobody", View())


def test_symbols_one_by_one_are_the_maps_themselves() -> None:
    ids = TOKENIZER.encode("The rain").astype(np.int64)
    found = attention_of_text(scorer(), TOKENIZER, ids, pieces=True)
    np.testing.assert_allclose(found.shares, scorer().look(ids)[0], atol=1e-6)


@pytest.mark.parametrize("layers", [1, 2])
def test_without_positions_the_first_layer_sees_a_bag(layers: int) -> None:
    """The last symbol is the same, and so is what stands before it but for its order."""
    orders = tuple(TOKENIZER.encode(text).astype(np.int64) for text in ("rain said Ann and it", "Ann rain and said it"))
    blind = text_orders("blind", scorer(positions=False, layers=layers), TOKENIZER, (orders[0], orders[1]))
    seeing = text_orders("seeing", scorer(layers=layers), TOKENIZER, (orders[0], orders[1]))
    assert blind.differences[0] < ROUNDING < seeing.differences[0]
    assert 0 <= blind.apart <= 1 and (blind.apart < ROUNDING) == (layers == 1) and seeing.apart > ROUNDING
    assert all(0 < share <= 1 for _, share in seeing.expected[0])


def test_the_same_text_twice_is_not_apart() -> None:
    ids = TOKENIZER.encode(TEXT).astype(np.int64)
    found = text_orders("same", scorer(), TOKENIZER, (ids, ids))
    assert not found.differences.any() and found.apart == 0 and found.expected[0] == found.expected[1]


def test_the_commands(writer: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    """A text, a word of it, a grid, a program's answer, a picture; what it ends in is the same in any order."""
    done = seqgen("explain", "attention", "The rain and Ann", "--word", "Ann", "-m", writer, "-o", tmp_path / "a.html")
    assert done.returncode == 0 and "'Ann' looks at" in done.stdout and (tmp_path / "a.html").stat().st_size > 1000
    record = json.loads(seqgen("explain", "attention", "The rain", "-m", writer, "--json", "-q").stdout)
    assert record["words"] == ["The", "rain"] and len(record["heads"]) == 4
    done = seqgen("explain", "positions", "the rain said Ann", "-m", writer)
    assert done.returncode == 0 and "positions left out" in done.stdout
    assert "the order is known" in done.stdout and "sees a bag of symbols" in done.stdout
    record = json.loads(seqgen("explain", "positions", "the rain said", "-m", writer, "--json", "-q").stdout)
    assert [one["positions"] for one in record["models"]] == [True, False]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["attention", "The rain " * 9], "has 81 symbols, expected 1 to 32"),
        (["attention", " "], "is empty"),
        (["attention", "The rain", "--word", "moon"], "'moon'"),
        (["attention", "The rain", "--target", "b"], "--target"),
        (["positions", "rain"], "no other order"),
        (["positions", "the rain", "--shuffled", "rain"], "times"),
    ],
)
def test_what_cannot_be_looked_at_is_said_in_a_line(arguments: list[str], says: str, writer: Path, seqgen: Seqgen) -> None:
    done = seqgen("explain", *arguments, "-m", writer)
    assert done.returncode in (1, 2) and says in done.stderr and "Traceback" not in done.stderr and not done.stdout


def test_looking_and_writing_load_no_torch(writer: Path, poem: Path, tmp_path: Path) -> None:
    from tests.test_import_budget import loaded

    run = shutil.copytree(writer, tmp_path / "writer")
    for arguments in (["attention", "The rain"], ["positions", "the rain said"], ["context", "The rain"]):
        assert loaded("explain", *arguments, "-m", str(run), "-q") == (0, {"numpy", "rich"})
    assert loaded("generate", "-m", str(run), "-p", "The", "-n", "40", "-q") == (0, {"numpy"})
    assert loaded("evaluate", "-m", str(run), str(poem), "-q") == (0, {"numpy"})
    assert open_decoder(Run(run)).shape.heads == 2
