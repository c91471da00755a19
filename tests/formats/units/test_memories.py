"""TMX, XLIFF, Qt and Android: units read to the letter of the formats, translations put where they belong."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.errors import ConfigError, CorpusError
from seqgen.formats import format_of, function
from seqgen.formats.document import Document, Wanted
from seqgen.formats.memories import tmx
from seqgen.formats.read import read_pairs, read_two_files
from tests.formats.units.inhand import in_hand, put, told

TMX = """<?xml version="1.0"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="en-US" segtype="sentence"/><body>
  <!-- a comment --><tu tuid="a">
    <tuv xml:lang="en-US"><seg>The <bpt i="1">&lt;b&gt;</bpt>cat<ept i="1">&lt;/b&gt;</ept> &amp;
      <ph x="2">&lt;br/&gt;</ph>dog</seg></tuv>
    <tuv xml:lang="KO"><seg>개 <hi>고양이</hi></seg></tuv>
  </tu>
  <tu tuid="b"><note>of b</note>
    <tuv xml:lang="en"><seg><![CDATA[1 < 2]]></seg></tuv>
  </tu>
  <tu><tuv xml:lang="ko"><seg>없음</seg></tuv></tu>
  <tu><tuv xml:lang="en"><seg>empty</seg></tuv><tuv xml:lang="ko"><seg/></tuv></tu>
</body></tmx>
"""
XLIFF = """<?xml version="1.0" encoding="UTF-8"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file source-language="en" target-language="ko"><body>
<group translate="no"><trans-unit id="0"><source>kept</source></trans-unit></group>
<trans-unit id="1">
  <source>One <g id="1">two <x id="2"/></g></source>
  <alt-trans><source>no</source><target>no</target></alt-trans>
</trans-unit>
<trans-unit id="2"><source>done</source><target xml:lang="ko" state="final">다</target><note>of 2</note></trans-unit>
<trans-unit id="3"><source>unsure</source><target state="needs-review-translation">모름</target></trans-unit>
<trans-unit id="4"><source>same</source><target state="new">same</target></trans-unit>
<trans-unit id="5"><source>void</source><target/></trans-unit>
</body></file></xliff>
"""
XLIFF2 = """<xliff version="2.0" srcLang="en" trgLang="ko" xmlns="urn:oasis:names:tc:xliff:document:2.0"><file id="f">
<unit id="u"><originalData><data id="d">&lt;br/></data></originalData>
 <segment id="s1"><source>One <pc id="1">two</pc> <ph id="2" dataRef="d"/><sc id="3"/>x<ec startRef="3"/></source></segment>
 <ignorable><source> </source></ignorable>
 <segment id="s2" state="translated"><source>three</source><target>셋</target></segment></unit>
<unit id="v" translate="no"><segment><source>kept</source></segment></unit></file></xliff>
"""
QT = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko"><context><name>Main</name>
    <message><location line="1"/><source>&amp;File %1</source><translation type="unfinished"></translation></message>
    <message numerus="yes"><source>%n file(s)</source><translation><numerusform>파일 %n개</numerusform></translation></message>
    <message><source>old</source><translation type="obsolete">옛</translation></message>
    <message><source>perhaps</source><translation type="unfinished">아마</translation></message>
    <message><source>missing</source></message>
</context></TS>
"""
ANDROID = """<resources>
    <string name="a">It\\'s <b>bold</b>\\n%1$s</string>
    <string name="b" translatable="false">kept</string>
    <string name="c">@string/a</string>
    <string-array name="d"><item>one</item><item>" two "</item></string-array>
    <plurals name="e"><item quantity="other">many <xliff:g id="n">%d</xliff:g></item></plurals>
</resources>
"""


