"""Pairs on their way past several looks: written to a temporary file as they are read, so that memory does not grow with them.

Shape legend: N pairs, P pairs of a piece, L bytes of a piece.
"""

from __future__ import annotations

import bisect
import io
import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from seqgen.formats.document import Record

# Pairs that are looked at together.
PIECE = 20_000


class Kept(NamedTuple):
    """A pair that was read: its record, and the label of its `file`."""

    file: str
    record: Record


class Piece(NamedTuple):
    """Neighbouring pairs as bytes in UTF-8: the texts of pair i are data[begin[side, i] : end[side, i]], side 0 the source.

    `first` is the number of its first pair, from 0; `data` [L]; `begin` and `end` [2, P].
    """

    first: int
    data: NDArray[np.uint8]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.begin.shape[1])

    def text(self, side: int, place: int) -> str:
        """The text on a side of a pair, whose `place` is counted from the first of the piece."""
        return self.data[self.begin[side, place] : self.end[side, place]].tobytes().decode()

    def texts(self, side: int) -> list[str]:
        """The texts of a side."""
        raw = self.data.tobytes()
        return [raw[a:b].decode() for a, b in zip(self.begin[side].tolist(), self.end[side].tolist(), strict=True)]


class _Written(NamedTuple):
    """Where a piece stands in the file: `edges` [3 P + 1] of all sources, all targets and all names behind each other."""

    offset: int
    first: int
    edges: NDArray[np.int64]
    where: NDArray[np.uint32]
    of: NDArray[np.uint16]


class Spool:
    """N pairs in a file without a name; a context manager, at whose end it is gone."""

    def __init__(self, in_memory: bool = False) -> None:
        self._file: IO[bytes] = io.BytesIO() if in_memory else tempfile.TemporaryFile(prefix="seqgen-")
        self._written: list[_Written] = []
        self._size = 0
        self.files: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._size

    @property
    def bytes(self) -> int:
        """The size of all texts and names."""
        return self._written[-1].offset + int(self._written[-1].edges[-1]) if self._written else 0

    def extend(self, pairs: Sequence[Kept]) -> None:
        """Keep a piece of pairs."""
        numbers = {name: number for number, name in enumerate(self.files)}
        for name in dict.fromkeys(kept.file for kept in pairs):
            if name not in numbers:
                numbers[name] = len(self.files)
                self.files.append(name)
        records = [kept.record for kept in pairs]
        texts = [record.source for record in records] + [record.target for record in records]
        parts = [text.encode("utf-8", "replace") for text in texts] + [record.name.encode() for record in records]
        sizes = np.fromiter(map(len, parts), np.int64, len(parts))
        where = np.fromiter((record.where for record in records), np.uint32, len(records))
        of = np.fromiter((numbers[kept.file] for kept in pairs), np.uint16, len(pairs))
        edges = np.concatenate([[0], np.cumsum(sizes)])
        self._written.append(_Written(self._file.tell(), self._size, edges, where, of))
        self._file.write(b"".join(parts))
        self._size += len(pairs)

    def __getitem__(self, place: int) -> Kept:
        """The pair of a number, from 0."""
        piece = self._written[bisect.bisect_right(self._written, place, key=lambda piece: piece.first) - 1]
        at, size = place - piece.first, len(piece.where)
        parts = []
        for row in (at, size + at, 2 * size + at):
            self._file.seek(piece.offset + int(piece.edges[row]))
            parts.append(self._file.read(int(piece.edges[row + 1] - piece.edges[row])).decode())
        source, target, name = parts
        return Kept(self.files[piece.of[at]], Record(source, target, int(piece.where[at]), name))

    def pieces(self) -> Iterator[Piece]:
        """All pairs, a piece at a time."""
        for piece in self._written:
            size = len(piece.where)
            self._file.seek(piece.offset)
            data = np.frombuffer(self._file.read(int(piece.edges[2 * size])), np.uint8)
            edges = piece.edges[: 2 * size + 1]
            yield Piece(piece.first, data, edges[:-1].reshape(2, size), edges[1:].reshape(2, size))  # [2 P] -> [2, P]
