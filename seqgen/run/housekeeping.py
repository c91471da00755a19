"""Removing and renaming runs: only what is a run, while nobody trains it, and only files that are a run's own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from seqgen.errors import CheckpointError
from seqgen.formats.names import folder_name
from seqgen.lock import lock_file
from seqgen.run import folder
from seqgen.run.run import Run
from seqgen.run.staging import beside, settled


def freed_by_removing(path: Path) -> int:
    """The bytes that `remove` would free: none for a link. Nothing is changed.

    Raises CheckpointError for what is not a run of ours, and for one that is being trained, or replaced by a training.
    """
    with _held(path) as places:
        if path.is_symlink():
            return 0
        return sum(size for place in places for name, size in files_of(place) if not _stays(place, Path(name).parts[0]))


def _stays(place: Path, name: str) -> bool:
    return name != folder.ENGINE and name in folder.others(place)


def remove(path: Path) -> list[str]:
    """Remove a run, and one that was begun to replace it; the names in its folder that are not a run's stay, and are returned.

    Of a link the link is removed, and the run that it leads to stays. Raises CheckpointError as freed_by_removing does.
    """
    with _held(path) as places:
        if path.is_symlink():
            path.unlink()
            return []
        for place in places:
            folder.clear(place)
            for name in (folder.REPLACED, folder.LOCK):
                (place / name).unlink(missing_ok=True)
    for place in places:
        with contextlib.suppress(OSError):
            place.rmdir()
    return folder.others(path)


def rename(path: Path, name: str) -> Path:
    """Give a run another name in the folder that it is in; the name that it has recorded follows. Returns where it is now.

    What no folder of a run is called becomes a hyphen, as in names of corpora. Raises CheckpointError where something of that
    name exists, and as freed_by_removing does.
    """
    plain = folder_name(name)
    if not plain or os.sep in name or (os.altsep and os.altsep in name):
        raise CheckpointError(f"{name!r}: expected a new name, not a path", "a run stays in its folder; letters, digits, - . _")
    target = path.parent / plain
    for taken in (target, beside(target)):
        if os.path.lexists(taken):
            raise CheckpointError(f"{taken}: exists already", "choose another name")
    with _held(path) as places:
        if len(places) > 1:
            hint = f"finish it with the command that began it, or remove {places[-1]}"
            raise CheckpointError(f"{path}: a run that is to replace it was begun", hint)
        os.rename(path, target)
        # A damaged run gets its new name all the same, and a link leads to a run that keeps its own.
        with contextlib.suppress(CheckpointError):
            if not target.is_symlink():
                Run(target).update(name=plain)
    return target


def bytes_of(path: Path) -> int:
    """What a folder takes on the disk, in bytes of its files; links are not followed."""
    return sum(size for _, size in files_of(path))


def files_of(path: Path) -> list[tuple[str, int]]:
    """The files in a folder and its subfolders, with their sizes, the largest first; what cannot be read is left out."""
    found = []
    for place, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                file = Path(place, name)
                found.append((str(file.relative_to(path)), file.lstat().st_size))
    return sorted(found, key=lambda one: (-one[1], one[0]))


@contextmanager
def _held(path: Path) -> Iterator[list[Path]]:
    """Lock a run, and the one beside it that is to replace it; the value is the folders of both, or of the first."""
    path = settled(path)
    if not folder.is_run(path):
        raise CheckpointError(f"{path}: not a run of seqgen", "nothing was changed; seqgen runs lists the runs there are")
    new = beside(path)
    places = [path]
    with ExitStack() as locks:
        for place in (path, new):
            if place == path or (folder.is_folder(new) and os.path.lexists(new / folder.LOCK)):
                locks.enter_context(_locked(place, f"{path}: is being trained"))
        if folder.is_folder(new) and folder.is_run(new):
            places.append(new)
        yield places


@contextmanager
def _locked(path: Path, taken: str) -> Iterator[None]:
    """Hold the lock of a run's folder; a file for it that was not there is not there afterwards."""
    lock = path / folder.LOCK
    is_new = not os.path.lexists(lock)
    try:
        with lock_file(lock, taken):
            try:
                yield
            finally:
                if is_new:
                    lock.unlink(missing_ok=True)
    except CheckpointError as error:
        if error.message != taken:
            raise
        raise CheckpointError(taken, "wait for it to end, or stop it") from None
