"""`seqgen check`: files to what is wrong with them, before hours are spent."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.grouped import GroupedCommand, help_all_option
from seqgen.commands.options import at_home, common, pair_files, reading_options, two_sides
from seqgen.commands.showing import file_of
from seqgen.console import Console
from seqgen.errors import EXIT_ERROR

if TYPE_CHECKING:
    from seqgen.doctor.examination import Examination
    from seqgen.formats import Kind
    from seqgen.formats.document import Record
    from seqgen.formats.sources import Sources

# The share of the work that reading is, and how much gzip makes of texts.
READING, PACKED = 0.6, 3

HELP = """Look for what is wrong with pairs, or with a text, before learning from it: sides that are swapped or in another
language, duplicates, sources with several targets, files that are shifted, numbers, placeholders and tags that differ, letters
of a wrong encoding, characters that nobody sees, and what the held-out part shares with the rest. `train` looks at a sample by
itself.

Exits with 1 where something would hurt a training.

\b
Examples:
  seqgen check pairs.tsv
  seqgen check memory.tmx --from en --to ko --write clean
  seqgen check --src train.en --tgt train.de --valid dev.tsv
  seqgen check pairs.tsv --deep                near duplicates, terms
  seqgen check pairs.tsv --json | jq '.kinds[] | select(.hurts)'
  seqgen check book.txt
"""


@click.command("check", cls=GroupedCommand, help=HELP, short_help="Look for what is wrong with pairs or a text.")
@click.argument("inputs", metavar="[FILE]...", nargs=-1)
@pair_files
@click.option(
    "--valid", multiple=True, metavar="FILE", help="Held-out text or pairs, which should share nothing with the rest."
)
@click.option("--deep", is_flag=True, help="Also near duplicates and inconsistent terms; takes three times as long.")
@click.option("--worst", type=click.IntRange(0, 1000), default=10, show_default=True, help="Examples of each kind to show.")
@click.option("--write", "folder", type=click.Path(path_type=Path), callback=at_home, metavar="FOLDER",
              help="Write what is clean there, and what was removed, with reasons.")  # fmt: skip
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), callback=file_of(".html", ".htm"), metavar="FILE",
              help="Also write the report as a page.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
@reading_options
@common
@help_all_option
@click.pass_obj
def command(
    console: Console,
    /,
    inputs: tuple[str, ...],
    src: str | None,
    tgt: str | None,
    valid: tuple[str, ...],
    deep: bool,
    worst: int,
    folder: Path | None,
    html: Path | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Read, examine, report."""
    console.quiet = quiet
    sides = two_sides(src, tgt)
    if not inputs and not sides:
        raise click.UsageError("nothing to check: name a FILE, or --src and --tgt")
    from seqgen.doctor.examination import examined
    from seqgen.doctor.report import report_of
    from seqgen.doctor.spool import Spool
    from seqgen.doctor.written import refuse_existing
    from seqgen.formats.read import nothing_in
    from seqgen.threads import limit_threads

    limit_threads(1)
    reading = Reading(console, inputs, sides, {name: value for name, value in options.items() if value is not None})
    if folder is not None:
        refuse_existing(folder, reading.is_text)
    with Spool() as spool, console.progress("reading") as progress:
        found = examined(reading.records(), spool, is_text=reading.is_text, shown=worst, held=reading.held(valid), deep=deep,
                         progress=lambda read: progress(reading.share(read)))  # fmt: skip
        if not len(found):
            raise nothing_in(reading.sources)
        report = report_of(found, reading.files, reading.notes, deep)
        report["hurts"] = [*reading.unequal, *report["hurts"]]
        if folder is not None:
            report["written"] = _write(console, found, folder)
        _tell(console, report, reading.command, html, as_json)
    if report["hurts"]:
        sys.exit(EXIT_ERROR)


