"""What a file is, told by its content; and each hint is followed: it has to lead to the text."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from seqgen.errors import CorpusError
from seqgen.formats.read import read_pairs, read_texts

TEXT = "The rain began at six o'clock,\nthe café was “closed” – till nine.\n" * 20


def written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def tarred(data: bytes, mode: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("a.txt")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return out.getvalue()


DOCX = zipped(
    _rels__x="",
    word__document_xml='<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>',
)
DATA = TEXT.encode()


def hint_of(path: str, encoding: str = "utf-8") -> str:
    with pytest.raises(CorpusError) as error:
        read_texts([path], encoding=encoding)
    assert "\n" not in str(error.value)
    return error.value.hint or ""


@pytest.mark.parametrize(
    ("name", "data", "tool"),
    [
        ("a b.xz", lzma.compress(DATA), "xz"),
        ("-a.txt", bz2.compress(DATA), "bzip2"),
        ("a.txt", tarred(DATA, "w"), "tar"),
        ("a.tgz", tarred(DATA, "w:gz"), "tar"),
        ("it's.txt", zipped(a_txt=TEXT), "unzip"),
        ("twice.gz", gzip.compress(gzip.compress(DATA)), "zcat"),
        ("nearly.txt", DATA[:500] + b"caf\xe9\n" + DATA[500:], "iconv"),
    ],
)
def test_the_command_that_is_named_makes_the_text(name: str, data: bytes, tool: str, tmp_path: Path) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"no {tool} here")
    hint = hint_of(written(tmp_path / name, data))
    command = hint.rpartition(": ")[2].removesuffix(" | seqgen ... -")
    assert command.startswith(tool)
    done = subprocess.run(command, shell=True, capture_output=True)
    through = read_texts([written(tmp_path / "through.txt", done.stdout)]).text
    assert through == (TEXT[:488] + "caf\n" + TEXT[488:] if tool == "iconv" else TEXT) or tool == "iconv" and "caf\n" in through


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a"])
@pytest.mark.parametrize("packed", [True, False])
def test_gzip_is_unpacked_whatever_the_name(name: str, packed: bool, tmp_path: Path) -> None:
    data = gzip.compress(DATA[:700]) + gzip.compress(DATA[700:]) if packed else DATA
    assert read_texts([written(tmp_path / name, data)]).text == TEXT


@pytest.mark.parametrize(
    "encoding",
    ["utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252", "mac_roman", "gb18030", "iso2022_jp"],
)
def test_the_encoding_that_is_named_makes_the_text(encoding: str, tmp_path: Path) -> None:
    text = {"gb18030": "今天天气很好，我们一起去公园吧。\n", "iso2022_jp": "今日はとても良い天気です。\n"}.get(encoding, TEXT)
    path = written(tmp_path / "a.txt", text.encode(encoding))
    found = re.search(r"--encoding (\S+)", hint_of(path))
    assert found is not None
    corpus = read_texts([path], encoding=found[1])
    assert corpus.text == text and not any("encoding" in note for note in corpus.notes)


def test_windows_1252_is_told_from_latin_1(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", b"It\x92s a na\xefve word\n")
    assert "--encoding cp1252 makes 'It’s a naïve word'" in hint_of(path)
    note = read_texts([path], encoding="latin-1").notes[0]
    assert "1 character is a control character in latin-1; it reads as cp1252" in note
    assert "--encoding latin-1" in hint_of(written(tmp_path / "b.txt", b"na\xefve\n"))
    notes = read_texts([written(tmp_path / "c.txt", "naïve".encode())], encoding="cp1252").notes
    assert "it is UTF-8, but read as cp1252" in notes[0]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (DOCX, "a Word document .docx.*ends in .docx"),
        (zipped(mimetype="application/epub+zip", **{"META-INF__container_xml": "x"}), "an e-book .*ends in .epub"),
        (zipped(mimetype="application/vnd.oasis.opendocument.text"), "a text document .odt.*ends in .odt"),
        (zipped(xl__workbook_xml="x"), r"a spreadsheet .xlsx.*tab-separated text in UTF-8"),
        (zipped(a="x" * 99)[:60], "a zip archive that is damaged"),
        (b"%PDF-1.7\n%\xe2\xe3\n", "a PDF.*pdftotext -enc UTF-8 "),
        (b"{\\rtf1\\ansi Hello}", "RTF.*pandoc -f rtf"),
        (b"\x7fELF" + bytes(100), "binary"),
        (bytes(range(1, 256)) * 20, "binary"),
    ],
)
def test_documents_and_binaries_are_called_by_name(data: bytes, what: str, tmp_path: Path) -> None:
    for read in (read_texts, read_pairs):
        with pytest.raises(CorpusError, match=what):
            read([written(tmp_path / "a.txt", data)])


@pytest.mark.parametrize(
    ("data", "text", "note"),
    [
        (b"a\rb\r", "a\nb\n", "2 CR line endings became LF"),
        (b"a\r\r\nb\r\r\n", "a\nb\n", "2 CRCRLF line endings became LF"),
        (b"a\r\nb\nc\r\n", "a\nb\nc\n", "2 CRLF line endings became LF"),
        (b"a\r\nb\rc\nd\n", "a\nb c\nd\n", "1 CRLF line ending became LF, 1 CR inside a line became a space"),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", "a\nb\n", "1 byte order mark inside the text was removed"),
        (b"a\n" * 999 + b"\0b\n\x1a", "a\n" * 999 + "b\n", "1 NUL character was removed, the end-of-file mark of DOS was"),
        ("a\r\ufeffb\r".encode("utf-16"), "a\nb\n", "byte order mark"),
    ],
)  # fmt: skip
def test_what_files_have_by_accident_is_mended_and_said(data: bytes, text: str, note: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", data)
    corpus = read_texts([path], encoding="utf-16" if data.startswith(b"\xff\xfe") else "utf-8")
    assert corpus.text == text and len(corpus.notes) == 1 and note in corpus.notes[0]
