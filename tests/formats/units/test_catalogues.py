"""Catalogues of one language a file: Java's .properties, i18next, ARB; and lists of records in JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.errors import ConfigError, CorpusError
from seqgen.formats import format_of, function
from seqgen.formats.document import Document, Wanted
from seqgen.formats.json_places import texts_in
from seqgen.formats.read import read_pairs, read_texts, read_two_files
from seqgen.translation.units import lost
from tests.formats.units.inhand import in_hand, put, sources

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12).filter(str.strip)
PROPERTIES = """\
# a comment that ends in a backslash \\
plain=Hello
  spaced key\t : \\  two  words
with\\ space\\:and\\=signs = value\\
      that goes on \\
   twice
! NOI18N
constant=do.not.touch
escapes=tab\\there\\nline\\u0021 \\uD83D\\uDE00
empty=
alone
pattern=It''s {0} o''clock
quoted='{'x'}' {0}
"""
ARB = """{
  "@@locale": "en",
  "title": "Hello {name}",
  "@title": {"description": "shown on top", "placeholders": {"name": {}}},
  "count": "{n, plural, one{one boat} other{{n} boats}}",
  "n": 3, "nothing": null, "empty": "", "list": ["one", {"deep": "two\\n\\"lines\\""}]
}
"""


def test_properties() -> None:
    file = in_hand("a.properties", PROPERTIES.encode())
    found = {unit.name: unit for unit in file.units}
    assert {name: unit.source for name, unit in found.items() if unit.state == "new"} == {
        "plain": "Hello",
        "spaced": "key\t :   two  words",
        "with space:and=signs": "valuethat goes on twice",
        "escapes": "tab\there\nline! 😀",
        "pattern": "It's {0} o'clock",
    }
    assert [(name, unit.why) for name, unit in found.items() if unit.state == "kept"] == [
        ("constant", "not to be translated"), ("empty", "without a text"), ("alone", "without a text"),
        ("quoted", "a pattern with quotes in it"),
    ]  # fmt: skip
    assert [unit.where for unit in file.units] == [2, 3, 4, 8, 9, 10, 11, 12, 13]
    changed = put(file, 7, "C'est {0} heures, 안녕 😀")
    assert changed == PROPERTIES.replace("It''s {0} o''clock", "C''est {0} heures, \\uC548\\uB155 \\uD83D\\uDE00").encode()
    latin = in_hand("a.properties", PROPERTIES.encode() + b"caf\xe9=caf\xe9\n")
    assert sources(latin)[-1] == "café" and "read and written as latin-1" in latin.document.notes[0]
    assert put(latin, 9, "thé 차").endswith(b"caf\xe9=th\xe9 \\uCC28\n")


@given(TEXTS, st.sampled_from(["utf-8", "latin-1"]), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_properties_are_read_again(text: str, encoding: str, end: str, is_pattern: bool) -> None:
    text += " {0}" * is_pattern
    content = f"a=one{' {0}' * is_pattern}{end}b = \u00e9 two{end}c:three".encode(encoding)
    file = in_hand("a.properties", content)
    changed = put(file, 0, text)
    again = in_hand("a.properties", changed)
    assert [unit.source for unit in again.units] == [text, "é two", "three"]
    assert changed.endswith(content[content.index(end.encode()) :])
    for place, unit in enumerate(file.units):
        assert put(file, place, unit.source) == content


@given(TEXTS.map(lambda text: text.replace("{", "(")), st.sampled_from(["", "=", ":", "=:", " = "]), st.sampled_from([0, 1, 2]))
def test_a_text_may_begin_like_what_is_before_it(text: str, begin: str, place: int) -> None:
    content = "a one\nb\ttwo\nc \\\n  three\n"
    file = in_hand("a.properties", content.encode())
    again = in_hand("a.properties", put(file, place, begin + text))
    assert sources(again) == [begin + text if n == place else one for n, one in enumerate(("one", "two", "three"))]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# é\na=caf\\u00E9\nb=x\n", "b=\\u00E0\n"),  # letters in comments alone: texts have escapes
        ("# é\na=cafe\nb=x\n", "b=à\n"),
        ("a=café \\u00E9\nb=x\n", "b=à\n"),
        ("# é\na=C:\\\\u00E9\nb=x\n", "b=à\n"),
        ("a=cafe\nb=x\n", "b=\\u00E0\n"),
    ],
)
def test_letters_are_written_as_the_file_has_them(before: str, after: str) -> None:
    file = in_hand("a.properties", before.encode())
    assert put(file, 1, "à") == before.replace("b=x\n", after).encode()


def test_catalogues_in_json() -> None:
    file = in_hand("app_en.arb", ARB.encode())
    assert [(unit.where, unit.name, unit.source, unit.state) for unit in file.units] == [
        (3, "title", "Hello {name}", "new"),
        (5, "count", "{n, plural, one{one boat} other{{n} boats}}", "new"),
        (6, "empty", "", "kept"),
        (6, "list.0", "one", "new"),
        (6, "list.1.deep", 'two\n"lines"', "new"),
    ]
    assert put(file, 0, 'Bonjour "{name}"') == ARB.replace("Hello {name}", 'Bonjour \\"{name}\\"').encode()
    escaped = in_hand("a.json", b'{"a": "caf\\u00e9", "b": {"c_one": "x", "c_other": "$t(key) y"}}')
    assert put(escaped, 1, "가") == b'{"a": "caf\\u00e9", "b": {"c_one": "\\uac00", "c_other": "$t(key) y"}}'
    assert lost(escaped.units[2], "y") == "its translation loses '$t(key)'"


@given(
    st.recursive(
        TEXTS | st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from([None, 1]),
    st.booleans(),
)  # noqa: E501
def test_places_of_texts(value: object, indent: int | None, escapes: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=escapes)
    for found in texts_in(Document("a", b""), text):
        assert json.loads(text[found.start : found.stop]) == found.value
        inside = value
        for key in found.path:
            inside = inside[int(key)] if isinstance(inside, list) else inside[key]  # type: ignore[index]
        assert inside == found.value


@given(TEXTS)
def test_texts_in_json_are_read_again(text: str) -> None:
    content = '{"a": {"one": "x"},\n "two": "가 y"}'.encode()
    file = in_hand("a.json", content)
    changed = put(file, 0, text)
    assert sources(in_hand("a.json", changed)) == [text, "가 y"] and changed.endswith('},\n "two": "가 y"}'.encode())
    assert put(file, 0, "x") == content


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": "x"', "a.json:1: not JSON: expected , or }"),
        ('{"a": "x",\n"b" "y"}', "a.json:2: not JSON: expected :"),
        ('{"a": "x"}\n}', "a.json:2: not JSON: more behind its end"),
        ('{"a": "x\\q"}', "a.json:1: not JSON"),
        ('{"a": x}', "a.json:1: not JSON: expected a value"),
        ('{"a": "x",}', "a.json:1: not JSON: a comma without a value"),
        ('{"a":' * 1_000 + '"x"' + "}" * 1_000, "a.json:1: not JSON: nested too deeply"),
        ('[{"a": "x"}\n {"a": "y"}]', "a.json:2: not JSON: expected , or ]"),
        ("", "a.json:1: not JSON: expected a value"),
    ],
)
def test_what_is_no_json_is_said(text: str, said: str) -> None:
    with pytest.raises(CorpusError, match=re.escape(said)):
        list(function(format_of("a.json").units)(Document("a.json", text.encode(), exact=True)))  # type: ignore[union-attr]


def test_two_catalogues_are_pairs(tmp_path: Path) -> None:
    (tmp_path / "en.json").write_text('{"a": {"b": "Hello"}, "only": "English"}', "utf-8")
    (tmp_path / "ko.json").write_text('{"a": {"b": "안녕하세요"}}', "utf-8")
    (tmp_path / "en.properties").write_text("a=Hello\nb=two\n", "utf-8")
    (tmp_path / "ko.properties").write_text("b=\\uB458\n", "utf-8")
    pairs = read_two_files(str(tmp_path / "en.json"), str(tmp_path / "ko.json"))
    assert (pairs.sources, pairs.targets) == (("Hello",), ("안녕하세요",)) and "1 unit of it" in pairs.notes[0]
    pairs = read_two_files(str(tmp_path / "en.properties"), str(tmp_path / "ko.properties"))
    assert (pairs.sources, pairs.targets) == (("two",), ("둘",))


RECORDS = [{"id": n, "translation": {"en": f"text {n}", "ko": f"글 {n}"}, "note": f"n{n}"} for n in range(3)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("inside", [False, True])
def test_lists_of_records(tmp_path: Path, indent: int | None, inside: bool) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"version": "1.0", "n": 3, "data": RECORDS} if inside else RECORDS, indent=indent), "utf-8")
    expected = (tuple(f"text {n}" for n in range(3)), tuple(f"글 {n}" for n in range(3)))
    for wanted in (Wanted("translation.en,translation.ko"), Wanted(source="en", target="ko")):
        pairs = read_pairs([str(path)], wanted=wanted)
        assert (pairs.sources, pairs.targets) == expected
    assert read_texts([str(path)], wanted=Wanted(column="note")).text == "n0\n\nn1\n\nn2\n"
    with pytest.raises(CorpusError, match=r"data.json:\d+: no text in the field 'nowhere'"):
        read_texts([str(path)], wanted=Wanted(column="nowhere"))
    file = in_hand("data.json", path.read_bytes(), Wanted("note,german"))
    changed = json.loads(put(file, 1, 'zwei "x"'))
    rows = changed["data"] if inside else changed
    assert [row.get("german") for row in rows] == [None, 'zwei "x"', None]
    file = in_hand("data.json", path.read_bytes(), Wanted("translation.en,translation.ko"))
    changed = json.loads(put(file, 2, "새 글"))
    assert (changed["data"] if inside else changed)[2]["translation"]["ko"] == "새 글"
    with pytest.raises(ConfigError, match="is inside another field"):
        in_hand("data.json", path.read_bytes(), Wanted("translation.en,translation.fr"))


@pytest.mark.parametrize(
    ("record", "wanted", "after"),
    [
        ('{"m": {"translation": null}, "text": "one"}', Wanted(),
         '{"m": {"translation": null}, "text": "one", "translation": "X"}'),
        ('{"m": {"translation": "z"}, "text": "one", "translation": null}', Wanted(),
         '{"m": {"translation": "z"}, "text": "one", "translation": "X"}'),
        ('{"text": "one", "translation": "p", "translation": "q"}', Wanted(),
         '{"text": "one", "translation": "p", "translation": "X"}'),
        ('{"translation": {"en": "one", "ko": null}}', Wanted(source="en", target="ko"),
         '{"translation": {"en": "one", "ko": "X"}}'),
        ('{"translation": {"en": "one", "ko": "하나"}}', Wanted(source="en", target="ko"),
         '{"translation": {"en": "one", "ko": "X"}}'),
        ('{"text": "one", "ko.t": "q", "ko": {"t": "r"}}', Wanted("text,ko.t"),
         '{"text": "one", "ko.t": "X", "ko": {"t": "r"}}'),
    ],
)  # fmt: skip
def test_a_translation_goes_into_its_own_field(record: str, wanted: Wanted, after: str) -> None:
    for name, form in (("a.jsonl", "{}\n"), ("a.json", "[{}]")):
        file = in_hand(name, form.replace("{}", record).encode(), wanted)
        assert put(file, 0, "X") == form.replace("{}", after).encode()


@pytest.mark.parametrize("there", ["5", "{}", '{"en": "x"}', "[]", "true"])
def test_what_is_no_text_is_not_replaced(there: str) -> None:
    with pytest.raises(ConfigError, match="a.jsonl:1: --columns: 'translation' holds no text"):
        in_hand("a.jsonl", f'{{"text": "one", "translation": {there}}}'.encode())


def test_a_list_in_a_catalogue_is_part_of_it() -> None:
    file = in_hand("a.json", b'{"title": "x", "steps": [{"t": "one"}, {"t": "two"}], "end": "bye"}')
    assert [unit.name for unit in file.units] == ["title", "steps.0.t", "steps.1.t", "end"]


def test_numbered_elements_are_marks() -> None:
    content = b'{"a": "<0>Press</0> <1/> <b>now</b> {{n}}", "b": "<2>no end", "c": "1 < 2 <x1/> <3/>"}'
    file = in_hand("a.json", content)
    assert sources(file) == ["<g1>Press</g1> <x2/> <b>now</b> {{n}}", "<x1/>no end", "1 < 2 <x1/> <xz1/>"]
    assert put(file, 0, '<x2/> {{n}} <g1>"x"</g1> <b>y</b>') == content.replace(
        b"<0>Press</0> <1/> <b>now</b> {{n}}", b'<1/> {{n}} <0>\\"x\\"</0> <b>y</b>'
    )
    assert lost(file.units[0], "x <b>now</b> {{n}}") == "its translation loses or crosses inline elements"
    assert [put(file, place, unit.source) for place, unit in enumerate(file.units)] == [content] * 3


def test_what_is_kept_is_not_learnt(tmp_path: Path) -> None:
    (tmp_path / "a.properties").write_text("a=Hello\n# NOI18N\nb=x.y\nempty=\nc=you\n", "utf-8")
    read = read_texts([str(tmp_path / "a.properties")])
    assert read.text == "Hello\nyou\n"
    assert read.notes == (f"{tmp_path}/a.properties: 3 units: 2 read; left out: 1 not to be translated",)
