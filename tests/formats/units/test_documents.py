"""Documents: what they say in units, translated in its place; zip archives of which one member is edited."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.errors import CorpusError
from seqgen.formats import function
from seqgen.formats.document import Wanted
from seqgen.formats.inline import without_marks
from seqgen.formats.read import read_texts
from tests.formats.units.inhand import docx, in_hand, put, sources, zipped

PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>A title</title><style>p { x: "<p>" }</style></head><body>
<h1 class='a>b'>The <em>old</em> house</h1><!-- <p>no</p> -->
<p>
  One &amp; two
  lines<br>after a break <b>whole</b>.
</p><script>if (a < b) "<p>no</p>";</script><pre>as it  is</pre>
<ul><li>No end<li><a href="x?a=1&b=2">A <code>x < y</code> link</a></ul><p translate="no">Kept</p><p>12 &mdash; 3</p>
</body></html>
"""
MARKDOWN = """---
title: no unit
---
# A title #

A *paragraph* of
two lines with `code` and [a link](http://x.example/a_b "t").
A line  \nand another.

> Quoted **text**
> goes on.

1. First
   - [x] nested

| A | B |
|---|:-:|
| one `|` | two \\| three |

```sh
no unit
```

    no unit either

[ref]: http://x.example
"""


def test_a_page_is_read() -> None:
    file = in_hand("a.html", PAGE.encode())
    assert [without_marks(unit.source, unit.marks) for unit in file.units] == [
        "A title",
        "The old house",
        "One & two lines",
        "after a break whole.",
        "No end",
        "A link",
    ]
    assert [unit.where for unit in file.units] == [2, 3, 5, 6, 8, 8]
    assert file.units[1].marks == {"<g1>": "<em>", "</g1>": "</em>"}
    # An element around all of it stays outside.
    assert file.units[5].marks == {"<x1/>": "<code>x < y</code>"}
    assert put(file, 2, "Un < deux") == PAGE.replace("One &amp; two\n  lines", "Un &lt; deux").encode()
    korean = in_hand("a.html", '<meta charset="euc-kr"><p>안녕</p>'.encode("euc-kr"))
    assert sources(korean) == ["안녕"] and put(korean, 0, "가") == '<meta charset="euc-kr"><p>가</p>'.encode("euc-kr")
    assert put(korean, 0, "😀") == b'<meta charset="euc-kr"><p>&#128512;</p>'


SAID = """<html><head><meta name="description" content='Un "chat"'><meta name="keywords" content="a"><title>T</title>
<link rel="x" title="no"></head><body><div aria-label=Menü title="12"><p title="Über &amp; unter">The
<img src=a.png alt="a &quot;red&quot; boat"/> and <a href="x" title='b'>the <img alt="도시" src="c"> <b>town</b></a>.</p></div>
<p translate="no" title="no"><img alt="no"></p><code title="no">x</code><input type=text placeholder="Name
here"><textarea placeholder=Words>no</textarea><img alt=""></body></html>
"""


def test_attributes_that_people_read_are_units() -> None:
    file = in_hand("a.html", SAID.encode())
    assert [(unit.where, unit.name, without_marks(unit.source, unit.marks)) for unit in file.units] == [
        (1, "content", 'Un "chat"'),
        (1, "", "T"),
        (2, "aria-label", "Menü"),
        (2, "title", "Über & unter"),
        (2, "", "The and the town."),
        (3, "alt", 'a "red" boat'),
        (3, "title", "b"),
        (3, "alt", "도시"),
        (4, "placeholder", "Name\nhere"),
        (5, "placeholder", "Words"),
    ]
    assert put(file, 0, 'l\'"x"') == SAID.replace("'Un \"chat\"'", "'l&#39;\"x\"'").encode()
    assert put(file, 2, "메뉴 가") == SAID.replace("=Menü", '="메뉴 가"').encode()
    assert file.units[4].source == "The <x1/> and <g2>the <x3/> <g4>town</g4></g2>."
    # What a paragraph carries along may change place and be changed itself.
    edits = [
        *function(file.format.edits)(file.units[4], "<g2><g4>Stadt</g4> <x3/></g2> & <x1/>"),
        *function(file.format.edits)(file.units[5], "ein <Boot>"),
        *function(file.format.edits)(file.units[6], "B"),
        *function(file.format.edits)(file.units[7], "'서울'"),
    ]
    start, stop = SAID.index("The\n"), SAID.index("</p></div>")
    made = """<a href="x" title='B'><b>Stadt</b> <img alt="'서울'" src="c"></a> &amp; <img src=a.png alt="ein &lt;Boot&gt;"/>"""
    assert file.rewritten(edits) == (SAID[:start] + made + SAID[stop:]).encode() == file.rewritten(edits[::-1])


