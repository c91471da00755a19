"""Small runs that nobody has trained: folders like those that training makes, in no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgen.data.primers import stretches_of, to_arrays
from seqgen.families import family_of
from seqgen.markov import fit
from seqgen.run import Run, RunInfo
from seqgen.run.run import kept_text
from seqgen.tokenizers.char import CharTokenizer
from seqgen.training.merge import begun as config_of

TEXT = "the rain in spain stays mainly in the plain\n" * 8
NOW = "2026-01-02T03:04:05.678+00:00"


def weights_of(run: Run, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    shapes = family_of(run.info.config).weights(run.info.config, run.info.vocab_size)
    return {name: rng.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}


def begun(path: Path, arch: str = "hybrid", **changes: Any) -> Run:
    """A run as it is before training."""
    tokenizer = CharTokenizer.train([TEXT])
    network = {} if arch == "markov" else {"layers": 1, "hidden": 8, "embedding": 4}
    facts = {"names": ["text.txt"], "given": ["text.txt"], "sha256": "0" * 64, "bytes": 352, "symbols": 352, "train": 300,
             "valid": 52}  # fmt: skip
    info = RunInfo(
        "language", path.name, config_of({"arch": arch, **network}, "language"), facts, NOW, "0.3.0", len(tokenizer), **changes
    )
    return Run.create(path, info, tokenizer)


def made(path: Path, arch: str = "hybrid", **changes: Any) -> Run:
    """A run that has finished."""
    run = begun(path, arch)
    ids = run.tokenizer().encode(TEXT)
    text = kept_text(ids[:300], ids[300:], run.info.vocab_size)
    assert text is not None
    files: dict[str, Any] = {"text": (text, None), "primers": (to_arrays(stretches_of(text["train"], run.tokenizer())), None)}
    if arch in ("markov", "hybrid"):
        files["markov"] = (fit(ids, ids[:0], run.info.vocab_size, 3).arrays(), None)
    if arch != "markov":
        weights = weights_of(run)
        state = {f"weights.{name}": array for name, array in weights.items()}
        state |= {f"best.{name}": array for name, array in weights.items()}
        files |= {"weights": (weights, {"step": 5}), "state": (state, {"step_count": 5, "loss": 1.5})}
    run.log({"step": 5, "seconds": 0.5, "lr": 0.1, "train": 1.5, "valid_approximate": 1.4, "sample": "the"})
    values = {"step": 5, "finished": NOW, "mix_weight": 0.5, "scores": {"valid": {"bits_per_char": 2.0}}}
    run.commit(files, **{**values, **changes})
    return run


def old_format(run: Run) -> Run:
    """The same run as version 0.3 wrote it: plain names, no checksums."""
    import json

    from safetensors.numpy import save_file

    if run.has("primers"):
        run.forget("primers")
    for name in ("weights", "markov", "state", "text"):
        if run.has(name):
            arrays, notes = run.arrays_and_notes(name)
            run.file_of(name).unlink()
            save_file(arrays, run.path / f"{name}.safetensors", metadata={"notes": json.dumps(notes)})
    path = run.path / "config.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    for name in ("files", "open", "replaces", "model"):
        del content[name]
    del content["settings"]["task"]
    content["format"] = 1
    path.write_text(json.dumps(content), encoding="utf-8")
    return Run(run.path)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its name in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip


class Killed(BaseException):
    """What a process that is killed does not live to see."""


KILLING = ("fsync", "replace", "rename", "unlink", "mkdir", "rmdir", "open", "write")
FILLING = ("fsync", "replace", "mkdir", "write")


@contextmanager
def failing_after(
    monkeypatch: pytest.MonkeyPatch, calls: int, error: Callable[[], BaseException], names: tuple[str, ...] = KILLING
) -> Iterator[None]:
    """Inside the block the calls to the system that change something fail from the one of that number on."""
    import os

    count = [0]

    def failing(original: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            count[0] += 1
            if count[0] > calls:
                raise error()
            return original(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        for name in names:
            patch.setattr(os, name, failing(getattr(os, name)))
        yield


def no_space() -> OSError:
    return OSError(28, "No space left on device")
