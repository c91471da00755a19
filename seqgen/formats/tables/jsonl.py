"""Pairs as JSON lines: one object per line, two of whose fields are the pair, whatever else it holds."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from seqgen.errors import ConfigError
from seqgen.formats.document import Document, Record, lines_in
from seqgen.formats.json_places import list_at, objects_in
from seqgen.formats.tables.fields import at, paths

# The fields in which other tools put a pair, tried in this order where none are named.
FIELDS = (("source", "target"), ("src", "tgt"), ("src", "trg"))
HINT = "correct the line, or name other fields with --columns"


def records(document: Document) -> Iterator[Record]:
    """The pairs; an empty line is an empty pair. Raises CorpusError naming a line that is not an object with both fields."""
    choices: Sequence[tuple[str, str]] = FIELDS
    wanted = document.wanted
    if wanted.columns is not None:
        choices = [fields(wanted.columns)]
    elif wanted.source is not None and wanted.target is not None:
        choices = [*FIELDS, (f"translation.{wanted.source}", f"translation.{wanted.target}"), (wanted.source, wanted.target)]
    text = document.text()
    if list_at(text) is not None:
        yield from _listed(document, text, choices)
        return
    # Numbers are never part of a pair, so their digits, however many, are not parsed.
    decoder = json.JSONDecoder(parse_int=_number, parse_float=_number)
    for number, line in lines_in(text):
        if not line.strip():
            yield Record("", "", number)
            continue
        try:
            found = decoder.decode(line)
        except json.JSONDecodeError as error:
            raise document.error(number, f"not JSON: {error.msg} at column {error.colno}", HINT) from None
        except RecursionError:
            raise document.error(number, "JSON that is nested too deeply", "expected one flat object per line") from None
        yield Record(*_pair(document, number, found, choices), number)


def _listed(document: Document, text: str, choices: Sequence[tuple[str, str]]) -> Iterator[Record]:
    """The pairs of a list of objects, which are called by their numbers."""
    line = place = 0
    for found in objects_in(document, text):
        line, place = line + text.count("\n", place, found.start), found.start
        yield Record(*_pair(document, line + 1, found.record, choices), line + 1, str(found.number))


def fields(columns: str) -> tuple[str, str]:
    """The names of the two fields. Raises ConfigError where there are not two different ones."""
    names = columns.split(",")
    if len(names) != 2 or not all(names) or names[0] == names[1]:
        raise ConfigError(f"--columns: expected two different fields such as en,de, found {columns[:40]!r}")
    return names[0], names[1]


def _pair(document: Document, number: int, found: Any, choices: Sequence[tuple[str, str]]) -> tuple[str, str]:
    if not isinstance(found, dict):
        raise document.error(number, f"expected a JSON object, found {_kind(found)}", HINT)
    for left, right in choices:
        source, target = at(found, left), at(found, right)
        if isinstance(source, str) and isinstance(target, str):
            return source, target
    wanted = " or ".join(f"{left!r} and {right!r}" for left, right in choices)
    shown = [f"{name[:40]!r} ({_kind(value)})" for name, value in list(found.items())[:8]]
    names = ", ".join(shown) + (", ..." if len(found) > len(shown) else "")
    texts = paths(found)
    if len(texts) == 2:
        hint = f"perhaps --columns {','.join(texts)}"
        raise document.error(number, f"expected strings in the fields {wanted}, found the fields {names}", hint)
    # One text a record is what language models learn from; jq takes such a name without quotes.
    is_text = len(texts) == 1 and re.fullmatch(r"[A-Za-z_]\w{0,40}", texts[0], re.ASCII)
    hint = f"to learn its texts: seqgen train {shlex.quote(document.name)} --column {texts[0]}" if is_text else HINT
    raise document.error(number, f"expected strings in the fields {wanted}, found the fields {names or 'none'}", hint)


def _kind(value: object) -> str:
    """What JSON calls a value."""
    kinds = {str: "a string", dict: "an object", list: "a list", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _number(digits: str) -> float:
    return 0.0
