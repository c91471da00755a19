"""Formats: what files hold, a text or sentence pairs, behind one table.

A reader of texts is a function (Document) -> str, a reader of pairs (Document) -> Iterator[Record], or Iterator[Unit] where a
file holds more than pairs; all take the decoded text or the bytes from the Document. What `translate` can put translations
into has `edits` too (formats/units.py). Compression (.gz) lies below: a reader never sees it. A new format is one file here and
one row of FORMATS.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

Kind = Literal["text", "pairs"]
KINDS: tuple[Kind, ...] = ("text", "pairs")
# The suffix of compressed files, whatever their format.
PACKED = ".gz"


class Format(NamedTuple):
    """One way of writing down a text or pairs.

    `suffixes` are in lower case; `reader` is "module:function", imported on use; `help` is its line in `train --help`;
    `begins` is how the content may begin, for a stream whose name says nothing (None: that does not tell); `beside` is true for
    what a folder may hold beside files of another kind, as a README does.

    `units` is the function (Document) -> Iterator[Unit]; where there is no `reader`, a text or pairs are made of units. `edits`
    is the function (Unit, str, review=) -> list of Edit that puts a translation in; `every`: also into units that stay empty.
    `paired` is the function that makes pairs of two files, one for each language, of their documents and units. `also` reads
    the other kind, a table of which one column is a text. `streamed`: the reader takes a file block by block; `accelerators`:
    texts are of an interface, where a sign marks the letter of a key (&File); `is_packed`: it is a zip; `alone`: a folder may
    hold it for another reason, so that it is read only where it is named itself.
    """

    kind: Kind
    suffixes: tuple[str, ...]
    reader: str
    help: str
    begins: str | tuple[str, ...] | None = None
    beside: bool = False
    units: str = ""
    edits: str = ""
    paired: str = ""
    also: str = ""
    every: bool = False
    streamed: bool = False
    accelerators: bool = False
    is_packed: bool = False
    alone: bool = False


_COLUMN = "seqgen.formats.tables.column:text"
_BY_NAME = "seqgen.formats.units:by_name"
_BY_TIME = "seqgen.formats.subtitles.cues:by_time"

# The first row of a kind reads what no other row claims.
FORMATS: dict[str, Format] = {
    "plain": Format("text", (".txt",), "seqgen.formats.plain:text", "a text; any other name is read as one too"),
    "markdown": Format("text", (".md", ".markdown"), "seqgen.formats.documents.markdown:text",
                       "a text, with its markup (--keep-markup) or without", beside=True,
                       units="seqgen.formats.documents.markdown:units", edits="seqgen.formats.documents.markdown:edits"),
    "tsv": Format("pairs", (".tsv",), "seqgen.formats.tables.tsv:records",
                  "pairs: tab-separated source and target (--columns 1,2)", every=True, also=_COLUMN,
                  units="seqgen.formats.tables.csv:units", edits="seqgen.formats.tables.csv:edits"),
    "csv": Format("pairs", (".csv",), "", "pairs: a table (--columns source,target); --column NAME: a text", every=True,
                  units="seqgen.formats.tables.csv:units", edits="seqgen.formats.tables.csv:edits", also=_COLUMN),
    "jsonl": Format("pairs", (".jsonl",), "seqgen.formats.tables.jsonl:records",
                    'pairs: one {"source": ..., "target": ...} a line (--columns source,target or a.b)',
                    begins=("{", "["), units="seqgen.formats.tables.records:units", edits="seqgen.formats.tables.records:edits",
                    also=_COLUMN),
    "srt": Format("text", (".srt", ".vtt"), "", "subtitles: what is said; two files, --src and --tgt, are paired by time",
                  units="seqgen.formats.subtitles.srt:units", edits="seqgen.formats.subtitles.srt:edits", paired=_BY_TIME),
    "ass": Format("text", (".ass", ".ssa"), "", "subtitles with styles: the same",
                  units="seqgen.formats.subtitles.ass:units", edits="seqgen.formats.subtitles.ass:edits", paired=_BY_TIME),
    "html": Format("text", (".html", ".htm", ".xhtml"), "seqgen.formats.documents.html:text", "a page: what it says",
                   units="seqgen.formats.documents.html:units", edits="seqgen.formats.documents.html:edits"),
    "docx": Format("text", (".docx",), "seqgen.formats.documents.docx:text", "a Word document: what it says", is_packed=True,
                   units="seqgen.formats.documents.docx:units", edits="seqgen.formats.documents.docx:edits"),
    "odt": Format("text", (".odt",), "seqgen.formats.documents.books:odt", "a text document of LibreOffice: what it says"),
    "epub": Format("text", (".epub",), "seqgen.formats.documents.books:epub", "an e-book: what it says"),
    "po": Format("pairs", (".po", ".pot"), "", "pairs: a gettext catalogue", accelerators=True,
                 units="seqgen.formats.catalogues.po:units", edits="seqgen.formats.catalogues.po:edits"),
    "tmx": Format("pairs", (".tmx",), "", "pairs: a translation memory (--from, --to)", begins="<tmx", streamed=True,
                  units="seqgen.formats.memories.tmx:units", edits="seqgen.formats.memories.tmx:edits"),
    "xliff": Format("pairs", (".xlf", ".xliff", ".sdlxliff", ".mqxliff"), "", "pairs: what translation tools exchange",
                    streamed=True, begins="<xliff", accelerators=True,
                    units="seqgen.formats.memories.xliff:units", edits="seqgen.formats.memories.xliff:edits"),
    "qt": Format("pairs", (".ts",), "", "pairs: a catalogue of Qt", accelerators=True, begins="<!DOCTYPE TS",
                 units="seqgen.formats.catalogues.qt:units", edits="seqgen.formats.catalogues.qt:edits"),
    "android": Format("text", (".strings.xml", "strings.xml"), "",
                      "Android's strings: one language; two files are paired by name",
                      units="seqgen.formats.catalogues.android:units", edits="seqgen.formats.catalogues.android:edits",
                      paired=_BY_NAME),
    "properties": Format("text", (".properties",), "", "Java's texts: the same", accelerators=True, paired=_BY_NAME, alone=True,
                         units="seqgen.formats.catalogues.properties:units",
                         edits="seqgen.formats.catalogues.properties:edits"),
    "json": Format("text", (".json", ".arb"), "", "texts by key (i18next, ARB): the same; a list of records: as JSON lines",
                   paired=_BY_NAME, also=_COLUMN, alone=True,
                   units="seqgen.formats.catalogues.i18n:units", edits="seqgen.formats.catalogues.i18n:edits"),
}  # fmt: skip


def unpacked(name: str) -> str:
    """A file's name without the suffix of its compression."""
    return name[: -len(PACKED)] if is_packed(name) else name


