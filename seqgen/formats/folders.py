"""Which files of a folder are read, and which are passed over: nobody should believe that he trained on what was not read."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from seqgen.draw.human import plural
from seqgen.errors import CorpusError
from seqgen.formats import Kind, format_of, suffixes
from seqgen.formats.names import files_in, is_leftover, storable

# Names that are shown of what was passed over.
NAMED = 5


class Folder:
    """The files of a kind in a folder, sorted; what is `passed_over`, in words; notes on what is no file.

    `all_files`: hidden ones and what editors leave behind too, but no format that a folder holds beside others. Raises
    CorpusError for a folder that cannot be read, or holds none of the kind.
    """

    def __init__(self, path: str, kind: Kind, all_files: bool = False) -> None:
        self.path, self.kind, self.all_files = path, kind, all_files
        self.files: list[Path] = []
        self.passed_over: list[str] = []
        self.notes: list[str] = []
        linked: list[str] = []
        irregular: list[str] = []
        try:
            for file in sorted(files_in(Path(path), failed=_raise)):
                if file.is_dir():
                    linked.append(storable(str(file)))
                elif not self._is_wanted(file):
                    self._pass_over(file)
                elif _is_regular(file):
                    self.files.append(file)
                else:
                    irregular.append(storable(str(file)))
        except OSError as error:
            raise unreadable(storable(path), error) from None
        for what, found in (("a link to a folder, not followed", linked), ("not a regular file, skipped", irregular)):
            if found:
                self.notes.append(f"{_listed(found, 3)}: {what}")
        if not self.files:
            wanted = " or ".join("*" + suffix for suffix in suffixes(kind))
            there = f"; it holds {_listed(self.passed_over, NAMED)}" if self.passed_over else ""
            raise CorpusError(f"{storable(path)}: a folder without {wanted} files{there}", "name the files themselves")

    def short(self, file: Path) -> str:
        """A file as it is called in this folder."""
        return storable(os.path.relpath(file, self.path))

    def report(self, read: int, characters: int) -> str:
        """What was read and what was not."""
        size = f", {plural(characters, 'character')}" if characters else ""
        # What somebody may have wanted to be read first.
        names = sorted(self.passed_over, key=lambda name: is_leftover(Path(name)))
        over = f"; passed over: {_listed(names, NAMED)}" if names else ""
        return f"read {plural(read, 'file')}{size}{over}"

    def _is_wanted(self, file: Path) -> bool:
        found = format_of(file.name)
        if found is None or found.kind != self.kind or found.alone:
            return False
        return not found.beside if self.all_files else not is_leftover(self._below(file))

    def _below(self, file: Path) -> Path:
        return file.relative_to(self.path)

    def _pass_over(self, file: Path) -> None:
        """Remember a file; hidden folders as one."""
        below = self._below(file)
        hidden = next((place for place, part in enumerate(below.parts[:-1]) if is_leftover(Path(part))), None)
        name = storable(str(below)) if hidden is None else storable(os.path.join(*below.parts[: hidden + 1])) + "/"
        if name not in self.passed_over[-1:]:
            self.passed_over.append(name)


def _listed(names: list[str], most: int) -> str:
    """Names, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _is_regular(file: Path) -> bool:
    """Whether it can be read to an end; False for a broken link. Raises OSError where that cannot be found out."""
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return False
        raise


def _raise(error: OSError) -> None:
    raise error


def unreadable(name: str, error: OSError) -> CorpusError:
    """The error for what the system does not let be read."""
    where = storable(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else name
    return CorpusError(f"{where}: cannot be read: {error.strerror or error}")
