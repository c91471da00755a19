"""Which columns of a table are the source and the target: as they were named, or as their titles say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from seqgen.errors import ConfigError
from seqgen.formats.document import Wanted
from seqgen.formats.languages import best, is_code
from seqgen.formats.tables.rows import is_header

# Titles that other tools give to the two sides.
TITLES = (
    ("source", "target"),
    ("src", "tgt"),
    ("src", "trg"),
    ("source_text", "target_text"),
    ("original", "translation"),
    ("text", "translation"),
    ("sentence", "translation"),
)
ADDED = "translation"


class Columns(NamedTuple):
    """Places of the columns, from 0: `target` is None where it is to be added, under the title `added`. `titled`: the first row
    has titles."""

    source: int
    target: int | None
    titled: bool
    added: str = ADDED


def found(name: str, titles: Sequence[str], wanted: Wanted, adding: bool) -> Columns:
    """The columns of a table whose first row is `titles`; `adding`: one that is not there will be added.

    Raises ConfigError naming the columns where it is not clear which ones are meant.
    """
    plain = [title.strip().lower() for title in titles]
    if wanted.columns is not None:
        return _named(name, wanted.columns, titles, plain, adding)
    languages = _by_language(titles, wanted)
    if languages is not None:
        return Columns(*languages, True)
    for source, target in TITLES:
        if source in plain and target in plain:
            return Columns(plain.index(source), plain.index(target), True)
        if adding and source in plain:
            return Columns(plain.index(source), None, True, target)
    if len(titles) == 2:
        return Columns(0, 1, is_header(titles[0], titles[1]))
    if adding and len(titles) == 1:
        return Columns(0, None, False)
    raise ConfigError(f"{name}: which columns? It has {_listed(titles)}", "name two: --columns 1,2 or --columns NAME,NAME")


def _named(name: str, given: str, titles: Sequence[str], plain: Sequence[str], adding: bool) -> Columns:
    parts = [part.strip() for part in given.split(",")]
    if not 1 <= len(parts) <= 2 or not all(parts) or len(set(parts)) != len(parts) or (len(parts) == 1 and not adding):
        raise ConfigError(f"--columns: expected two different columns such as en,ko or 1,2, found {given[:40]!r}")
    if all(part.isascii() and part.isdigit() for part in parts):
        places = [int(part) - 1 for part in parts]
        if places[0] < 0 or places[0] >= len(titles) or places[-1] < 0 or (places[-1] >= len(titles) and not adding):
            raise ConfigError(f"--columns: {given[:40]} of {len(titles)} columns in {name}", f"it has {_listed(titles)}")
        target = places[1] if len(places) == 2 and places[1] < len(titles) else None
        other = titles[target] if target is not None else "translation"
        return Columns(places[0], target, is_header(titles[places[0]], other))
    if parts[0].lower() not in plain:
        raise ConfigError(f"{name}: no column {parts[0][:40]!r}", f"it has {_listed(titles)}")
    source = plain.index(parts[0].lower())
    if len(parts) == 1 or (adding and parts[1].lower() not in plain):
        return Columns(source, None, True, parts[-1] if len(parts) == 2 else ADDED)
    if parts[1].lower() not in plain:
        raise ConfigError(f"{name}: no column {parts[1][:40]!r}", f"it has {_listed(titles)}")
    return Columns(source, plain.index(parts[1].lower()), True)


def _by_language(titles: Sequence[str], wanted: Wanted) -> tuple[int, int | None] | None:
    """Columns whose titles are codes of the languages that are wanted."""
    codes = [title.strip() for title in titles]
    if wanted.source is None or wanted.target is None or not any(map(is_code, codes)):
        return None
    source, target = best(wanted.source, codes), best(wanted.target, codes)
    return None if source is None or target is None or source == target else (source, target)


def _listed(titles: Sequence[str]) -> str:
    return ", ".join(f"{number} {title[:30]!r}" for number, title in enumerate(titles[:8], 1)) + ", ..." * (len(titles) > 8)