def test_attributes_are_not_learnt(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(SAID, encoding="utf-8")
    assert read_texts([str(tmp_path / "a.html")]).text == "T\nThe and the town.\n"


MARKS = ["<x1/>", "<g2>", "</g2>", "<x3/>"]
SENTENCES = st.text(st.sampled_from("ab 가😀&<>\"'=\n\tש;#"), max_size=12).map(lambda text: f"x{text}")


@given(st.lists(SENTENCES, min_size=10, max_size=10), st.permutations(MARKS), st.integers(0, 1023))
def test_attributes_that_were_put_in_are_read_again(texts: list[str], marks: list[str], chosen: int) -> None:
    file = in_hand("a.html", SAID.encode())
    one, two = sorted((marks.index("<g2>"), marks.index("</g2>")))
    marks[one], marks[two] = "<g2>", "</g2>"
    texts[4] = f"We {marks[0]} w {marks[1]} a {marks[2]} s {marks[3]} <g4>b</g4>"
    texts[1] = "U"
    picked = [place for place in range(len(file.units)) if chosen >> place & 1]
    edits = [edit for place in picked for edit in function(file.format.edits)(file.units[place], texts[place])]
    again = in_hand("a.html", file.rewritten(edits))
    expected = Counter(
        (unit.name, texts[place] if place in picked else unit.source) for place, unit in enumerate(file.units) if unit.name
    )
    assert Counter((unit.name, unit.source) for unit in again.units if unit.name) == expected
    assert file.rewritten([e for unit in file.units for e in function(file.format.edits)(unit, unit.source)]) == SAID.encode()


def test_markdown_is_read() -> None:
    file = in_hand("a.md", MARKDOWN.encode())
    assert [without_marks(unit.source, unit.marks) for unit in file.units] == [
        "A title",
        "A paragraph of two lines with and a link. A line",
        "and another.",
        "Quoted text",
        "goes on.",
        "First",
        "nested",
        "A",
        "B",
        "one ",
        "two | three",
    ]
    assert put(file, 0, "Un titre") == MARKDOWN.replace("# A title #", "# Un titre #").encode()
    assert put(file, 6, "1. a*b") == MARKDOWN.replace("nested", "1\\. a\\*b").encode()
    assert put(file, 10, "a|b") == MARKDOWN.replace("two \\| three", "a\\|b").encode()


TEXTS = st.text(st.sampled_from("abc 가😀&<>_*`|#[]()\\\"'ש-1.é"), min_size=1, max_size=30).map(
    lambda text: f"x{' '.join(text.split())}y"
)


@given(TEXTS, st.sampled_from([("a.html", PAGE), ("a.md", MARKDOWN)]), st.integers(0, 5))
def test_what_was_put_in_is_read_again(text: str, sample: tuple[str, str], place: int) -> None:
    name, content = sample
    file = in_hand(name, content.encode())
    again = in_hand(name, put(file, place, text))
    assert [without_marks(unit.source, unit.marks) for unit in again.units] == [
        text if number == place else without_marks(unit.source, unit.marks) for number, unit in enumerate(file.units)
    ]
    assert put(file, place, file.units[place].source) == content.encode()


BOLD = "<w:rPr><w:b/></w:rPr>"
BODY = (
    f'<w:p><w:pPr><w:jc w:val="left"/></w:pPr><w:r><w:t xml:space="preserve">One </w:t></w:r><w:r>{BOLD}<w:t>bo</w:t></w:r>'
    f'<w:proofErr w:type="x"/><w:r>{BOLD}<w:t>ld</w:t></w:r><w:r><w:tab/><w:t> &amp; two</w:t></w:r></w:p>'
    "<w:p/><w:p><w:r><w:t>12</w:t></w:r></w:p>"
    '<w:p><w:hyperlink r:id="r1"><w:r><w:t>A link</w:t></w:r></w:hyperlink><w:r><w:drawing><a>x</a></w:drawing></w:r></w:p>'
)


def test_word_documents() -> None:
    data = docx(BODY, footnotes="<w:footnotes><w:p><w:r><w:t>A note</w:t></w:r></w:p></w:footnotes>")
    file = in_hand("a.docx", data)
    assert sources(file) == ["One <g1>bold</g1><x2/> & two", "<g1>A link</g1><x2/>", "A note"]
    changed = put(file, 0, "<g1>Gras</g1> & <x2/>un < deux")
    again = in_hand("a.docx", changed)
    assert sources(again) == ["<g1>Gras</g1> & <x2/>un < deux", "<g1>A link</g1><x2/>", "A note"]
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(io.BytesIO(changed)) as after:
        assert before.namelist() == after.namelist() and after.comment == before.comment
        for info in before.infolist():
            other = after.getinfo(info.filename)
            assert (other.date_time, other.compress_type) == (info.date_time, info.compress_type)
            assert (before.read(info) == after.read(other)) == (info.filename != "word/document.xml")
        xml = after.read("word/document.xml").decode()
    assert xml.count('<w:jc w:val="left"/>') == 1 and f'<w:r>{BOLD}<w:t xml:space="preserve">Gras</w:t></w:r>' in xml
    assert "<w:drawing><a>x</a></w:drawing>" in xml and "<w:tab/>" in xml


def test_what_is_no_document_is_said() -> None:
    for name, data, message in (
        ("a.docx", b"no zip", "not a whole zip archive"),
        ("a.docx", docx(BODY)[:300], "not a whole zip archive"),
        ("a.docx", docx("<w:p/>"), "nothing in it to translate"),
    ):
        with pytest.raises(CorpusError, match=f"a.docx: {message}"):
            in_hand(name, data)


def test_texts_of_documents(tmp_path: Path) -> None:
    def text(name: str, data: bytes, wanted: Wanted | None = None) -> str:
        (tmp_path / name).write_bytes(data)
        return read_texts([str(tmp_path / name)], wanted=wanted or Wanted()).text

    assert text("a.docx", docx(BODY)) == "One bold & two\nA link\n"
    assert text("a.md", b"# One\n\n*two* three\n") == "One\ntwo three\n"
    assert text("a.md", b"# One\n\n*two* three\n", Wanted(markup=True)) == "# One\n\n*two* three\n"
    assert text("a.html", b"<p>One <b>two</b>") == "One two\n"
    items = "".join(
        f'<item id="{name}" href="{place}" media-type="application/xhtml+xml"/>'
        for name, place in (("b", "two%20.xhtml"), ("a", "1.xhtml"))
    )
    book = {
        "META-INF/container.xml": '<container><rootfile full-path="in/b.opf"/></container>',
        "in/b.opf": f'<package>{items}<spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
        "in/1.xhtml": "<h1>One</h1><p>a &amp; b</p>",
        "in/two .xhtml": "<p>Two</p>",
    }
    assert text("a.epub", zipped(book)) == "One\na & b\n\nTwo\n"
    content = '<text:h>T</text:h><text:p/><text:p>a<text:s text:c="2"/>b <text:span>c</text:span></text:p>'
    assert text("a.odt", zipped({"content.xml": content})) == "T\na  b c\n"


def test_real_documents(data_dir: Path) -> None:
    folder = data_dir / "files" / "omegat" / "filters"
    paths = [*sorted(folder.glob("*html/*.html")), *sorted(folder.glob("openXML/*.docx"))]
    assert len(paths) > 15
    for path in paths:
        content = path.read_bytes()
        file = in_hand(path.name, content)
        assert file.units and file.rewritten([]) == content
        for place, unit in list(enumerate(file.units))[:5]:
            again = in_hand(path.name, put(file, place, unit.source + " x"))
            assert [one.source for one in again.units] == [
                one.source + " x" * (number == place) for number, one in enumerate(file.units)
            ], path


SPOKEN = """\
<head><title>The harbour</title><meta name="description" content="About &quot;boats&quot; &amp; dogs">
<meta name="viewport" content="width=device-width"></head>
<img src=a.png alt='The dog&#39;s boat' title="">
<p>The cat <img src="b.png" alt="inline"> sleeps.</p>
<input placeholder="Search here" title=Search><div aria-label="menu" data-x='a alt="no"'></div>
<div translate="no"><img alt="not me"></div><svg><title>no</title></svg><img alt="한글" width=1>
"""


def test_attributes_that_are_read_aloud(tmp_path: Path) -> None:
    file = in_hand("a.html", SPOKEN.encode())
    assert [(unit.where, unit.name, unit.source) for unit in file.units] == [
        (1, "", "The harbour"), (1, "content", 'About "boats" & dogs'), (3, "alt", "The dog's boat"),
        (4, "", "The cat <x1/> sleeps."), (4, "alt", "inline"), (5, "placeholder", "Search here"), (5, "title", "Search"),
        (5, "aria-label", "menu"), (6, "alt", "한글"),
    ]  # fmt: skip
    path = tmp_path / "a.html"
    path.write_text(SPOKEN, "utf-8")
    assert read_texts([str(path)]).text == "The harbour\nThe cat sleeps.\n"
    assert put(file, 6, "Suche\n'x'") == SPOKEN.replace("title=Search", "title=\"Suche&#10;'x'\"").encode()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=9).filter(str.isalpha),
       st.sampled_from("'\"&<> é가"), st.integers(0, 8))  # fmt: skip
def test_attributes_are_read_again(text: str, sign: str, place: int) -> None:
    file = in_hand("a.html", SPOKEN.encode())
    unit = file.units[place]
    text += sign + "x" if unit.name else "x" + "".join(unit.marks)
    again = in_hand("a.html", put(file, place, text))
    assert [one.source for one in again.units if one.name] == [
        text if one is unit else one.source for one in file.units if one.name
    ]