class Reading:
    """What is read, and how: pairs or lines, as `train` would read them with the same options."""

    def __init__(
        self, console: Console, inputs: tuple[str, ...], sides: tuple[str, str] | None, options: dict[str, Any]
    ) -> None:
        """Raises ConfigError and CorpusError as reading for a training does."""
        from seqgen.formats.blocks import Begun
        from seqgen.formats.names import looks_like_pairs
        from seqgen.training.looking import check_format, seen

        self.inputs, self.sides, self.options = inputs, sides, options
        self.begun: Begun = {}
        self.unequal: list[str] = []
        pairs = sides is not None or (looks_like_pairs(inputs) and "column" not in options)
        if not pairs and "column" not in options:
            found = seen(inputs, options, self.begun)
            pairs = found.is_pairs
            options = {**options, **({"format": found.format} if found.format else {})}
            if found.note:
                console.note(found.note)
        check_format((*inputs, *(sides or ())), self.options.get("format"))
        self.options = options
        self.is_text = not pairs
        self.sources = self._sources(sides or inputs)

    @property
    def files(self) -> list[str]:
        """The labels of what was read."""
        return list(dict.fromkeys(self.sources.names))

    @property
    def notes(self) -> list[str]:
        """What readers said of the files."""
        return list(dict.fromkeys(self.sources.notes))

    @property
    def command(self) -> str:
        """The command that trains on the same, read in the same way."""
        from seqgen.config import spelt
        from seqgen.formats.names import STDIN

        files = ("--src", self.sides[0], "--tgt", self.sides[1]) if self.sides else self.inputs
        piped = "... | " if STDIN in files else ""
        return piped + shlex.join(["seqgen", "train", *files, *spelt(self.options)])

    def records(self) -> Iterator[tuple[str, Record]]:
        """All pairs, or lines, with the label of their file."""
        from seqgen.formats.read import lines_in_texts, records_in, records_of_two

        if self.sides is not None:
            records = records_of_two(self.sources, unequal=self.unequal.append)
        else:
            records = lines_in_texts(self.sources) if self.is_text else records_in(self.sources)
        for record in records:
            yield self.sources.names[0 if self.sides else -1], record

    def held(self, valid: tuple[str, ...]) -> Iterable[str]:
        """The sources, or lines, that are held out, as they are compared."""
        from seqgen.formats.read import lines_in_texts, records_in, tidied

        if not valid:
            return ()
        sources = self._sources(valid)
        records = lines_in_texts(sources) if self.is_text else records_in(sources)
        return (tidied(record.source, record.target, True)[0] for record in records)

    def share(self, read: int) -> float:
        """About which share of the work is done when so many bytes of texts were read: looking at them takes the rest."""
        from seqgen.formats import is_packed

        names = [name for name in self.sides or self.inputs if os.path.isfile(name)]
        size = sum(os.path.getsize(name) * (PACKED if is_packed(name) else 1) for name in names)
        return min(1.0, read / size) * READING if size else 0.0

    def _sources(self, names: tuple[str, ...]) -> Sources:
        from seqgen.config import DEFAULTS
        from seqgen.formats.document import Wanted
        from seqgen.formats.sources import MEGABYTE, MENDING, Sources

        given = self.options.get
        wanted = Wanted(given("columns"), given("source_language"), given("target_language"), given("column"),
                        bool(given("keep_markup")), bool(given("review")), None, given("format"))  # fmt: skip
        kind: Kind = "text" if self.is_text or names is self.sides else "pairs"
        limit = self.options.get("max_size", DEFAULTS["max_size"]) * MEGABYTE
        return Sources(names, kind, self.options.get("encoding", "utf-8"), wanted, limit, MENDING, self.begun)


def _write(console: Console, found: Examination, folder: Path) -> dict[str, Any]:
    """Write what is clean and what is not; what was written."""
    from seqgen.doctor.written import names_of, write

    kept, removed = write(found, folder)
    clean, out = (str(folder / name) for name in names_of(found.is_text))
    console.note(f"{clean}: {kept:,}; {out}: {removed:,}, with reasons; to learn from it: seqgen train {shlex.quote(clean)}")
    return {clean: kept, out: removed}


def _tell(console: Console, report: dict[str, Any], train: str, html: Path | None, as_json: bool) -> None:
    """Print the report, and write the page."""
    from seqgen.commands.check_expected import expected

    sentences = expected(report, train)
    if as_json:
        console.write(json.dumps({**report, "expected": sentences}, ensure_ascii=False) + "\n")
    else:
        from seqgen.doctor.shown import rendered

        for note in report["notes"]:
            console.note(note)
        console.show(rendered(report, sentences, console.width, console.out_has_colour))
    if html is not None:
        from seqgen.doctor.exhibits import exhibits_of
        from seqgen.draw.page.document import page
        from seqgen.files import write_atomically

        write_atomically(html, page(f"Check of {', '.join(report['files'])}", exhibits_of(report, sentences)).encode())
        console.note(f"page: {html}")
