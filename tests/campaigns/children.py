"""One command in a process of its own that costs little: forked from this one, which has loaded every library already.

The child gets its own streams, folder, environment and limits, runs `seqgen.cli.main`, and ends as an interpreter would:
its threads awaited, its streams flushed. It says what escaped, where, and what it weighed; a child that hangs says where
it hung before it is killed. Nothing of seqgen is replaced but what a trial's `before` replaces.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import json
import os
import pkgutil
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inside import live, place

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

LIBRARIES = (
    "click", "numpy", "torch", "safetensors.numpy", "sentencepiece", "ctranslate2", "ctranslate2.specs", "rich.console",
    "rich.live", "sacrebleu", "matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg",
)  # fmt: skip
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Outcome:
    """How a command ended: exit code (minus the signal's number where one killed it), its streams, seconds, what escaped
    ("TypeError at seqgen/run.py:170 _read_info", None where nothing did), and bytes beyond what it began with."""

    code: int
    out: bytes
    err: bytes
    seconds: float
    escaped: str | None
    hung: bool
    memory: int

    @property
    def said(self) -> str:
        """Stderr as text."""
        return self.err.decode("utf-8", "replace")


def warm_up() -> None:
    """Load every library and every module of seqgen, then make sure that forking is safe."""
    import seqgen

    for name in LIBRARIES:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(seqgen.__path__, "seqgen."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    with tempfile.TemporaryDirectory() as folder:
        for name in _loaded_late(Path(folder)):
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    gc.collect()
    gc.freeze()
    faulthandler.enable(open(os.devnull, "w"))
    assert len(os.listdir("/proc/self/task")) == 1, "a process with threads cannot be forked"


def _loaded_late(folder: Path) -> list[str]:
    """The modules that a training loads on the way (torch has hundreds of them), found out in a child."""
    before = set(sys.modules)
    (folder / "text.txt").write_text("a few words, and again a few words\n" * 40, encoding="utf-8")
    (folder / "pairs.tsv").write_text("".join(f"{i} {i % 7}\t{i % 7} {i}\n" for i in range(60)), encoding="utf-8")
    common = ["--steps", "2", "--layers", "1", "--hidden", "8", "--threads", "1", "--average", "0.9", "--dropout", "0.1"]

    def trained() -> None:
        from seqgen import cli

        main = cli.main

        def both(arguments: Sequence[str]) -> None:
            for words in (["text.txt", "-o", "a"], ["pairs.tsv", "--vocab-size", "300", "-o", "b"], ["a"], ["b"]):
                more = ["train", *words, *common] if len(words) > 1 else ["report", "-m", *words]
                with contextlib.suppress(SystemExit):
                    main(more)
            (folder / "modules").write_text("\n".join(name for name in sys.modules if name not in before))

        cli.main = both  # type: ignore[assignment]

    run([], cwd=folder, before=trained, seconds=120)
    return (folder / "modules").read_text().split()


class Streams:
    """What a child has on 0, 1 and 2: bytes to read (or a descriptor, or None for closed), descriptors to write to."""

    def __init__(self, stdin: bytes | int | None = b"", out: int | None = -1, err: int | None = -1) -> None:
        self.stdin, self.out, self.err = stdin, out, err


@dataclass
class Started:
    """A child that is running; `finish` waits for it."""

    pid: int
    files: list[int]
    began: float

    def finish(self, seconds: float = 20, kill: bool = False) -> Outcome:
        """Wait so long, then kill it: as a trial's purpose, else because it hangs."""
        status, weight, hung = _wait(self.pid, seconds, kill)
        took = time.perf_counter() - self.began
        out, err, report = (_content(file) for file in self.files)
        escaped, base = _reported(report)
        code = os.waitstatus_to_exitcode(status)
        if hung:
            escaped = f"hangs at {_hanging(report)}"
        elif code < 0 and -code != signal.SIGKILL:
            escaped = escaped or f"signal {-code} at {_hanging(report)}"
        memory = max(0, weight * 1024 - base) if base else 0
        return Outcome(code, out, err, took, escaped or _on_stderr(err), hung, memory)


def start(
    arguments: Sequence[str | bytes],
    *,
    cwd: Path,
    streams: Streams | None = None,
    environment: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
    seconds: float = 20,
) -> Started:
    """Begin a command; `before` is called in the child first, `seconds` is when it says where it is, if it is still there."""
    streams = streams or Streams()
    files = [os.memfd_create(name) for name in ("out", "err", "report")]
    began = time.perf_counter()
    reading = _reader(streams.stdin)
    pid = os.fork()
    if not pid:
        live(list(arguments), cwd, (reading, streams.out, streams.err), files, dict(environment or {}), before, seconds)
    if isinstance(streams.stdin, bytes) and reading is not None:
        os.close(reading)
    return Started(pid, files, began)


def run(
    arguments: Sequence[str | bytes],
    *,
    cwd: Path,
    streams: Streams | None = None,
    environment: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
    seconds: float = 20,
    kill_after: float | None = None,
) -> Outcome:
    """Run one command to its end; `kill_after` is SIGKILL after so many seconds."""
    child = start(arguments, cwd=cwd, streams=streams, environment=environment, before=before, seconds=seconds)
    return child.finish(seconds + 1 if kill_after is None else kill_after, kill=kill_after is not None)


def run_process(
    arguments: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    seconds: float = 40,
) -> Outcome:
    """The same in an interpreter of its own, started anew; its size is known only as far as the system tells."""
    began = time.perf_counter()
    environment = {**os.environ, **(environment or {})}
    command = [sys.executable, "-X", "faulthandler", "-m", "seqgen", *arguments]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, cwd=cwd, env=environment, stdin=subprocess.PIPE, stdout=out, stderr=err)
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(stdin)
            process.stdin.close()
        status, weight, hung = _wait(process.pid, seconds, killing=False)
        process.returncode = 0
        code = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        said, errors = out.read(), err.read()
    escaped = "hangs in a process of its own" if hung else _on_stderr(errors)
    # Torch and the interpreter alone weigh several hundred megabytes.
    return Outcome(code, said, errors, time.perf_counter() - began, escaped, hung, max(0, weight * 1024 - (500 << 20)))


