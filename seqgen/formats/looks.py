"""What a text looks like that is no running text: pairs, tables, subtitles, catalogues; told by its beginning."""

from __future__ import annotations

import csv
import json
import re
from typing import NamedTuple

from seqgen.formats import FORMATS, says_nothing
from seqgen.formats.tables.fields import at, paths
from seqgen.formats.tables.jsonl import FIELDS

# Lines that are looked at, and the least that say something.
LINES = 200
LEAST = 5
NEARLY_ALL = 0.9
CSV_HINT = (
    "as a table with tabs: python3 -c \"import csv, sys; csv.writer(sys.stdout, 'excel-tab').writerows(csv.reader(sys.stdin"
    '{separator}))" < FILE > FILE.tsv'
)
TWO_COLUMNS = "seqgen reads pairs from two columns (.tsv), or two files (--src, --tgt)"


class Looks(NamedTuple):
    """What a text looks like; `is_pairs` where it is read as pairs whatever its name; `hint` says what can be done; `format` is
    the row of FORMATS that reads it, where one does; `is_text`: it can be learnt as it stands, too."""

    what: str
    hint: str | None = None
    is_pairs: bool = False
    format: str | None = None
    is_text: bool = True

    def remedy(self, name: str) -> str | None:
        """What can be done with a file of this name."""
        if self.format is None:
            return self.hint
        suffix = FORMATS[self.format].suffixes[0]
        return f"--format {self.format} reads it" if says_nothing(name) else f"give it a name that ends in {suffix}"


# How catalogues and subtitles begin. Repeats are possessive: what may be read in two ways takes for ever where it does not fit.
_PROLOGUE = r"(?:<\?xml[^>]*+>\s*+)?+(?:<!DOCTYPE[^>]*+>\s*+)?+(?:<!--(?:(?!-->).)*+-->\s*+)*+"
_BEGINNINGS = (
    (re.compile(rf"{_PROLOGUE}<tmx\b", re.S), "TMX, a translation memory", "tmx"),
    (re.compile(rf"{_PROLOGUE}<xliff\b", re.S), "XLIFF, pairs in XML", "xliff"),
    (re.compile(rf"{_PROLOGUE}<TS\b", re.S), "a catalogue of Qt", "qt"),
    (
        re.compile(rf"{_PROLOGUE}<resources\b[^>]*+>\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:string|plurals)\b", re.S),
        "Android's strings",
        "android",
    ),
    (re.compile(rf"{_PROLOGUE}<(?:martif|tbx)\b", re.S), "TBX, terms in XML", None),
    (
        re.compile(r"(?:[^\S\n]*+(?:#.*+)?+\n)*+(?:msgctxt .*+\n(?:\".*+\n)*+)?+msgid \"(?:(?!msgstr).*+\n)++msgstr"),
        "a PO catalogue",
        "po",
    ),
    (re.compile(r"\s*+\d++\s*?\n\d++:\d\d:\d\d[,.]\d++ --> "), "SRT subtitles", "srt"),
    (re.compile(r"WEBVTT\b"), "WebVTT subtitles", "srt"),
    (re.compile(r"\[Script Info\]\n"), "ASS subtitles", "ass"),
)
# Members that stand at the beginning of documents in zip archives.
_ZIPPED = (
    (b"word/", "a Word document", "docx"),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "a text document", "odt"),
    (b"mimetypeapplication/epub+zip", "an e-book", "epub"),
)


def zipped(head: bytes) -> Looks | None:
    """What a zip archive looks like, as far as there is a reader for it."""
    if not head.startswith(b"PK\x03\x04"):
        return None
    return next((Looks(what, format=name, is_text=False) for sign, what, name in _ZIPPED if sign in head), None)


def what_it_is(head: str) -> Looks | None:
    """What the beginning of a text looks like, if not like a text."""
    head = head.removeprefix("\ufeff").replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    for pattern, what, name in _BEGINNINGS:
        if pattern.match(head):
            return Looks(what, TWO_COLUMNS, format=name)
    whole = head.rpartition("\n")[0] or head
    lines = [line for line in whole.split("\n") if line.strip()][:LINES]
    return _json(lines) or _array(head) or (_tabs(lines) or _csv(lines) if len(lines) >= LEAST else None)


def _json(lines: list[str]) -> Looks | None:
    """JSON lines: pairs where the fields are there that other tools use for them."""
    found = [_object(line) for line in lines]
    if len(found) < 2 or any(record is None for record in found):
        return None
    records = [record for record in found if record is not None]
    for names in FIELDS:
        if all(isinstance(record.get(name), str) for record in records for name in names):
            return Looks("JSON lines with pairs", is_pairs=True)
    fields = ("text", "content", *records[0])
    # As jq takes a name without quotes.
    texts = [name for name in fields if isinstance(records[0].get(name), str) and re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII)]
    text = f"its texts: jq -r .{texts[0]} FILE | seqgen ... -" if texts else "make a text of it"
    return Looks("JSON lines", f"{text}; as pairs: --task translation --columns FIELD,FIELD")


def _object(line: str) -> dict[str, object] | None:
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _array(head: str) -> Looks | None:
    """An array of JSON objects, which may well be one line."""
    if not re.match(r'\s*\[\s*\{\s*"(?:[^"\\]|\\.)*"\s*:', head):
        return None
    try:
        record, _ = json.JSONDecoder().raw_decode(head, head.index("{"))
    except (ValueError, RecursionError):
        record = {}
    if any(all(isinstance(at(record, name), str) for name in names) for names in FIELDS):
        return Looks("a list of pairs in JSON", is_pairs=True)
    texts = ", ".join(paths(record)[:8])
    hint = f"its texts are in {texts}: --columns FIELD,FIELD for pairs, --column FIELD for a text" if texts else None
    return Looks("a list in JSON", hint)


def _tabs(lines: list[str]) -> Looks | None:
    """Columns: pairs where the first two hold words rather than numbers."""
    rows = [line.split("\t") for line in lines if "\t" in line.strip()]
    if len(rows) < NEARLY_ALL * len(lines):
        return None
    # Lines that are only indented, as those of programs are, have nothing before the tab.
    if sum(bool(row[0].strip() and row[1].strip()) for row in rows) < NEARLY_ALL * len(rows):
        return None
    if all(sum(any(map(str.isalpha, row[side])) for row in rows) >= NEARLY_ALL * len(rows) for side in (0, 1)):
        return Looks("pairs, with tabs in nearly all lines", is_pairs=True)
    return Looks("a table, with tabs in nearly all lines", "its pairs, if it has some: --task translation --columns 2,3")


def _csv(lines: list[str]) -> Looks | None:
    """A table with commas or semicolons: as many in each row, and no space behind them as in a sentence."""
    for separator in (",", ";"):
        try:
            rows = list(csv.reader(lines, delimiter=separator, strict=True))
        except csv.Error:
            continue
        width = len(rows[0])
        if width < 2 or sum(len(row) == width for row in rows) < 0.95 * len(rows):
            continue
        inner = [cell for row in rows for cell in row[1:] if cell]
        # Lines of programs end in semicolons.
        if sum(bool(row[-1]) for row in rows) >= len(rows) / 2 and sum(c.startswith(" ") for c in inner) <= len(inner) / 10:
            delimiter = "" if separator == "," else ", delimiter=';'"
            return Looks("CSV, a table", CSV_HINT.format(separator=delimiter))
    return None
