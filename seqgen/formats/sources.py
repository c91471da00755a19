"""From names to documents: files, folders, .gz and stdin, no more than memory should hold."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import os
import zlib
from collections.abc import Iterator, Sequence

from seqgen.config import DEFAULTS
from seqgen.errors import ConfigError, CorpusError
from seqgen.formats import FORMATS, Kind, claimed
from seqgen.formats.blocks import Begun, blocks
from seqgen.formats.document import Document, Wanted, Way, check_encoding
from seqgen.formats.folders import Folder, unreadable
from seqgen.formats.names import STDIN, label, storable
from seqgen.paths import expanded

# Most bytes to read unless told otherwise, counted after decompression. A text takes about eight times its size while a
# model learns it, so a gigabyte is what a laptop can work on; to read more takes an option.
MEGABYTE = 1_000_000
LIMIT: int = DEFAULTS["max_size"] * MEGABYTE
MENDING = Way()


class Sources:
    """What is to be read, and with which settings. The names of what has been read are in `names`, notes for the user in
    `notes`; `begun` are streams that were looked into before.

    Raises ConfigError for an encoding or a format that does not exist and for stdin that is named twice.
    """

    def __init__(
        self,
        paths: Sequence[str],
        kind: Kind,
        encoding: str,
        wanted: Wanted,
        limit: int,
        way: Way = MENDING,
        begun: Begun | None = None,
    ) -> None:
        check_encoding(encoding)
        if wanted.format is not None and wanted.format not in FORMATS:
            raise ConfigError(f"--format: expected one of {', '.join(FORMATS)}, found {wanted.format[:40]!r}")
        if list(paths).count(STDIN) > 1:
            raise ConfigError("stdin (-) is named twice, but can be read only once", "put one of them into a file")
        self.paths, self.kind, self.encoding, self.wanted, self.limit = paths, kind, encoding, wanted, limit
        self.way, self.begun = way, begun
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
        if path == STDIN or not os.path.isdir(path):
            yield self._document(path, self._content(path))
            return
        folder = Folder(path, self.kind, self.way.all_files)
        self.notes += folder.notes
        seen: set[bytes] = set()
        read = characters = 0
        for file in folder.files:
            content = self._content(str(file))
            digest = _digest(str(file), content)
            if digest in seen and not self.way.all_files:
                folder.passed_over.append(f"{folder.short(file)} (the same as another)")
                continue
            seen.add(digest)
            document = self._document(str(file), content)
            yield document
            read, characters = read + 1, characters + document.characters
        self.notes.append(f"{storable(path)}: {folder.report(read, characters)}")

    def _document(self, name: str, content: bytearray | Iterator[bytes]) -> Document:
        self.names.append(label(name))
        return Document(_shown(name), content, self.encoding, self.wanted, self.notes, self.way)

    def _content(self, name: str) -> bytearray | Iterator[bytes]:
        """The decompressed bytes of a file, within the limit; of a format that is read block by block, one after the other."""
        stream = self._blocks(name)
        found = claimed(name, self.wanted.format)
        if found is not None and found.streamed:
            # A file that is not there is an error here, where it is asked for.
            first = next(stream, b"")
            return itertools.chain([first], stream)
        data = bytearray()
        for block in stream:
            data += block
        return data

    def _blocks(self, name: str) -> Iterator[bytes]:
        """The decompressed bytes of a file, block by block. Raises CorpusError for what is missing, damaged or too large."""
        shown = _shown(name)
        try:
            for block in blocks(name, self.begun):
                self._left -= len(block)
                if self._left < 0:
                    raise CorpusError(
                        f"{shown}: reading stopped at {self.limit / MEGABYTE:,.12g} MB, the limit for all files together",
                        "to read more: --max-size of train, evaluate and score, in MB",
                    )
                yield block
        except FileNotFoundError:
            raise CorpusError(f"{shown}: no such file", "check the path; - reads stdin") from None
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise CorpusError(f"{shown}: not a whole gzip file: {error}", "was it cut off on the way here?") from None
        except OSError as error:
            raise unreadable(shown, error) from None


def _digest(name: str, content: bytearray | Iterator[bytes]) -> bytes:
    """What files are told to be the same by: their bytes, those on the disk where they are read block by block."""
    if isinstance(content, bytearray):
        return hashlib.sha256(content).digest()
    with open(name, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _shown(name: str) -> str:
    """A name as errors and notes call it."""
    return "stdin" if name == STDIN else storable(name) or "''"
