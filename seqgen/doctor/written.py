"""What is clean, and what was taken out and why, as two files in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from seqgen.doctor.examination import Examination
from seqgen.doctor.kinds import BITS, KINDS
from seqgen.errors import ConfigError
from seqgen.files import write_atomically

HEAD = "why\tfile\tline\tunit\tsource\ttarget\n"


def names_of(is_text: bool) -> tuple[str, str]:
    """The names of the two files."""
    return ("clean.txt" if is_text else "clean.tsv"), "removed.tsv"


def refuse_existing(folder: Path, is_text: bool) -> None:
    """Raise ConfigError where one of the files is there already, or the folder's name is a file's."""
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"--write {folder}: expected a folder, found a file", "name another")
    for name in names_of(is_text):
        if os.path.lexists(folder / name):
            raise ConfigError(f"{folder / name} is there already", "name another folder, or move it away")


def write(found: Examination, folder: Path) -> tuple[int, int]:
    """Write both files; returns how many pairs are in each."""
    refuse_existing(folder, found.is_text)
    folder.mkdir(parents=True, exist_ok=True)
    clean, removed = (folder / name for name in names_of(found.is_text))
    write_atomically(clean, (line for _, line in _lines(found, True)))
    write_atomically(removed, _removed(found))
    kept = int(found.kept.sum())
    return kept, len(found) - kept


def _removed(found: Examination) -> Iterator[bytes]:
    yield HEAD.encode()
    flags = found.findings.flags
    for place, line in _lines(found, False):
        why = ", ".join(name for name, kind in KINDS.items() if kind.removed and flags[place] & BITS[name])
        file, record = found.spool[place]
        where = "\t".join(_one_line(text) for text in (why, file, str(record.where), record.name))
        yield where.encode("utf-8", "replace") + b"\t" + line


def _lines(found: Examination, kept: bool) -> Iterator[tuple[int, bytes]]:
    """The number and line of each pair that was kept, or was not."""
    wanted = found.kept == kept
    for piece in found.spool.pieces():
        sides = [piece.texts(side) for side in ((0,) if found.is_text else (0, 1))]
        for at, texts in enumerate(zip(*sides, strict=True)):
            if wanted[piece.first + at]:
                yield piece.first + at, ("\t".join(map(_one_line, texts)) + "\n").encode()


def _one_line(text: str) -> str:
    """A text without tabs and line ends, which would be columns and rows."""
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")