def test_memories() -> None:
    file = in_hand("a.tmx", TMX.encode(), Wanted(target="ko"))
    assert [(told(unit), unit.state, unit.where) for unit in file.units] == [
        (("a", "The <g1>cat</g1> & <x2/>dog", "개 <g1>고양이</g1>"), "done", 4),
        (("b", "1 < 2", ""), "new", 9),
        (("", "", ""), "kept", 12),
        (("", "empty", ""), "new", 13),
    ]
    assert file.units[1].context == "of b" and file.units[2].why == "without en-US"
    added = '<tuv xml:lang="ko"><seg>둘 &amp; &lt;</seg></tuv>'
    source = '<tuv xml:lang="en"><seg><![CDATA[1 < 2]]></seg></tuv>'
    assert put(file, 1, "둘 & <") == TMX.replace(source, f"{source}\n    {added}").encode()
    assert put(file, 3, "빈") == TMX.replace("<seg/>", "<seg>빈</seg>").encode()
    changed = put(file, 0, "<x2/><g1>고</g1>")
    assert b'<ph x="2">&lt;br/&gt;</ph><bpt i="1">&lt;b&gt;</bpt>\xea\xb3\xa0<ept i="1">&lt;/b&gt;</ept>' in changed


def test_languages_of_memories() -> None:
    three = TMX.replace('</tu>\n  <tu tuid="b">', '<tuv lang="fr"><seg>chat</seg></tuv></tu>\n  <tu tuid="b">')
    with pytest.raises(ConfigError, match=r"a.tmx:4: languages en-US, KO, fr: expected two"):
        in_hand("a.tmx", three.encode())
    assert [unit.target for unit in in_hand("a.tmx", three.encode(), Wanted(target="fr")).units][:2] == ["chat", ""]
    # Three languages in all, though two in each unit.
    fifth = TMX.replace("</body>", '<tu><tuv lang="fr"><seg>un</seg></tuv><tuv lang="en"><seg>one</seg></tuv></tu></body>')
    with pytest.raises(ConfigError, match=r"a.tmx:14: languages en, KO, fr: expected two"):
        in_hand("a.tmx", fifth.encode())
    # The same language twice is one language; of a header that names none, the first unit says which is the source.
    twice = TMX.replace('<tuv xml:lang="KO">', '<tuv lang="en_us"><seg>again</seg></tuv><tuv xml:lang="KO">')
    assert in_hand("a.tmx", twice.encode()).units[0].target == "개 <g1>고양이</g1>"
    unsaid = TMX.replace('srclang="en-US"', 'srclang="*all*"').replace(
        "</body>", '<tu><tuv lang="ko"><seg>하나</seg></tuv><tuv lang="en"><seg>one</seg></tuv></tu></body>'
    )
    assert told(in_hand("a.tmx", unsaid.encode()).units[4]) == ("", "one", "하나")
    none = [unit.why for unit in tmx.units(Document("a.tmx", TMX.replace("en-US", "de").replace('"en"', '"fr"').encode()))]
    assert none == ["", "without de", "without de", "without de"]
    turned = in_hand("a.tmx", TMX.encode(), Wanted(source="ko", target="en"))
    assert [unit.state for unit in turned.units] == ["done", "kept", "new", "kept"]
    nowhere = in_hand("a.tmx", TMX.replace("srclang", "x").encode())
    with pytest.raises(ConfigError, match="into which language"):
        put(nowhere, 1, "x")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "euc-kr", "utf-8-sig"])
def test_encodings_of_xml(encoding: str) -> None:
    text = TMX if encoding != "euc-kr" else TMX.replace('"1.0"?', '"1.0" encoding="EUC-KR"?')
    data = (b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding)
    file = in_hand("a.tmx", data, Wanted(target="ko"))
    assert file.units[0].target == "개 <g1>고양이</g1>" and file.rewritten([]) == data
    changed = put(file, 3, "빈 😀")
    assert in_hand("a.tmx", changed, Wanted(target="ko")).units[3].target == "빈 😀"
    streamed = Document("a.tmx", iter([data[i : i + 7] for i in range(0, len(data), 7)]), wanted=Wanted(target="ko"))
    assert [(unit.where, told(unit)) for unit in tmx.units(streamed)] == [(unit.where, told(unit)) for unit in file.units]


