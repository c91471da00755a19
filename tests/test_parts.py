"""The small parts that everything stands on: atomic files, locks, threads, streams, figures, the API."""

from __future__ import annotations

import io
import math
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import seqgen
from seqgen.console import Console
from seqgen.errors import CheckpointError, SeqgenError
from seqgen.files import write_atomically
from seqgen.lock import lock_file
from seqgen.metrics.likelihood import CHARACTERS, scores
from seqgen.run import KEPT_TEXT_BYTES, Run
from seqgen.threads import available_cpus, default_threads


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new" and os.listdir(tmp_path) == ["file"]
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()
    with pytest.raises(CheckpointError, match="cannot be written"):
        write_atomically(tmp_path / "no folder" / "file", b"x")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full's error for a full disk")
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CheckpointError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["file"]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _hold(path: Path, held: multiprocessing.synchronize.Event, release: multiprocessing.synchronize.Event) -> None:
    with lock_file(path, "taken"):
        held.set()
        release.wait(20)


def test_a_lock_keeps_others_out_and_ends_with_its_process(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path / "lock", held, release))
    other.start()
    assert held.wait(20)
    with pytest.raises(CheckpointError, match="taken"), lock_file(tmp_path / "lock", "taken"):
        pass
    other.kill()
    other.join()
    with lock_file(tmp_path / "lock", "taken"):
        pass


@pytest.mark.parametrize(
    ("files", "limit"),
    [({"cpu.max": "150000 100000"}, 2), ({"cpu.max": "max 100000"}, None), ({"cpu.max": "50000 100000"}, 1), ({}, None),
     ({"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1),
     ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None)],
)  # fmt: skip
def test_processors_are_those_the_control_group_grants(files: dict[str, str], limit: int | None, tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="ascii")
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    assert available_cpus(tmp_path) == min(allowed, limit or allowed)


def test_the_environments_threads_are_honoured_and_an_option_wins() -> None:
    code = ("import os, sys; import click; from seqgen.cli import cli; from seqgen.threads import default_threads as d;"
            "command = cli.get_command(click.Context(cli), 'generate'); command.make_context('generate', sys.argv[1:]);"
            "print(os.environ['OMP_NUM_THREADS'], d())")  # fmt: skip
    most = available_cpus()
    for asked, threads in ((None, most), ("1", 1), ("4096", most), ("1,2", 1), ("many", most), ("0", most), ("", most)):
        assert default_threads(asked) == threads
    for option, threads in (([], 1), (["--threads", str(most)], most)):
        env = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run([sys.executable, "-c", code, *option], env=env, capture_output=True, text=True)
        assert done.stdout.split() == [str(threads), "1"], done.stderr


def test_quiet_silences_notes_but_not_errors() -> None:
    console = Console(io.StringIO(), io.StringIO(), quiet=True)
    console.note("a note")
    console.error(SeqgenError("it broke", "mend it"))
    assert console.err.getvalue() == "error: it broke\nhint: mend it\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colour_obeys_the_environment(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert Console.from_environment().colour and not Console.from_environment(no_color=True).colour
    monkeypatch.setenv(variable, value)
    assert not Console.from_environment().colour


def test_figures_follow_from_log_probabilities() -> None:
    log_probs = np.log(np.array([0.5, 0.25, 0.125], dtype=np.float32))
    found = scores(log_probs, np.array([4, 5, 6]), unk=1, vocab_size=10, chars=2, size=6)
    assert math.isclose(found.bits_per_char, 3.0, rel_tol=1e-6) and math.isclose(found.bits_per_byte, 1.0, rel_tol=1e-6)
    assert math.isclose(found.nats_per_char, 3 * math.log(2), rel_tol=1e-6) and math.isclose(
        found.perplexity, 4.0, rel_tol=1e-6
    )
    unknown = scores(log_probs, np.array([4, 1, 6]), unk=1, vocab_size=10, chars=2, size=6)
    assert unknown.unknown == 1 and math.isclose(unknown.nats - found.nats, math.log(CHARACTERS - 10))


def test_the_api_is_a_model_and_five_functions(runs: Path, poem: Path, tmp_path: Path) -> None:
    assert seqgen.__all__ == ["Model", "__version__", "evaluate", "generate", "open_run", "train", "translate"]
    run = seqgen.open_run(runs / "hybrid")
    text = "".join(seqgen.generate(run, "The", length=20, seed=1))
    assert len(text) == 20 and text == "".join(seqgen.generate(run, "The", length=20, seed=1))
    assert seqgen.evaluate(run, poem.read_text(encoding="utf-8")).total.bits_per_char > 0
    trained = seqgen.train(poem, output=tmp_path / "api", arch="markov")
    assert trained.info.finished and trained.info.config.arch == "markov"
    with pytest.raises(AttributeError, match="no attribute 'transmogrify'"):
        seqgen.transmogrify  # noqa: B018
    with pytest.raises(CheckpointError, match="no run here"):
        seqgen.open_run(tmp_path / "nothing")


def test_what_is_no_text_is_said_by_the_api(runs: Path) -> None:
    run = seqgen.open_run(runs / "markov")
    for wrong in (b"The", 5, None):
        for call in (run.generate, run.evaluate):
            with pytest.raises(SeqgenError, match=f"expected a text, found {type(wrong).__name__}"):
                call(wrong)  # type: ignore[arg-type]
    translation = seqgen.open_run(Path(__file__).parents[1] / "checkpoints" / "tiny-english-french")
    for nothing in (5, None):
        with pytest.raises(SeqgenError, match="expected a text, found"):
            translation.translate(nothing)  # type: ignore[arg-type]


def test_a_run_keeps_its_text_up_to_a_limit(runs: Path, poem: Path) -> None:
    run = Run(runs / "lstm")
    kept = run.arrays("text")
    text = run.tokenizer().decode(kept["train"]) + run.tokenizer().decode(kept["valid"][1:])
    assert text == poem.read_text(encoding="utf-8")
    assert not run.keep_text(np.zeros(KEPT_TEXT_BYTES + 1, dtype=np.uint8), np.zeros(0, dtype=np.uint8))


def test_config_json_says_who_set_what(runs: Path) -> None:
    settings = Run(runs / "hybrid").info.config.set_by
    assert settings["hidden"] == "command line" and settings["lr"] == "plan" and settings["average"] == "default"
