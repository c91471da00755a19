"""What the names of files and folders tell, before anything is read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from seqgen.formats import FORMATS, format_of, unpacked

STDIN = "-"
# Hidden files and folders (.git, .ipynb_checkpoints, ._resource, .x.swp), backups (x~, x.bak, #x#, ~$x), __MACOSX, __pycache__.
_LEFTOVER = re.compile(r"^\.|~$|\.(?:bak|orig|tmp|swp)$|^#.*#$|^~\$|^__(?:MACOSX|pycache__)$|-checkpoint\.\w+$", re.IGNORECASE)
_DESCRIPTOR = re.compile(r"/dev/fd/|/proc/(?:self|\d+)/fd/")
_SURROGATE = re.compile("[\ud800-\udfff]")


def looks_like_pairs(inputs: Sequence[str]) -> bool:
    """Whether the names of the files say that they hold pairs; a folder does if it has files of pairs and no texts."""
    return bool(inputs) and all(_holds_pairs(name) for name in inputs)


def _holds_pairs(name: str) -> bool:
    if os.path.isdir(name):
        files = (path for path in files_in(Path(name)) if not is_leftover(path.relative_to(name)))
        kinds = {found.kind for path in files if (found := format_of(path.name)) and not found.beside}
        return kinds == {"pairs"}
    found = format_of(name)
    return found is not None and found.kind == "pairs"


def default_name(paths: Sequence[str]) -> str:
    """A name for what is read: the first file without its suffixes, as a safe folder name; "stdin" or "pipe" for a stream."""
    first = paths[0]
    if is_stream(first):
        return label(first)
    try:
        path = os.path.realpath(first)
    except ValueError:  # A NUL or a lone surrogate: not a file name, as reading will report.
        path = first
    stem = os.path.basename(path)
    if not os.path.isdir(path):
        stem = unpacked(stem)
        known = (suffix for found in FORMATS.values() for suffix in found.suffixes)
        stem = next((stem[: -len(suffix)] for suffix in known if stem.lower().endswith(suffix)), stem)
    return folder_name(stem) or "text"


def folder_name(name: str) -> str:
    """A name as that of a run's folder: whatever is no letter, digit, ".", "-" or "_" is a hyphen; "" where nothing is left."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")


def is_leftover(path: Path) -> bool:
    """Whether a path below a folder is hidden, or what an editor, a file system or an archive has left behind."""
    return any(_LEFTOVER.search(part) for part in path.parts)


def is_stream(name: str) -> bool:
    """Whether this is a descriptor rather than a file: stdin, or what a shell makes of <(...)."""
    return name in (STDIN, "/dev/stdin") or _DESCRIPTOR.match(name) is not None


def label(name: str) -> str:
    """The last part of a name, as it is shown and stored: text that UTF-8 can hold."""
    if is_stream(name):
        return "stdin" if name in (STDIN, "/dev/stdin", "/dev/fd/0") else "pipe"
    return storable(os.path.basename(os.path.normpath(name)))


def storable(name: str) -> str:
    """A name that UTF-8 can hold: bytes that are not UTF-8 (PEP 383 keeps them as lone surrogates) are written as \\xff."""
    return _SURROGATE.sub(lambda found: _escaped(ord(found[0])), name)


def _escaped(point: int) -> str:
    return f"\\x{point - 0xDC00:02x}" if 0xDC80 <= point <= 0xDCFF else f"\\u{point:04x}"


def files_in(folder: Path, failed: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """All that a folder and its subfolders hold, except folders; links to folders are included, not followed.

    `failed` is called for subfolders that cannot be read; they are skipped if it returns.
    """
    for place, folders, files in os.walk(folder, onerror=failed):
        yield from (Path(place, name) for name in files)
        yield from (path for name in folders if (path := Path(place, name)).is_symlink())
