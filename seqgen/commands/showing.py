"""How a look inside a model finds its run, and is shown: drawn on stdout, as JSON, as a picture in a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from seqgen.commands.options import chosen_run
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.draw.panels import Exhibit
    from seqgen.explain.places import Place

F = TypeVar("F", bound=Callable[..., Any])

PICTURES = (".png", ".svg", ".html")


def file_of(*suffixes: str) -> Callable[[click.Context, click.Parameter, Path | None], Path | None]:
    """A check that an output has one of these suffixes and an existing folder, made before the work rather than after it."""

    def check(_context: click.Context, _option: click.Parameter, value: Path | None) -> Path | None:
        if value is not None and value.suffix.lower() not in suffixes:
            raise click.BadParameter(f"expected a file that ends in {', '.join(suffixes)}, found {value.name!r}")
        if value is not None and not value.parent.is_dir():
            raise click.BadParameter(f"there is no folder {str(value.parent)!r}: make it first")
        return value

    return check


def showing_options(function: F) -> F:
    """-o/--output and --json."""

    function = click.option("--json", "as_json", is_flag=True, help="The numbers as one JSON object.")(function)
    return click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), callback=file_of(*PICTURES),
                        metavar="FILE", help="Also save a picture: FILE.png, .svg or .html.")(function)  # fmt: skip


def at_option(default: str) -> Callable[[F], F]:
    """--at LINE:COLUMN; its help says what is shown where it is not given."""

    def check(_context: click.Context, _option: click.Parameter, value: str | None) -> Place | None:
        if value is None:
            return None
        from seqgen.errors import ConfigError
        from seqgen.explain.places import place_named

        try:
            return place_named(value)
        except ConfigError as error:
            raise click.BadParameter(str(error)) from None

    text = f"One place to take apart, as `explain surprise` prints places.  [default: {default}]"
    return click.option("--at", metavar="LINE:COLUMN", callback=check, help=text)


def run_for(look: str, console: Console, model: str | None, runs_dir: Path) -> Any:
    """The run that -m names, else the last finished one that a look applies to. Raises CheckpointError, saying what is needed,
    where there is none."""
    from seqgen.errors import CheckpointError
    from seqgen.explain.subjects import SUBJECTS

    subject = SUBJECTS[look]
    try:
        return chosen_run(console, model, runs_dir, subject.kind, lambda run: subject.fits(run.info))
    except CheckpointError as error:
        if model:
            raise
        raise CheckpointError(f"{error.message}; explain {look} needs {subject.wants}", error.hint) from None


def show(
    console: Console, exhibit: Exhibit, record: Mapping[str, Any], *, output: Path | None, as_json: bool, of: str = ""
) -> None:
    """Write the numbers or the drawing to stdout, and the picture, if wanted, to its file; `of` is the run that a picture names
    where the exhibit does not."""
    if as_json:
        console.write(json.dumps(record, ensure_ascii=False) + "\n")
    else:
        from seqgen.draw.terminal.exhibit import rendered

        console.show(rendered(exhibit, console.width, colour=console.out_has_colour))
    if output is not None:
        save(console, exhibit if exhibit.about or not of else replace(exhibit, about=of), output)


def save(console: Console, exhibit: Exhibit, output: Path) -> None:
    """Write the picture and say so."""
    from seqgen.files import write_atomically

    if output.suffix.lower() == ".html":
        from seqgen.draw.page.document import page

        data = page(exhibit.title, [exhibit]).encode()
    else:
        from seqgen.draw.picture.exhibit import picture

        data = picture(exhibit, output.suffix.lower().removeprefix("."), note=console.note)
    write_atomically(output, data)
    console.note(f"picture: {output}")
