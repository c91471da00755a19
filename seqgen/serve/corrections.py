"""Corrections that users send: pairs in a file of the run, which `train` reads as any other.

A correction that was acknowledged is on the disk: each is one line, written at once and synced. What a crash left of another
one is cut off before the next.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from seqgen.errors import CheckpointError
from seqgen.files import open_inside
from seqgen.run import is_packaged

NAME = "corrections.jsonl"
# A line longer than this is none of ours.
MOST_LINE = 1 << 20
_WRITING = threading.Lock()


def keep(run: Path, source: str, target: str) -> None:
    """Add a pair to a run's corrections. Raises CheckpointError where that cannot be written."""
    path = run / NAME
    if is_packaged(run):
        raise CheckpointError(f"{run}: comes with seqgen, nothing is written there", "copy the folder, and serve the copy")
    line = json.dumps({"source": source, "target": target}, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    with _WRITING:
        try:
            handle = open_inside(path, os.O_RDWR | os.O_CREAT)
            try:
                end = _whole(handle)
                os.lseek(handle, end, os.SEEK_SET)
                written = os.write(handle, line)
                if written < len(line):
                    os.ftruncate(handle, end)
                    raise OSError(28, "No space left on device")
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise CheckpointError(f"{path}: cannot be written: {error.strerror}", "the correction was not kept") from None


def _whole(handle: int) -> int:
    """Where the last whole line ends; half of one behind it is cut off, a whole one without its end gets that."""
    size = os.fstat(handle).st_size
    if not size:
        return 0
    start = max(0, size - MOST_LINE)
    os.lseek(handle, start, os.SEEK_SET)
    tail = os.read(handle, size - start)
    last = tail.rpartition(b"\n")[2]
    if not last:
        return size
    try:
        json.loads(last)
    except ValueError:
        os.ftruncate(handle, size - len(last))
        return size - len(last)
    os.lseek(handle, size, os.SEEK_SET)
    os.write(handle, b"\n")
    return size + 1
