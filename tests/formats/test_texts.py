"""Reading: what is read is exactly what is there, and what is wrong is said with its place."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import random
import unicodedata
from pathlib import Path

import pytest

from seqgen.errors import ConfigError, CorpusError
from seqgen.formats.read import read_pairs, read_texts


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


def test_byte_order_mark_and_crlf_are_handled_and_said(tmp_path: Path) -> None:
    corpus = read_texts([write(tmp_path, "dos.txt", b"\xef\xbb\xbfa\r\nb\r\n")])
    assert corpus.text == "a\nb\n"
    assert len(corpus.notes) == 1 and "byte order mark" in corpus.notes[0] and "2 CRLF" in corpus.notes[0]


def test_odd_separators_stay_characters(tmp_path: Path) -> None:
    text = "a\u2028b\u0085c\x0bd\x0cef\n"
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
        ("utf16.txt", "hello".encode("utf-16"), "this is UTF-16"),
        ("utf32.txt", "hello".encode("utf-32"), "this is UTF-32"),
        ("packed.gz", gzip.compress(gzip.compress(b"hello", mtime=0)), "packed.gz: this is compressed by gzip, twice"),
        ("cut.txt.gz", gzip.compress(b"hello" * 100, mtime=0)[:20], "not a whole gzip file"),
        ("bad.txt.gz", gzip.compress(b"hello", mtime=0)[:-8] + b"12345678", "not a whole gzip file"),
        ("none.txt.gz", b"", "none.txt.gz: empty"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_texts([write(tmp_path, name, data)])


@pytest.mark.parametrize(
    "encoding",
    ["klingon", "", "a\0b", "\udce9", "x" * 1000, "undefined", "rot13", "hex", "base64", "zlib", "idna", "punycode",
     "unicode_escape", "raw-unicode-escape", "Unicode_Escape"],
)  # fmt: skip
def test_what_is_no_encoding_of_text(tmp_path: Path, encoding: str) -> None:
    name = write(tmp_path, "a.tsv", b"a\tb\n")
    for read in (read_texts, read_pairs):
        with pytest.raises(ConfigError, match="--encoding: expected a text encoding, found") as error:
            read([name], encoding=encoding)
        assert len(str(error.value)) < 200


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "cp949", "gb18030", "shift_jis", "iso2022_kr", "utf-7", "cp037"])
def test_no_bytes_are_more_than_an_error_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    rng = random.Random(1)
    for _ in range(50):
        data = b"one\ntwo\n" + rng.randbytes(rng.randrange(1, 40))
        with contextlib.suppress(CorpusError):
            read_texts([write(tmp_path, "a.txt", data)], encoding=encoding).text.encode()
    with pytest.raises(CorpusError, match=r"cut.txt:3: byte offset 10: 0x00 is not UTF-16"):
        read_texts([write(tmp_path, "cut.txt", "a\nb\nc".encode("utf-16-le") + b"\0")], encoding="utf-16-le")
