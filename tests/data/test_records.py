"""JSON lines: the text is found, and the record stays as it was."""

from __future__ import annotations

import io
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen.data.lines import Line, LineReader
from seqgen.data.records import RecordReader, with_fields
from seqgen.errors import CorpusError


def reader(text: str, field: str = "source", added: tuple[str, ...] = ("translation",)) -> RecordReader:
    return RecordReader(LineReader([("x", io.BytesIO(text.encode()))]), field, added)


def taken(text: str, **options: object) -> list[Line]:
    records = reader(text, **options)  # type: ignore[arg-type]
    found: list[Line] = []
    while lines := records.take(3, 1_000):
        found += lines
    return found


NASTY = [
    '{"source": "a", "huge": 1e400, "tiny": -1e-400, "big": %s}' % ("9" * 5_000),
    '{"lone": "\\ud800", "source": "a", "pair": "\\ud83d\\ude00", "escaped": "\\u0041\\/"}',
    '{"z": 1, "a": 2, "z": 3, "source": "b", "source": "a"}',
    '  {"source"\t:"a" ,  "n" : 1.50 , "m":NaN }\t ',
    '{"source":"a","deep":[{"source":"}"},[[]],"}"]}',
    '{"source": "a", "한": "글\u2028\x85"}',
]


@pytest.mark.parametrize("record", NASTY)
def test_a_record_stays_as_it_was_byte_for_byte(record: str) -> None:
    (line,) = taken(record + "\r\n")
    assert line.text == "a" and line.raw == record
    written = with_fields(line.raw, {"translation": "ü}", "score": -0.5})
    added = ', "translation": "ü}", "score": -0.5'
    assert written.count(added) == 1 and written.replace(added, "") == record
    if "big" not in record:
        assert json.loads(written)["translation"] == "ü}"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec="utf-8"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=3), inner),
    max_leaves=4,
)


@settings(max_examples=40)
@given(
    st.dictionaries(st.text("ab {}", max_size=3), VALUES), st.booleans(), st.sampled_from([None, (",", ":"), (" , ", " : ")])
)
def test_what_is_added_is_all_that_changes(
    record: dict[str, object], ascii_only: bool, separators: tuple[str, str] | None
) -> None:
    text = json.dumps({**record, "source": "x"}, ensure_ascii=ascii_only, separators=separators)
    written = with_fields(text, {"translation": "y"})
    assert list(json.loads(written)) == [*json.loads(text), "translation"]
    assert written.replace(', "translation": "y"', "") == text


def test_blank_lines_are_blank_texts_and_count() -> None:
    found = taken('\n{"source": ""}\n  \n{"source": "x"}\n')
    assert [(line.text, line.number) for line in found] == [("", 1), ("", 2), ("", 3), ("x", 4)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[1, 2]", r"x:3: expected a string in the field 'source', found \[1, 2\]"),
        ("3", "x:3: expected a string"),
        ('"source"', "x:3: expected a string"),
        ('{"source": 5}', "x:3: expected a string"),
        ('{"source": null}', "x:3: expected a string"),
        ('{"text": "x"}', "x:3: expected a string in the field 'source', found a record without it"),
        ('{"source": "x"', "x:3: not JSON: Expecting"),
        ('{"source": "x"} {}', "x:3: not JSON: Extra data at column 17"),
        ("not JSON", "x:3: not JSON"),
        ("[" * 100_000, "x:3: JSON that is nested too deeply"),
        ('{"translation": null, "source": "x"}', "x:3: the record already has a field 'translation'"),
    ],
)
def test_a_bad_line_is_told_after_those_before_it(line: str, message: str) -> None:
    records = reader(f'{{"source": "a"}}\n\n{line}\n{{"source": "b"}}\n')
    assert [found.text for found in records.take(10, 10_000)] == ["a", ""]
    # A line of more than a block is read later.
    until = time.monotonic() + 10
    while not records.waiting and time.monotonic() < until:
        time.sleep(0.001)
    assert records.waiting
    for _ in range(2):
        with pytest.raises(CorpusError, match=message):
            records.take(10, 10_000)


def test_any_field_can_be_the_text_and_any_name_the_translation() -> None:
    assert [line.text for line in taken('{"": "x", "translation": 1}\n', field="", added=("fr",))] == ["x"]