@pytest.mark.parametrize("encoding", ["cp949", "utf-16-le"])
def test_encodings_that_are_named(encoding: str) -> None:
    data = TMX.encode(encoding)
    streamed = Document("a.tmx", iter([data]), encoding, Wanted(target="ko"))
    assert next(tmx.units(streamed)).target == "개 <g1>고양이</g1>"
    assert in_hand("a.tmx", data, Wanted(target="ko"), encoding).units[0].target == "개 <g1>고양이</g1>"


def test_exchange_files() -> None:
    file = in_hand("a.xlf", XLIFF.encode())
    assert [(*told(unit), unit.state) for unit in file.units] == [
        ("0", "kept", "", "kept"),
        ("1", "One <g1>two <x2/></g1>", "", "new"),
        ("2", "done", "다", "done"),
        ("3", "unsure", "모름", "unsure"),
        ("4", "same", "same", "new"),
        ("5", "void", "", "new"),
    ]
    target = '<target state="needs-review-translation">하나 <x id="2"/><g id="1">둘</g></target>'
    assert (
        put(file, 1, "하나 <x2/><g1>둘</g1>")
        == XLIFF.replace('<x id="2"/></g></source>\n', f'<x id="2"/></g></source>\n  {target}\n').encode()
    )
    assert b'<target xml:lang="ko" state="translated">x</target><note>' in put(file, 2, "x", review=False)
    assert b'<source>void</source><target state="needs-review-translation">x</target>' in put(file, 5, "x")
    pair = '<bpt id="1" rid="7">b</bpt>x<ept id="2" rid="7">/b</ept> <mrk mtype="protected">ls</mrk>'
    assert in_hand("a.xlf", XLIFF.replace("void", pair).encode()).units[5].source == "<g1>x</g1> <x2/>"
    two = in_hand("a.xliff", XLIFF2.encode())
    assert [(*told(unit), unit.state) for unit in two.units] == [
        ("u", "One <g1>two</g1> <x2/><g3>x</g3>", "", "new"),
        ("u", "three", "셋", "done"),
        ("v", "kept", "", "kept"),
    ]
    changed = put(two, 0, "<g3>y</g3><x2/><g1>z</g1>")
    assert b'<segment id="s1" state="translated"><source>' in changed
    assert b'<target><sc id="3"/>y<ec startRef="3"/><ph id="2" dataRef="d"/><pc id="1">z</pc></target></segment>' in changed


def test_catalogues_of_qt() -> None:
    file = in_hand("a.ts", QT.encode())
    assert [(unit.source, unit.target, unit.state) for unit in file.units] == [
        ("&File %1", "", "new"),
        ("%n file(s)", "파일 %n개", "done"),
        ("old", "옛", "kept"),
        ("perhaps", "아마", "unsure"),
        ("missing", "", "new"),
    ]
    assert put(file, 0, "&파일 %1") == QT.replace('unfinished"></', 'unfinished">&amp;파일 %1</').encode()
    assert put(file, 0, "<", review=False) == QT.replace(' type="unfinished"></', ">&lt;</", 1).encode()
    assert b'<translation type="unfinished"><numerusform>%n</numerusform>' in put(file, 1, "%n")
    assert b'<source>missing</source><translation type="unfinished">x</translation>' in put(file, 4, "x")


