"""What a new run learns, where neither a task nor the names of the files say it: what the files look like decides."""

from __future__ import annotations

import gzip
import os
import shlex
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from seqgen.config import BINARY
from seqgen.errors import ConfigError, CorpusError
from seqgen.formats import FORMATS, claimed, format_of, says_nothing
from seqgen.formats.blocks import Begun, beginning
from seqgen.formats.document import check_encoding
from seqgen.formats.folders import Folder
from seqgen.formats.looks import Looks, what_it_is, zipped
from seqgen.formats.names import STDIN, storable
from seqgen.paths import expanded

LOOKED = 1 << 16
# Files of a folder that are looked into.
MOST = 20
INSIST = "--task language learns it as it is"


class Seen(NamedTuple):
    """What files hold: whether pairs, the format of those whose names do not say it, and a note about how they are read."""

    is_pairs: bool = False
    format: str | None = None
    note: str | None = None


def seen(inputs: Sequence[str], chosen: Mapping[str, Any], begun: Begun) -> Seen:
    """What files hold whose names do not say that it is pairs.

    Raises CorpusError for files that look like anything else than a text, but have no reader, and where some look like pairs
    and others do not. What cannot be read at all says so when it is read.
    """
    encoding = chosen.get("encoding", "utf-8")
    check_encoding(encoding)
    named = chosen.get("format")
    check_format(inputs, named)
    found = [(name, _looks(name, encoding, begun, named), is_inside) for name, is_inside in _files(inputs)]
    for name, looks, is_inside in found:
        if looks is not None and not _is_readable(name, looks, named, is_inside):
            hint = f"name the files themselves to read pairs from them; {INSIST}" if looks.is_pairs else _hint(name, looks)
            raise CorpusError(f"{_shown(name)}: this looks like {looks.what}, expected a text", hint)
    pairs = [name for name, looks, _ in found if looks is not None and _are_pairs(looks)]
    texts = [name for name, looks, _ in found if looks is None or not _are_pairs(looks)]
    if pairs and texts:
        raise CorpusError(f"{_shown(pairs[0])} looks like pairs, {_shown(texts[0])} like a text", f"name one kind; {INSIST}")
    formats = {looks.format: name for name, looks, _ in found if looks is not None and looks.format}
    if len(formats) > 1:
        raise CorpusError(f"{', '.join(map(_shown, formats.values()))}: files of several formats", "give them their suffixes")
    looks = next((looks for name, looks, _ in found if looks is not None and (looks.format or looks.is_pairs)), None)
    if looks is None or (named and not pairs):
        return Seen(format=named)
    first = _shown(next(name for name, one, _ in found if one is looks))
    insist = f"; {INSIST}" if looks.is_text else ""
    note = f"{first} looks like {looks.what}, and is read as {'pairs' if pairs else 'such'}{insist}"
    return Seen(bool(pairs), named or next(iter(formats), None), None if named else note)


def check_format(names: Sequence[str], named: str | None) -> None:
    """Raise ConfigError for a format that is named without need."""
    if named is not None and names and not any(says_nothing(name) for name in names):
        raise ConfigError(f"--format {named}: the names of the files say what they are", "leave it out, or rename them")


def check_task(named: str | None, task: str, is_table: bool, sides: bool) -> None:
    """Raise ConfigError for a format that holds nothing for a task; of a table, one column may be a text (`is_table`), and two
    `sides` are a text each."""
    if named is None:
        return
    row, wanted = FORMATS[named], "pairs" if task == "translation" and not sides else "text"
    if row.kind != wanted and not (row.also and (is_table or wanted == "pairs")):
        kinds = {"pairs": "pairs", "text": "a text"}
        raise ConfigError(
            f"--format {named} holds {kinds[row.kind]}, expected {kinds[wanted]}", "leave it out, or name another"
        )


def _is_readable(name: str, looks: Looks, named: str | None, is_inside: bool) -> bool:
    """Whether it is clear what to make of a file that looks like something."""
    if is_inside:
        return False
    return looks.is_pairs or named is not None or (looks.format is not None and format_of(name) is None)


def _are_pairs(looks: Looks) -> bool:
    return looks.is_pairs or (looks.format is not None and FORMATS[looks.format].kind == "pairs")


def refuse_texts_only(note: str, arch: str) -> None:
    """Raise ConfigError: what looks like pairs was given to an architecture that learns texts."""
    raise ConfigError(
        f"--arch {arch} learns texts, but {note.partition(', and is read')[0]}", "leave --arch out, or add --task language"
    )


def _files(inputs: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """All files that would be read as texts, and whether they are inside a folder. Files that are called pairs are pairs."""
    for given in inputs:
        name = os.fspath(expanded(given)) if given.startswith("~") else given
        if name != STDIN and os.path.isdir(name):
            yield from ((str(file), True) for file in Folder(name, "text").files[:MOST])
        else:
            yield given, False


def _looks(name: str, encoding: str, begun: Begun, named: str | None = None) -> Looks | None:
    """What a file looks like, or is `named` to be where its name does not say it."""
    if encoding == BINARY:
        return None
    found = claimed(name, named)
    if found is not None and found.kind == "pairs":
        what = f"pairs, as *{Path(name).suffix} is" if format_of(name) is found else f"pairs, as {named} has them"
        return Looks(what, is_pairs=True)
    if named is not None and says_nothing(name):
        return None
    data = _beginning(name, begun)
    # A list of records in JSON may be pairs.
    if data is None or not (says_nothing(name) or (found is not None and found.also)):
        return None
    return zipped(data) or what_it_is(data.decode(encoding, "ignore"))


def _beginning(name: str, begun: Begun) -> bytes | None:
    """The first bytes of a file; None for one that cannot be read, which is said when it is."""
    path = os.fspath(expanded(name)) if name.startswith("~") else name
    try:
        return beginning(path, begun, LOOKED)
    except (OSError, EOFError, zlib.error, gzip.BadGzipFile, CorpusError):
        return None


def _hint(name: str, looks: Looks) -> str:
    file = "FILE" if name == STDIN else shlex.quote(storable(name))
    remedy = looks.remedy(name)
    return "; ".join([remedy.replace("FILE", file)] * bool(remedy) + [INSIST] * looks.is_text) if remedy else INSIST


def _shown(name: str) -> str:
    return "stdin" if name == STDIN else storable(name)
