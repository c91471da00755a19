"""XLIFF 1.2 whose units are cut into segments, as SDL's and memoQ's tools write it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.formats.document import Document, Wanted
from seqgen.formats.memories import xliff
from seqgen.translation.files import FileInHand
from tests.formats.units.inhand import in_hand, put, told

HEAD = '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:sdl="http://sdl.com/FileTypes/SdlXliff/1.0">\n'
CUT = (
    '<seg-source><g id="1"><mrk mtype="seg" mid="1">One <x id="5"/>.</mrk></g> <mrk mtype="seg" mid="2">Two &amp;.</mrk>'
    '\n<mrk mid="3" mtype="seg">Three.</mrk></seg-source>'
)
SOURCE = f'<source><g id="1">One <x id="5"/>.</g> Two &amp;.\nThree.</source>\n{CUT}'
UNIT = '<trans-unit id="a">\n  {}{}</trans-unit>\n'


def file_of(target: str = "", behind: str = "") -> str:
    """A file with a unit of three segments between two others."""
    other = '<trans-unit id="{}"><source>{}</source></trans-unit>\n'
    units = other.format("0", "before") + UNIT.format(SOURCE, target + behind) + other.format("9", "after")
    return f'{HEAD}<file source-language="en" target-language="ko"><body>\n{units}</body></file></xliff>\n'


TARGETS = {
    "none": "",
    "empty": '\n<target xml:lang="ko"/>',
    "blank": "<target>\n</target>",
    "one of three": '<target state="final"><mrk mtype="seg" mid="2">둘.</mrk></target>',
    "the last": '<target><mrk mtype="seg" mid="3">셋.</mrk></target>',
    "turned": '<target><mrk mtype="seg" mid="3"/> <g id="1"><mrk mtype="seg" mid="1"></mrk></g></target>',
}


def test_segments_are_units() -> None:
    units = in_hand("a.xlf", file_of(TARGETS["one of three"]).encode()).units
    assert [(*told(unit), unit.state) for unit in units[1:4]] == [
        ("a#1", "One <x1/>.", "", "new"),
        ("a#2", "Two &.", "둘.", "done"),
        ("a#3", "Three.", "", "new"),
    ]
    streamed = xliff.units(Document("a.xlf", iter([file_of(TARGETS["one of three"]).encode()])))
    assert [told(unit) for unit in streamed] == [told(unit) for unit in units]


def test_a_target_is_made_as_the_source_is_cut() -> None:
    file = in_hand("a.xlf", file_of().encode())
    made = all_put(file, {1: "하나 <x1/>.", 2: "둘.", 3: "<3>"})
    target = (
        '\n  <target state="needs-review-translation"><g id="1"><mrk mtype="seg" mid="1">하나 <x id="5"/>.</mrk></g> '
        '<mrk mtype="seg" mid="2">둘.</mrk>\n<mrk mid="3" mtype="seg">&lt;3&gt;</mrk></target>'
    )
    assert made == file_of(target).encode()
    # One alone, then the next: what is there stays.
    one = put(file, 2, "둘.", review=False)
    first = '<target state="translated"><g id="1"><mrk mtype="seg" mid="1">{}</mrk></g> <mrk mtype="seg" mid="2">둘.</mrk>'
    assert first.format("") in one.decode()
    again = in_hand("a.xlf", one)
    assert [unit.state for unit in again.units[1:4]] == ["new", "done", "new"]
    assert first.format("일") in put(again, 1, "일", review=False).decode()


def test_segments_that_a_target_has_not_get_their_place() -> None:
    file = in_hand("a.xlf", file_of(TARGETS["one of three"]).encode())
    marks = ('<mrk mtype="seg" mid="1">1</mrk> <mrk mtype="seg" mid="2">둘.</mrk>', '\n<mrk mid="3" mtype="seg">3</mrk>')
    made = all_put(file, {1: "1", 3: "3"}).decode()
    assert f'<target state="needs-review-translation">{"".join(marks)}</target>' in made


def all_put(file: FileInHand, translations: dict[int, str]) -> bytes:
    """The file with translations of units at their places."""
    return file.rewritten([edit for place, text in translations.items() for edit in xliff.edits(file.units[place], text)])


TEXTS = st.text(st.sampled_from("ab 가😀&<>{}\"'\\ש\u00a0é]@"), min_size=1, max_size=20).map(lambda text: f"x{text}y")


@given(st.sampled_from(sorted(TARGETS)), st.dictionaries(st.sampled_from([1, 2, 3]), TEXTS, min_size=1))
def test_what_was_put_in_is_read_again(name: str, translations: dict[int, str]) -> None:
    content = file_of(TARGETS[name]).encode()
    file = in_hand("a.xlf", content)
    assert all_put(file, {place: unit.target for place, unit in enumerate(file.units)}) == content
    made = all_put(file, translations)
    ElementTree.fromstring(made)
    again = in_hand("a.xlf", made)
    assert [told(unit) for unit in again.units] == [
        (unit.name, unit.source, translations.get(place, unit.target)) for place, unit in enumerate(file.units)
    ]
    outside = content.decode().split(SOURCE)
    assert made.decode().startswith(outside[0] + SOURCE) and made.decode().endswith(outside[1].split("</target>")[-1][-80:])


def test_states_of_segments() -> None:
    sdl = (
        '<sdl:seg-defs><sdl:seg id="1"/><sdl:seg id="2" conf="Translated"><sdl:value key="a">b</sdl:value></sdl:seg>'
        '<sdl:seg id="3" conf="Draft" locked="true"/></sdl:seg-defs>'
    )
    marks = "".join(f'<mrk mtype="seg" mid="{n}">{n}</mrk>' for n in (1, 2, 3))
    file = in_hand("a.sdlxliff", file_of(f"<target>{marks}</target>", sdl).encode())
    assert [(unit.state, unit.why) for unit in file.units[1:4]] == [
        ("unsure", "to be reviewed"), ("done", ""), ("kept", "locked"),
    ]  # fmt: skip
    changed = put(file, 2, "zwei").decode()
    assert '<sdl:seg id="2" conf="Draft">' in changed and "<target><mrk" in changed
    assert '<sdl:seg id="1" conf="Translated"/>' in put(file, 1, "<x1/>", review=False).decode()
    bare = in_hand("a.sdlxliff", file_of("", sdl).encode())
    made = all_put(bare, {1: "하나", 2: "둘"}).decode()
    assert "<target><g" in made and '<sdl:seg id="1" conf="Draft"/>' in made and '<sdl:seg id="2" conf="Draft">' in made


@pytest.mark.parametrize(
    "target", ["<target>flat</target>", '<target><x id="1"/></target>', '<target><mrk mtype="seg" mid="1">a</mrk>'
               '<mrk mtype="seg" mid="1">b</mrk></target>']
)  # fmt: skip
def test_a_unit_that_is_not_cut_alike_is_one(target: str) -> None:
    file = in_hand("a.xlf", file_of(target).encode(), Wanted())
    assert [unit.name for unit in file.units] == ["0", "a", "9"] and file.units[1].target
