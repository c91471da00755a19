"""A child process as its parent sees it: started, listened to, asked to stop."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import seqgen

# -P keeps the user's own files, which may be called random.py, out of the path; seqgen comes from where the parent has it.
_START = (
    "import sys; root = sys.argv[1]; root in sys.path or sys.path.insert(0, root); "
    "from seqgen.training.comparison.child import main; main()"
)


class Child:
    """The training of one run in a process of its own, inside a `with` block; after it, the process has ended.

    It has a session of its own: Ctrl-C in the terminal reaches the parent, which asks it to stop, once.
    """

    def __init__(self, inputs: Sequence[str], path: Path, options: Mapping[str, Any]) -> None:
        self._said = tempfile.TemporaryFile()
        root = str(Path(seqgen.__file__).resolve().parent.parent)
        command = [sys.executable, "-P", "-c", _START, root]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._said, start_new_session=True)
        asked = {"inputs": list(inputs), "path": os.fspath(path), "options": dict(options)}
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended already: there will be no reports, and something in last_words
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            self._process.stdin.flush()

    def reports(self) -> Iterator[dict[str, Any]]:
        """What it reports, until it ends."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with contextlib.suppress(ValueError):  # the line at which it was killed
                yield json.loads(line)

    def stop(self) -> None:
        """Ask it to save and end; may be called in a signal handler."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            os.write(self._process.stdin.fileno(), b"stop\n")

    def last_words(self) -> str:
        """Why it ended without a last report: what it wrote to stderr last, else its exit code."""
        code = self._process.wait()
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return last[:300] or (f"signal {-code}" if code < 0 else f"exit code {code}")

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            self._process.kill()
        for stream in (self._process.stdout, self._process.stdin):
            with contextlib.suppress(OSError):
                assert stream is not None
                stream.close()
        self._process.wait()
        self._said.close()
