"""Files of units as tests make and edit them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from seqgen.formats import FORMATS, function
from seqgen.formats.document import Wanted
from seqgen.formats.units import Edit, Unit
from seqgen.translation.files import FileInHand


def in_hand(name: str, data: bytes, wanted: Wanted | None = None, encoding: str = "utf-8") -> FileInHand:
    """A file of the format that its name says."""
    row = next(row for row in FORMATS.values() if name.endswith(row.suffixes))
    return FileInHand.of(name, data, row, wanted or Wanted(), encoding)


def put(file: FileInHand, place: int, translation: str, review: bool = True) -> bytes:
    """The file with a translation of the unit at a place."""
    edits: list[Edit] = function(file.format.edits)(file.units[place], translation, review=review)
    return file.rewritten(edits)


def sources(file: FileInHand) -> list[str]:
    """What the units say."""
    return [unit.source for unit in file.units]


def told(unit: Unit) -> tuple[str, str, str]:
    """A unit without where it stands."""
    return unit.name, unit.source, unit.target


def zipped(members: Mapping[str, str]) -> bytes:
    """A zip archive of texts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


def docx(body: str, **others: str) -> bytes:
    """A Word document with this body."""
    out = io.BytesIO()
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("[Content_Types].xml", (2001, 2, 3, 4, 5, 6)), "<Types/>")
        archive.writestr("word/document.xml", f"<w:document {space}><w:body>{body}</w:body></w:document>")
        for name, xml in others.items():
            archive.writestr(f"word/{name}.xml", xml)
        archive.writestr("word/media/image1.png", bytes(range(256)), zipfile.ZIP_STORED)
        archive.comment = b"as it was"
    return out.getvalue()
