"""JSON lines as a source of lines: one field is the text, the record itself stays as it was, byte for byte.

A record is parsed only to find its text. What is added is written into the line that was read, before its last brace, so
that numbers too large for a computer, lone surrogates, the order of keys and every space survive.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from seqgen.data.lines import Line, LineSource
from seqgen.errors import CorpusError, SeqgenError


def _unread(number: str) -> None:
    """Numbers are not parsed, so that none is too long or too large."""


_DECODER = json.JSONDecoder(parse_int=_unread, parse_float=_unread)


class RecordReader:
    """A LineSource of the texts in `field` of JSON lines; a blank line is a blank text.

    Raises CorpusError, naming the line, for what is not a record with such a text, or already has one of the fields `added`:
    after the lines before it have been taken.
    """

    def __init__(self, lines: LineSource, field: str, added: Sequence[str]) -> None:
        self._lines, self._field, self._added = lines, field, added
        self._error: SeqgenError | None = None

    @property
    def waiting(self) -> bool:
        """Whether there are lines, or an end, that can be taken without waiting."""
        return self._error is not None or self._lines.waiting

    def take(self, most: int, characters: int) -> list[Line]:
        """See LineSource."""
        found: list[Line] = []
        for line in self._lines.take(most, characters) if self._error is None else ():
            try:
                text = self._text(line)
            except SeqgenError as error:
                self._error = error
                break
            found.append(Line(text, line.number, line.stream, line.place, line.raw))
        if not found and self._error is not None:
            raise self._error
        return found

    def _text(self, line: Line) -> str:
        """The text of a record."""
        if not line.raw.strip():
            return ""
        record = _parsed(line)
        if not isinstance(record, dict) or not isinstance(record.get(self._field), str):
            found = (
                f"found a record without it: {_shown(line.raw)}" if isinstance(record, dict) else f"found {_shown(line.raw)}"
            )
            raise CorpusError(
                f"{line.where}: expected a string in the field {self._field!r}, {found}", "name the field with --field"
            )
        for name in self._added:
            if name in record:
                raise CorpusError(
                    f"{line.where}: the record already has a field {name!r}, which would be lost",
                    "name another with --into NAME: all that is added is named after it",
                )
        text: str = record[self._field]
        return text


def _parsed(line: Line) -> Any:
    try:
        return _DECODER.decode(line.raw)
    except json.JSONDecodeError as error:
        raise CorpusError(f"{line.where}: not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise CorpusError(f"{line.where}: JSON that is nested too deeply") from None


def _shown(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def with_fields(record: str, fields: Mapping[str, Any]) -> str:
    """The line of a non-empty record with fields added after its own, which are left as they are."""
    kept = record[: record.rindex("}")].rstrip(" \t\r\n")
    return f"{kept}, {json.dumps(fields, ensure_ascii=False)[1:-1]}{record[len(kept) :]}"
