"""Fixtures: real data where it is there, the command line as users run it, tiny trained runs."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# Whoever starts the tests in the background has them ignore Ctrl-C, and what they start would too.
for _signal in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_signal) is signal.SIG_IGN:
        signal.signal(_signal, signal.default_int_handler if _signal is signal.SIGINT else signal.SIG_DFL)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes are not spelled out in a name: gzip and zip write the time into them, and no two collections would agree."""
    return "bytes" if isinstance(val, bytes) else None


Seqgen = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).parent.parent

POEM = """The rain began at six o'clock,
the rain went on till nine;
it drummed upon the kitchen clock
and on the washing line.

"Who left the washing out?" said Ann.
"Not I," said Ben, "not I."
"Then bring it in," said Ann to Ben,
"before the end of July."
"""


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The real corpora."""
    folder = os.environ.get("SEQGEN_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("SEQGEN_DATA names no folder: python benchmarks/get_data.py FOLDER fetches the real corpora")
    return Path(folder)


@pytest.fixture(scope="session")
def seqgen() -> Seqgen:
    """Run the command line in a process of its own."""

    def run(*arguments: object, stdin: str | bytes = "", **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "LC_ALL": "C", **environment}
        data = stdin.encode() if isinstance(stdin, str) else stdin
        command = [sys.executable, "-m", "seqgen", *map(str, arguments)]
        done = subprocess.run(command, input=data, capture_output=True, env=env, timeout=120)
        return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    return run


@pytest.fixture(scope="session")
def poem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text that is long enough to be split, small enough to be trained on in no time."""
    path = tmp_path_factory.mktemp("corpus") / "poem.txt"
    path.write_text(POEM * 6, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory, poem: Path, seqgen: Seqgen) -> Path:
    """A folder with one small run of each family, trained by the command line: markov, lstm, hybrid (last)."""
    folder = tmp_path_factory.mktemp("runs")
    for arch, options in (("markov", []), ("lstm", ["--hidden", "32"]), ("hybrid", ["--hidden", "32"])):
        budget = [] if arch == "markov" else ["--steps", "30", "--batch-size", "4", "--bptt", "32"]
        done = seqgen("train", poem, "-o", folder / arch, "--arch", arch, *options, *budget)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def writer(tmp_path_factory: pytest.TempPathFactory, poem: Path, seqgen: Seqgen) -> Path:
    """A small Transformer that writes, trained by the command line."""
    path = tmp_path_factory.mktemp("writer") / "writer"
    options = ["--arch", "transformer", "--layers", "2", "--hidden", "32", "--heads", "2", "--steps", "60", "--batch-size", "4",
               "--bptt", "32"]  # fmt: skip
    done = seqgen("train", poem, "-o", path, *options)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 pairs: a row of up to six digits, and the same in words."""
    rng = random.Random(1)
    words = "zero one two three four five six seven eight nine".split()
    found: dict[str, str] = {}
    while len(found) < 400:
        row = [rng.randrange(10) for _ in range(rng.choice((3, 4, 5, 6)))]
        found[" ".join(map(str, row))] = " ".join(words[digit] for digit in row)
    path = tmp_path_factory.mktemp("pairs") / "digits.tsv"
    path.write_text("".join(f"{source}\t{target}\n" for source, target in found.items()), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def translation_run(tmp_path_factory: pytest.TempPathFactory, digits: Path, seqgen: Seqgen) -> Path:
    """A small translation run, trained by the command line."""
    path = tmp_path_factory.mktemp("translation") / "digits"
    options = ["--layers", "1", "--hidden", "32", "--ffn", "64", "--max-tokens", "800", "--steps", "500", "--lr", "0.01",
               "--dropout", "0", "--threads", "1"]  # fmt: skip
    done = seqgen("train", digits, "-o", path, *options)
    assert done.returncode == 0, done.stderr
    return path
