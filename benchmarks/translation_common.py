"""What the translation benchmarks share: lines of files, training batches, a run of a known shape, timing in turns."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import TypeVar

from report import data_file

from seqgen.data.parallel import PairIds
from seqgen.tokenizers import tokenizer_class

Key = TypeVar("Key", bound=Hashable)
SEQGEN = [sys.executable, "-m", "seqgen"]
# The shape of all models here, as options of `seqgen train`.
SHAPE = {"layers": 4, "decoder_layers": 4, "hidden": 128, "heads": 4, "ffn": 512}


def lines(name: str) -> list[str]:
    """The lines of a data file."""
    return read_lines(data_file(name))


def read_lines(path: Path) -> list[str]:
    """The lines of a file; only a newline ends one."""
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def write_lines(path: Path, content: list[str]) -> None:
    """The inverse of read_lines."""
    path.write_text("".join(line + "\n" for line in content), encoding="utf-8")


def distinct(content: list[str], count: int) -> list[str]:
    """The first `count` lines that differ from one another: a line that was seen before would be translated for nothing."""
    return list(dict.fromkeys(content))[:count]


def multi30k_pairs(vocab: int) -> tuple[PairIds, int]:
    """Multi30k's training pairs as ids of a joint vocabulary of so many pieces, and how many there are in truth."""
    sources, targets = lines("multi30k/train.en"), lines("multi30k/train.de")
    tokenizer = tokenizer_class("sentencepiece").train(["\n".join(sources), "\n".join(targets)], vocab)
    return PairIds.of(tokenizer.encode_all(sources), tokenizer.encode_all(targets)), len(tokenizer)


def train_multi30k(folder: Path, options: list[str]) -> float:
    """Train a run on Multi30k with the command line; seconds from process start to exit."""
    files = [("--src", "train.en"), ("--tgt", "train.de"), ("--valid-src", "val.en"), ("--valid-tgt", "val.de")]
    sides = [part for option, name in files for part in (option, str(data_file(f"multi30k/{name}")))]
    begin = time.perf_counter()
    subprocess.run([*SEQGEN, "train", *sides, "-o", str(folder), "--quiet", *options], check=True)
    return time.perf_counter() - begin


def shape_options() -> list[str]:
    """SHAPE for the command line."""
    return [part for name, value in SHAPE.items() for part in (f"--{name.replace('_', '-')}", str(value))]


def in_turns(cases: Mapping[Key, Callable[[], float]], rounds: int, warm_up: bool = True) -> dict[Key, list[float]]:
    """What each case returns, round after round: what slows the machine down for a while slows all of them."""
    found: dict[Key, list[float]] = {name: [] for name in cases}
    for number in range(rounds + warm_up):
        for name, case in cases.items():
            value = case()
            if number or not warm_up:
                found[name].append(value)
    return found


def medians(found: Mapping[Key, list[float]]) -> dict[Key, float]:
    """The median of each case."""
    return {name: statistics.median(values) for name, values in found.items()}


def seconds(work: Callable[[], object], repeat: int = 1) -> float:
    """Seconds a repetition."""
    begin = time.perf_counter()
    for _ in range(repeat):
        work()
    return (time.perf_counter() - begin) / repeat
