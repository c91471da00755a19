"""What a new run learns, where neither a task nor the names of the files say it: what the files look like decides."""

from __future__ import annotations

import gzip
import os
import shlex
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from seqgen.errors import ConfigError, CorpusError
from seqgen.families import architectures
from seqgen.formats import format_of
from seqgen.formats.blocks import Begun, beginning
from seqgen.formats.document import check_encoding
from seqgen.formats.folders import Folder
from seqgen.formats.looks import Looks, what_it_is
from seqgen.formats.names import STDIN, storable
from seqgen.paths import expanded

LOOKED = 1 << 16
# Files of a folder that are looked into.
MOST = 20
INSIST = "--task language learns it as it is"


def holds_pairs(inputs: Sequence[str], chosen: Mapping[str, Any], begun: Begun) -> str | None:
    """A note where the files look like pairs and will be read as such, None where they look like texts.

    Raises CorpusError for files that look like anything else than a text, but have no reader, and where some look like pairs
    and others do not. What cannot be read at all says so when it is read.
    """
    encoding = chosen.get("encoding", "utf-8")
    check_encoding(encoding)
    found = [(name, _looks(name, encoding, begun), is_inside) for name, is_inside in _files(inputs)]
    for name, looks, is_inside in found:
        if looks is not None and (not looks.is_pairs or is_inside):
            hint = f"name the files themselves to read pairs from them; {INSIST}" if looks.is_pairs else _hint(name, looks)
            raise CorpusError(f"{_shown(name)}: this looks like {looks.what}, expected a text", hint)
    pairs = [name for name, looks, _ in found if looks is not None]
    if not pairs:
        return None
    if texts := [name for name, looks, _ in found if looks is None]:
        raise CorpusError(f"{_shown(pairs[0])} looks like pairs, {_shown(texts[0])} like a text", f"name one kind; {INSIST}")
    looks = next(looks for _, looks, _ in found if looks is not None)
    return f"{_shown(pairs[0])} looks like {looks.what}, and is read as pairs; {INSIST}"


def refuse_texts_only(note: str, arch: str) -> None:
    """Raise ConfigError: what looks like pairs was given to an architecture that learns texts."""
    raise ConfigError(
        f"--arch {arch} learns texts, but {note.partition(', and is read')[0]}", "leave --arch out, or add --task language"
    )


def refuse_a_text(inputs: Sequence[str], chosen: Mapping[str, Any], begun: Begun) -> None:
    """Raise ConfigError where files are given to an architecture that learns from pairs, and are plain texts without a tab."""
    encoding = chosen.get("encoding", "utf-8")
    check_encoding(encoding)
    names = [name for name, _ in _files(inputs)]
    if names and all(_is_plain(name, encoding, begun) for name in names):
        texts = ", ".join(architectures("language"))
        raise ConfigError(
            f"--arch {chosen['arch']} learns from pairs, and {_shown(names[0])} looks like a text",
            f"texts are learnt by --arch {texts}; pairs are two columns with a tab between them, or two files: --src and --tgt",
        )


def _is_plain(name: str, encoding: str, begun: Begun) -> bool:
    """Whether a file begins like a text, with several lines and not one tab."""
    head = _beginning(name, begun)
    text = "" if head is None else head.decode(encoding, "ignore")
    return text.count("\n") > 1 and "\t" not in text and _looks(name, encoding, begun) is None


def _files(inputs: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """All files that would be read as texts, and whether they are inside a folder. Files that are called pairs are pairs."""
    for given in inputs:
        name = os.fspath(expanded(given)) if given.startswith("~") else given
        if name != STDIN and os.path.isdir(name):
            yield from ((str(file), True) for file in Folder(name, "text").files[:MOST])
        else:
            yield given, False


def _looks(name: str, encoding: str, begun: Begun) -> Looks | None:
    """What a file looks like."""
    named = format_of(name)
    if named is not None and named.kind == "pairs":
        return Looks(f"pairs, as *{Path(name).suffix} is", is_pairs=True)
    data = _beginning(name, begun)
    return None if data is None else what_it_is(data.decode(encoding, "ignore"))


def _beginning(name: str, begun: Begun) -> bytes | None:
    """The first bytes of a file; None for one that cannot be read, which is said when it is."""
    path = os.fspath(expanded(name)) if name.startswith("~") else name
    try:
        return beginning(path, begun, LOOKED)
    except (OSError, EOFError, zlib.error, gzip.BadGzipFile, CorpusError):
        return None


def _hint(name: str, looks: Looks) -> str:
    file = "FILE" if name == STDIN else shlex.quote(storable(name))
    return f"{looks.hint.replace('FILE', file)}; {INSIST}" if looks.hint else INSIST


def _shown(name: str) -> str:
    return "stdin" if name == STDIN else storable(name)
