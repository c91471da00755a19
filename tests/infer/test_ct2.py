"""The fast engine against the readable one: the same hypotheses, the same scores, whatever stands beside a sentence."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from seqgen.decode.translator import TranslateOptions, seed_of
from seqgen.errors import CheckpointError
from seqgen.infer import ct2
from seqgen.infer.ct2 import CT2Translator, convert
from seqgen.nn.reference import ReferenceTranslator
from seqgen.nn.transformer import TransformerModel
from seqgen.opening import open_translator
from seqgen.run import Run
from seqgen.tokenizers.base import EOS
from seqgen.weights import TransformerShape

SHAPES = {
    "pre-norm": TransformerShape(61, 2, 2, 2, 16, 24),
    "post-norm": TransformerShape(61, 1, 3, 4, 16, 24, pre_norm=False),
    "no positions": TransformerShape(61, 2, 1, 1, 16, 24, positions=False),
}


@pytest.fixture(scope="module", params=SHAPES)
def engines(request: pytest.FixtureRequest) -> tuple[CT2Translator, ReferenceTranslator]:
    """Both engines over one random network whose choices are sharp enough to differ from place to place."""
    shape = SHAPES[request.param]
    torch.manual_seed(3)
    model = TransformerModel(shape)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5 if parameter.dim() > 1 else 1).add_(torch.randn_like(parameter) * 0.05)
    weights = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    return CT2Translator(convert(shape, weights), precision="float32", threads=2), ReferenceTranslator(model)


def sentences(count: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(4, 61, rng.integers(1, 14)) for _ in range(count)]


@pytest.mark.parametrize("options", [
    {"beam_size": 1}, {"beam_size": 5}, {"beam_size": 3, "nbest": 3, "length_penalty": 0.6}, {"length_penalty": 0.0},
    {"beam_size": 4, "no_repeat_ngram": 2}, {"beam_size": 2, "prefix": (7, 9, 11)},
])  # fmt: skip
def test_both_engines_find_the_same(options: dict, engines: tuple[CT2Translator, ReferenceTranslator]) -> None:
    fast, readable = engines
    chosen = TranslateOptions(max_length=20, **options)
    sources = sentences(40)
    same, scores = 0, []
    for ours, theirs in zip(fast.submit(sources, chosen)(), readable.submit(sources, chosen)(), strict=True):
        assert len(ours) == len(theirs) == chosen.nbest
        equal = [a.ids.tolist() == b.ids.tolist() and a.whole == b.whole for a, b in zip(ours, theirs, strict=True)]
        same += all(equal)
        scores += [abs(a.score - b.score) for a, b, e in zip(ours, theirs, equal, strict=True) if e]
    assert same >= 39 and max(scores) < 1e-3


def test_both_engines_score_the_same(engines: tuple[CT2Translator, ReferenceTranslator]) -> None:
    sources, targets = sentences(10), sentences(10, seed=1)
    for ours, theirs, target in zip(*(e.score(sources, targets) for e in engines), targets, strict=True):
        assert len(ours) == len(theirs) == len(target) + 1
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("beam", [1, 5])
def test_neighbours_and_batches_change_nothing(
    beam: int, engines: tuple[CT2Translator, ReferenceTranslator], monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = engines[0]
    sources = sentences(60, seed=2)
    options = TranslateOptions(beam_size=beam, max_length=20)
    alone = [fast.submit([source], options)()[0][0].ids.tolist() for source in sources]
    order = np.random.default_rng(0).permutation(len(sources))
    for size in (7, 64):
        monkeypatch.setattr(ct2, "BATCH", size)
        together = fast.submit([sources[i] for i in order], options)()
        assert [hypotheses[0].ids.tolist() for hypotheses in together] == [alone[i] for i in order]


def test_nothing_is_cut_in_silence() -> None:
    """Left to itself the engine cuts sources at 1,024 tokens and translations at 256."""
    torch.manual_seed(0)
    model = TransformerModel(SHAPES["pre-norm"])
    model.output_bias.data[EOS] = -100
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    fast = CT2Translator(convert(SHAPES["pre-norm"], weights), precision="float32")
    source = np.random.default_rng(0).integers(4, 61, 1_500)
    found = fast.submit([source], TranslateOptions(beam_size=1, max_length=600))()[0][0]
    assert len(found.ids) == 600 and not found.whole
    changed = source.copy()
    changed[1_200:] = 5
    target = [np.array([7, 8, 9])]
    assert not np.allclose(fast.score([source], target)[0], fast.score([changed], target)[0], atol=1e-5)


def test_seeded_sampling_repeats(engines: tuple[CT2Translator, ReferenceTranslator]) -> None:
    fast, sources = engines[0], sentences(12)

    def drawn(seed: int) -> list[list[int]]:
        options = TranslateOptions(sample=True, seed=seed, max_length=15)
        return [hypotheses[0].ids.tolist() for hypotheses in fast.submit(sources, options)()]

    assert drawn(1) == drawn(1) != drawn(2)


def test_what_is_drawn_belongs_to_its_seed_and_to_nothing_else(engines: tuple[CT2Translator, ReferenceTranslator]) -> None:
    fast, sources = engines[0], [*sentences(5), *sentences(5)]
    options = TranslateOptions(sample=True, seed=1, nbest=2, max_length=15)
    seeds = [seed_of(1, row) for row in range(10)]

    def drawn(rows: list[int], chosen: TranslateOptions = options) -> list[list[list[int]]]:
        found = fast.submit([sources[row] for row in rows], chosen, [seeds[row] for row in rows])()
        return [[hypothesis.ids.tolist() for hypothesis in hypotheses] for hypotheses in found]

    whole = drawn(list(range(10)))
    # In other portions, in another order, after something else was drawn without a seed; seeds given are those of the places.
    fast.submit(sources, TranslateOptions(sample=True, max_length=15))()
    assert drawn([7, 2, 9]) == [whole[7], whole[2], whole[9]] and drawn([2]) == [whole[2]]
    assert [[h.ids.tolist() for h in found] for found in fast.submit(sources, options)()] == whole
    assert whole[0] != whole[5], "the same source twice is drawn twice"
    # As many as there are, or more, is no cut: the engine itself would refuse it.
    assert drawn([2], TranslateOptions(sample=True, nbest=2, max_length=15, top_k=1_000)) == [whole[2]]
    assert drawn([2], TranslateOptions(sample=True, nbest=2, max_length=15, top_k=61)) == [whole[2]]


def test_only_a_few_batches_are_handed_over_before_they_are_waited_for(
    engines: tuple[CT2Translator, ReferenceTranslator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was handed over is worked off even after an interrupt: a thousand lines must not be."""
    fast, sources = engines[0], sentences(100)
    options = TranslateOptions(beam_size=2, max_length=10)
    expected = [found[0].ids.tolist() for found in fast.submit(sources, options)()]
    given: list[int] = []
    begin = CT2Translator._begin

    def counted(self: CT2Translator, translator: object, some: list[np.ndarray], chosen: TranslateOptions) -> object:
        given.append(len(some))
        return begin(self, translator, some, chosen)

    monkeypatch.setattr(CT2Translator, "_begin", counted)
    monkeypatch.setattr(ct2, "BATCH", 5)
    wait = fast.submit(sources, options)
    assert given == [5] * (2 * ct2.AHEAD)
    assert [found[0].ids.tolist() for found in wait()] == expected and sum(given) == 100


