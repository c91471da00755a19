"""One word's attention, step by step: every number against torch's own attention, in all parts of a network."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from seqgen.errors import ConfigError
from seqgen.explain.steps import Computation, computations
from seqgen.infer.transformer import TransformerReader
from seqgen.opening import open_reader
from seqgen.run import Run
from seqgen.tokenizers.char import CharTokenizer
from seqgen.weights import TransformerShape, sinusoids, transformer_weights
from tests.conftest import ROOT, Seqgen

TINY = ROOT / "checkpoints" / "tiny-english-french"
SENTENCE = "The old sailor sees 3 boats."
CHARS = CharTokenizer.train(["abc xyz"])


def drawn(pre_norm: bool, positions: bool = True) -> tuple[TransformerReader, dict[str, Any]]:
    """A small network none of whose arrays is special."""
    shape = TransformerShape(len(CHARS), 2, 3, 2, 8, 12, pre_norm, positions)
    rng = np.random.default_rng(4)
    arrays = {n: 0.5 * rng.standard_normal(size, dtype=np.float32) for n, size in transformer_weights(shape).items()}
    return TransformerReader(shape, arrays), arrays


def torchs(one: Computation, arrays: dict[str, Any], memory: Any) -> tuple[Any, Any]:
    """The output [Q, D] and weights [h, Q, K] of torch.nn.MultiheadAttention with the same weights and inputs."""
    side = "encoder" if one.kind == "encoder" else "decoder"
    name = f"{side}.{one.layer - 1}.{'cross' if one.kind == 'cross' else 'self'}_attention"
    theirs = nn.MultiheadAttention(one.width, one.heads, batch_first=True)
    parts = {"in_proj_weight": "inputs.weight", "in_proj_bias": "inputs.bias", "out_proj.weight": "outputs.weight",
             "out_proj.bias": "outputs.bias"}  # fmt: skip
    theirs.load_state_dict({ours: torch.from_numpy(arrays[f"{name}.{part}"]) for ours, part in parts.items()})
    x = torch.from_numpy(one.values.inputs)[None]
    read = torch.from_numpy(memory)[None] if one.kind == "cross" else x
    mask = torch.ones(x.shape[1], x.shape[1]).triu(1).bool() if one.kind == "decoder" else None
    with torch.inference_mode():
        output, weights = theirs(x, read, read, attn_mask=mask, average_attn_weights=False)
    return output[0].numpy(), weights[0].numpy()


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("pre_norm", [True, False])
def test_every_number_is_torchs(pre_norm: bool, layer: int) -> None:
    reader, arrays = drawn(pre_norm)
    pair = CHARS.encode("ab c a"), CHARS.encode("xy z")
    found = [*computations(reader, CHARS, pair, "c", layer, 2), *computations(reader, CHARS, pair, "z", layer, 1)]
    assert [(one.kind, one.place) for one in found] == [("encoder", 3), ("decoder", 3), ("cross", 3)]
    for one in found:
        output, weights = torchs(one, arrays, reader.read(*pair).memory)
        np.testing.assert_allclose(one.shares, weights[one.head - 1, one.place], atol=1e-5)
        np.testing.assert_allclose(one.values.output, output, atol=1e-5)
        np.testing.assert_allclose(one.products / one.root, one.scores, atol=1e-5, rtol=1e-5)
        np.testing.assert_allclose(one.shares @ one.vectors, one.gathered[one.head - 1], atol=1e-5)
        np.testing.assert_array_equal(np.concatenate(list(one.gathered)), one.values.joined[one.place])
        norm = "encoder.0.self_attention_norm" if one.kind == "encoder" else ""
        if pre_norm and norm and layer == 1:
            theirs = torch.layer_norm(torch.from_numpy(one.values.stream), (8,), torch.from_numpy(arrays[f"{norm}.weight"]),
                                      torch.from_numpy(arrays[f"{norm}.bias"]))  # fmt: skip
            np.testing.assert_allclose(one.values.inputs, theirs.numpy(), atol=1e-5)
        assert np.array_equal(one.values.inputs, one.values.stream) is not pre_norm


def test_what_comes_in_is_the_embedding_and_the_position() -> None:
    reader, arrays = drawn(True)
    pair = CHARS.encode("ab"), CHARS.encode("xyz")
    (one, *_) = computations(reader, CHARS, pair, "b", 1, 1)
    assert one.embedding is not None and one.position is not None
    np.testing.assert_allclose(one.embedding, arrays["embedding.weight"][pair[0][1]] * 8**0.5, atol=1e-5)
    np.testing.assert_array_equal(one.position, sinusoids(9, 8)[1])
    blind, _ = drawn(True, positions=False)
    (one, *_) = computations(blind, CHARS, pair, "b", 1, 1)
    assert one.position is None and one.embedding is not None
    # Above the first layer, and across, it is neither.
    assert all(one.embedding is None for one in computations(reader, CHARS, pair, "b", 2, 1))
    assert [one.embedding is None for one in computations(reader, CHARS, pair, "xyz", 1, 1)] == [False, True]


def test_only_the_decoder_has_a_third_layer() -> None:
    reader, _ = drawn(False)
    pair = CHARS.encode("ab"), CHARS.encode("ab z")
    assert [one.kind for one in computations(reader, CHARS, pair, "ab", 1, 1)] == ["encoder", "decoder", "cross"]
    assert [one.kind for one in computations(reader, CHARS, pair, "ab", 3, 1)] == ["decoder", "cross"]
    assert {one.layer for one in computations(reader, CHARS, pair, "ab", "last", 1)} == {2, 3}
    with pytest.raises(ConfigError, match="not in a part with a layer 3"):
        computations(reader, CHARS, (pair[0], CHARS.encode("z")), "ab", 3, 1)
    for layer, head in ((4, 1), (1, 3)):
        with pytest.raises(ConfigError, match="expected 1 to"):
            computations(reader, CHARS, pair, "ab", layer, head)


def test_the_piece_that_stands_for_a_word() -> None:
    """Of '3', which is read as a space and a digit, the digit; of a word that is there twice, the first."""
    run = Run(TINY)
    tokenizer, reader = run.tokenizer(), open_reader(run)
    pair = tokenizer.encode("The cat and the cat see 3 boats."), tokenizer.encode("Le chat")
    (one,) = computations(reader, tokenizer, pair, "3", 1, 1)
    assert one.piece == "3" and one.asked.pieces == 2
    (one,) = computations(reader, tokenizer, pair, "CAT", 1, 1)
    assert one.asked.word == "cat" and one.place == 1 and one.asked.times == 2
    decoder, cross = computations(reader, tokenizer, pair, "chat", 1, 1)
    assert decoder.piece == cross.piece == "▁Le" and decoder.visible == 2 and cross.visible == len(cross.columns)
    with pytest.raises(ConfigError, match="'dog' is not there"):
        computations(reader, tokenizer, pair, "dog", 1, 1)


def test_the_command(seqgen: Seqgen, tmp_path: Path) -> None:
    picture = tmp_path / "steps.svg"
    done = seqgen("explain", "attention", "-m", TINY, SENTENCE, "--steps", "--word", "bateaux", "-o", picture)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    for part in ("1. What comes in", "W_q", "over 5.657", "-inf", "keys and values come from", "by 8", "heads side by side"):
        assert part in done.stdout, part
    drawn_text = picture.read_text(encoding="utf-8")
    assert "-inf" in drawn_text and "head 4" in drawn_text, "the tables are in the picture too"
    done = seqgen("explain", "attention", "-m", TINY, SENTENCE, "--steps", "--word", "sees", "--layer", "last", "--head", 3,
                  "--json", "-q")  # fmt: skip
    (step,) = json.loads(done.stdout)["steps"]
    assert (step["kind"], step["layer"], step["head"], step["d"], step["width"]) == ("encoder", 2, 3, 32, 128)
    keys, query = np.array(step["keys"]), np.array(step["query"])
    scores = keys @ query / 32**0.5
    np.testing.assert_allclose(step["scores"], scores, atol=1e-4)
    shares = np.exp(scores - scores.max())
    np.testing.assert_allclose(step["shares"], shares / shares.sum(), atol=1e-5)
    np.testing.assert_allclose(np.add(step["stream"], step["output"]), step["result"], atol=1e-5)
    assert len(step["joined"]) == 128 and np.shape(step["gathered"]) == (4, 32)


def test_masked_scores_have_no_number_in_json(seqgen: Seqgen) -> None:
    done = seqgen("explain", "attention", "-m", TINY, SENTENCE, "--steps", "--word", "vieux", "--json", "-q")
    decoder, _ = json.loads(done.stdout)["steps"]
    assert decoder["masked"][:2] == decoder["scores"][:2] and set(decoder["masked"][2:]) == {None}
    assert set(decoder["shares"][2:]) == {0.0} and sum(decoder["shares"]) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--steps"], 2, "--steps belongs to --word"),
        (["--steps", "--word", "sees", "--grid"], 2, "--grid and --word exclude each other"),
        (["--steps", "--word", "sees", "--layer", "all"], 2, "--layer all exclude each other"),
        (["--steps", "--word", "sees", "--layer", "3"], 1, "--layer: expected 1 to 2, found 3"),
        (["--grid", "--head", "1"], 2, "--grid and --head exclude each other"),
    ],
)
def test_mistakes_are_one_line(seqgen: Seqgen, arguments: list[str], code: int, says: str) -> None:
    done = seqgen("explain", "attention", "-m", TINY, SENTENCE, *arguments, "-q")
    assert done.returncode == code and says in done.stderr and "Traceback" not in done.stderr and done.stdout == ""


def test_all_heads_as_one_picture(seqgen: Seqgen, tmp_path: Path) -> None:
    for kind in ("svg", "html"):
        done = seqgen("explain", "attention", "-m", TINY, SENTENCE, "--grid", "-o", tmp_path / f"grid.{kind}")
        assert done.returncode == 0 and max(map(len, done.stdout.splitlines())) <= 80
        text = (tmp_path / f"grid.{kind}").read_text(encoding="utf-8")
        assert all(part in text for part in ("encoder: ", "cross-attention: ", "layer 2", "head 4"))
    assert done.stdout.count("layer 2  ") == 3


def test_values_are_kept_under_the_names_of_the_weights() -> None:
    reader, _ = drawn(True)
    reading = reader.read(CHARS.encode("ab"), CHARS.encode("xyz"))
    assert list(reading.attentions) == [
        *(f"encoder.{n}.self_attention" for n in range(2)),
        *(f"decoder.{n}.{kind}_attention" for n in range(3) for kind in ("self", "cross")),
    ]
    assert replace(reading).cross.shape == (3, 2, 4, 3)
