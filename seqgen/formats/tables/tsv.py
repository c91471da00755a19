"""Pairs in tab-separated columns, one pair per line. Quotes are characters like any other, except around whole fields as
tables are written by spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator

from seqgen.draw.human import plural
from seqgen.errors import ConfigError
from seqgen.formats.document import Document, Record, lines_in
from seqgen.formats.looks import what_it_is
from seqgen.formats.tables.rows import Survey, unquoted

HINT = "correct the line, or name other columns with --columns"
# How much of a text says what it is.
HEAD = 1 << 16


def records(document: Document) -> Iterator[Record]:
    """The pairs; an empty line is an empty pair. Raises CorpusError naming a line with too few columns, if they are many or no
    row may be left out."""
    left, right = (number - 1 for number in numbers(document.wanted.columns))
    text = document.text()
    survey = Survey.of(lines_in(text), left, right)
    omitted = _omitted(document, survey, text)
    headers, quoted = 0, []
    for number, line in lines_in(text):
        if not line.strip():
            yield Record("", "", number)
            continue
        if number in omitted:
            continue
        fields = line.split("\t")
        source, target = fields[left], fields[right]
        if survey.header and document.way.rows and survey.is_header(source, target):
            headers += 1
            continue
        if document.way.mend and '"' in line:
            found = survey.is_quoted(source), survey.is_quoted(target)
            source, target = (unquoted(side) if is_so else side for side, is_so in zip((source, target), found, strict=True))
            quoted += [number] * sum(found)
        yield Record(source, target, number)
    _say(document, survey, headers, quoted)


def _omitted(document: Document, survey: Survey, text: str) -> frozenset[int]:
    """The lines that are left out, which is noted. Raises CorpusError for lines that cannot be read and may not be left out."""
    needed = max(survey.left, survey.right) + 1
    if survey.few and not (document.way.rows and survey.is_rare(survey.few)):
        first = survey.few[0]
        found = next(line for number, line in lines_in(text) if number == first).count("\t") + 1
        others = f"; so it is in {len(survey.few) - 1:,} more of {survey.rows:,} rows" if len(survey.few) > 1 else ""
        is_other = what_it_is(text[:HEAD])
        remedy = is_other and is_other.remedy(document.name)
        raise document.error(
            first,
            f"expected {needed} tab-separated columns, found {found}{others}",
            f"it looks like {is_other.what}: {remedy}" if is_other and remedy else HINT,
        )
    many = survey.many if document.way.rows and survey.is_rare(survey.many) else []
    for lines, what in ((survey.few, f"fewer than {needed} columns"), (many, f"more than {survey.usual} columns")):
        if lines:
            where = f"left out, {'the first ' if len(lines) > 1 else ''}in line {lines[0]:,}"
            document.note(f"{plural(len(lines), f'row with {what} was', f'rows with {what} were')} {where}")
    return frozenset([*survey.few, *many])


def _say(document: Document, survey: Survey, headers: int, quoted: list[int]) -> None:
    """Note what was found beside pairs."""
    if survey.header and document.way.mend:
        titles = ", ".join(title.strip('"') for title in survey.header)
        rows = "a header row" if headers < 2 else f"{headers:,} header rows"
        document.note(f"{rows} ({titles}) {'was' if headers < 2 else 'were'} left out" if headers else
                      f"the first row ({titles}) looks like a header, and is read like a pair")  # fmt: skip
    if quoted:
        where = f"{'the first ' if len(quoted) > 1 else ''}in line {quoted[0]:,}"
        document.note(f"quotes around {plural(len(quoted), 'field')} were removed, {where}")
    if document.wanted.columns is None and (survey.usual > 2 or (survey.many and not document.way.rows)):
        document.note(f"columns {survey.left + 1} and {survey.right + 1} are used, others ignored")


def numbers(columns: str | None) -> tuple[int, int]:
    """The columns of source and target, from 1. Raises ConfigError for anything but two different numbers."""
    if columns is None:
        return 1, 2
    try:
        left, right = (int(part) for part in columns.split(","))
    except ValueError:
        left = right = 0
    if left < 1 or right < 1 or left == right:
        raise ConfigError(f"--columns: expected two different numbers such as 1,3, found {columns[:40]!r}")
    return left, right
