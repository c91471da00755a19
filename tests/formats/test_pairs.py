"""Pairs, read from each format: strictly, and what is wrong is said with its place."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from seqgen.data.pairs import Pairs
from seqgen.errors import ConfigError, CorpusError
from seqgen.formats.document import Wanted
from seqgen.formats.names import looks_like_pairs
from seqgen.formats.read import read_pairs, read_two_files


def write(path: Path, text: str) -> str:
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return str(path)


def rows(pairs: Pairs) -> list[tuple[str, str]]:
    return list(zip(pairs.sources, pairs.targets, strict=True))


ROWS = [("one", "un"), ("two cats", "deux chats")]


@pytest.mark.parametrize(
    ("name", "text", "columns"),
    [
        ("a.tsv", "one\tun\ntwo cats\tdeux chats\n", None),
        ("a.tsv.gz", "one\tun\ntwo cats\tdeux chats", None),
        ("a.tsv", "7\tun\tone\n8\tdeux chats\ttwo cats\n", "3,2"),
        ("a.jsonl", '{"source": "one", "target": "un"}\n{"target": "deux chats", "source": "two cats", "id": 4}\n', None),
        ("a.jsonl.gz", '{"src": "one", "tgt": "un"}\n{"src": "two cats", "tgt": "deux chats"}\n', None),
        ("a.jsonl", '{"en": "one", "fr": "un"}\n{"en": "two cats", "fr": "deux chats"}\n', "en,fr"),
        ("a.tsv", "\ufeffone\tun\r\ntwo cats\tdeux chats\r\n", None),
    ],
)
def test_formats(name: str, text: str, columns: str | None, tmp_path: Path) -> None:
    path = write(tmp_path / name, text)
    assert looks_like_pairs([path])
    assert rows(read_pairs([path], wanted=Wanted(columns))) == ROWS


def test_two_files_and_a_folder(tmp_path: Path) -> None:
    source, target = write(tmp_path / "a.en", "one\ntwo cats\n"), write(tmp_path / "a.fr", "un\ndeux chats")
    assert rows(read_two_files(source, target)) == ROWS
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder" / "b.tsv", "two cats\tdeux chats\n")
    write(tmp_path / "folder" / "a.jsonl", '{"source": "one", "target": "un"}\n')
    assert rows(read_pairs([str(tmp_path / "folder")])) == ROWS


def test_only_a_newline_ends_a_line(tmp_path: Path) -> None:
    """Others split at U+2028, U+0085 and vertical tabs, and shift every pair behind one."""
    odd = "a\u2028b\u0085c\x0bd\x0ce\x1cf"
    source, target = write(tmp_path / "a.en", f"{odd}\nnext\n"), write(tmp_path / "a.fr", "x\ny\n")
    assert rows(read_two_files(source, target)) == [(odd, "x"), ("next", "y")]
    assert rows(read_pairs([write(tmp_path / "a.tsv", f"{odd}\tx\nnext\ty\n")])) == [(odd, "x"), ("next", "y")]


def test_unequal_files_name_both_counts(tmp_path: Path) -> None:
    source, target = write(tmp_path / "a.en", "1\n2\n3\n"), write(tmp_path / "a.fr", "1\n2\n")
    with pytest.raises(CorpusError, match=r"a.en has 3 lines, .*a.fr has 2"):
        read_two_files(source, target)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.tsv", "one\tun\nalone\n", r"a.tsv:2: expected 2 tab-separated columns, found 1"),
        ("a.jsonl", '{"source": "one", "target": "un"}\n{"source": "x"}\n', r"a.jsonl:2: expected strings in the fields"),
        ("a.jsonl", '{"source": "one", "target": 3}\n', r"a.jsonl:1: expected strings"),
        ("a.jsonl", "nonsense\n", r"a.jsonl:1: not JSON"),
        ("a.jsonl", '{"source": 1, "target": [2]}\n', r"a.jsonl:1: .*'source' \(a number\), 'target' \(a list\)"),
        ("a.jsonl", "\n" + "[" * 100_000 + "\n", r"a.jsonl:2: JSON that is nested too deeply"),
        ("a.jsonl", "\n" + '{"a":' * 100_000 + "\n", r"a.jsonl:2: JSON that is nested too deeply"),
        ("a.jsonl", "17\n", r"a.jsonl:1: expected a JSON object, found a number"),
        ("a.jsonl", json.dumps({f"{n}" * 999: n for n in range(999)}), r"a.jsonl:1: .{80,600}, \.\.\.;"),
        ("a.tsv", "", r"no pairs"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(name: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=message):
        read_pairs([write(tmp_path / name, text)])


def test_other_fields_may_hold_anything(tmp_path: Path) -> None:
    digits = "9" * 5_000
    line = f'{{"source": "one", "a": 1e400, "b": NaN, "c": {digits}, "d": -{digits}, "e": "\\ud800", "target": "un"}}\n'
    assert rows(read_pairs([write(tmp_path / "a.jsonl", line)])) == [("one", "un")]
    long = json.dumps({"source": "x" * 5_000_000, "target": "y"})
    assert len(read_pairs([write(tmp_path / "a.jsonl", long)]).sources[0]) == 5_000_000


def test_what_no_encoding_holds_becomes_a_replacement_and_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path, '{"source": "one", "target": "un"}\n{"source": "a\\ud800b", "target": "\\ud83d\\ude00"}\n')
    pairs = read_pairs([str(path)])
    assert rows(pairs) == [("one", "un"), ("a\ufffdb", "\U0001f600")]
    assert pairs.notes == (f"{path}: lone surrogates, which are not characters, became U+FFFD in 1 of its pairs, at 2",)
    path = tmp_path / "a.tsv"
    path.write_bytes("a\ud800\tb".encode("utf-7", "surrogatepass"))
    assert rows(read_pairs([str(path)], encoding="utf-7")) == [("a\ufffd", "b")]


def test_the_hash_says_which_material_whatever_the_direction(tmp_path: Path) -> None:
    pairs = read_pairs([write(tmp_path / "a.tsv", "one\tun\ntwo\tdeux\n")])
    assert pairs.swapped().sha256 == pairs.chosen([True, False]).sha256 == pairs.sha256
    other = read_pairs([write(tmp_path / "b.tsv", "un\tone\ndeux\ttwo\n")])
    assert rows(other) == rows(pairs.swapped()) and other.sha256 != pairs.sha256
    same = read_two_files(write(tmp_path / "a.en", "one\ntwo\n"), write(tmp_path / "a.fr", " un\ndeux \n"))
    assert same.sha256 == pairs.sha256


def test_columns_and_extra_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "a\tb\tc\n")
    assert any("columns 1 and 2 are used" in note for note in read_pairs([path]).notes)
    assert not read_pairs([path], wanted=Wanted("1,3")).notes
    for columns in ("1", "0,1", "2,2", "a,b", "", "1,2,3", "9" * 9_999 + ",1"):
        with pytest.raises(ConfigError, match="--columns: expected two different numbers") as error:
            read_pairs([path], wanted=Wanted(columns))
        assert len(str(error.value)) < 200
    for columns in ("en", "en,en", "en,", "", "a,b,c"):
        with pytest.raises(ConfigError, match="--columns: expected two different fields"):
            read_pairs([write(tmp_path / "a.jsonl", "{}")], wanted=Wanted(columns))
