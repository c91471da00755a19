"""From names to documents: files, folders, .gz and stdin, no more than memory should hold."""

from __future__ import annotations

import errno
import gzip
import os
import stat
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from seqgen.config import DEFAULTS
from seqgen.data.lines import ByteStream, standard_input
from seqgen.errors import ConfigError, CorpusError
from seqgen.formats import Kind, format_of, is_packed, suffixes
from seqgen.formats.document import Document, check_encoding
from seqgen.formats.names import STDIN, files_in, label, storable
from seqgen.paths import expanded

# Most bytes to read unless told otherwise, counted after decompression. A text takes about eight times its size while a
# model learns it, so a gigabyte is what a laptop can work on; to read more takes an option.
MEGABYTE = 1_000_000
LIMIT: int = DEFAULTS["max_size"] * MEGABYTE
BLOCK = 1 << 20


class Sources:
    """What is to be read, and with which settings. The names of what has been read are in `names`, notes for the user in
    `notes`.

    Raises ConfigError for an encoding that does not exist and for stdin that is named twice.
    """

    def __init__(self, paths: Sequence[str], kind: Kind, encoding: str, columns: str | None, limit: int) -> None:
        check_encoding(encoding)
        if list(paths).count(STDIN) > 1:
            raise ConfigError("stdin (-) is named twice, but can be read only once", "put one of them into a file")
        self.paths, self.kind, self.encoding, self.columns, self.limit = paths, kind, encoding, columns, limit
        self.names: list[str] = []
        self.notes: list[str] = []
        self._left = limit

    def __iter__(self) -> Iterator[Document]:
        """The documents of all paths, in their order."""
        for path in self.paths:
            yield from self.documents(path)

    def documents(self, path: str) -> Iterator[Document]:
        """The file of a path, or the files of a folder. Raises CorpusError for what cannot be read."""
        path = os.fspath(expanded(path)) if path.startswith("~") else path
        for name in self._files(path):
            self.names.append(label(name))
            shown = "stdin" if name == STDIN else storable(name) or "''"
            yield Document(shown, self._content(name, shown), self.encoding, self.columns, self.notes)

    def _files(self, path: str) -> list[str]:
        """The path, or the files of the kind in a folder, sorted. What is skipped is noted."""
        if path == STDIN or not os.path.isdir(path):
            return [path]
        files: list[Path] = []
        others: dict[str, list[Path]] = {"a link to a folder, not followed": [], "not a regular file, skipped": []}
        linked, irregular = others.values()
        try:
            for file in sorted(files_in(Path(path), failed=_raise)):
                if file.is_dir():
                    linked.append(file)
                elif self._is_wanted(file):
                    (files if _is_regular(file) else irregular).append(file)
        except OSError as error:
            raise _unreadable(storable(path), error) from None
        for what, found in others.items():
            if found:
                more = f" and {len(found) - 3:,} more" if len(found) > 3 else ""
                self.notes.append(f"{', '.join(storable(str(file)) for file in found[:3])}{more}: {what}")
        if not files:
            wanted = " or ".join("*" + suffix for suffix in suffixes(self.kind))
            raise CorpusError(f"{storable(path)}: a folder without {wanted} files", "name the files themselves")
        return [str(file) for file in files]

    def _is_wanted(self, file: Path) -> bool:
        found = format_of(file.name)
        return found is not None and found.kind == self.kind

    def _content(self, name: str, shown: str) -> bytearray:
        """The decompressed bytes of a file, within the limit."""
        data = bytearray()
        try:
            for block in _blocks(name):
                data += block
                if len(data) > self._left:
                    raise CorpusError(
                        f"{shown}: reading stopped at {self.limit / MEGABYTE:,.12g} MB, the limit for all files together",
                        "to read more: --max-size of train, evaluate and score, in MB",
                    )
        except FileNotFoundError:
            raise CorpusError(f"{shown}: no such file", "check the path; - reads stdin") from None
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise CorpusError(f"{shown}: not a whole gzip file: {error}", "was it cut off on the way here?") from None
        except OSError as error:
            raise _unreadable(shown, error) from None
        self._left -= len(data)
        return data


def _blocks(name: str) -> Iterator[bytes]:
    """The bytes of stdin or a file, piece by piece."""
    if name == STDIN:
        yield from _read(standard_input())
        return
    try:
        file = open(name, "rb")
    except ValueError:  # A NUL or a lone surrogate: no command line can hold one, but a program can pass one.
        raise CorpusError(f"{storable(name)!r}: not the name of a file", "check the path") from None
    with file:
        if is_packed(name):
            with gzip.open(file, "rb") as stream:
                yield from _read(stream)
        else:
            yield from _read(file)


def _read(stream: ByteStream) -> Iterator[bytes]:
    """What a stream holds, one block at a time, however long it is."""
    while block := stream.read(BLOCK):
        yield block


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


def _unreadable(name: str, error: OSError) -> CorpusError:
    where = storable(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else name
    return CorpusError(f"{where}: cannot be read: {error.strerror or error}")
