"""metrics.jsonl: one row per report of a training, one JSON object per line, always complete lines."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seqgen.errors import CheckpointError
from seqgen.files import open_inside, parse_json, read_inside, to_json, write_inside

NAME = "metrics.jsonl"
# Weeks of reports take less.
MOST_BYTES = 64_000_000
MOST_ROWS = 200_000
# These are a number or null wherever they occur; a row may hold more.
NUMBERS = ("seconds", "lr", "train", "valid_approximate", "network_approximate", "BLEU", "chrF")


def append(folder: Path, row: Mapping[str, Any]) -> None:
    """Add one row. A line that a crash left incomplete is ended first; where the disk is full, nothing is added.

    Raises CheckpointError where the file cannot be written.
    """
    path = folder / NAME
    line = to_json({name: _plain(name, value) for name, value in row.items()}) + b"\n"
    _unshare(path)
    handle = open_inside(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    try:
        size = os.fstat(handle).st_size
        if size:
            os.lseek(handle, -1, os.SEEK_END)
            line = line if os.read(handle, 1) == b"\n" else b"\n" + line
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(handle, rest) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, size)
            raise
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be written: {error.strerror}", "free some space") from None
    finally:
        os.close(handle)


def rows(folder: Path) -> list[dict[str, Any]]:
    """The rows in order. Lines that are not rows are skipped; what should be a number and is not is None."""
    found = itertools.islice(_rows(folder), MOST_ROWS)
    return [{name: _plain(name, value) for name, value in row.items()} for _, row in found]


def rewind(folder: Path, step: int) -> None:
    """Keep one row for each step up to `step`, in order, the last one where there are several; nothing else."""
    path = folder / NAME
    kept: dict[int, bytes] = {}
    for line, row in _rows(folder):
        if row["step"] <= step:
            kept[row["step"]] = line
    new = b"".join(kept[step] + b"\n" for step in sorted(kept))
    with contextlib.suppress(FileNotFoundError):
        old = read_inside(path, MOST_BYTES)
        if not new:
            path.unlink()
        elif old != new:
            write_inside(path, new)


def sync(folder: Path) -> None:
    """Sync the rows, so that they are as safe as the state saved after them."""
    with contextlib.suppress(FileNotFoundError):
        handle = open_inside(folder / NAME, os.O_RDWR)
        try:
            os.fsync(handle)
        except OSError as error:
            raise CheckpointError(f"{folder / NAME}: cannot be written: {error.strerror}", "free some space") from None
        finally:
            os.close(handle)


def _rows(folder: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Each line that is a row, with the row."""
    try:
        content = read_inside(folder / NAME, MOST_BYTES)
    except FileNotFoundError:
        return
    for line in content.split(b"\n"):
        with contextlib.suppress(ValueError):
            row = parse_json(line, constant=lambda word: None)
            if isinstance(row, dict) and type(row.get("step")) is int and 0 <= row["step"] <= 10**15:
                yield line, row


def _plain(name: str, value: Any) -> Any:
    """A value as a row holds it, since JSON has neither NaN nor infinity."""
    if isinstance(value, float) or name in NUMBERS:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return value if is_number and -1e300 <= value <= 1e300 else None
    if name == "sample":
        return value if isinstance(value, str) else None
    return value


def _unshare(path: Path) -> None:
    """Give the folder a file of its own where another folder shares it (a copy made with hard links)."""
    with contextlib.suppress(FileNotFoundError):
        if os.lstat(path).st_nlink > 1:
            write_inside(path, read_inside(path, MOST_BYTES))
