"""comparison.json: what the folder of a comparison holds beside the runs. The name is not that of a run's config.json, so that
the folder is never taken for a run, nor its members for runs of the folder above."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from seqgen.errors import CheckpointError, SeqgenError
from seqgen.files import parse_json, read_inside, to_json, write_inside
from seqgen.lock import lock_file
from seqgen.run import clear, held, is_run
from seqgen.run.folder import LOCK, make, unmake

NAME = "comparison.json"
_MOST_BYTES = 1_000_000
ELSEWHERE = "--overwrite begins the comparison anew, --runs-dir keeps another one elsewhere"


@dataclass(frozen=True)
class Notes:
    """`settings` are the options that all members share, as given; `corpus` the facts of the text; `memory` the most bytes that
    each member took; `begins_anew` whether --overwrite has emptied the folder and not all members have finished since."""

    settings: Mapping[str, Any]
    corpus: Mapping[str, Any]
    memory: Mapping[str, int] = field(default_factory=dict)
    begins_anew: bool = False


def read_notes(folder: Path) -> Notes | None:
    """The notes of a folder; None where there are none that can be read: the runs know their own settings."""
    try:
        found = parse_json(read_inside(folder / NAME, _MOST_BYTES))
        settings, corpus, memory = (dict(found[name]) for name in ("settings", "corpus", "memory"))
    except (SeqgenError, OSError, ValueError, TypeError, KeyError):
        return None
    memory = {name: size for name, size in memory.items() if type(size) is int and 0 <= size < 1 << 60}
    return Notes(settings, corpus, memory, found.get("begins_anew") is True)


def write_notes(folder: Path, notes: Notes) -> None:
    """Write them, all at once."""
    write_inside(folder / NAME, to_json(asdict(notes), indent=1) + b"\n")


@contextmanager
def folder_of(path: Path) -> Iterator[None]:
    """Hold the folder of a comparison, made where it is missing; what was made is removed again where nothing came of it.

    Raises CheckpointError where it is something else, or another process compares there.
    """
    if is_run(path):
        raise CheckpointError(f"{path}: a run, expected the folder of a comparison", "--runs-dir keeps comparisons elsewhere")
    with fitting_hints():
        made = make(path)
    lock = path / LOCK
    is_new = not os.path.lexists(lock)
    try:
        with ExitStack() as stack:
            with fitting_hints("wait for it to end"):
                stack.enter_context(lock_file(lock, f"{path}: another process compares there"))
            try:
                yield
            finally:
                if is_new and not os.path.lexists(path / NAME):
                    with contextlib.suppress(OSError):
                        lock.unlink()
    finally:
        unmake(made)


@contextmanager
def fitting_hints(hint: str = ELSEWHERE) -> Iterator[None]:
    """Inside the block, hints of errors that speak of -o, which here is a picture, are replaced."""
    try:
        yield
    except SeqgenError as error:
        if error.hint and " -o" in error.hint:
            error.hint = hint
        raise


def remove_members(folder: Path) -> None:
    """Remove the runs in a folder, and nothing else."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not is_run(path):
            continue
        with held(path):
            clear(path)
        with contextlib.suppress(OSError):
            (path / LOCK).unlink()
            path.rmdir()
