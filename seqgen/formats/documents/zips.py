"""Documents in zip archives (docx, odt, epub): members read within bounds, and one member edited while the others stay."""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Mapping, Sequence

from seqgen.errors import CorpusError
from seqgen.formats.units import Edit, edited

# A member that unpacks to more, or more of them, is no document but a trap.
LARGEST = 256_000_000
MOST = 20_000


def opened(data: bytes | bytearray, name: str) -> zipfile.ZipFile:
    """The archive. Raises CorpusError for what is none, is damaged or would fill the memory."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise CorpusError(f"{name}: not a whole zip archive: {error}", "was it cut off on the way here?") from None
    if len(infos) > MOST or sum(info.file_size for info in infos) > LARGEST:
        raise CorpusError(f"{name}: unpacks to more than {LARGEST // 1_000_000:,} MB or {MOST:,} files", "is it a document?")
    return archive


def member(archive: zipfile.ZipFile, inside: str, name: str) -> bytes:
    """The content of a member. Raises CorpusError where it is missing, damaged, encrypted or larger than it says."""
    try:
        with archive.open(inside) as file:
            data = file.read(LARGEST + 1)
    except KeyError:
        raise CorpusError(f"{name}: holds no {inside}", "is it the document that its name says?") from None
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError, EOFError) as error:
        raise CorpusError(f"{name}: {inside} cannot be unpacked: {error}", "is it damaged, or encrypted?") from None
    except Exception as error:  # zlib, lzma and bz2 have errors of their own.
        raise CorpusError(f"{name}: {inside} cannot be unpacked: {error}", "is it damaged?") from None
    if len(data) > LARGEST:
        raise CorpusError(f"{name}: {inside} unpacks to more than {LARGEST // 1_000_000:,} MB", "is it a document?")
    return data


def rewritten(data: bytes, edits: Mapping[str, Sequence[Edit]]) -> bytes:
    """The archive with edits in the texts (in UTF-8) of members. All others keep content, name, order, date and the way in
    which they are packed, and so does the archive its comment."""
    out = io.BytesIO()
    with opened(data, "archive") as before, zipfile.ZipFile(out, "w") as after:
        after.comment = before.comment
        for info in before.infolist():
            content = member(before, info.filename, "archive")
            if info.filename in edits:
                content = edited(content.decode("utf-8"), edits[info.filename]).encode("utf-8")
            after.writestr(copy.copy(info), content, info.compress_type)
    return out.getvalue()
