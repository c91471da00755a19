"""Reading: what is read is exactly what is there, and what is wrong is said with its place."""

from __future__ import annotations

import gzip
import hashlib
import os
import unicodedata
from pathlib import Path

import pytest

from seqgen.errors import ConfigError, CorpusError
from seqgen.formats.names import default_name
from seqgen.formats.read import read_texts
from tests.conftest import Seqgen


def write(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def test_a_plain_file(tmp_path: Path) -> None:
    corpus = read_texts([write(tmp_path, "a.txt", "héllo\n".encode())])
    assert corpus.text == "héllo\n" and corpus.names == ("a.txt",) and not corpus.notes
    assert corpus.bytes == 7 and corpus.sha256 == hashlib.sha256("héllo\n".encode()).hexdigest()


def test_files_are_joined_at_line_ends(tmp_path: Path) -> None:
    names = [write(tmp_path, "a.txt", b"one"), write(tmp_path, "b.txt", b"two\n"), write(tmp_path, "c.txt", b"three")]
    assert read_texts(names).text == "one\ntwo\nthree"


def test_a_folder_is_all_its_texts_sorted(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", b"b\n")
    write(tmp_path, "sub/a.txt.gz", gzip.compress(b"a\n"))
    write(tmp_path, "a.txt", b"0\n")
    write(tmp_path, "notes.md", b"no\n")
    assert read_texts([str(tmp_path)]).text == "0\nb\na\n"


def test_byte_order_mark_and_crlf_are_handled_and_said(tmp_path: Path) -> None:
    corpus = read_texts([write(tmp_path, "dos.txt", b"\xef\xbb\xbfa\r\nb\r\n")])
    assert corpus.text == "a\nb\n"
    assert len(corpus.notes) == 1 and "byte order mark" in corpus.notes[0] and "2 CRLF" in corpus.notes[0]


def test_odd_separators_stay_characters(tmp_path: Path) -> None:
    text = "a\u2028b\u0085c\x0bd\x0ce\rf\n"
    corpus = read_texts([write(tmp_path, "odd.txt", text.encode())])
    assert corpus.text == text and not corpus.notes


def test_decomposed_text_is_composed(tmp_path: Path) -> None:
    text = "각 한글"
    assert read_texts([write(tmp_path, "nfd.txt", unicodedata.normalize("NFD", text).encode())]).text == text


def test_a_bad_byte_is_named_with_its_place(tmp_path: Path) -> None:
    name = write(tmp_path, "latin.txt", b"line one\nna\xefve\n")
    with pytest.raises(CorpusError) as error:
        read_texts([name])
    assert "latin.txt:2: byte offset 11: 0xEF is not UTF-8" in error.value.message
    assert "--encoding" in (error.value.hint or "")
    assert read_texts([name], encoding="latin-1").text == "line one\nnaïve\n"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.txt", b"", "empty.txt: empty"),
        ("utf16.txt", "hello".encode("utf-16"), "UTF-16"),
        ("cut.txt.gz", gzip.compress(b"hello" * 100)[:20], "not a whole gzip file"),
        ("no.txt.gz", b"hello", "not a whole gzip file"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_texts([write(tmp_path, name, data)])


def test_missing_files_empty_folders_unknown_encodings(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        read_texts([str(tmp_path / "nothing.txt")])
    with pytest.raises(CorpusError, match="a folder without"):
        read_texts([str(tmp_path)])
    with pytest.raises(ConfigError, match="found 'klingon'"):
        read_texts([str(tmp_path)], encoding="klingon")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_unreadable(tmp_path: Path) -> None:
    name = write(tmp_path, "secret.txt", b"x\n")
    os.chmod(name, 0)
    with pytest.raises(CorpusError, match="cannot be read"):
        read_texts([name])


def test_stdin(seqgen: Seqgen, tmp_path: Path) -> None:
    done = seqgen("train", "-", "--arch", "markov", "-o", tmp_path / "run", stdin="abcabcabc\n" * 20)
    assert done.returncode == 0, done.stderr
    bad = seqgen("train", "-", "--arch", "markov", "-o", tmp_path / "bad", stdin=b"abc\xff")
    assert bad.returncode == 1 and "stdin:1: byte offset 3: 0xFF" in bad.stderr and not (tmp_path / "bad").exists()


@pytest.mark.parametrize(
    ("paths", "name"),
    [(["a/b/poems.txt"], "poems"), (["x.txt.gz", "y.txt"], "x"), (["-"], "stdin"), (["weird name!.txt"], "weird-name")],
)
def test_names(paths: list[str], name: str) -> None:
    assert default_name(paths) == name
