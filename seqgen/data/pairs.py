"""Sentence pairs: from tab-separated or JSON lines, or from two files with a sentence a line.

Nothing is skipped or cut in silence: a row without two columns and files of unequal length are errors that say where.
Only "\\n" ends a line, so that an odd character in one sentence never shifts the pairs behind it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqgen.data.formats import check_encoding, decoded, lines_of, sources
from seqgen.errors import ConfigError, CorpusError
from seqgen.tokenizers.base import normalise

PAIR_SUFFIXES = (".tsv", ".jsonl")
# The fields in which other tools put a pair, tried in this order where none are named.
FIELDS = (("source", "target"), ("src", "tgt"), ("src", "trg"))


@dataclass(frozen=True)
class Pairs:
    """Sources and targets in NFC, where they came from, their size in bytes and SHA-256; notes for the user."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    names: tuple[str, ...]
    bytes: int
    sha256: str
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.sources)

    def swapped(self) -> Pairs:
        """The other direction."""
        return Pairs(self.targets, self.sources, self.names, self.bytes, self.sha256, self.notes)

    def chosen(self, wanted: Sequence[bool]) -> Pairs:
        """The pairs that are wanted."""
        rows = [pair for pair, keep in zip(zip(self.sources, self.targets, strict=True), wanted, strict=True) if keep]
        return Pairs(
            tuple(s for s, _ in rows), tuple(t for _, t in rows), self.names, self.bytes, self.sha256, self.notes
        )  # fmt: skip


Row = tuple[str, str]


def looks_like_pairs(inputs: Sequence[str]) -> bool:
    """Whether the names of the files say that they hold pairs."""
    return bool(inputs) and all(Path(name.removesuffix(".gz")).suffix in PAIR_SUFFIXES for name in inputs)


def read_pairs(inputs: Sequence[str], *, columns: str | None = None, encoding: str = "utf-8") -> Pairs:
    """Read files, folders and "-" as rows of pairs; *.jsonl as JSON, all else as tab-separated.

    `columns` are two numbers ("1,3") or two fields of JSON ("en,de"). Raises CorpusError naming file and line.
    """
    check_encoding(encoding)
    rows: list[Row] = []
    names: list[str] = []
    notes: list[str] = []
    for name, data in sources(inputs, PAIR_SUFFIXES):
        text, said = decoded(name, data, encoding)
        lines = lines_of(text)
        is_json = name.removesuffix(".gz").endswith(".jsonl") or (name == "stdin" and text.lstrip().startswith("{"))
        parse, found = (_json_parser(columns), "") if is_json else _tab_parser(columns, lines)
        rows += _rows(name, lines, parse)
        names.append(Path(name).name)
        notes += said + ([f"{name}: {found}"] if found else [])
    return _made(rows, names, notes)


def read_two_files(source: str, target: str, *, encoding: str = "utf-8") -> Pairs:
    """Read a file of sources and one of targets, line by line. Raises CorpusError where they are not of one length."""
    check_encoding(encoding)
    sides: list[list[str]] = []
    notes: list[str] = []
    for path in (source, target):
        texts = [decoded(name, data, encoding) for name, data in sources([path])]
        sides.append([line for text, _ in texts for line in lines_of(text)])
        notes += [note for _, said in texts for note in said]
    if len(sides[0]) != len(sides[1]):
        raise CorpusError(
            f"{source} has {len(sides[0]):,} lines, {target} has {len(sides[1]):,}: expected as many",
            "find the line from which on they no longer belong together",
        )
    return _made(list(zip(*sides, strict=True)), [Path(source).name, Path(target).name], notes)


def _made(rows: Sequence[Row], names: Sequence[str], notes: Sequence[str]) -> Pairs:
    if not rows:
        raise CorpusError(f"{', '.join(names)}: no pairs", "name a file with a source and a target on each line")
    pairs = [(normalise(source).strip(" "), normalise(target).strip(" ")) for source, target in rows]
    raw = "".join(f"{source}\t{target}\n" for source, target in pairs).encode()
    left, right = zip(*pairs, strict=True)
    return Pairs(left, right, tuple(names), len(raw), hashlib.sha256(raw).hexdigest(), tuple(notes))


def _rows(name: str, lines: Sequence[str], parse: Callable[[str], Row | str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        row = parse(line) if line.strip() else ("", "")
        if isinstance(row, str):
            raise CorpusError(f"{name}:{number}: {row}", "mend the line, or name other columns with --columns")
        yield row


def _tab_parser(columns: str | None, lines: Sequence[str]) -> tuple[Callable[[str], Row | str], str]:
    """A parser of tab-separated lines, and what is to be said about them."""
    left, right = _numbers(columns)
    needed = max(left, right)
    extra = max((line.count("\t") + 1 for line in lines), default=needed) - needed

    def parse(line: str) -> Row | str:
        fields = line.split("\t")
        if len(fields) < needed:
            return f"expected {needed} tab-separated columns, found {len(fields)}"
        return fields[left - 1], fields[right - 1]

    used = f"columns {left} and {right} are used, others ignored"
    return parse, used if columns is None and extra > 0 else ""


def _numbers(columns: str | None) -> tuple[int, int]:
    if columns is None:
        return 1, 2
    try:
        left, right = (int(part) for part in columns.split(","))
    except ValueError:
        left = right = 0
    if left < 1 or right < 1 or left == right:
        raise ConfigError(f"--columns: expected two different numbers such as 1,3, found {columns!r}")
    return left, right


def _json_parser(columns: str | None) -> Callable[[str], Row | str]:
    choices = [tuple(columns.split(","))] if columns else FIELDS
    if any(len(choice) != 2 for choice in choices):
        raise ConfigError(f"--columns: expected two fields such as en,de, found {columns!r}")

    def parse(line: str) -> Row | str:
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            return f"not JSON: {error.msg} at column {error.colno}"
        if not isinstance(record, dict):
            return f"expected a JSON object, found {line[:40]!r}"
        for left, right in choices:
            if isinstance(record.get(left), str) and isinstance(record.get(right), str):
                return record[left], record[right]
        wanted = " or ".join(f"{left!r} and {right!r}" for left, right in choices)
        return f"expected texts in the fields {wanted}, found the fields {', '.join(map(repr, record)) or 'none'}"

    return parse
