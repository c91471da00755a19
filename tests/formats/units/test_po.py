"""PO catalogues: what gettext reads and writes, with msgfmt as the judge."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.errors import CorpusError
from seqgen.formats.catalogues import po
from seqgen.formats.catalogues.rule import rule_in
from seqgen.formats.document import Wanted
from seqgen.formats.read import read_pairs
from tests.formats.units.inhand import in_hand, put, told

PO = """# A catalogue
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);\\n"

#. for the menu
#: a.c:1
msgid "&Open"
msgstr ""

#, c-format
msgctxt "button"
msgid ""
"two "
"lines\\n"
"of %s\\n"
msgstr "\\"deux\\"\\n"
"%s\\n"

#, fuzzy, c-format
#| msgid "old"
msgid "new %d"
msgstr "nouveau %d"

msgid "%d file"
msgid_plural "%d files"
msgstr[0] "eins"
msgstr[1] ""

#~ msgid "gone"
#~ msgstr "parti"
"""


def test_messages() -> None:
    file = in_hand("a.po", PO.encode())
    assert [(*told(unit), unit.state, unit.why) for unit in file.units] == [
        ("", "&Open", "", "new", "not translated"),
        ("button", "two lines\nof %s\n", '"deux"\n%s\n', "done", ""),
        ("", "new %d", "nouveau %d", "unsure", "fuzzy"),
        ("", "%d file", "eins", "done", ""),
        ("", "%d files", "", "new", "not translated"),
        ("", "%d files", "", "new", "not translated"),
        ("", "", "", "kept", "obsolete"),
    ]
    assert file.units[0].context == "for the menu" and file.units[0].where == 9 and file.units[1].where == 13


def test_translations_are_fuzzy_until_somebody_has_looked() -> None:
    file = in_hand("a.po", PO.encode())
    opened = put(file, 0, "&Ouvrir")
    assert opened == PO.replace('msgid "&Open"\nmsgstr ""', '#, fuzzy\nmsgid "&Open"\nmsgstr "&Ouvrir"').encode()
    assert put(file, 0, "&Ouvrir", review=False) == PO.replace('Open"\nmsgstr ""', 'Open"\nmsgstr "&Ouvrir"').encode()
    assert b'#, fuzzy, c-format\nmsgctxt "button"' in put(file, 1, "un\n")
    assert b'#, c-format\n#| msgid "old"\nmsgid "new %d"\nmsgstr "neuf %d"' in put(file, 2, "neuf %d", review=False)
    added = put(file, 5, "viele")
    assert b'msgstr[1] ""\nmsgstr[2] "viele"\n' in added and b'#, fuzzy\nmsgid "%d file"' in added


def test_long_translations_are_broken_as_gettext_does() -> None:
    file = in_hand("a.po", PO.replace("\n", "\r\n").encode())
    changed = put(file, 0, "word " * 30 + "end\nnext").decode()
    lines = changed.partition('msgstr ""\r\n"word')[2].split("\r\n")
    assert all(len(line) <= 78 for line in lines) and changed.count("\n") == changed.count("\r\n")
    assert in_hand("a.po", changed.encode()).units[0].target == "word " * 30 + "end\nnext"


TEXTS = st.text(st.sampled_from('ab 가😀"\\n\n\tש%'), min_size=1, max_size=120)


@given(TEXTS, st.integers(0, 5), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_was_put_in_is_read_again(text: str, place: int, end: str, review: bool) -> None:
    data = PO.replace("\n", end).encode()
    file = in_hand("a.po", data)
    again = in_hand("a.po", put(file, place, text, review))
    expected = [unit.target for unit in file.units]
    expected[place] = text
    if place == 5:
        assert again.units[5].target == text
    assert [unit.target for unit in again.units] == expected
    assert all(put(file, number, unit.target) == data for number, unit in enumerate(file.units))


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext is not installed")
def test_msgfmt_takes_what_was_written(tmp_path: Path) -> None:
    file = in_hand("a.po", PO.encode())
    for place, text in ((0, "ouvrir"), (1, "deux\n%s, à la ligne\n"), (2, "neuf %d")):
        (tmp_path / "a.po").write_bytes(put(file, place, text, review=False))
        done = subprocess.run(
            ["msgfmt", "--check-format", "-o", "/dev/null", str(tmp_path / "a.po")], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext is not installed")
def test_msgfmt_takes_real_catalogues_that_were_translated(data_dir: Path, tmp_path: Path) -> None:
    """msgfmt --check has nothing to say of them that it did not say of them as they were: many repeat a message, or lack a
    header."""

    def complaints(data: bytes) -> set[str]:
        (tmp_path / "a.po").write_bytes(data)
        command = ["msgfmt", "--check", "-o", "/dev/null", str(tmp_path / "a.po")]
        said = subprocess.run(command, capture_output=True).stderr.decode(errors="replace")
        return {re.sub(r"\d+", "", line).strip() for line in said.splitlines()}

    put_in = 0
    for path in sorted((data_dir / "files").rglob("*.po")):
        data = path.read_bytes()
        file = in_hand(path.name, data)
        units = [unit for unit in file.units if unit.state != "kept"]
        edits = [edit for unit in units for edit in po.edits(unit, unit.source.replace(" ", " é", 1), review=False)]
        assert complaints(file.rewritten(edits)) <= complaints(data), path.name
        put_in += len(units)
    assert put_in > 2_000


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("nplurals=1; plural=0;", (1, 0, True)),
        ("nplurals=2; plural=n != 1;", (2, 0, False)),
        ("nplurals=2; plural=(n > 1);", (2, 0, True)),
        ("nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;", (6, 1, False)),
        ("nplurals=2; plural=__import__('os');", None),
        ("nplurals=2; plural=n/0;", None),
        ("nplurals=1; plural=n;", None),
        ("nplurals=2; plural=" + "(" * 500 + "n" + ")" * 500, None),
        ("", None),
    ],
)
def test_rules_of_plurals(rule: str, expected: tuple[int, int, bool] | None) -> None:
    assert rule_in(f"Plural-Forms: {rule}\n") == expected


def test_plurals_without_a_rule_are_left() -> None:
    file = in_hand("a.pot", b'msgid "a"\nmsgstr ""\n\nmsgid "b"\nmsgid_plural "c"\nmsgstr[0] ""\nmsgstr[1] ""\n')
    assert [(unit.state, unit.why) for unit in file.units[1:]] == [("kept", "a plural without a rule in the header")] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('msgid "a\nmsgstr "b"\n', r"a.po:1: not a line of a PO catalogue: 'msgid \"a'"),
        ('msgid "a"\nmsgstr "b"\nnonsense\n', "a.po:3: not a line"),
        ('"alone"\n', "a.po:1: not a line"),
    ],
)
def test_what_is_broken_is_said(text: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        in_hand("a.po", text.encode())


def test_encodings(tmp_path: Path) -> None:
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset={}\\n"\n\n'
    for name, said in (("euc-kr", "EUC-KR"), ("utf-8", "EUC-KR"), ("utf-8", "CHARSET")):
        data = (header.format(said) + 'msgid "one"\nmsgstr "하나"\n').encode(name)
        file = in_hand("a.po", data)
        assert file.units[0].target == "하나"
        changed = data.replace("하나".encode(name), "둘".encode(name))
        assert put(file, 0, "둘") == changed.replace(b'\nmsgid "one"', b'\n#, fuzzy\nmsgid "one"')
    (tmp_path / "a.po").write_bytes(PO.encode())
    pairs = read_pairs([str(tmp_path / "a.po")])
    assert pairs.sources == ("two lines", "of %s", "%d file") and pairs.targets == ('"deux"', "%s", "eins")
    assert "a.po: 7 units: 2 translated; left out: 3 not translated, 1 fuzzy, 1 obsolete" in "\n".join(pairs.notes)


@pytest.mark.parametrize("header", ["", 'msgid ""\nmsgstr "Content-Type: text/plain; charset=CHARSET\\n"\n\n'])
def test_an_encoding_that_no_header_names_is_guessed(header: str) -> None:
    text = header + 'msgid "a"\nmsgstr "파일을 열 수 없습니다"\n\nmsgid "b"\nmsgstr "저장하고 있습니다"\n'
    file = in_hand("a.po", text.encode("cp949"))
    assert file.units[1].target == "저장하고 있습니다" and "read and written as cp949" in "\n".join(file.document.notes)
    assert put(file, 1, "저장", review=False) == text.replace("저장하고 있습니다", "저장").encode("cp949")
    # What a header names is held to, and what nothing speaks for is not guessed.
    with pytest.raises(CorpusError, match="is not UTF-8") as raised:
        in_hand("a.po", ('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n' + text).encode("cp949"))
    assert "--encoding cp949" in str(raised.value.hint)
    with pytest.raises(CorpusError, match="a.po:2: byte offset 17: 0xFF is not UTF-8"):
        in_hand("a.po", b'msgid "a"\nmsgstr \xff\xfe\x80\n')


def test_real_catalogues(data_dir: Path) -> None:
    paths = [*sorted((data_dir / "files" / "catalogues").glob("*.po")), *sorted((data_dir / "files").glob("omegat/**/po/*.po"))]
    assert len(paths) > 12
    for path in paths:
        content = path.read_bytes()
        file = in_hand(path.name, content)
        assert file.rewritten([]) == content
        for place, unit in list(enumerate(file.units))[:4]:
            if unit.state != "kept":
                again = in_hand(path.name, put(file, place, unit.source + ' "x"\n'))
                assert again.units[place].target == unit.source + ' "x"\n' and len(again.units) == len(file.units)


def test_what_is_fuzzy_is_learnt_where_it_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.po").write_bytes(PO.encode())
    assert "new %d" in read_pairs([str(tmp_path / "a.po")], wanted=Wanted(review=True)).sources
