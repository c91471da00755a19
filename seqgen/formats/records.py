"""Records read from files: lines, paragraphs, whole files, or one column of a table, each with its label."""

from __future__ import annotations

import hashlib

from seqgen.data.record_text import FILES, LINES, PARAGRAPHS, marked_text, split_records
from seqgen.errors import ConfigError, CorpusError
from seqgen.formats.document import Document
from seqgen.formats.read import Corpus, text_of
from seqgen.formats.sources import Sources
from seqgen.formats.tables.column import labelled
from seqgen.tokenizers.base import normalise

KINDS = (LINES, PARAGRAPHS, FILES)
_COLUMNS = ("jsonl:", "csv:")


def check_records(records: str, label: str | None) -> None:
    """Raise ConfigError for no kind of records, or for a label of what has no columns."""
    column = column_of(records)
    if records not in KINDS and not column:
        raise ConfigError(f"--records: expected {', '.join(KINDS)}, jsonl:FIELD or csv:COLUMN, found {records[:40]!r}")
    if label is not None and not column:
        raise ConfigError(
            f"--label needs records with columns, found --records {records}", "--records csv:COLUMN or jsonl:FIELD"
        )


def column_of(records: str) -> str:
    """The column of a table that holds the records; "" where they are something else."""
    return next((records.removeprefix(start) for start in _COLUMNS if records.startswith(start)), "")


def read_records(sources: Sources, records: str, label: str | None) -> tuple[list[str], Corpus]:
    """The records of files in NFC, each with its label in front and the mark behind it; and what they were read from, without
    a text. Raises CorpusError where there are none, ConfigError for a column that is not there."""
    check_records(records, label)
    found: list[tuple[str, str]] = []
    for document in sources:
        found += _of(document, records, label)
    made = [normalise(text) for text in marked_text(found, records)]
    if not made:
        raise CorpusError(f"{', '.join(sources.names)}: no records", "name a file with text in it")
    hashed = hashlib.sha256("".join(made).encode())
    size = sum(len(one.encode()) for one in made)
    return made, Corpus("", tuple(sources.names), size, hashed.hexdigest(), tuple(sources.notes))


def _of(document: Document, records: str, label: str | None) -> list[tuple[str, str]]:
    if column := column_of(records):
        return list(labelled(document, column, label))
    return [(text, "") for text in split_records(text_of(document), records)]
