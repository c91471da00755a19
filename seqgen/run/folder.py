"""Whose a folder is, and which of its files are a run's: only these are ever replaced or removed.

A folder is recognised as ours by what nobody else writes: the fields of our config.json. Before that is written there are
only the tokenizer's files, which are recognised by their content, the lock, and what a killed write left behind.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqgen.errors import CheckpointError, SeqgenError
from seqgen.files import LEFTOVER, parse_json, read_inside, sync_folder
from seqgen.lock import is_same_file, lock_file
from seqgen.run import info, journal

ARRAYS = ("weights", "markov", "state", "text", "primers", "hashes", "origin")
TOKENIZER = ("tokenizer.json", "tokenizer.model")
LOCK = "lock"
ENGINE = "engine"
# Marks a run that another one is about to replace.
REPLACED = ".replaced"
# A converted model: the checksum of its weights, the engine and its version; one that is being written.
CONVERTED = re.compile(r"[0-9a-f]{16}-ct2-[\w.+-]+")
CONVERTING = re.compile(r"\.new-[a-z0-9_]{8}")

_OF_ARRAYS = re.compile(rf"(?P<name>{'|'.join(ARRAYS)})(-[0-9a-f]{{12}})?\.safetensors")
# A config.json of ours has all of these, anybody else's hardly two.
_FIELDS = {"format", "kind", "corpus", "created", "vocab_size", "plan", "mix_weight", "baselines", "settings"}
_ENOUGH = 4
_TOP_LEVEL = re.compile(rb'^ "(\w+)": ', re.MULTILINE)


def is_run(path: Path) -> bool:
    """Whether a folder holds a run, be it a damaged one."""
    try:
        content = read_inside(path / info.NAME, info.MOST_BYTES)
    except (SeqgenError, OSError):
        return False
    found: set[str] = set()
    try:
        parsed = parse_json(content)
        found = set(parsed) if isinstance(parsed, dict) else found
    except ValueError:
        # Damaged: what can still be read has one field per line.
        found = {name.decode() for name in _TOP_LEVEL.findall(content)}
        if _is_tokenizer(path) and len(found & _FIELDS) < _ENOUGH:
            return True
    return len(found & _FIELDS) >= _ENOUGH


def claim(path: Path) -> str:
    """What a training may do with a folder: "empty", begin in it, or "run", continue the run that it holds.

    A folder also counts as empty if it is missing, or has only what a training left that was killed while making the run.
    Raises CheckpointError for anything else; nothing is changed.
    """
    try:
        names = sorted(os.listdir(path))
    except FileNotFoundError:
        return "empty"
    except NotADirectoryError:
        raise CheckpointError(f"{path}: a file, expected a folder for the run", "choose another with -o") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CheckpointError(f"{path}: cannot be read: {reason}", "choose another with -o") from None
    if is_run(path):
        return "run"
    others = [name for name in names if not _is_of_creation(path, name)]
    if others:
        raise CheckpointError(
            f"{path}: a folder with other files in it ({', '.join(others[:3])}), not a run", "choose another with -o"
        )
    return "empty"


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Lock the folder of a run, made where it is missing, and remove what killed processes left in it.

    Afterwards what was made here is removed, the lock included, unless the folder holds a run by then. Raises
    CheckpointError where it cannot be made or another process trains in it.
    """
    made = make(path)
    lock = path / LOCK
    is_new = not os.path.lexists(lock)
    try:
        with lock_file(lock, f"{path}: another process is training this run") as handle:
            sweep(path)
            try:
                yield
            finally:
                if is_new and not os.path.lexists(path / info.NAME) and is_same_file(handle, lock):
                    with contextlib.suppress(OSError):
                        lock.unlink()
    finally:
        unmake(made)


def sweep(path: Path) -> None:
    """Remove leftovers of killed processes: partial files, arrays that config.json does not name, partial engines."""
    named = _named(path)
    for name in _listed(path):
        leftover, arrays = LEFTOVER.fullmatch(name), _OF_ARRAYS.fullmatch(name)
        is_stale = arrays and named is not None and name != named.get(arrays["name"], file_of_arrays(arrays["name"], None))
        if is_stale or name == REPLACED or (leftover and _is_ours(name)):
            _unlink(path / name)
    for engine in engines(path):
        if CONVERTING.fullmatch(engine.name):
            remove_folder(engine)


def remove_stale(path: Path, name: str, keep: str) -> None:
    """Remove all but one of the files of the arrays of a name."""
    for other in _listed(path):
        found = _OF_ARRAYS.fullmatch(other)
        if found and found["name"] == name and other != keep:
            _unlink(path / other)


