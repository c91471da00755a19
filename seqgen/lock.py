"""A lock on a file that ends with its process, however that process ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqgen.errors import CheckpointError


@contextmanager
def lock_file(path: Path, taken: str) -> Iterator[None]:
    """Hold an exclusive lock on `path`; raise CheckpointError(taken) when somebody else holds it.

    The operating system drops the lock when the process dies, so a killed training never leaves one behind. The file
    itself stays: removing it would let two processes lock two files of one name.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be opened for locking: {error.strerror}", "is the folder writable?") from None
    try:
        _acquire(handle, taken)
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":

    def _acquire(handle: int, taken: str) -> None:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            raise CheckpointError(taken, "wait for it to end, or name another folder with -o") from None

else:

    def _acquire(handle: int, taken: str) -> None:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CheckpointError(taken, "wait for it to end, or name another folder with -o") from None
