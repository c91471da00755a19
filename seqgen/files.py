"""Writing a file so that nobody ever meets half of it: beside its place, synced, renamed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from seqgen.errors import CheckpointError


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, all at once; the old content stays until the new one is safe on the disk.

    Raises CheckpointError naming the path where it cannot be written (a full disk, a folder without permission).
    """
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
        _sync_folder(path.parent)
        temporary = None
    except OSError as error:
        reason = error.strerror or str(error)
        raise CheckpointError(f"{path}: cannot be written: {reason}", "what was there before is untouched") from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _umask() -> int:
    """The permissions that new files are denied; a temporary file is made without any for others."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
