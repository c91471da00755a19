"""Tables: columns found and named, cells edited where they stand, a column added for translations, one column as a text."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.errors import ConfigError, CorpusError
from seqgen.formats.document import Wanted
from seqgen.formats.languages import best, is_code, matches, spelt
from seqgen.formats.read import read_pairs, read_texts
from seqgen.formats.tables.delimited import delimiter_of, rows
from tests.formats.units.inhand import in_hand, put, sources

CELLS = st.text(st.sampled_from("ab ,;\t|\"\n'가😀ש\\&<"), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5), st.sampled_from(",;\t|"))
def test_rows_are_those_of_the_library(table: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(table)
    text = out.getvalue()
    found = list(rows(text, delimiter))
    assert [[cell.text for cell in row.cells] for row in found] == table
    assert all(row.where == 1 + text[: row.cells[0].start].count("\n") for row in found)


def test_the_delimiter_is_found() -> None:
    for delimiter in ",;\t|":
        text = "".join(f'id{delimiter}"a, b; c"{delimiter}{n}\n' for n in range(9))
        assert delimiter_of(text) == delimiter
    assert delimiter_of("one\ntwo\n") == "," and delimiter_of("") == ","


@given(CELLS.filter(str.strip), st.sampled_from(["a.csv", "a.tsv"]), st.sampled_from(["\n", "\r\n"]))
def test_a_translation_is_read_again(text: str, name: str, end: str) -> None:
    delimiter = "\t" if name.endswith("tsv") else ","
    content = (
        delimiter.join(("id", "en", "ko")) + end + delimiter.join(("1", '"The ""cat"""', "")) + end + delimiter.join("2xy")
    )
    file = in_hand(name, content.encode(), Wanted("en,ko"))
    assert sources(file) == ['The "cat"', "x"] and [unit.state for unit in file.units] == ["new", "done"]
    changed = put(file, 0, text)
    again = in_hand(name, changed, Wanted("en,ko"))
    assert [unit.target for unit in again.units] == [text, "y"]
    start = content.index('"""') + 4
    assert changed.startswith(content[:start].encode()) and changed.endswith(content[start:].encode())


def test_columns_are_found_by_their_names() -> None:
    def columns(text: str, wanted: Wanted) -> list[tuple[str, str]]:
        return [(unit.source, unit.target) for unit in in_hand("a.csv", text.encode(), wanted).units]

    assert columns("id,Source,note,TARGET\n1,a,x,b\n", Wanted()) == [("a", "b")]
    assert columns("ko,fr,en-US\nk,f,e\n", Wanted(source="en", target="ko")) == [("e", "k")]
    assert columns("a,b\nc,d\n", Wanted()) == [("a", "b"), ("c", "d")]
    assert columns("en,fr\nc,d\n", Wanted()) == [("c", "d")]
    assert columns("x,y,z\n1,2,3\n", Wanted("3,1")) == [("z", "x"), ("3", "1")]
    for given_columns, message in (
        (None, "which columns"),
        ("q,x", "no column 'q'"),
        ("x,x", "two different columns"),
        ("4,1", "of 3 columns"),
        ("0,1", "of 3 columns"),
    ):
        with pytest.raises(ConfigError, match=message):
            columns("x,y,z\n1,2,3\n", Wanted(given_columns))
    with pytest.raises(CorpusError, match=r"a.csv:3: expected 2 columns, found 1"):
        columns("a,b\nc,d\nalone\n", Wanted())


def test_a_column_is_added() -> None:
    content = "id;text\r\n1;one\r\n2;\r\n3;two"
    file = in_hand("a.csv", content.encode(), Wanted("text"))
    from seqgen.formats import function

    edits = [edit for unit in file.units for edit in function(file.format.edits)(unit, unit.source.upper())]
    assert file.rewritten(edits) == b"id;text;translation\r\n1;one;ONE\r\n2;;\r\n3;two;TWO"


def test_records_get_a_field() -> None:
    content = '{"text": "one", "n": 1e999}\n\n{"text":"\\ud83d", "translation" : null, "x":["translation"]}\r\n'
    file = in_hand("a.jsonl", content.encode())
    assert put(file, 0, 'a "b"') == content.replace("1e999}", '1e999, "translation": "a \\"b\\""}').encode()
    assert put(file, 1, "가") == content.replace(": null", ': "가"').encode()
    with pytest.raises(CorpusError, match=r"a.jsonl:1: no text in the field 'en'.*"):
        in_hand("a.jsonl", b'{"a": {"b": "c"}}', Wanted("en"))


def test_nested_fields_are_pairs_and_a_column_is_a_text(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"translation": {"en": "one", "ko": "하나"}}\n', encoding="utf-8")
    for wanted in (Wanted("translation.en,translation.ko"), Wanted(source="en", target="ko")):
        pairs = read_pairs([str(tmp_path / "a.jsonl")], wanted=wanted)
        assert (pairs.sources, pairs.targets) == (("one",), ("하나",))
    with pytest.raises(CorpusError, match="expected strings in the fields") as error:
        read_pairs([str(tmp_path / "a.jsonl")])
    assert error.value.hint == "perhaps --columns translation.en,translation.ko"
    (tmp_path / "a.csv").write_text('id,text\n1,"one\ntwo"\n2,\n3,three\n', encoding="utf-8")
    assert read_texts([str(tmp_path / "a.csv")], wanted=Wanted(column="text")).text == "one\ntwo\n\nthree\n"
    assert read_texts([str(tmp_path / "a.jsonl")], wanted=Wanted(column="translation.ko")).text == "하나\n"
    with pytest.raises(ConfigError, match="no column 'nothing'"):
        read_texts([str(tmp_path / "a.csv")], wanted=Wanted(column="nothing"))


def test_languages_are_matched_as_people_mean_them() -> None:
    assert matches("en", "en-US") and matches("en-GB", "EN_gb") and matches("en-GB", "en") and matches("eng", "en")
    assert not matches("en-GB", "en-US") and not matches("en", "es") and matches("zh", "zh-Hant-TW")
    assert (
        best("en", ["fr", "en-US", "en", "en-GB"]) == 2 and best("pt-BR", ["pt", "pt_BR"]) == 1 and best("ko", ["en"]) is None
    )
    assert is_code("en") and is_code("pt-BR") and is_code("kor") and not is_code("text") and not is_code("id number")
    assert not is_code("src")
    assert [spelt(code) for code in ("EN", "pt_br", "zh-HANT-tw", "kor")] == ["en", "pt-BR", "zh-Hant-TW", "kor"]


def test_real_tables(data_dir: Path) -> None:
    for path in ("magento/MagentoFilter.csv",):
        content = (data_dir / "files" / "omegat" / "filters" / path).read_bytes()
        file = in_hand(path, content)
        table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert sources(file) == [row[0] for row in table if any(row)]
        assert file.rewritten([]) == content
        changed = in_hand(path, put(file, 0, "another"))
        assert [unit.target for unit in changed.units] == ["another", *(unit.target for unit in file.units[1:])]
