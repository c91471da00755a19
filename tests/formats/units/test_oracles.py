"""Catalogues, subtitles and documents read as the libraries for them read them: polib, pysubs2, python-docx."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from seqgen.formats.inline import unmarked, without_marks
from seqgen.formats.units import Unit
from tests.formats.units.inhand import in_hand, put
from tests.formats.units.test_po import PO
from tests.formats.units.test_subtitles import ASS, SRT, VTT

# Its header is no header: polib takes none of it.
NOT_BY_POLIB = {"file-POFilter-multiple.po"}


def test_catalogues_as_polib_reads_them(data_dir: Path, tmp_path: Path) -> None:
    paths = [path for path in sorted((data_dir / "files").rglob("*.po")) if path.name not in NOT_BY_POLIB]
    assert len(paths) > 12
    for path in paths:
        file = in_hand(path.name, path.read_bytes())
        assert same(file.units, by_polib(path.read_bytes(), file.document.encoding, tmp_path / "a.po")), path.name


def test_catalogues_that_were_edited_as_polib_reads_them(tmp_path: Path) -> None:
    file = in_hand("a.po", PO.encode())
    for place, unit in enumerate(file.units):
        if unit.state == "kept":
            continue
        text = f'"{unit.source}"\\\t\n😀 가' + " long" * 30
        changed = put(file, place, text)
        units = in_hand("a.po", changed).units
        assert units[place].target == text and units[place].state == "unsure"
        assert same(units, by_polib(changed, "utf-8", tmp_path / "a.po"))


def by_polib(data: bytes, encoding: str, path: Path) -> list[tuple[str, tuple[str, str], str, bool]]:
    """Context, sources, translation and whether that is to be looked at, of each form of each message that has one."""
    polib = pytest.importorskip("polib")
    path.write_bytes(data)
    found = []
    for entry in polib.pofile(str(path), encoding=encoding):
        # Not every header stands first.
        if not entry.obsolete and (entry.msgid or entry.msgctxt):
            forms = [form for _, form in sorted(entry.msgstr_plural.items())] or [entry.msgstr]
            sources = (entry.msgid, entry.msgid_plural or entry.msgid)
            found += [(entry.msgctxt or "", sources, form, entry.fuzzy) for form in forms if form]
    return found


def same(units: list[Unit], expected: list[tuple[str, tuple[str, str], str, bool]]) -> bool:
    """Whether units are those messages."""
    told = [unit for unit in units if unit.target]
    return len(told) == len(expected) and all(
        (unit.name, unit.target, unit.state == "unsure") == (name, target, fuzzy) and unit.source in sources
        for unit, (name, sources, target, fuzzy) in zip(told, expected, strict=True)
    )


@pytest.mark.parametrize(("name", "text"), [("a.srt", SRT), ("a.vtt", VTT), ("a.ass", ASS)])
def test_subtitles_as_pysubs2_reads_them(name: str, text: str) -> None:
    file = in_hand(name, text.encode())
    for data in (text.encode(), put(file, 0, "Le marin voit le bateau et chante longtemps")):
        assert cues(in_hand(name, data).units) == by_pysubs2(data.decode(), name)


def test_real_subtitles_as_pysubs2_reads_them(data_dir: Path) -> None:
    for path in sorted((data_dir / "files").rglob("*.srt")):
        encoding = "gb2312" if "gb2312" in path.name else "utf-8"
        units = in_hand(path.name, path.read_bytes(), None, encoding).units
        assert cues(units) == by_pysubs2(path.read_text(encoding=encoding), path.name), path.name


def by_pysubs2(text: str, name: str) -> list[tuple[int, int, list[str]]]:
    """Beginning and end in milliseconds, and the words, of each cue."""
    if name.endswith(".vtt"):
        text = re.sub(r"<\d[\d:.]*>", "", text)  # it leaves these, and entities
    events = pytest.importorskip("pysubs2").SSAFile.from_string(text.lstrip("\ufeff"), format_=name[-3:])
    return [
        (event.start, event.end, words(unescape(event.plaintext) if name.endswith(".vtt") else event.plaintext))
        for event in events
        if event.type == "Dialogue"
    ]


def cues(units: list[Unit]) -> list[tuple[int, int, list[str]]]:
    """The same of units: what stands for a dash is said, what stands for a tag is not."""
    found = []
    for unit in units:
        spoken = {mark: raw if raw.strip() in "-–—‐" else "" for mark, raw in unit.marks.items()}
        found.append((unit.slot.shown, unit.slot.hidden, words(unmarked(unit.source, spoken))))
    return found


def words(text: str) -> list[str]:
    return re.sub("[-–—‐]", " ", text).split()


def test_documents_as_python_docx_reads_them() -> None:
    docx = pytest.importorskip("docx")
    data = written_by(docx)
    file = in_hand("a.docx", data)
    before = paragraphs(docx, data)
    assert [without_marks(unit.source, unit.marks) for unit in file.units] == [text for text in before if text.strip()]
    for place, unit in enumerate(file.units):
        said = without_marks(unit.source, unit.marks)
        changed = put(file, place, f"{unit.source} & <가> 😀")
        expected = [f"{text} & <가> 😀" if text == said else text for text in before]
        assert paragraphs(docx, changed) == expected
        with zipfile.ZipFile(io.BytesIO(data)) as one, zipfile.ZipFile(io.BytesIO(changed)) as other:
            assert one.namelist() == other.namelist()


def written_by(docx: Any) -> bytes:
    """A document with a heading, formatted words, a table and a list."""
    document = docx.Document()
    document.add_heading("A heading", 1)
    paragraph = document.add_paragraph("The old sailor ")
    paragraph.add_run("sees").bold = True
    paragraph.add_run(" the boat.").italic = True
    document.add_paragraph("")
    document.add_paragraph("한국어 & <tags>", style="List Bullet")
    document.add_table(1, 2).cell(0, 1).text = "in a cell"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def paragraphs(docx: Any, data: bytes) -> list[str]:
    """The paragraphs of a document, and those of its tables behind them."""
    document = docx.Document(io.BytesIO(data))
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    return [one.text for one in (*document.paragraphs, *(one for cell in cells for one in cell.paragraphs))]
