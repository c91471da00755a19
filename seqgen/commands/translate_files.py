"""What `seqgen translate` does with a file of a format that knows where its translations stand: the same file, translated."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from seqgen.console import Console
from seqgen.draw.human import plural
from seqgen.errors import ConfigError, CorpusError
from seqgen.formats import FORMATS, Format, format_of

if TYPE_CHECKING:
    from seqgen.formats.document import Wanted
    from seqgen.translation.files import Choice, FileInHand
    from seqgen.translation.lines import LineTranslator

F = TypeVar("F", bound=Callable[..., Any])

STDIN = "-"
# A file of any format, translated line by line.
LINES = "lines"
EDITED = [name for name, row in FORMATS.items() if row.edits]
# Units that are named when they were left empty; --json names all.
NAMED = 10


@dataclass(frozen=True)
class FileOptions:
    """The options that are about files, as they were given."""

    output: Path | None
    in_place: bool
    overwrite: bool
    file_format: str | None
    source_language: str | None
    target_language: str | None
    columns: str | None
    again: bool
    state: str
    line_length: int | None
    encoding: str

    @staticmethod
    def taken(settings: dict[str, Any]) -> FileOptions:
        """Take them out of a command's settings."""
        return FileOptions(**{name: settings.pop(name) for name in FileOptions.__dataclass_fields__})

    def formats(self, inputs: Sequence[str]) -> dict[str, Format]:
        """The formats of the inputs that are files to be translated as such; none where they are lines. Raises UsageError for
        some of both."""
        if self.file_format == LINES:
            return {}
        named = FORMATS[self.file_format] if self.file_format else None
        found = {name: named or format_of(name) for name in inputs or (STDIN,)}
        edited = {name: row for name, row in found.items() if row is not None and row.edits}
        if edited and len(edited) < len(found):
            other = next(name for name in found if name not in edited)
            raise click.UsageError(f"{next(iter(edited))} is a file with units, {other} has lines: translate them one by one")
        return edited


def file_options(function: F) -> F:
    """The options for files of a format."""
    for made in reversed((
        click.option("-o", "--output", type=click.Path(path_type=Path), help="Of a file with units (see below): write the "
                     "translated file there, or into this folder."),
        click.option("--in-place", is_flag=True, help="... write it over the file; as it was it stays beside it, as FILE.bak."),
        click.option("--overwrite", is_flag=True, help="With -o: replace a file that is there."),
        click.option("--format", "file_format", type=click.Choice([*EDITED, LINES]), metavar="NAME",
                     help=f"Format of the input, where its name does not say it: {', '.join(EDITED)}; or {LINES}."),
        click.option("--from", "source_language", metavar="CODE", help="Language of the sources, in a file of several."),
        click.option("--to", "target_language", metavar="CODE", help="Language of the translations, in a file of several."),
        click.option("--columns", help="Of a table or JSON lines: the field to translate and the one to write, as en,ko."),
        click.option("--all", "again", is_flag=True, help="Translate what has a translation again; else only what has none."),
        click.option("--state", type=click.Choice(["needs-review", "done"]), default="needs-review", show_default=True,
                     help="What the file says of new translations, if it can: fuzzy, to be reviewed; or nothing."),
        click.option("--line-length", type=click.IntRange(10, 1000), help="Of subtitles: longest line, in characters."),
        click.option("--encoding", default="utf-8", help="Of a file with units that does not name it.  [default: utf-8]"),
    )):  # fmt: skip
        function = made(function)
    return function


def translate_files(
    console: Console, run: Any, open_lines: Callable[[], LineTranslator], formats: dict[str, Format], options: FileOptions,
    as_json: bool,
) -> None:  # fmt: skip
    """Translate files, each into its place. Nothing is loaded or written before all of them could be read."""
    from seqgen.translation.files import Choice

    _check_places(formats, options, as_json, console)
    wanted = _wanted(run, options)
    found = [(name, _read(name, row, wanted, options)) for name, row in formats.items()]
    choice = Choice(options.again, options.state == "needs-review")
    lines = open_lines() if any(file.wanted(choice) for _, file in found) else None
    for name, file in found:
        data = file.data if lines is None else _translated(console, lines, file, choice)
        if as_json:
            console.write("".join(_record(name, file)))
        if options.in_place:
            _in_place(console, Path(name), file, data)
        elif options.output is not None:
            _write(_place(name, options.output), data, options.overwrite)
        elif not as_json:
            console.write_bytes(data)
        _say(console, name, file, choice)


