"""Texts that are given: escapes in the values of options, and the form that files are read in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import seqgen
from seqgen.commands.texts import option_text, unescaped
from seqgen.errors import CorpusError
from seqgen.formats.given import as_read
from seqgen.formats.read import read_texts


@pytest.mark.parametrize(
    ("written", "stands_for"),
    [
        (r"\n\t\r", "\n\t\r"),
        (r"a\\nb", r"a\nb"),
        (r"\\\n", "\\\n"),
        (r"\xe9\u00e9\u1f600", "éé\u1f600"),
        (r"\uD83D\uDE00!", "😀!"),
        # Whatever else there is stays: other letters, what is cut short, halves of a character.
        (r"\d+ \0 \U0001F600 C:\dir", r"\d+ \0 \U0001F600 C:\dir"),
        (r"\x4 \u12 \ud83d \ude00\ud83d x\ ", r"\x4 \u12 \ud83d \ude00\ud83d x\ "),
        ("\\", "\\"),
        ("", ""),
    ],
)
def test_escapes(written: str, stands_for: str) -> None:
    assert unescaped(written) == stands_for


@given(st.text())
def test_doubled_backslashes_say_what_stands_there(text: str) -> None:
    assert unescaped(text.replace("\\", "\\\\")) == text


def test_a_value_that_is_not_utf_8_is_an_error() -> None:
    with pytest.raises(CorpusError, match="--stop: character 2, 0xE9, is not UTF-8"):
        option_text("\\\udce9", "--stop")


@given(text=st.text(st.sampled_from(["a", "e", "\u0301", "\r", "\n", "\ufeff", "\u1112", "\u1161", "\u11ab", "Å"]), min_size=1))
def test_what_is_given_is_read_as_a_file_is(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "given.txt"
    path.write_bytes(text.encode())
    if as_read(text):
        assert as_read(text) == read_texts([str(path)]).text


def test_programs_give_texts_as_they_are(runs: Path) -> None:
    run = seqgen.open_run(runs / "markov")
    options = {"length": 200, "seed": 3}
    whole = "".join(run.generate("caf\u00e9\nnine;\n", **options))
    assert whole == "".join(run.generate("\ufeffcafe\u0301\r\nnine;\r\n", **options))
    assert whole.split("\n")[0] == "".join(run.generate("caf\u00e9\nnine;\n", stop="\r\n", **options))
    assert whole == "".join(run.generate("caf\u00e9\nnine;\n", stop=r"\n", **options))
    assert run.evaluate("The rain\r\n") == run.evaluate("The rain\n")
