"""Whatever is read from a run is checked once, at the door: no mutation gets a traceback, a hang, or is believed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgen.errors import CheckpointError, SeqgenError
from seqgen.markov import Markov, fit
from seqgen.opening import open_scorer, open_stretches
from seqgen.run import Run, held
from seqgen.run.arrays import encode
from tests.run.made import begun, made, old_format, tree, weights_of

NOT_A_NUMBER, INFINITE, HUGE = "@nan@", "@inf@", "@huge@"
DEEP = "@deep@"
VALUES = [None, True, False, 0, -1, 1.5, 7, "", "x", "../x", [], [1], {}, {"a": 1}, [[]], {"a": {"b": {"c": 1}}}, 10**30, 1e300,
          HUGE, NOT_A_NUMBER, INFINITE, DEEP, "\0", "a/b", "\ud800", "2026-01-02T03:04:05", {"value": 1}, ["x", 1]]  # fmt: skip


def dumped(content: Any) -> str:
    text = json.dumps(content)
    for mark, value in ((NOT_A_NUMBER, "NaN"), (INFINITE, "1e999"), (HUGE, "9" * 5_000), (DEEP, "[" * 50_000 + "]" * 50_000)):
        text = text.replace(json.dumps(mark), value)
    return text


def used(path: Path) -> None:
    """What commands do with a run; a damaged one may only raise errors that have a message."""
    run = Run(path)
    tokenizer = run.tokenizer()
    scorer = open_scorer(run)
    scorer.score(tokenizer.encode("the rain"), scorer.start([tokenizer.encode("\n")]))
    run.rows()
    if run.has("text"):
        run.arrays("text")
    open_stretches(run)


def test_each_field_of_config_is_checked(tmp_path: Path) -> None:
    path = made(tmp_path / "run").path / "config.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    places: list[tuple[str, ...]] = [(name,) for name in whole]
    places += [("settings", name) for name in whole["settings"]]
    places += [("settings", name, key) for name in ("hidden", "arch", "lr", "encoding") for key in ("value", "by")]
    places += [("corpus", name) for name in whole["corpus"]] + [("files", name) for name in whole["files"]]
    places += [("scores", "valid"), ("scores", "valid", "bits_per_char"), ("seconds", "x"), ("baselines", "x"), ("new",)]
    refused = 0
    for number, place in enumerate(places):
        for value in VALUES if place[0] != "settings" else VALUES[number % 4 :: 4]:
            content = json.loads(json.dumps(whole))
            inner = content
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = value
            path.write_text(dumped(content), encoding="utf-8")
            try:
                used(path.parent)
            except SeqgenError as error:
                refused += place[0] != "settings"
                assert len(str(error)) < 700 and "\n" not in error.message
    assert refused > 0.75 * sum(place[0] != "settings" for place in places) * len(VALUES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mix_weight": 7}, "mix_weight: expected 0 to 1"), ({"step": -1}, "step: expected"), ({"kind": "x"}, "kind: expected"),
        ({"name": "../../x"}, "name: expected the name of a folder"), ({"vocab_size": 10**9}, "vocab_size: expected"),
        ({"kind": "translation"}, "a translation run with --arch hybrid"), ({"format": 9}, "expected format 1 or 2, found 9"),
        ({"finished": "yesterday"}, "finished: expected a time"), ({"created": "2026-01-01"}, "created: expected a time"),
        ({"files": {"weights": "../x"}}, "files: expected checksums"), ({"more": 1}, "unknown field 'more'"),
        ({"vocab_size": 9}, "has 18 symbols, config.json says 9"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = made(tmp_path / "run").path / "config.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **change}), encoding="utf-8")
    with pytest.raises(CheckpointError) as error:
        used(path.parent)
    assert message in error.value.message and str(path.parent) in error.value.message


def test_a_million_keys_are_refused_at_once(tmp_path: Path) -> None:
    path = made(tmp_path / "run").path / "config.json"
    keys = ",".join(f'"{number}":1' for number in range(1_000_000))
    path.write_text(path.read_text(encoding="utf-8").replace('"baselines": {', '"baselines": {' + keys), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"config\.json: expected at most"):
        Run(path.parent)


def test_a_flipped_bit_in_any_file_is_said_with_its_name(tmp_path: Path) -> None:
    run = made(tmp_path / "run")
    rng = np.random.default_rng(0)
    for path in sorted(run.path.iterdir()):
        whole = path.read_bytes()
        if path.name in ("config.json", "metrics.jsonl", "lock"):
            continue
        for place in rng.integers(0, len(whole), 12):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << int(rng.integers(8))
            path.write_bytes(damaged)
            with pytest.raises(CheckpointError, match=path.name):
                used(run.path) if path.name != run.file_of("state").name else run.arrays("state")
        path.write_bytes(whole)
    used(run.path)


def test_weights_of_another_save_are_not_those_that_config_names(tmp_path: Path) -> None:
    run = made(tmp_path / "run", "lstm")
    run.file_of("weights").write_bytes(encode(weights_of(run, seed=1), {})[0])
    with pytest.raises(CheckpointError, match="its checksum is"):
        run.arrays("weights")


def _with(index: int, value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(array: np.ndarray) -> np.ndarray:
        changed = array.copy()
        changed.flat[index] = value
        return changed

    return change


@pytest.mark.parametrize(
    ("file", "name", "change"),
    [
        ("weights", "output.bias", _with(0, np.nan)), ("weights", "output.weight", _with(3, np.inf)),
        ("weights", "output.bias", lambda a: a.astype(np.int32)), ("weights", "output.bias", lambda a: a.astype(np.float64)),
        ("weights", "output.bias", lambda a: a[:-1]), ("weights", "output.bias", lambda a: a[None]),
        ("markov", "prob", _with(5, 5.0)), ("markov", "prob", _with(5, -0.1)), ("markov", "prob", _with(5, np.nan)),
        ("markov", "backoff", _with(2, np.inf)), ("markov", "backoff", _with(2, -1)), ("markov", "backoff", lambda a: a[:-1]),
        ("markov", "symbol", _with(4, 200)), ("markov", "symbol", lambda a: a.astype(np.float32)),
        ("markov", "suffix", lambda a: a.astype(np.uint64)), ("markov", "symbol", lambda a: a[None]),
        ("markov", "symbol", lambda a: a[:0]),
        ("markov", "suffix", _with(-1, 10**6)), ("markov", "suffix", _with(-1, -1)), ("markov", "suffix", _with(1, 1)),
        ("markov", "first", _with(3, 0)), ("markov", "first", _with(0, 0)), ("markov", "first", _with(-1, 3)),
        ("markov", "first", lambda a: a + 1), ("markov", "starts", lambda a: a[::-1]), ("markov", "starts", lambda a: a[:1]),
        ("markov", "starts", lambda a: np.concatenate([a, a])), ("markov", "starts", _with(2, 10**9)),
        ("markov", "counted", lambda a: a.astype(np.float64)), ("markov", "count", lambda a: a[:-1]),
        ("text", "train", lambda a: a.astype(np.int64)), ("text", "train", _with(0, 255)), ("text", "valid", lambda a: a[None]),
        ("primers", "ids", _with(0, 255)), ("primers", "ids", lambda a: a[1:]), ("primers", "ids", lambda a: a[None]),
        ("primers", "ends", lambda a: a[:0]), ("primers", "ends", lambda a: a[::-1]), ("primers", "ends", _with(0, 0)),
        ("primers", "ends", lambda a: a[None]), ("primers", "ends", lambda a: a.astype(np.int64)),
    ],
)  # fmt: skip
def test_arrays_that_make_no_sense_are_refused(
    file: str, name: str, change: Callable[[np.ndarray], np.ndarray], tmp_path: Path
) -> None:
    """As a stranger would write them: with the right checksum."""
    run = made(tmp_path / "run")
    arrays = run.arrays(file)
    for changed in ({**arrays, name: change(arrays[name])}, {key: a for key, a in arrays.items() if key != name}):
        if name == "count" and name not in changed:
            continue
        run.save_arrays(file, changed)
        with pytest.raises(CheckpointError):
            used(run.path)
    run.save_arrays(file, {**arrays, "more": arrays[name]})
    if file == "weights":
        with pytest.raises(CheckpointError, match="more"):
            used(run.path)


def test_no_link_of_a_markov_model_leads_round_in_a_circle() -> None:
    ids = np.random.default_rng(0).integers(4, 9, 300)
    model = fit(ids, ids[:0], 9, 4)
    arrays = model.arrays()
    for node in range(1, len(model.suffix)):
        level = int(np.searchsorted(model.starts, node, side="right")) - 1
        suffix = model.suffix.copy()
        suffix[node] = node if level < 2 else int(model.starts[level])
        with pytest.raises(CheckpointError, match="links to shorter contexts"):
            Markov.from_arrays({**arrays, "suffix": suffix}, 9)


@pytest.mark.parametrize("vocab_size", [5, 300, 70_000])
@pytest.mark.parametrize("length", [1, 2, 3, 50, 400])
@pytest.mark.parametrize("order", [0, 1, 9])
def test_every_model_that_is_counted_comes_in(vocab_size: int, length: int, order: int) -> None:
    ids = np.random.default_rng(length).integers(0, min(vocab_size, 1 + length // 3), length)
    model = fit(ids, ids[:0], vocab_size, order)
    assert Markov.from_arrays(model.arrays(), vocab_size).order == model.order


def test_what_training_carries_may_be_on_its_way_to_an_explosion(tmp_path: Path) -> None:
    run = made(tmp_path / "run", "lstm")
    arrays, notes = run.arrays_and_notes("state")
    run.save_arrays("state", {**arrays, "weights.output.bias": arrays["weights.output.bias"] * np.float32(np.nan)}, notes)
    assert np.isnan(run.arrays("state")["weights.output.bias"]).all()
    run.save_arrays("state", {**arrays, "best.output.bias": arrays["best.output.bias"] * np.float32(np.nan)}, notes)
    with pytest.raises(CheckpointError, match=r"best\.output\.bias"):
        run.arrays("state")


@pytest.mark.parametrize("arch", ["markov", "lstm", "hybrid"])
def test_runs_of_version_0_3_open_and_go_on(arch: str, tmp_path: Path) -> None:
    run = old_format(made(tmp_path / "run", arch))
    before = tree(run.path)
    assert not run.info.files and run.has("text")
    used(run.path)
    assert tree(run.path) == before, "reading changes nothing"
    with held(run.path):
        run.save_arrays("text", run.arrays("text"))
    assert "text.safetensors" not in tree(run.path) and run.has("text")
    rest = {"weights.safetensors", "markov.safetensors", "state.safetensors"} & set(before)
    assert rest <= set(tree(run.path)), "what has not been saved anew stays as it was"
    used(run.path)


def test_pipes_devices_and_folders_are_refused_without_waiting(tmp_path: Path) -> None:
    run = made(tmp_path / "run")
    for path in sorted(run.path.iterdir()):
        if path.name == "lock":
            continue
        whole = path.read_bytes()
        for stand_in in (os.mkfifo, Path.mkdir, lambda p: os.symlink("/dev/zero", p), lambda p: os.symlink("nowhere", p)):
            path.unlink()
            stand_in(path)
            with pytest.raises(CheckpointError, match=path.name):
                used(run.path)
                for name in ("state", "text", "primers"):
                    run.arrays(name)
            path.rmdir() if path.is_dir() else path.unlink()
            path.write_bytes(whole)


def test_a_name_that_is_no_utf8_is_kept(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9 \x1b[31m")
    assert begun(path).info.name == Run(path).info.name == path.name