def is_packed(name: str) -> bool:
    """Whether a file's name says that it is compressed."""
    return name.lower().endswith(PACKED)


def format_of(name: str) -> Format | None:
    """The format that a file's name claims, also before .gz and in capitals; None where it claims none."""
    bare = unpacked(name).lower()
    return next((found for found in FORMATS.values() if bare.endswith(found.suffixes)), None)


def claimed(name: str, otherwise: str | None = None) -> Format | None:
    """The format of a file: that which its name claims; where that says nothing, or no more than that it is a text, the row
    `otherwise`, if there is one."""
    found = format_of(name)
    return FORMATS[otherwise] if otherwise and says_nothing(name) else found


def says_nothing(name: str) -> bool:
    """Whether a name leaves open what is in the file."""
    return format_of(name) in (None, FORMATS["plain"])


def reading_format(kind: Kind, name: str, head: str = "", otherwise: str | None = None) -> Format:
    """The format by which a file is read as a text or as pairs: that of its name, or the row `otherwise`; where these say
    nothing, that which the content begins like (`head`); else the first of its kind.
    """
    rows = [found for found in FORMATS.values() if found.kind == kind]
    named = claimed(name, otherwise)
    if named in rows:
        return named
    # A row of a table may begin with a brace too, but has a tab behind it.
    first = head.lstrip().partition("\n")[0]
    return next((row for row in rows if row.begins and first.startswith(row.begins) and "\t" not in first), rows[0])


def function(place: str) -> Callable[..., Any]:
    """The function that "module:function" names, imported now."""
    module, _, name = place.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def suffixes(kind: Kind) -> tuple[str, ...]:
    """All suffixes of a kind, in the table's order."""
    return tuple(suffix for found in FORMATS.values() if found.kind == kind for suffix in found.suffixes)


def formats_help() -> str:
    """What is read, by its suffixes, as a paragraph for a command's help."""
    texts, pairs = (" ".join(suffixes(kind)) for kind in KINDS)
    return f"Texts: {texts}; any other name is read as one too. Pairs: {pairs}. Each as {PACKED} too."


def formats_table() -> str:
    """The table as it stands in docs/formats.md."""
    rows = ["| files | what | trained on | translated in place |", "|---|---|---|---|"]
    for found in FORMATS.values():
        names = " ".join(f"`{suffix}`" for suffix in found.suffixes)
        kind = "as a text" if found.kind == "text" else "as pairs" + (", or one column as a text" if found.also else "")
        two = "; two files as pairs" if found.paired else ""
        rows.append(f"| {names} | {found.help} | {kind}{two} | {'yes' if found.edits else ''} |")
    return "\n".join(rows) + "\n"
