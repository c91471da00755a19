"""From names to documents: files, folders, .gz and stdin, no more than memory should hold."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator, Sequence

from seqgen.config import DEFAULTS
from seqgen.errors import ConfigError, CorpusError
from seqgen.formats import Kind
from seqgen.formats.blocks import Begun, blocks
from seqgen.formats.document import Document, Way, check_encoding
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

    Raises ConfigError for an encoding that does not exist and for stdin that is named twice.
    """

    def __init__(
        self,
        paths: Sequence[str],
        kind: Kind,
        encoding: str,
        columns: str | None,
        limit: int,
        way: Way = MENDING,
        begun: Begun | None = None,
    ) -> None:
        check_encoding(encoding)
        if list(paths).count(STDIN) > 1:
            raise ConfigError("stdin (-) is named twice, but can be read only once", "put one of them into a file")
        self.paths, self.kind, self.encoding, self.columns, self.limit = paths, kind, encoding, columns, limit
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
            digest = hashlib.sha256(content).digest()
            if digest in seen and not self.way.all_files:
                folder.passed_over.append(f"{folder.short(file)} (the same as another)")
                continue
            seen.add(digest)
            document = self._document(str(file), content)
            yield document
            read, characters = read + 1, characters + document.characters
        self.notes.append(f"{storable(path)}: {folder.report(read, characters)}")

    def _document(self, name: str, content: bytearray) -> Document:
        self.names.append(label(name))
        return Document(_shown(name), content, self.encoding, self.columns, self.notes, self.way)

    def _content(self, name: str) -> bytearray:
        """The decompressed bytes of a file, within the limit."""
        data, shown = bytearray(), _shown(name)
        try:
            for block in blocks(name, self.begun):
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
            raise unreadable(shown, error) from None
        self._left -= len(data)
        return data


def _shown(name: str) -> str:
    """A name as errors and notes call it."""
    return "stdin" if name == STDIN else storable(name) or "''"
