"""Units translated: accelerators, inline marks, what must survive, and the command on files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqgen.data.sentence.accelerators import with_accelerator, without_accelerator
from seqgen.formats.inline import Marker, keeps, unmarked, without_marks
from seqgen.formats.units import Edit, Unit, edited
from seqgen.translation.units import lost
from tests.conftest import Seqgen


@pytest.mark.parametrize(
    ("text", "plain", "translation", "expected"),
    [
        ("&File", "File", "Fichier", "&Fichier"),
        ("Save _As...", "Save As...", "Enregistrer sous...", "Enregistrer sous..."[:5] + "_" + "Enregistrer sous..."[5:]),
        ("E&xit", "Exit", "끝내기", "끝내기(&X)"),
        ("&Open…", "Open…", "열기…", "열기(&O)…"),
        ("열기(&O)", "열기", "Open", "&Open"),
        ("Zoom &1", "Zoom 1", "Zoom 1", "Zoom &1"),
    ],
)
def test_accelerators(text: str, plain: str, translation: str, expected: str) -> None:
    found, accelerator = without_accelerator(text)
    assert found == plain and accelerator is not None
    made = with_accelerator(translation, accelerator)
    assert made.count(accelerator.sign) == 1 and without_accelerator(made)[0].replace(" ", "") == translation.replace(" ", "")
    if text != "Save _As...":
        assert made == expected


@pytest.mark.parametrize("text", ["AT&T", "a & b", "&amp; more", "snake_case", "&one &two", "R&D", "__init__", "100%", ""])
def test_what_is_no_accelerator(text: str) -> None:
    assert without_accelerator(text) == (text, None)


def test_marks_stand_for_elements() -> None:
    marker = Marker()
    marker.text("Press ")
    marker.open('<g id="1">', 1)
    marker.text("the <g1> & ")
    marker.single('<x id="2"/>')
    marker.close("</g>", 1)
    marker.close("</orphan>", 9)
    marker.open("<unended>", 8)
    found = marker.done()
    assert found.text == "Press <gz1>the <g1> & <xz2/></gz1><xz3/><xz4/>"
    assert unmarked(found.text, found.marks, lambda text: text.replace("&", "&amp;").replace("<", "&lt;")) == (
        'Press <g id="1">the &lt;g1> &amp; <x id="2"/></g></orphan><unended>'
    )
    assert without_marks(found.text, found.marks) == "Press the <g1> & "
    assert keeps(found.text, found.marks)
    for wrong in ("<gz1>", "<gz1></gz1><xz2/><xz3/>", "</gz1><gz1><xz2/><xz3/><xz4/>", found.text + "<xz2/>"):
        assert not keeps(wrong, found.marks)


def test_edits_leave_the_rest() -> None:
    assert edited("abcdef", [Edit(4, 5, "X"), Edit(1, 1, "+"), Edit(1, 1, "+")]) == "a+bcdXf"
    with pytest.raises(ValueError, match="overlapping"):
        edited("abcdef", [Edit(0, 3, ""), Edit(2, 4, "")])


def test_what_a_program_reads_must_survive() -> None:
    unit = Unit(1, "", "Hello %s, see {name} at https://a.example", marks={})
    assert lost(unit, "Bonjour %s, voir {name} à https://a.example") == ""
    assert lost(unit, "Bonjour, voir {name} à https://a.example") == "its translation loses '%s'"
    assert lost(unit, unit.source + " %d") == "'%d' came into it"
    assert lost(unit, " ") == "its translation is empty"
    marked = Unit(1, "", "<g1>a</g1>", marks={"<g1>": "<b>", "</g1>": "</b>"})
    assert lost(marked, "</g1>a<g1>") == "its translation loses or crosses inline elements"


SRT = "1\r\n00:00:01,000 --> 00:00:02,000\r\nThe sailor sees\r\nthe boat.\r\n"


def test_a_file_is_translated(seqgen: Seqgen, tmp_path: Path) -> None:
    path, model = tmp_path / "talk.srt", "checkpoints/tiny-english-french"
    path.write_bytes(SRT.encode())
    out = tmp_path / "talk.fr.srt"
    done = seqgen("translate", path, "-m", model, "-o", out)
    assert done.returncode == 0 and not done.stdout and "1 unit: 1 translated" in done.stderr
    assert out.read_bytes() == SRT.replace("The sailor sees\r\nthe boat.", "Le marin voit\r\nle bateau.").encode()
    again = seqgen("translate", path, "-m", model, "-o", out)
    assert again.returncode == 1 and "is there already" in again.stderr and "--overwrite" in again.stderr
    assert seqgen("translate", path, "-m", model, "-o", out, "--overwrite").returncode == 0
    piped = seqgen("translate", "-m", model, "--format", "srt", "-q", stdin=SRT)
    assert piped.returncode == 0 and piped.stdout.replace("\r\n", "\n") == out.read_text(encoding="utf-8")
    lines = seqgen("translate", path, "-m", model, "--format", "lines", "-q")
    assert lines.stdout.count("\n") == SRT.count("\n")
    record = json.loads(seqgen("translate", path, "-m", model, "--json").stdout)
    assert record["unit"] == "00:00:01,000 --> 00:00:02,000" and record["translation"] == "Le marin voit le bateau."


def test_in_place_keeps_what_was_there(seqgen: Seqgen, tmp_path: Path) -> None:
    path = tmp_path / "talk.srt"
    path.write_bytes(SRT.encode())
    (tmp_path / "talk.srt.bak").write_text("mine", encoding="utf-8")
    done = seqgen("translate", path, "--in-place", "-m", "checkpoints/tiny-english-french")
    assert done.returncode == 0 and "talk.srt.bak1" in done.stderr
    assert (tmp_path / "talk.srt.bak1").read_bytes() == SRT.encode() and b"Le marin" in path.read_bytes()
    assert (tmp_path / "talk.srt.bak").read_text(encoding="utf-8") == "mine"


def test_several_files(seqgen: Seqgen, tmp_path: Path) -> None:
    for name in ("a.srt", "b.srt"):
        (tmp_path / name).write_bytes(SRT.encode())
    model = ("-m", "checkpoints/tiny-english-french")
    assert seqgen("translate", tmp_path / "a.srt", tmp_path / "b.srt", *model).returncode == 2
    folder = tmp_path / "out"
    folder.mkdir()
    assert seqgen("translate", tmp_path / "a.srt", tmp_path / "b.srt", *model, "-o", folder).returncode == 0
    assert sorted(file.name for file in folder.iterdir()) == ["a.srt", "b.srt"]
    (tmp_path / "c.txt").write_text("x\n", encoding="utf-8")
    mixed = seqgen("translate", tmp_path / "a.srt", tmp_path / "c.txt", *model)
    assert mixed.returncode == 2 and "translate them one by one" in mixed.stderr
    itself = seqgen("translate", tmp_path / "a.srt", *model, "-o", tmp_path / "a.srt", "--overwrite")
    assert itself.returncode == 1 and "--in-place" in itself.stderr and (tmp_path / "a.srt").read_bytes() == SRT.encode()


@pytest.mark.parametrize("encoding", ["- x", "undefined", "utf-9"])
def test_an_encoding_that_there_is_not(seqgen: Seqgen, tmp_path: Path, encoding: str) -> None:
    one, other = tmp_path / "a.tsv", tmp_path / "b.tsv"
    one.write_text("A dog runs.\t\n", encoding="utf-8")
    done = seqgen("translate", "-m", "tiny-english-french", "--encoding", encoding, one, "-o", other)
    assert done.returncode == 1 and f"--encoding: expected a text encoding, found {encoding!r}" in done.stderr
    assert not other.exists()
