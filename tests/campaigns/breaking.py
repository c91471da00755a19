"""What a trial does to its own process: count what it does to files, and die at the k-th thing; save after every step."""

from __future__ import annotations

import builtins
import io
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# What changes a folder or makes a change durable; each is a moment before it and one behind it.
CALLS = (
    "fsync",
    "fdatasync",
    "replace",
    "rename",
    "link",
    "symlink",
    "unlink",
    "remove",
    "mkdir",
    "rmdir",
    "truncate",
    "ftruncate",
)


class Deaths:
    """Counts the moments at which a process may die, and kills it at the chosen one (None: never).

    A moment is before or behind a call of CALLS, behind the making of a file, and in the middle of a written line or block.
    At the end of the process the count is written to `note`, so that a trial knows how many there are.
    """

    def __init__(self, at: int | None, note: Path | None = None) -> None:
        self.at, self.note, self.count = at, note, 0

    def install(self) -> None:
        """Take the place of os's functions, in this process only."""
        for name in CALLS:
            setattr(os, name, self._around(getattr(os, name)))
        self._watch_open()
        if self.note is not None:
            os._exit = self._leave  # type: ignore[assignment]

    def moment(self) -> None:
        """Die here, if it is the one."""
        self.count += 1
        if self.count == self.at:
            self.die()

    def die(self) -> None:
        """As by kill -9."""
        os.kill(os.getpid(), signal.SIGKILL)

    def _around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **options: Any) -> Any:
            if not self._matters(arguments[0]):
                return call(*arguments, **options)
            self.moment()
            found = call(*arguments, **options)
            self.moment()
            return found

        return watched

    def _matters(self, file: Any) -> bool:
        """Whether it is a file of the user's: what lies in the folder for temporary files may stay there."""
        return isinstance(file, int) or not os.fsdecode(file).startswith(os.environ["TMPDIR"])

    def _watch_open(self) -> None:
        os_open, io_open, os_write = os.open, io.open, os.write

        def opened(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
            handle = os_open(path, flags, *arguments, **options)
            if flags & os.O_CREAT and self._matters(path):
                self.moment()
            return handle

        def opened_file(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            found = io_open(file, mode, *arguments, **options)
            if set(mode) & set("wxa+") and self._matters(file):
                self._watch_file(found)
            return found

        def written(handle: int, data: Any) -> int:
            self._torn(lambda half: os_write(handle, half), data)
            return os_write(handle, data)

        os.open, os.write = opened, written  # type: ignore[assignment]
        io.open = builtins.open = opened_file

    def _watch_file(self, file: Any) -> None:
        write = file.write

        def half_written(half: Any) -> None:
            write(half)
            file.flush()

        def written(data: Any) -> Any:
            self._torn(half_written, data)
            return write(data)

        # A file that takes no attribute of its own is written whole.
        if hasattr(file, "__dict__"):
            file.write = written

    def _torn(self, write: Callable[[Any], Any], data: Any) -> None:
        """Die in the middle of what is written."""
        self.count += 1
        if self.count == self.at:
            write(data[: len(data) // 2])
            self.die()

    def _leave(self, code: int) -> None:
        assert self.note is not None
        count, self.at = self.count, None
        self.note.write_text(str(count))
        _EXIT(code)


_EXIT = os._exit


def save_always() -> None:
    """Every step is followed by a save, so that there is much to be killed in."""
    for name, module in list(sys.modules.items()):
        if name.startswith("seqgen") and hasattr(module, "SAVE_SECONDS"):
            module.SAVE_SECONDS = 0.0  # type: ignore[attr-defined]