def clear(path: Path) -> None:
    """Remove the files of a run, and nothing else in the folder; config.json, which shows that it is ours, last."""
    for engine in engines(path):
        remove_folder(engine)
    if is_folder(path / ENGINE):
        with contextlib.suppress(OSError):
            (path / ENGINE).rmdir()
    for name in _listed(path):
        if _is_ours(name) and name not in (info.NAME, LOCK, REPLACED):
            _unlink(path / name)
    _unlink(path / info.NAME)


def others(path: Path) -> list[str]:
    """The names in a run's folder that are not the run's, `engine` among them where it is not empty by now."""
    rest = [name for name in _listed(path) if not _is_ours(name)]
    return [name for name in rest if name != ENGINE or not is_folder(path / ENGINE) or _listed(path / ENGINE)]


def file_of_arrays(name: str, checksum: str | None) -> str:
    """The name of a file of arrays; without a checksum in older runs."""
    return f"{name}.safetensors" if checksum is None else f"{name}-{checksum[:12]}.safetensors"


def is_folder(path: Path) -> bool:
    """Whether a folder is there, and not a link to one."""
    return path.is_dir() and not path.is_symlink()


def remove_folder(path: Path) -> None:
    """Remove a folder of ours and its content; a link is not followed."""
    if is_folder(path):
        shutil.rmtree(path, ignore_errors=True)


def _is_ours(name: str) -> bool:
    """Whether a name is that of one of a run's files, or of one left half written."""
    leftover = LEFTOVER.fullmatch(name)
    name = leftover["name"] if leftover else name
    return name in (info.NAME, journal.NAME, LOCK, REPLACED, *TOKENIZER) or _OF_ARRAYS.fullmatch(name) is not None


def _is_of_creation(path: Path, name: str) -> bool:
    """Whether a file may be left from a training that was killed before it wrote config.json."""
    leftover = LEFTOVER.fullmatch(name)
    if leftover:
        return leftover["name"] in (info.NAME, *TOKENIZER)
    if name == LOCK:
        return not (path / LOCK).is_symlink() and (path / LOCK).is_file() and (path / LOCK).stat().st_size == 0
    return name in TOKENIZER and _is_tokenizer(path, model=name == TOKENIZER[1])


def _is_tokenizer(path: Path, model: bool = False) -> bool:
    """Whether tokenizer.json is ours, or the model beside it is the one that it names."""
    content: Any = None
    with contextlib.suppress(SeqgenError, OSError, ValueError):
        content = parse_json(read_inside(path / TOKENIZER[0], 16_000_000))
    if not isinstance(content, dict) or not {"format", "kind", "normalisation"} <= set(content):
        return False
    if not model:
        return True
    with contextlib.suppress(SeqgenError, OSError):
        return hashlib.sha256(read_inside(path / TOKENIZER[1], 64_000_000)).hexdigest() == content.get("sha256")
    return False


def _named(path: Path) -> dict[str, str] | None:
    """The file of each kind of arrays that config.json names; None where it cannot be read."""
    try:
        content = info.read_info(path)
    except SeqgenError:
        return None
    return {name: file_of_arrays(name, checksum) for name, checksum in content.files.items() if name in ARRAYS}


def _listed(path: Path) -> list[str]:
    """The names in a folder, in order; none where it cannot be read."""
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


def engines(path: Path) -> list[Path]:
    """The converted models of a run, complete and partial ones, if the folder that holds them is the run's own."""
    names = _listed(path / ENGINE) if is_folder(path / ENGINE) else []
    ours = [path / ENGINE / name for name in names if CONVERTED.fullmatch(name) or CONVERTING.fullmatch(name)]
    return [engine for engine in ours if is_folder(engine)]


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def make(path: Path) -> list[Path]:
    """Make a folder and its parents; return those that were made, the outermost first."""
    made: list[Path] = []
    try:
        for folder in (*reversed(path.parents), path):
            with contextlib.suppress(FileExistsError):
                if not folder.is_dir():
                    folder.mkdir()
                    made.append(folder)
                    sync_folder(folder.parent)
        if not path.is_dir():
            raise NotADirectoryError(20, "a file is in the way")
    except (OSError, ValueError) as error:
        unmake(made)
        reason = getattr(error, "strerror", None) or error
        raise CheckpointError(f"{path}: cannot make the run folder: {reason}", "choose another with -o") from None
    return made


def unmake(made: list[Path]) -> None:
    """Remove the folders that were made if they are still empty."""
    for folder in reversed(made):
        with contextlib.suppress(OSError):
            folder.rmdir()
