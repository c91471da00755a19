"""Subtitles: cues in, the same file out with what is said translated; two files paired by time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.errors import CorpusError
from seqgen.formats.inline import without_marks
from seqgen.formats.read import read_texts, read_two_files
from seqgen.formats.subtitles.cues import Cue, balanced
from tests.formats.units.inhand import in_hand, put, sources

SRT = """1
00:00:01,000 --> 00:00:02,500
The sailor sees the boat
and <i>sings</i>.

2
00:00:03,000 --> 00:00:04,000
- Who sings?
- The sailor.

3
00:00:05,000 --> 00:00:06,000
{\\an8}At -5 degrees & less.
"""
VTT = (
    "WEBVTT - title\n\nSTYLE\n::cue { color: red }\n\nNOTE 00:01 is no cue\n\nintro\n00:01.000 --> 00:02.000 align:start\n"
    "<v Roger>Tom &amp; <00:01.500>Ann &lt;3\n"
)
ASS = (
    "[Script Info]\nTitle: x\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\b1}Yes, sir,{\\b0}\\Nsaid\\hhe.\n"
    "Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,not said\n"
    "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}\n"
)


def test_cues_are_read_as_they_are_said() -> None:
    file = in_hand("a.srt", SRT.encode())
    plain = [without_marks(unit.source, unit.marks) for unit in file.units]
    assert plain == ["The sailor sees the boat and sings.", "Who sings?\nThe sailor.", "At -5 degrees & less."]
    assert [unit.where for unit in file.units] == [2, 7, 12]
    vtt = in_hand("a.vtt", VTT.encode())
    assert [without_marks(unit.source, unit.marks) for unit in vtt.units] == ["Tom & Ann <3"]
    ass = in_hand("a.ass", ASS.encode())
    assert [(without_marks(unit.source, unit.marks), unit.state) for unit in ass.units] == [
        ("Yes, sir, said\u00a0he.", "new"),
        ("m 0 0 l 1 1", "kept"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_only_what_is_said_changes(end: str, mark: bytes) -> None:
    data = mark + SRT.replace("\n", end).encode()
    file = in_hand("a.srt", data)
    assert file.rewritten([]) == data
    changed = put(file, 0, file.units[0].source.replace("The sailor", "선원이 😀"))
    assert (
        changed
        == mark + SRT.replace("The sailor sees the boat\nand", "선원이 😀 sees the\nboat and").replace("\n", end).encode()
    )
    assert put(file, 2, file.units[2].source) == data


def test_files_without_blank_lines_numbers_or_a_last_line_end() -> None:
    crowded = "1\n0:0:1,0 --> 0:0:2,0\none\n2\n0:0:3,0 --> 0:0:4,0\ntwo\n\n\n0:0:5,0 --> 0:0:6,0\n\n0:0:7,0 --> 0:0:8,0\nfour"
    file = in_hand("a.srt", crowded.encode())
    assert sources(file) == ["one", "two", "", "four"]
    assert put(file, 3, "vier") == (crowded[:-4] + "vier").encode()
    for name in ("a.srt", "a.vtt", "a.ass"):
        with pytest.raises(CorpusError, match=f"{name}:1: no subtitle in it"):
            in_hand(name, b"only a text\n")
    with pytest.raises(CorpusError, match="a.ass:1: expected 10 fields with commas between, found 2"):
        in_hand("a.ass", b"Dialogue: 0,0\n")


TEXTS = st.text(st.sampled_from("abc 가나😀&<>{}\\\"'ש-5é"), min_size=1, max_size=40)


@given(TEXTS, st.sampled_from([("a.srt", SRT), ("a.vtt", VTT), ("a.ass", ASS)]))
def test_what_was_put_in_is_read_again(text: str, sample: tuple[str, str]) -> None:
    name, content = sample
    text = " ".join(text.split())
    file = in_hand(name, content.encode())
    if name.endswith("srt"):
        text = text.replace("<", "").replace("{", "").replace("-", "")
    if name.endswith("ass"):
        text = text.replace("{", "(").replace("}", ")").replace("\\", "")
    text = text.strip(" -")
    changed = put(file, 0, text)
    again = in_hand(name, changed)
    assert again.units[0].source.split() == text.split()
    assert [unit.source for unit in again.units[1:]] == [unit.source for unit in file.units[1:]]


def test_lines_are_of_about_the_same_length() -> None:
    cue = Cue(0, 0, 0, 0, "\n", 2, None)
    assert balanced("one two three four five six", {}, cue) == ["one two three", "four five six"]
    assert balanced("one", {}, cue) == ["one"]
    assert balanced("그는 배를 보고 노래를 부릅니다", {}, cue._replace(lines=1, line_length=10)) == [
        "그는 배를 보고",
        "노래를 부릅니다",
    ]
    assert balanced("彼は船を見て、歌を歌います。", {}, cue) == ["彼は船を見て、", "歌を歌います。"]
    assert balanced("a <g1>bb cc</g1> d", {"<g1>": "<i>", "</g1>": "</i>"}, cue) == ["a <g1>bb", "cc</g1> d"]
    assert balanced("incomprehensibilities of it", {}, cue._replace(line_length=10)) == ["incomprehensibilities", "of it"]


def test_two_files_are_paired_by_time(tmp_path: Path) -> None:
    def cue(*cues: tuple[int, int, str]) -> str:
        return "".join(f"{n}\n00:00:{a:02},000 --> 00:00:{b:02},000\n{text}\n\n" for n, (a, b, text) in enumerate(cues, 1))

    left, right = tmp_path / "en.srt", tmp_path / "fr.srt"
    left.write_text(cue((1, 3, "one"), (4, 8, "two and more"), (10, 11, "alone"), (12, 14, "last")), encoding="utf-8")
    right.write_text(cue((1, 3, "un"), (4, 6, "deux"), (6, 8, "et plus"), (12, 13, "dernier")), encoding="utf-8")
    pairs = read_two_files(str(left), str(right))
    assert list(zip(pairs.sources, pairs.targets, strict=True)) == [
        ("one", "un"),
        ("two and more", "deux et plus"),
        ("last", "dernier"),
    ]
    assert any("1 subtitle of it or of" in note for note in pairs.notes)
    assert read_texts([str(left)]).text == "one\ntwo and more\nalone\nlast\n"


def test_real_files(data_dir: Path) -> None:
    """What players and tools are tested with: read, and not changed by what is not translated."""
    for path, encoding in (
        ("subtitles/ascii.srt", "utf-8"),
        ("subtitles/gb2312.srt", "gb2312"),
        ("omegat/filters/srt/file-SrtFilter.srt", "utf-8"),
        ("omegat/filters/srt/file-SrtFilter-mixedEol.srt", "utf-8"),
    ):
        content = (data_dir / "files" / path).read_bytes()
        file = in_hand(path, content, encoding=encoding)
        assert len(file.units) > 2 and all(unit.source for unit in file.units)
        assert put(file, 1, file.units[1].source + "!") != content
        edits = [put(file, place, unit.source) for place, unit in enumerate(file.units) if len(unit.source) < 40]
        assert content in edits
