"""A new run beside an old one of its name, and how it takes its place: two renames that any later command can finish.

    NAME, .NAME.new                the new run is being made, the old one answers
    .NAME.old, .NAME.new           killed between the renames
    NAME, .NAME.old                killed before the old one was removed

Where NAME is a link, all this happens beside the folder that it leads to.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from seqgen.errors import CheckpointError, SeqgenError
from seqgen.files import sync_folder, write_inside
from seqgen.lock import lock_file
from seqgen.run import folder, info

# The folders of runs that are on their way in or out; they do not count as runs themselves.
SIBLING = re.compile(r"\.(?P<name>.+)\.(new|old)")


def beside(path: Path) -> Path:
    """Where the run that is to replace the one at `path` is made."""
    return _siblings(path)[1]


def publish(path: Path) -> None:
    """Put the run at beside(path) in the place of the one at `path`, which is removed; other files in its folder stay.

    The caller holds the lock of the new run. Raises CheckpointError where the old one is being trained or something is in
    the way; both then stay where they were.
    """
    real, new, old = _siblings(path)
    folder.claim(real)
    _discard(old, real)
    if os.path.lexists(old):
        raise CheckpointError(f"{old}: in the way of the new run", "move it elsewhere")
    try:
        if os.path.lexists(real):
            with lock_file(real / folder.LOCK, f"{real}: another process is training this run"):
                write_inside(real / folder.REPLACED, b"")
                os.rename(real, old)
                try:
                    os.rename(new, real)
                except FileNotFoundError:
                    # Another process has found the first rename and finished the second.
                    if not os.path.lexists(real):
                        raise
                except OSError:
                    os.rename(old, real)
                    raise
        else:
            os.rename(new, real)
    except OSError as error:
        raise CheckpointError(f"{new}: cannot take the place of {real}: {error.strerror}", "both runs are intact") from None
    sync_folder(real.parent)
    _discard(old, real)


def settled(path: Path) -> Path:
    """Finish what a killed publish(path) began; return where the run is now.

    That is `path` itself unless the folder above it cannot be written. Costs two look-ups where there is nothing to do.
    """
    try:
        real, new, old = _siblings(path)
        is_there, was_there = os.path.lexists(real), os.path.lexists(old)
        if is_there and not was_there:
            return path
        if not is_there:
            # The new run moves only once it has weights, and the old one only when the new one is about to.
            source = new if is_whole(new) else old
            if not (source == new or _is_replaced(old)):
                return path
            try:
                os.rename(source, real)
                sync_folder(real.parent)
            except OSError:
                return path if os.path.lexists(real) else source
        _discard(old, real)
    except (OSError, ValueError, RuntimeError):
        # A name that no file can have: opening it will report that.
        pass
    return path


def is_whole(path: Path) -> bool:
    """Whether a folder holds a run that can answer: one that has saved a model."""
    try:
        found = info.read_info(path)
    except SeqgenError:
        return False
    # Runs of older versions do not say what their model is made of.
    names = found.model or (("markov",) if found.config.arch == "markov" else ("weights",))
    return all((path / folder.file_of_arrays(name, found.files.get(name))).is_file() for name in names)


def _siblings(path: Path) -> tuple[Path, Path, Path]:
    """The folder that a path leads to, and the folders beside it for the new run and the old one."""
    real = Path(os.path.realpath(path))
    return real, real.parent / f".{real.name}.new", real.parent / f".{real.name}.old"


def _is_replaced(path: Path) -> bool:
    """Whether a folder that is not a link holds a run that was replaced: no other folder has the mark."""
    return folder.is_folder(path) and os.path.lexists(path / folder.REPLACED) and folder.is_run(path)


def _discard(old: Path, into: Path) -> None:
    """Remove a replaced run; files that are not its own move to the one that has replaced it."""
    if _is_replaced(old):
        for engine in folder.engines(old):
            folder.remove_folder(engine)
        for name in folder.others(old):
            target, number = into / name, 1
            while os.path.lexists(target):
                target, number = into / f"{name}.{number}", number + 1
            with contextlib.suppress(OSError):
                os.rename(old / name, target)
    elif not _is_empty(old):
        return
    _remove(old)


def _is_empty(path: Path) -> bool:
    """Whether a folder holds nothing but what an interrupted removal of a run left."""
    return folder.is_folder(path) and set(os.listdir(path)) <= {folder.LOCK, folder.REPLACED}


def _remove(path: Path) -> None:
    """Remove a run that nobody trains; its folder stays if it holds anything else."""
    with contextlib.suppress(SeqgenError, OSError), lock_file(path / folder.LOCK, "taken"):
        folder.clear(path)
        (path / folder.REPLACED).unlink(missing_ok=True)
        (path / folder.LOCK).unlink()
    with contextlib.suppress(OSError):
        path.rmdir()