def test_strings_of_android(tmp_path: Path) -> None:
    file = in_hand("strings.xml", ANDROID.encode())
    assert [(unit.name, unit.source, unit.state) for unit in file.units] == [
        ("a", "It's <g1>bold</g1>\n%1$s", "new"),
        ("b", "kept", "kept"),
        ("c", "@string/a", "kept"),
        ("d[0]", "one", "new"),
        ("d[1]", " two ", "new"),
        ("e[other]", "many <x1/>", "new"),
    ]
    assert (
        put(file, 0, 'C\'est <g1>"gras"</g1>')
        == ANDROID.replace("It\\'s <b>bold</b>\\n%1$s", 'C\\\'est <b>\\"gras\\"</b>').encode()
    )
    left, right = tmp_path / "en" / "strings.xml", tmp_path / "fr" / "strings.xml"
    for path, text in ((left, ANDROID), (right, ANDROID.replace(">one<", ">un<").replace('name="e"', 'name="f"'))):
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    pairs = read_two_files(str(left), str(right))
    assert ("one", "un") in list(zip(pairs.sources, pairs.targets, strict=True)) and len(pairs) == 4
    assert any("2 units of it or of" in note for note in pairs.notes)


TEXTS = st.text(st.sampled_from("abc 가😀&<>{}\"'\\ש\u00a0é@?"), min_size=1, max_size=30).map(lambda text: f"x{text}y")


@given(TEXTS, st.sampled_from([("a.tmx", TMX, 1), ("a.xlf", XLIFF, 1), ("a.xlf", XLIFF2, 0), ("a.ts", QT, 0), ("a.ts", QT, 4)]))
def test_what_was_put_in_is_read_again(text: str, sample: tuple[str, str, int]) -> None:
    name, content, place = sample
    file = in_hand(name, content.encode(), Wanted(target="ko"))
    changed = put(file, place, text)
    ElementTree.fromstring(changed)
    again = in_hand(name, changed, Wanted(target="ko"))
    assert [unit.target for unit in again.units] == [
        text if number == place else unit.target for number, unit in enumerate(file.units)
    ]
    for number, unit in enumerate(file.units):
        assert put(file, number, unit.target) == content.encode()