def _check_places(formats: dict[str, Format], options: FileOptions, as_json: bool, console: Console) -> None:
    """Raise for what could not be written, before anything is done."""
    if len(formats) > 1 and not options.in_place and not as_json and (options.output is None or not options.output.is_dir()):
        raise click.UsageError("several files: name a folder that is there with -o, or use --in-place")
    if options.in_place and STDIN in formats:
        raise click.UsageError("--in-place: stdin has no place; name the file")
    packed = next((row for row in formats.values() if row.is_packed), None)
    if packed and options.output is None and not options.in_place and not as_json and console.out_is_terminal:
        raise click.UsageError(f"{packed.suffixes[0]} is no text: name a file with -o")
    if options.output is not None:
        for name in formats:
            place = _place(name, options.output)
            if os.path.lexists(place) and not options.overwrite and not _is_device(place):
                raise ConfigError(
                    f"{place}: is there already",
                    f"--overwrite replaces it; to fill its gaps: seqgen translate --in-place {place}",
                )
            if name != STDIN and place.exists() and place.samefile(name):
                raise ConfigError(f"{place}: is the file to translate itself", "use --in-place, which keeps it as it was")


def _is_device(place: Path) -> bool:
    return place.exists() and not place.is_file()


def _place(name: str, output: Path) -> Path:
    return output / (Path(name).name if name != STDIN else "stdin") if output.is_dir() else output


def _wanted(run: Any, options: FileOptions) -> Wanted:
    """What is wanted of the files: the languages that were named, else those that the run has learnt."""
    from seqgen.formats.document import Wanted

    config = run.info.config
    learnt = (config.source_language, config.target_language)
    source, target = reversed(learnt) if config.reverse else learnt
    return Wanted(
        options.columns, options.source_language or source, options.target_language or target, line_length=options.line_length
    )


def _read(name: str, row: Format, wanted: Wanted, options: FileOptions) -> FileInHand:
    """A file with its units."""
    from seqgen.formats.blocks import blocks
    from seqgen.formats.sources import MEGABYTE
    from seqgen.translation.files import LARGEST, FileInHand

    shown = "stdin" if name == STDIN else name
    data = bytearray()
    try:
        for block in blocks(name):
            data += block
            if len(data) > LARGEST:
                raise CorpusError(f"{shown}: more than {LARGEST // MEGABYTE:,} MB", "split it into several files")
    except (OSError, EOFError) as error:
        raise CorpusError(f"{shown}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return FileInHand.of(shown, bytes(data), row, wanted, options.encoding)


def _translated(console: Console, lines: LineTranslator, file: FileInHand, choice: Choice) -> bytes:
    with console.progress(f"translating {file.document.name}") as progress:
        return file.translate(lines, choice, progress)


def _in_place(console: Console, path: Path, file: FileInHand, data: bytes) -> None:
    """Write over a file; as it was it stays beside it, under a name that nothing has yet."""
    from seqgen.files import write_atomically

    if data == file.data:
        return
    backups = (path.with_name(f"{path.name}.bak{number or ''}") for number in range(10_000))
    backup = next(place for place in backups if not os.path.lexists(place))
    write_atomically(backup, path.read_bytes())
    write_atomically(path, data)
    console.note(f"{path}: as it was: {backup}")


def _write(place: Path, data: bytes, overwrite: bool) -> None:
    from seqgen.files import write_atomically

    if os.path.lexists(place) and not overwrite and not _is_device(place):
        raise ConfigError(f"{place}: has come to be there meanwhile", "name another file")
    write_atomically(place, data)


def _record(name: str, file: FileInHand) -> list[str]:
    """A JSON line for each unit that was to be translated."""
    return [
        json.dumps(
            {
                "file": name,
                "line": one.unit.where,
                "unit": one.unit.name,
                "source": one.unit.source,
                "translation": one.translation if not one.why else None,
                "why": one.why or None,
            },
            ensure_ascii=False,
        )
        + "\n"
        for one in file.attempts
    ]


def _say(console: Console, name: str, file: FileInHand, choice: Choice) -> None:
    """What was translated, what was left as it was and why: the counts add up to the units of the file."""
    for note in file.document.notes:
        console.note(note)
    shown = "stdin" if name == STDIN else name
    failed = [one for one in file.attempts if one.why]
    for one in failed[:NAMED]:
        called = f" ({one.unit.name})" if one.unit.name else ""
        console.note(f"{shown}:{one.unit.where}{called}: left as it was: {one.why}")
    if len(failed) > NAMED:
        console.note(f"{shown}: {len(failed) - NAMED:,} more were left as they were; --json names all")
    rest = len(file.units) - len(file.attempts)
    there = sum(unit.state in ("done", "unsure") for unit in file.units) if not choice.again else 0
    parts = [f"{len(file.attempts) - len(failed):,} translated"]
    parts += [f"{len(failed):,} left as they were"] * bool(failed)
    parts += [f"{there:,} had a translation"] * bool(there)
    parts += [f"{rest - there:,} not to be translated"] * bool(rest - there)
    console.note(f"{shown}: {plural(len(file.units), 'unit')}: {', '.join(parts)}")
