"""A translation run: exact resume, a model that must learn, a plan without gaps, a loss that is torch's."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from seqgen.api import translate
from seqgen.data.pairs import Pairs
from seqgen.data.sentence.placeholders import SENTINEL
from seqgen.errors import ConfigError, CorpusError
from seqgen.run import Run
from seqgen.tokenizers.base import SENTINELS
from seqgen.training import loss as loss_module
from seqgen.training.loss import cross_entropy_sum
from seqgen.training.merge import begun, checked
from seqgen.training.progress import Finished, Progress
from seqgen.training.train import Request, Training
from seqgen.training.trainer import Trainer
from seqgen.training.translation.material import PairMaterial, encode, learn_tokenizer, learnt
from tests.training.test_resume import assert_equal_runs

CASES = {
    "plain": {},
    "dropout, accumulation": {"dropout": 0.2, "accumulate": 2},
    "averaging, post-norm": {"average": 0.9, "norm": "post"},
    "bf16, characters": {"precision": "bf16", "tokenizer": "char"},
    "no positions, reversed": {"positions": False, "reverse": True},
}


def sitting(pairs: Path, path: Path, options: dict, until: int | None = None) -> Finished:
    """One sitting; `until` is the step at which somebody presses Ctrl-C."""
    defaults = {"steps": 20, "layers": 1, "hidden": 16, "ffn": 32, "heads": 2, "precision": "fp32", "threads": 1,
                "max_tokens": 300, "dropout": 0.1}  # fmt: skip
    request = Request((str(pairs),), path, {**defaults, **options})
    seen = [0]
    training = Training(request, stop=lambda: until is not None and seen[0] >= until)
    told: Progress | Finished | None = None
    for told in training.tell():
        if isinstance(told, Progress):
            seen[0] = max(seen[0], told.step)
    assert isinstance(told, Finished)
    return told


@pytest.mark.parametrize("case", CASES)
def test_interrupted_and_resumed_is_never_interrupted(case: str, digits: Path, tmp_path: Path) -> None:
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    assert sitting(digits, whole, CASES[case]).done
    stopped = sitting(digits, halves, CASES[case], until=10)
    assert not stopped.done and Run(halves).info.step == 10 and Run(halves).info.finished is None
    assert sitting(digits, halves, CASES[case]).done
    assert_equal_runs(whole, halves)


def test_it_learns_to_turn_digits_round(tmp_path: Path) -> None:
    rng = random.Random(7)
    pairs = {" ".join(rng.choice("0123456789") for _ in range(5)) for _ in range(500)}
    digits = tmp_path / "turned.tsv"
    digits.write_text("".join(f"{line}\t{line[::-1]}\n" for line in sorted(pairs)), encoding="utf-8")
    options = {"steps": 900, "layers": 2, "hidden": 32, "ffn": 64, "max_tokens": 1_000, "lr": 0.006, "dropout": 0.0,
               "label_smoothing": 0.0, "tokenizer": "char"}  # fmt: skip
    assert sitting(digits, tmp_path / "run", options).done
    lines = [" ".join(rng.choice("0123456789") for _ in range(5)) for _ in range(100)]
    found = translate(Run(tmp_path / "run"), lines)
    right = sum(line[::-1] == other for line, other in zip(lines, found, strict=True))
    assert right >= 90, f"{right} of 100"
    assert Run(tmp_path / "run").info.scores["valid"]["bleu"] > 90


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("rows", [5, 64])
def test_the_smoothed_loss_and_its_gradients_are_torchs(
    smoothing: float, precision: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss_module, "CHUNK_NUMBERS", 7 * 11)
    monkeypatch.setattr(loss_module, "WHOLE_NUMBERS", 0)
    torch.manual_seed(0)
    hidden, weight, bias = (torch.randn(size, requires_grad=True) for size in ((rows, 6), (11, 6), (11,)))
    targets = torch.randint(11, (rows,))
    inputs = (hidden, weight, bias)
    ours = cross_entropy_sum(*inputs, targets, smoothing=smoothing, precision=precision)
    theirs = F.cross_entropy(F.linear(*inputs), targets, reduction="sum", label_smoothing=smoothing)
    rough = precision == "bf16"
    torch.testing.assert_close(ours, theirs, rtol=1e-2 if rough else 1e-5, atol=1e-4)
    for a, b in zip(torch.autograd.grad(2 * ours, inputs), torch.autograd.grad(2 * theirs, inputs), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=0.15 if rough else 1e-4)


def test_a_run_says_what_it_is(translation_run: Path) -> None:
    run = Run(translation_run)
    info = run.info
    assert info.kind == "translation" and info.config.arch == "transformer" and info.finished
    assert 380 < info.corpus["train"] + info.corpus["valid"] <= 400 and info.corpus["longest_source"] >= 5
    assert info.corpus["joined_source"] == 0 == info.corpus["several_sentences"] and info.scores["lengths"]["least"] > 0
    assert {"bleu", "chrf", "nats_per_token", "perplexity"} <= set(info.scores["valid"])
    assert 0 <= info.scores["valid"]["exact"] <= info.scores["valid"]["pairs"]
    assert "tok:13a" in info.scores["signature"]["BLEU"]
    for row in run.rows():
        assert {"step", "train", "valid_approximate", "BLEU", "chrF", "sample"} <= set(row)
    # 32 pieces are kept free for terms that must pass through unchanged.
    tokenizer = run.tokenizer()
    assert [tokenizer.symbol(4 + n) for n in (0, 31)] == ["<placeholder0>", "<placeholder31>"]


def test_a_share_of_the_sources_is_learnt_in_lower_case_too(tmp_path: Path) -> None:
    material = material_of([f"Das Haus {n}. Ein Baum." for n in range(40)], [f"The house {n}. A tree." for n in range(40)])
    config = replace(begun({}, "translation"), lowercase_frac=0.25, placeholder_frac=0.0, tokenizer="char")
    pairs = learnt(material, config)
    tokenizer = learn_tokenizer(pairs, 40, config)
    encoded, notes = encode(material, pairs, tokenizer, config)
    assert not notes and len(encoded.train) == 50 and encoded.several == 1.0
    sources = [tokenizer.decode(encoded.train.pair(row)[0]) for row in range(40, 50)]
    assert sources[0] == "Das haus 3. ein baum." and tokenizer.decode(encoded.train.pair(40)[1]) == "The house 3. A tree."
    assert encoded.facts["joined_source"] == np.quantile(encoded.train.source_lengths, 0.95) // 1 > 20


def test_a_share_of_the_pairs_is_learnt_with_placeholders_in_the_places_of_words_that_belong_together() -> None:
    animals = {"dog": "chien", "cat": "chat", "horse": "cheval", "cow": "vache", "sheep": "mouton"}
    names = list(animals)
    rows = [(names[n % 5], names[(n + n // 5 % 4 + 1) % 5], n) for n in range(100)]
    sources = [f"the {one} of {n + 100} sees a {two}." for one, two, n in rows]
    targets = [f"le {animals[one]} de {n + 100} voit un {animals[two]}." for one, two, n in rows]
    config = replace(begun({}, "translation"), lowercase_frac=0.0, placeholder_frac=0.5)
    pairs = learnt(material_of(sources, targets), config)
    assert len(pairs) == 150
    used: Counter[str] = Counter()
    for source, target in zip(pairs.sources, pairs.targets, strict=True):
        assert not re.search(r"\d", source + target), "a number that stands on both sides is never learnt as it is"
        left, right = SENTINEL.findall(source), SENTINEL.findall(target)
        assert sorted(left) == sorted(right) and len(set(left)) == len(left) >= 1
        used.update(left)
    assert set(used) == set(SENTINELS), "each of them is learnt"
    assert sum(len(SENTINEL.findall(source)) > 1 for source in pairs.sources[100:]) > 45
    for source, target in zip(pairs.sources[100:], pairs.targets[100:], strict=True):
        # Where an animal has gone, so has its translation.
        left, right = re.findall(r"\w+", source), re.findall(r"\w+", target)
        assert sorted(animals[word] for word in left if word in animals) == sorted(set(right) & set(animals.values()))
    again = learnt(material_of(sources, targets), config)
    assert again.sources == pairs.sources and again.targets == pairs.targets, "a run that is continued learns the same"
    tokenizer = learn_tokenizer(pairs, 100, config)
    encoded, _ = encode(material_of(sources, targets), pairs, tokenizer, config)
    assert tokenizer.decode(encoded.train.pair(120)[0]) == pairs.sources[120]


def material_of(sources: list[str], targets: list[str]) -> PairMaterial:
    """Pairs of which none are held out."""
    pairs = Pairs(tuple(sources), tuple(targets), ("pairs",), 1, "0", ())
    return PairMaterial(pairs, Pairs((), (), ("pairs",), 1, "0", ()), {}, ())


def test_held_out_pairs_of_their_own(digits: Path, tmp_path: Path) -> None:
    valid = tmp_path / "valid.tsv"
    valid.write_text("1 2 3\t3 2 1\n4 5 6\t6 5 4\n", encoding="utf-8")
    options = {"steps": 2, "layers": 1, "hidden": 16, "heads": 2, "ffn": 16}
    request = Request((str(digits),), tmp_path / "run", options, valid=(str(valid),))
    list(Training(request).tell())
    assert Run(tmp_path / "run").info.corpus["valid"] == 2 and Run(tmp_path / "run").info.corpus["train"] > 390


def test_too_little_is_said(tmp_path: Path) -> None:
    path = tmp_path / "one.tsv"
    path.write_text("a\tb\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="needs two pairs"):
        sitting(path, tmp_path / "run", {})
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("task", "options", "message"),
    [
        ("language", {"heads": 2}, "--heads belongs to --arch transformer"),
        ("language", {"vocab_size": 500}, "--vocab-size belongs to --tokenizer bpe or unigram, found char"),
        ("language", {"reverse": True}, "--reverse belongs to translation models"),
        ("translation", {"keep_text": False}, "--keep-text belongs to language models"),
        ("translation", {"bptt": 5}, "--bptt belongs to"),
        ("translation", {"order": 5}, "--order belongs to"),
        ("translation", {"arch": "lstm"}, "--arch lstm learns from texts, and these are pairs"),
        ("translation", {"hidden": 10, "heads": 3}, "--heads: 3 does not divide --hidden 10"),
        ("translation", {"vocab_size": 500, "tokenizer": "char"}, "--vocab-size belongs to --tokenizer bpe or unigram"),
    ],
)
def test_options_that_cannot_work_are_named(task: str, options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        begun(checked(options), task)


def test_a_vocabulary_that_is_too_small_is_said(digits: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--vocab-size: expected 3"):
        sitting(digits, tmp_path / "run", {"vocab_size": 100})


def test_the_exact_loss_is_what_scoring_says(translation_run: Path, digits: Path) -> None:
    """The figure in config.json comes from the engine; the readable network agrees."""
    from seqgen.opening import open_translator

    run = Run(translation_run)
    tokenizer = run.tokenizer()
    rows = [line.split("\t") for line in digits.read_text(encoding="utf-8").splitlines()[:5]]
    sides = [[tokenizer.encode(row[side]) for row in rows] for side in (0, 1)]
    fast = open_translator(run, precision="float32").score(*sides)
    readable = open_translator(run, engine="reference").score(*sides)
    for a, b in zip(fast, readable, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


@pytest.mark.parametrize("bad", [float("nan"), 1e6])
def test_an_explosion_goes_back_to_the_best_weights(
    bad: float, digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Trainer, *arguments: object, __original=Trainer.step) -> bool:  # type: ignore[no-untyped-def]
        if self.step_count == 12:
            with torch.no_grad():
                self.model.output_bias.mul_(bad).add_(bad)
                self.model.embedding.weight.mul_(bad)
        return __original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Trainer, "step", broken)
    sitting(digits, tmp_path / "run", {})
    run = Run(tmp_path / "run")
    assert all(np.isfinite(array).all() for array in run.arrays("weights").values())
    assert run.arrays_and_notes("state")[1]["rate_scale"] == 0.5


def test_batches_that_are_hard_are_no_explosion(digits: Path, tmp_path: Path) -> None:
    """Half of the pairs cannot be learnt and stand in batches of their own, as long sentences do."""
    rng = random.Random(3)
    letters = "abcdefghijklmnopqrstuvwxyz"
    noise = ["".join(rng.choice(letters) for _ in range(30)) for _ in range(200)]
    path = tmp_path / "mixed.tsv"
    rows = [f"{line}\t{''.join(rng.choice(letters) for _ in range(30))}\n" for line in noise]
    path.write_text(digits.read_text(encoding="utf-8") + "".join(rows), encoding="utf-8")
    sitting(path, tmp_path / "run", {"steps": 150, "lr": 0.01, "tokenizer": "char", "max_tokens": 500})
    assert Run(tmp_path / "run").arrays_and_notes("state")[1]["rate_scale"] == 1.0