def _reader(stdin: bytes | int | None) -> int | None:
    """A descriptor that gives these bytes: a pipe where they fit into one."""
    if not isinstance(stdin, bytes):
        return stdin
    if len(stdin) > 60_000:
        file = os.memfd_create("in")
        os.write(file, stdin)
        os.lseek(file, 0, os.SEEK_SET)
        return file
    reading, writing = os.pipe()
    os.write(writing, stdin)
    os.close(writing)
    return reading


def _wait(pid: int, seconds: float, killing: bool) -> tuple[int, int, bool]:
    """Wait for the child; after so long it is killed. Status, its largest size in KB, whether it hung."""
    handle = os.pidfd_open(pid)
    hung = False
    try:
        if not select.select([handle], [], [], seconds)[0]:
            hung = not killing
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
    finally:
        os.close(handle)
    return status, usage.ru_maxrss, hung


def _content(file: int) -> bytes:
    os.lseek(file, 0, os.SEEK_SET)
    with os.fdopen(file, "rb") as stream:
        return stream.read()


def _reported(report: bytes) -> tuple[str | None, int]:
    """What escaped, and the size in bytes that the child began with."""
    escaped, base = None, 0
    for line in report.decode("utf-8", "replace").splitlines():
        if line.startswith("{"):
            with contextlib.suppress(json.JSONDecodeError):
                found = json.loads(line)
                escaped, base = escaped or found.get("escaped"), base or found.get("base", 0)
    return escaped, base


def _hanging(report: bytes) -> str:
    """The deepest line of seqgen, else of anything, that faulthandler wrote down of the main thread, which it names last."""
    last = re.split(r"(?m)^(?:Current )?[Tt]hread 0x", report.decode("utf-8", "replace"))[-1]
    lines = re.findall(r'File "([^"]+)", line (\d+) in (\S+)', last)
    ours = [found for found in lines if "/seqgen/" in found[0]] or lines
    return place(*ours[0]) if ours else "an unknown place"


def _on_stderr(err: bytes) -> str | None:
    """A traceback that somebody printed: of a thread, of the interpreter at its end."""
    text = err.decode("utf-8", "replace")
    if "Traceback (most recent call last)" not in text and "internal error" not in text and "Exception ignored" not in text:
        return None
    lines = re.findall(r'File "([^"]*/seqgen/[^"]+)", line (\d+), in (\S+)', text)
    last = text.strip().splitlines()[-1].split(":")[0]
    return f"printed: {last} at {place(*lines[-1]) if lines else '?'}"