@given(TEXTS, st.sampled_from([0, 3, 4]))
def test_strings_that_were_put_in_are_read_again(text: str, place: int) -> None:
    file = in_hand("strings.xml", ANDROID.encode())
    changed = put(file, place, text)
    # The sample leaves the prefix xliff undeclared.
    ElementTree.fromstring(changed.replace(b"xliff:", b""))
    again = in_hand("strings.xml", changed)
    assert [unit.source for unit in again.units] == [
        text if number == place else unit.source for number, unit in enumerate(file.units)
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TMX[:300], "a.tmx:6: not XML"),
        ("<tmx>\n<a></b></tmx>", "a.tmx:2: not XML: mismatched tag"),
        ('<!DOCTYPE tmx [<!ENTITY a "b">]><tmx><tu/></tmx>', "a.tmx:1: an entity of its own, 'a', which is not read"),
        ("<tmx>" + "<a>" * 300, "a.tmx:1: elements within elements, more than 200 deep"),
        ('<?xml version="1.0" encoding="nonsense"?><tmx/>', "a.tmx"),
    ],
)
def test_what_is_broken_is_said(text: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        list(tmx.units(Document("a.tmx", text.encode())))


def test_pairs_of_several_kinds(tmp_path: Path) -> None:
    for name, text in (("a.tmx", TMX), ("a.xlf", XLIFF), ("a.ts", QT)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    pairs = read_pairs([str(tmp_path / name) for name in ("a.tmx", "a.xlf", "a.ts")], wanted=Wanted(source="en", target="ko"))
    assert pairs.sources == ("The <g1>cat</g1> & <x2/>dog", "done", "%n file(s)")
    notes = "\n".join(pairs.notes)
    assert "a.tmx: 4 units: 1 translated; left out: 2 without ko, 1 without en" in notes
    assert "a.xlf: 6 units: 2 translated" not in notes and "1 to be reviewed" in notes and "1 not to be translated" in notes


def test_real_memories(data_dir: Path) -> None:
    """Those that tools are tested with: what can be read is changed at one place alone, what cannot is said in one line."""
    paths = [path for path in sorted((data_dir / "files").rglob("*")) if path.suffix in (".tmx", ".xlf", ".xliff")]
    assert len(paths) > 50
    read = 0
    for path in paths:
        content = path.read_bytes()
        try:
            file = in_hand(path.name, content, Wanted(target="fr" if path.suffix == ".tmx" else None))
        except CorpusError:
            continue
        assert file.rewritten([]) == content
        for place, unit in list(enumerate(file.units))[:3]:
            if unit.state != "kept":
                changed = put(file, place, unit.source + "&")
                ElementTree.fromstring(changed)
                again = in_hand(path.name, changed, Wanted(target="fr"))
                assert again.units[place].target == unit.source + "&"
                read += 1
    assert read > 60


def streams(name: str, data: bytes, size: int, wanted: Wanted) -> list[tuple[object, ...]]:
    """The units of a document that is read block by block."""
    blocks = iter([data[start : start + size] for start in range(0, len(data), size)])
    found = format_of(name)
    assert found is not None
    units = function(found.units)(Document(name, blocks, wanted=wanted))
    return [(unit.where, *told(unit), unit.state, unit.why, unit.context) for unit in units]


@pytest.mark.parametrize("size", [7, 1_000, 1 << 20])
def test_reading_block_by_block_is_reading(data_dir: Path, size: int) -> None:
    count = 0
    for path in sorted((data_dir / "files").rglob("*")):
        found = format_of(path.name)
        if found is None or not found.streamed or (size == 7 and path.stat().st_size > 20_000):
            continue
        wanted = Wanted(source="en", target="fr")
        try:
            file = in_hand(path.name, path.read_bytes(), wanted)
        except CorpusError as error:
            if "nothing in it to translate" in error.message:
                assert all(unit[4] == "kept" for unit in streams(path.name, path.read_bytes(), size, wanted))
                continue
            with pytest.raises(CorpusError, match=re.escape(error.message.partition(": ")[2])):
                streams(path.name, path.read_bytes(), size, wanted)
            continue
        expected = [(unit.where, *told(unit), unit.state, unit.why, unit.context) for unit in file.units]
        assert streams(path.name, path.read_bytes(), size, wanted) == expected
        count += 1
    assert count > 20


def test_odd_memories_block_by_block() -> None:
    head = '<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4"><header srclang="en"/><body>'
    seg = '<tuv xml:lang="en"><seg>{}</seg></tuv><tuv xml:lang="ko"><seg>넷</seg></tuv></tu>'
    inside = "a&nbsp;b<!-- x -->c<?y z?>d &lt;<![CDATA[&e]]>"
    odd = f"{head}<!-- <tu> -->\n<tu>{seg.format(inside)}\n<tu>{seg.format('&odd;')}</body></tmx>"
    for size in (1, 5, 10_000):
        assert [(unit[0], unit[2]) for unit in streams("a.tmx", odd.encode(), size, Wanted())] == [
            (3, "a\xa0bcd <&e"), (4, "&odd;"),
        ]  # fmt: skip
    assert [told(unit)[1] for unit in in_hand("a.tmx", odd.encode()).units] == ["a\xa0bcd <&e", "&odd;"]
    deep = f"{head}<tu>{seg.format('<hi>' * 100_000 + 'x' + '</hi>' * 100_000)}</body></tmx>"
    outside = "<tmx>" + "<a>" * 100_000 + "</a>" * 100_000 + "</tmx>"
    own = '<!DOCTYPE tmx [<!ENTITY lol "lol">]>\n<tmx version="1.4"><body/></tmx>'
    for text, said in ((deep, "more than 200 deep"), (outside, "more than 200 deep"), (own, "an entity of its own, 'lol'")):
        for size in (1_000, 10_000_000):
            with pytest.raises(CorpusError, match=said):
                streams("a.tmx", text.encode(), size, Wanted())
    with pytest.raises(CorpusError, match=r"a.tmx:3: not XML: no element found"):
        streams("a.tmx", odd.encode()[:200].rpartition(b"<")[0], 50, Wanted())
