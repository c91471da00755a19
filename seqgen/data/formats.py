"""Readers: files, folders, .gz and stdin to one text, strictly decoded.

Only "\\n" ends a line: U+2028, U+0085, vertical tabs and form feeds are characters like any other.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqgen.errors import ConfigError, CorpusError
from seqgen.tokenizers.base import normalise

STDIN = "-"


@dataclass(frozen=True)
class Corpus:
    """A text in NFC, where it came from, its size in bytes and its SHA-256 (of the text in UTF-8); notes for the user."""

    text: str
    names: tuple[str, ...]
    bytes: int
    sha256: str
    notes: tuple[str, ...]


def _plain(path: Path) -> bytes:
    return path.read_bytes()


def _gzip(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CorpusError(f"{path}: not a whole gzip file: {error}", "was it cut off on the way here?") from None


# suffix -> reader; any other suffix is read as it is
READERS: dict[str, Callable[[Path], bytes]] = {".gz": _gzip}


def read_texts(paths: Sequence[str], encoding: str = "utf-8") -> Corpus:
    """Read files, folders (their *.txt and *.txt.gz, sorted) and "-" (stdin) as one text.

    Raises CorpusError for what is missing, unreadable, empty or not in the encoding, ConfigError for an encoding that
    does not exist.
    """
    check_encoding(encoding)
    texts: list[str] = []
    names: list[str] = []
    notes: list[str] = []
    for name, data in sources(paths):
        text, said = decoded(name, data, encoding)
        # A file without a final newline must not run into the next one.
        if texts and not texts[-1].endswith("\n"):
            texts.append("\n")
        texts.append(text)
        names.append(Path(name).name)
        notes += said
    joined = "".join(texts)
    if not joined:
        raise CorpusError(f"{', '.join(names)}: empty", "name a file with text in it")
    text = normalise(joined)
    raw = text.encode()
    return Corpus(text, tuple(names), len(raw), hashlib.sha256(raw).hexdigest(), tuple(notes))


def check_encoding(name: str) -> None:
    """Raise ConfigError for an encoding that does not exist."""
    try:
        "".encode(name)
    except LookupError:
        raise ConfigError(f"--encoding: no encoding {name!r}", "common ones: utf-8, utf-16, latin-1, cp949") from None


def default_name(paths: Sequence[str]) -> str:
    """A name for what is read: the first file without its suffixes, as a safe folder name."""
    first = paths[0]
    if first == STDIN:
        return "stdin"
    path = Path(first).resolve()
    stem = path.name if path.is_dir() else re.sub(r"(\.(txt|tsv|jsonl))?(\.gz)?$", "", path.name)
    return re.sub(r"[^\w.-]+", "-", stem).strip("-.") or "text"


def sources(paths: Sequence[str], suffixes: tuple[str, ...] = (".txt",)) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file; of a folder, its files with these suffixes, also behind .gz, sorted."""
    wanted = (*suffixes, *(suffix + ".gz" for suffix in suffixes))
    for name in paths:
        if name == STDIN:
            yield "stdin", sys.stdin.buffer.read()
            continue
        path = Path(name)
        try:
            if path.is_dir():
                files = sorted(p for p in path.rglob("*") if p.name.endswith(wanted) and p.is_file())
                if not files:
                    raise CorpusError(
                        f"{path}: a folder without {' or '.join('*' + s for s in wanted)} files", "name the files themselves"
                    )
            else:
                files = [path]
            for file in files:
                yield str(file), READERS.get(file.suffix, _plain)(file)
        except FileNotFoundError:
            raise CorpusError(f"{path}: no such file", "check the path; - reads stdin") from None
        except OSError as error:
            raise CorpusError(f"{error.filename or path}: cannot be read: {error.strerror}") from None


def lines_of(text: str) -> list[str]:
    """The lines of a text: only "\\n" ends one, and none follows the last."""
    lines = text.split("\n")
    return lines[:-1] if lines and not lines[-1] else lines


def decoded(name: str, data: bytes, encoding: str) -> tuple[str, list[str]]:
    """The text of a file with "\\n" line ends, and what was changed to get there."""
    utf8 = codecs.lookup(encoding).name == "utf-8"
    if utf8 and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise CorpusError(f"{name}: this is UTF-16, expected UTF-8", "say so: --encoding utf-16")
    try:
        text = data.decode(encoding, "strict")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = " ".join(f"0x{byte:02X}" for byte in data[error.start : error.start + 1])
        raise CorpusError(
            f"{name}:{line}: byte offset {error.start}: {found} is not {encoding.upper()} ({error.reason})",
            "name the file's encoding, e.g. --encoding latin-1 or --encoding cp949",
        ) from None
    except UnicodeError as error:
        raise CorpusError(f"{name}: not {encoding}: {error}", "name the file's encoding with --encoding") from None
    notes = []
    if text.startswith("\ufeff"):
        text = text[1:]
        notes.append("a byte order mark was removed")
    count = text.count("\r\n")
    if count:
        text = text.replace("\r\n", "\n")
        notes.append(f"{count:,} CRLF line ends became LF")
    return text, [f"{name}: {', '.join(notes)}"] if notes else []