def test_attention_is_a_share_of_the_source(engines: tuple[CT2Translator, ReferenceTranslator]) -> None:
    source = sentences(1)[0]
    found = engines[0].submit([source], TranslateOptions(max_length=10, attention=True))()[0][0]
    assert found.attention is not None and found.attention.shape[1] == len(source) + 1
    np.testing.assert_allclose(found.attention.sum(1), 1, atol=1e-4)


def test_weights_that_do_not_fit_are_named() -> None:
    weights = {name: value.numpy() for name, value in TransformerModel(SHAPES["pre-norm"]).state_dict().items()}
    del weights["encoder.1.feed_forward.outer.bias"]
    with pytest.raises(CheckpointError, match=r"encoder.1.feed_forward.outer.bias \[16\]"):
        convert(SHAPES["pre-norm"], weights)


def test_the_cache_is_made_once_and_may_be_deleted(translation_run: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "run"
    shutil.copytree(translation_run, copy)
    source = [np.array([40, 41, 42])]
    options = TranslateOptions(max_length=8)

    def ids() -> list[int]:
        return open_translator(Run(copy), precision="float32").submit(source, options)()[0][0].ids.tolist()

    first = ids()
    models = list((copy / "engine").iterdir())
    assert len(models) == 1 and stat.S_IMODE(models[0].stat().st_mode) & 0o055 == 0o055
    shutil.rmtree(copy / "engine")
    assert ids() == first and [path.name for path in (copy / "engine").iterdir()] == [models[0].name]


def test_conversion_loads_no_torch(translation_run: Path, tmp_path: Path) -> None:
    """Cold: torch is installed, nothing is cached."""
    code = (
        "import sys; from pathlib import Path; from seqgen.run import Run; from seqgen.infer.ct2 import convert\n"
        "from seqgen.families import family_of\n"
        f"run = Run(Path({str(translation_run)!r}))\n"
        "convert(family_of(run.info.config).shape(run.info.config, run.info.vocab_size), run.arrays('weights'))\n"
        "assert 'torch' not in sys.modules\n"
        "import torch; assert torch.tensor([1]).item() == 1\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ)
