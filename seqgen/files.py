"""Files: read in a run folder without following a link, replaced whole or not at all.

A run folder may come from a stranger. So what is opened inside it is a regular file of the folder itself, never a link to
something elsewhere, a pipe that would be waited for, or a device; and what is read from it is bounded.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any, NoReturn

from seqgen.errors import CheckpointError

# What a killed write leaves behind: the file's own name between a dot and a random suffix of eight characters.
LEFTOVER = re.compile(r"\.(?P<name>.+)\.[a-z0-9_]{8}")
# A pipe is opened without waiting for its other end. Not all systems know all of these.
_SAFELY = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
_REGULAR = "only regular files in the folder itself are read or written; put the file itself in its place"


def open_inside(path: Path, flags: int = os.O_RDONLY) -> int:
    """A handle of a regular file in a run folder; links are not followed.

    Raises FileNotFoundError where there is none, CheckpointError where something else is there or it cannot be opened.
    """
    handle = None
    try:
        if not hasattr(os, "O_NOFOLLOW") and path.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        handle = os.open(path, flags | _SAFELY, 0o666)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.ENXIO, "not a regular file")
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        if handle is not None:
            os.close(handle)
        code = getattr(error, "errno", None)
        if code in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR):
            what = "a link" if path.is_symlink() else "not a regular file"
            raise CheckpointError(f"{path}: is {what}", _REGULAR) from None
        raise CheckpointError(f"{path}: cannot be opened: {getattr(error, 'strerror', None) or error}") from None
    return handle


def read_inside(path: Path, limit: int) -> bytes:
    """The content of a regular file in a run folder, of at most `limit` bytes. Raises as open_inside does."""
    with _opened(path, limit) as (file, _):
        return file.readall()


def load_inside(path: Path, limit: int) -> bytearray:
    """The same, as bytes that may be changed; nothing is copied."""
    with _opened(path, limit) as (file, size):
        data = bytearray(size)
        done = 0
        while done < size and (count := file.readinto(memoryview(data)[done:])):
            done += count
    del data[done:]
    return data


@contextmanager
def _opened(path: Path, limit: int) -> Iterator[tuple[FileIO, int]]:
    """A file of a run folder and its size; whatever goes wrong with either is a CheckpointError."""
    with FileIO(open_inside(path), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise CheckpointError(f"{path}: expected at most {limit:,} bytes, found {size:,}", "the file is damaged")
        try:
            yield file, size
        except OSError as error:
            raise CheckpointError(f"{path}: cannot be read: {error.strerror}", "is the disk damaged?") from None
        except MemoryError:
            raise CheckpointError(f"{path}: {size:,} bytes are more than the memory holds") from None


def _refused(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def parse_json(data: bytes | bytearray, constant: Callable[[str], Any] = _refused) -> Any:
    """The value of a JSON text in UTF-8. Raises ValueError for anything else.

    NaN and Infinity are not JSON; `constant` says what to make of them.
    """
    try:
        return json.loads(data.decode("utf-8"), parse_constant=constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def to_json(value: Any, indent: int | None = None) -> bytes:
    """A value as JSON in UTF-8. Raises ValueError for numbers that JSON cannot write.

    Halves of surrogate pairs, which names of files may hold, are written as JSON's own escapes: UTF-8 has none for them.
    """
    return json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")


def write_inside(path: Path, data: bytes | bytearray | Iterable[bytes]) -> None:
    """Replace a file of a run folder, all at once; the old content stays until the new one, which may come in pieces, is safe
    on the disk.

    A link in its place is replaced, not followed. Raises CheckpointError naming the path where it cannot be written.
    """
    temporary = None
    try:
        name = path.parent / f".{path.name[:200]}.{secrets.token_hex(4)}"
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFELY, 0o666)
        temporary = name
        with os.fdopen(handle, "wb") as file:
            file.writelines([data] if isinstance(data, bytes | bytearray) else data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        temporary = None
        sync_folder(path.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CheckpointError(f"{path}: cannot be written: {reason}", "what was there before is untouched") from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def write_atomically(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Replace a file that the user has named, as write_inside does.

    A link is the user's own: what it points to is replaced. A device or a pipe is written to as it is.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data if isinstance(data, bytes) else b"".join(data))
            return
        target = path.resolve() if path.is_symlink() else path
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CheckpointError(f"{path}: cannot be written: {reason}", "name another file") from None
    write_inside(target, data)


def sync_folder(folder: Path) -> None:
    """Make what was renamed in a folder durable, where the system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
