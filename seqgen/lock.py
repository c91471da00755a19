"""A lock on a file that ends with its process, however that process ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqgen.errors import CheckpointError
from seqgen.files import open_inside

_WAIT = "wait for it to end, or name another folder with -o"


@contextmanager
def lock_file(path: Path, taken: str) -> Iterator[int]:
    """Hold an exclusive lock on `path`, whose handle is the value; raise CheckpointError(taken) where somebody else holds it.

    The operating system drops the lock when the process dies, so a killed training never leaves one behind. The file
    itself stays unless the holder of the lock removes it: a process that opened it before then sees that it has changed.
    """
    while True:
        try:
            handle = open_inside(path, os.O_RDWR | os.O_CREAT)
        except FileNotFoundError:
            raise CheckpointError(f"{path}: cannot be opened for locking: no such folder", "was it just removed?") from None
        try:
            _acquire(handle, taken)
            if not is_same_file(handle, path):
                continue
            yield handle
            return
        finally:
            os.close(handle)


def is_same_file(handle: int, path: Path) -> bool:
    """Whether a path still leads to the file of a handle."""
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except OSError:
        return False


@contextmanager
def folder_held(path: Path) -> Iterator[bool]:
    """Hold a lock on a folder; the value is whether that worked. It does not while somebody else holds it, and nowhere on
    Windows, which opens no folders."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        yield False
        return
    try:
        try:
            _acquire(handle, "")
        except CheckpointError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


if sys.platform == "win32":

    def _acquire(handle: int, taken: str) -> None:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            raise CheckpointError(taken, _WAIT) from None

else:

    def _acquire(handle: int, taken: str) -> None:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CheckpointError(taken, _WAIT) from None
