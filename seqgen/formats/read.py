"""Reading a corpus: files, folders, .gz and stdin to one text, or to pairs, by the table of formats.

Nothing is skipped or cut silently: a row without two columns and files of unequal length are errors that say where.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from seqgen.data.mending import INVISIBLE
from seqgen.data.pairs import Pairs
from seqgen.draw.human import plural
from seqgen.errors import CorpusError
from seqgen.formats import Kind, claimed, function, reading_format
from seqgen.formats.blocks import Begun
from seqgen.formats.document import ANYTHING, Document, Record, Wanted, Way
from seqgen.formats.sources import LIMIT, MENDING, Sources
from seqgen.formats.units import Unit, pairs_in, text_in
from seqgen.tokenizers.base import normalise

PIECE = 1 << 20
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Corpus:
    """A text in NFC, where it came from, its size in bytes and its SHA-256 (of the text in UTF-8); notes for the user."""

    text: str
    names: tuple[str, ...]
    bytes: int
    sha256: str
    notes: tuple[str, ...]


def read_texts(
    paths: Sequence[str],
    encoding: str = "utf-8",
    limit: int = LIMIT,
    way: Way = MENDING,
    begun: Begun | None = None,
    wanted: Wanted = ANYTHING,
) -> Corpus:
    """Read files, folders (their files of texts, sorted) and "-" (stdin) as one text, at most `limit` bytes; of tables the
    wanted column.

    Raises CorpusError for what is missing, unreadable, empty, too large or not in the encoding, ConfigError for an encoding
    that does not exist.
    """
    sources = Sources(paths, "text", encoding, wanted, limit, way, begun)
    texts: list[str] = []
    for document in sources:
        text = _read(document, "text")
        # A file without a final newline must not run into the next one.
        if not document.is_binary and texts and not texts[-1].endswith("\n"):
            texts.append("\n")
        texts.append(text)
    joined = "".join(texts)
    texts.clear()
    if not joined:
        raise nothing_in(sources)
    text = normalise(joined)
    del joined
    hashed, size = hashlib.sha256(), 0
    for start in range(0, len(text), PIECE):
        raw = text[start : start + PIECE].encode()
        hashed.update(raw)
        size += len(raw)
    return Corpus(text, tuple(sources.names), size, hashed.hexdigest(), tuple(sources.notes))


def read_pairs(
    inputs: Sequence[str],
    *,
    wanted: Wanted = ANYTHING,
    encoding: str = "utf-8",
    limit: int = LIMIT,
    way: Way = MENDING,
    begun: Begun | None = None,
) -> Pairs:
    """Read files, folders (their files of pairs, sorted) and "-" as pairs, at most `limit` bytes; files of no known
    format as tab-separated.

    `wanted.columns` says where source and target are: two numbers ("1,3") or two fields ("en,de"), as the format has it. Raises
    CorpusError naming file and line, and ConfigError.
    """
    sources = Sources(inputs, "pairs", encoding, wanted, limit, way, begun)
    return _made(records_in(sources), sources)


def read_two_files(
    source: str,
    target: str,
    *,
    encoding: str = "utf-8",
    limit: int = LIMIT,
    way: Way = MENDING,
    begun: Begun | None = None,
    wanted: Wanted = ANYTHING,
) -> Pairs:
    """Read a text of sources and one of targets, line by line, at most `limit` bytes together; `begun` as in read_texts. Files
    of units, as subtitles and some catalogues are, are paired by what their units are called, or when they are shown.

    Raises CorpusError where they differ in length.
    """
    sources = Sources((source, target), "text", encoding, wanted, limit, way, begun)
    return _made(records_of_two(sources), sources)


def records_of_two(sources: Sources, unequal: Callable[[str], None] | None = None) -> Iterator[Record]:
    """The pairs of two texts, `sources.paths`, or of the units of two files. Raises CorpusError where the texts differ in
    length; but where that is told to `unequal`, the shorter one ends the pairs."""
    source, target = sources.paths
    if paired := _paired(source, target, sources.wanted.format):
        documents = [next(sources.documents(path)) for path in sources.paths]
        yield from paired(*documents, *(list(_units(document)) for document in documents))
        return
    sides = [
        [line for document in sources.documents(path) for line in lines_of(_read(document, "text"))] for path in sources.paths
    ]
    if len(sides[0]) != len(sides[1]):
        found = f"{source} has {plural(len(sides[0]), 'line')}, {target} has {len(sides[1]):,}: expected the same number"
        if unequal is None:
            check = (
                f"find the line where they stop matching: {shlex.join(['seqgen', 'check', '--src', source, '--tgt', target])}"
            )
            raise CorpusError(found, check)
        unequal(found)
    yield from (Record(left, right, where) for where, (left, right) in enumerate(zip(*sides, strict=False), 1))


def lines_of(text: str) -> list[str]:
    """The lines of a text: only "\\n" ends one, and none follows the last."""
    lines = text.split("\n")
    return lines[:-1] if lines and not lines[-1] else lines


def text_of(document: Document) -> str:
    """A document as a text."""
    return str(_read(document, "text"))


def _read(document: Document, kind: Kind) -> Any:
    """What the reader for this document makes of it: a text, or an iterator over records."""
    if document.is_binary:
        return document.text()
    found = reading_format(kind, document.name, document.head, document.wanted.format)
    named = claimed(document.name, document.wanted.format)
    if named is not None and named.also and kind == "text" and document.wanted.column is not None:
        return function(named.also)(document)
    if found.reader:
        return function(found.reader)(document)
    units = _units(document)
    return text_in(document, units) if kind == "text" else pairs_in(document, units)


def _units(document: Document) -> Iterator[Unit]:
    found = claimed(document.name, document.wanted.format)
    units: Iterator[Unit] = function(found.units)(document) if found else iter(())
    return units


def _paired(source: str, target: str, otherwise: str | None) -> Callable[..., Iterator[Record]] | None:
    """What makes pairs of the units of two files, where these are of one format and have names or times in common."""
    left, right = claimed(source, otherwise), claimed(target, otherwise)
    both = left is not None and right is not None and bool(left.paired) and left.paired == right.paired
    return function(left.paired) if both and left else None


def lines_in_texts(sources: Sources) -> Iterator[Record]:
    """The lines of all texts, as sources without targets; the last of `sources.names` is where."""
    for document in sources:
        yield from (Record(line, "", number) for number, line in enumerate(lines_of(_read(document, "text")), 1))


def records_in(sources: Sources) -> Iterator[Record]:
    """The pairs of all documents as they stand there; the last of `sources.names` is where. Characters that no encoding holds
    are counted, as they will be replaced."""
    for document in sources:
        places: list[int] = []
        for record in _read(document, "pairs"):
            source, target, *_ = record
            if not (source.isascii() and target.isascii()) and _SURROGATE.search(source + target):
                places.append(record.where)
            yield record
        if places:
            found = f"in {len(places):,} of its pairs, {'the first ' if len(places) > 1 else ''}at {places[0]:,}"
            document.note(f"lone surrogates, which are not characters, became U+FFFD {found}")


def _made(records: Iterable[Record], sources: Sources) -> Pairs:
    """Pairs in NFC, without the spaces around them, and their hash; the names of what was read are known once all are taken."""
    left: list[str] = []
    right: list[str] = []
    hashed, size, unseen = hashlib.sha256(), 0, 0
    for found, other, *_ in records:
        source, target, removed = tidied(found, other, sources.way.mend)
        unseen += removed
        left.append(source)
        right.append(target)
        raw = f"{source}\t{target}\n".encode()
        hashed.update(raw)
        size += len(raw)
    if unseen:
        sources.notes.append(
            f"{plural(unseen, 'character without width was', 'characters without width were')} removed from pairs"
        )
    if not left:
        raise nothing_in(sources)
    return Pairs(tuple(left), tuple(right), tuple(sources.names), size, hashed.hexdigest(), tuple(sources.notes))


def nothing_in(sources: Sources) -> CorpusError:
    """The error of files without anything to learn."""
    names = ", ".join(sources.names or sources.paths)
    if sources.kind == "text" and len(sources.paths) == 1:
        return CorpusError(f"{names}: empty", "name a file with text in it")
    if not sources.wanted.review and any(re.search(r"\d (?:fuzzy|to be reviewed)\b", note) for note in sources.notes):
        return CorpusError(f"{names}: no pairs", "--review learns what is fuzzy, or to be reviewed, too")
    left_out = next((note.partition("left out: ")[2] for note in sources.notes if "left out: " in note), "")
    hint = f"what there is was left out: {left_out}" if left_out else "name a file with a source and a target on each line"
    return CorpusError(f"{names}: no pairs", hint)


def tidied(source: str, target: str, mend: bool) -> tuple[str, str, int]:
    """A pair in NFC, without the spaces around it and, to `mend` it, without characters that have no width; how many these
    were."""
    removed = 0
    if mend and not (source.isascii() and target.isascii()):
        (source, one), (target, other) = INVISIBLE.subn("", source), INVISIBLE.subn("", target)
        removed = one + other
    return _plain(source), _plain(target), removed


def _plain(text: str) -> str:
    """In NFC, without the spaces around it. ASCII is in NFC, and most text has much of it."""
    return (text if text.isascii() else normalise(text)).strip(" ")
