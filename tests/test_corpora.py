"""The embedded corpora are what they say they are: laws that hold over every line, checked from the text alone."""

from __future__ import annotations

import hashlib
import re
import runpy
import unicodedata
from pathlib import Path

import pytest

from tests.conftest import ROOT

CORPORA = ROOT / "corpora"
NAMES = ("english", "korean")


def text(name: str) -> str:
    return (CORPORA / f"{name}.txt").read_text(encoding="utf-8")


def scenes(name: str) -> list[str]:
    return [scene for scene in re.split(r"\n\n\n", text(name).rstrip("\n")) if scene.strip()]


@pytest.mark.parametrize("name", NAMES)
def test_checksums_size_and_form(name: str) -> None:
    data = (CORPORA / f"{name}.txt").read_bytes()
    sums = dict(reversed(line.split()) for line in (CORPORA / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    assert hashlib.sha256(data).hexdigest() == sums[f"{name}.txt"]
    assert len(data) >= 200_000 and unicodedata.is_normalized("NFC", data.decode())


@pytest.mark.parametrize("name", NAMES)
def test_the_scripts_write_the_same_bytes(name: str, tmp_path: Path) -> None:
    script = tmp_path / f"make_{name}.py"
    script.write_bytes((CORPORA / f"make_{name}.py").read_bytes())
    runpy.run_path(str(script), run_name="__main__")
    assert (tmp_path / f"{name}.txt").read_bytes() == (CORPORA / f"{name}.txt").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_quotes_and_brackets_close_on_their_line(name: str) -> None:
    for line in text(name).split("\n"):
        assert line.count('"') % 2 == 0 and line.count("(") == line.count(")"), line


@pytest.mark.parametrize("name", NAMES)
def test_speakers_take_turns_and_keep_their_manner(name: str) -> None:
    manners: dict[str, set[str]] = {}
    for scene in scenes(name):
        speeches = re.findall(r"^([^\s(][^:\n]*): (.+)$", scene, re.MULTILINE)
        speakers = [speaker for speaker, _ in speeches]
        cast = list(dict.fromkeys(speakers))
        assert len(speeches) >= 7 and speakers == [cast[i % len(cast)] for i in range(len(speakers))]
        for speaker, words in speeches:
            manners.setdefault(speaker, set()).add(words.split(" ")[0])
    assert len(manners) == 12


def test_english_verbs_agree_and_scenes_keep_their_thing() -> None:
    for scene in scenes("english"):
        thing = re.search(r"O the (\w+), the", scene)
        assert thing and len(set(re.findall(r"O the (\w+), the \1 of", scene))) == 1
        plural = thing[1].endswith("s") and thing[1] != "compass"
        verbs = re.findall(rf"\bthe {thing[1]} (?:that hung [\w ]+? )?(is|are|was|were)\b", scene)
        assert verbs and set(verbs) <= ({"are", "were"} if plural else {"is", "was"}), (thing[1], verbs)


def test_english_directions_agree_with_the_speaker() -> None:
    for name, direction in re.findall(r"^([A-Z. ]+): .*\n\((She|He) .*\)$", text("english"), re.MULTILINE):
        women = ("ANNA", "MRS. PELL", "OLD GRETA", "DOCTOR LIM", "LOTTIE", "IVY")
        assert direction == ("She" if name in women else "He")


def test_verses_rhyme() -> None:
    endings = {"ay": "ay", "ea": "ee", "ee": "ee", "me": "ee", "ht": "ight", "ne": "one", "wn": "one", "or": "or", "re": "or"}
    for scene in scenes("english"):
        verse = re.findall(r"^  (?!O the)(.+?)[,.]$", scene, re.MULTILINE)
        assert len(verse) == 4 and len({endings[line[-2:]] for line in verse}) == 1, verse


def test_korean_particles_follow_the_last_consonant() -> None:
    """The thing of each scene, wherever it stands with a particle of a pair, has the right one."""
    for scene in scenes("korean"):
        thing = re.search(r"아아 (\S+),", scene)
        assert thing
        word, closed = thing[1], (ord(thing[1][-1]) - 0xAC00) % 28 > 0
        wrong = ("는", "가", "를", "와") if closed else ("은", "이", "을", "과")
        for particle in wrong:
            assert not re.search(rf"{word}{particle} ", scene), (word, particle)


def test_korean_speakers_keep_their_level_of_politeness() -> None:
    endings = {"합쇼": r"(니다|니까)", "해요": r"(요)", "하오": r"(소|오)", "해": r"(어|야|니)"}
    levels: dict[str, set[str]] = {}
    for speaker, words in re.findall(r"^(\S[^:(\n]*): (.+)$", text("korean"), re.MULTILINE):
        outside = re.sub(r'"[^"]*"', "", words)
        found = [level for level, end in endings.items() if re.search(end + r"[.!?]$", outside)]
        assert len(found) == 1, words
        levels.setdefault(speaker, set()).update(found)
    assert len(levels) == 12 and all(len(level) == 1 for level in levels.values())
