"""The tours say what works: their commands parse, their pictures are there, and both lead to the same places."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest

from seqgen.cli import main
from seqgen.commands.explain import EXPLAINED
from tests.conftest import ROOT

TOURS = [ROOT / "docs" / name for name in ("tour.md", "tour.ko.md")]


def script() -> ModuleType:
    folder = str(ROOT / "docs")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module("run_tour")


def seqgen_commands(path: Path) -> list[list[str]]:
    """The arguments of every `seqgen` in a tour, whatever stands before and behind it in a pipe."""
    found = []
    for command in script().commands_of(path.read_text(encoding="utf-8")):
        words = shlex.split(command)
        starts = [i for i, word in enumerate(words) if word == "seqgen"]
        for start in starts:
            end = next((i for i in range(start, len(words)) if words[i] in ("|", ">")), len(words))
            found.append(words[start + 1 : end])
    return found


@pytest.mark.parametrize("path", TOURS, ids=lambda path: path.name)
def test_every_command_is_one_that_there_is(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands = seqgen_commands(path)
    shown = {words[1] for words in commands if words[0] == "explain"}
    assert shown == set(EXPLAINED)
    for words in {tuple(words) for words in commands}:
        # Options are looked up before help is given: a misspelt one is a usage error.
        with pytest.raises(SystemExit) as done:
            main([*words, "--help"])
        assert done.value.code == 0, capsys.readouterr().err


@pytest.mark.parametrize("path", TOURS, ids=lambda path: path.name)
def test_outputs_and_pictures_are_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    pictures = re.findall(r"!\[.+\]\((pictures/[\w-]+\.svg)\)", text)
    assert len(pictures) == 8 and all((path.parent / picture).stat().st_size > 5_000 for picture in pictures)
    silent = ("--quiet", "printf", "head -c")
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = entry.partition("\n")
            assert output.strip() or any(word in command for word in silent), f"no output behind {command}"


def test_outputs_are_renewed_and_the_middle_of_long_ones_left_out(tmp_path: Path) -> None:
    module = script()
    page = tmp_path / "page.md"
    page.write_text("a\n\n```console\n$ one \\\n  more\nold\n$ two\n```\nb\n", encoding="utf-8")
    assert list(module.commands_of(page.read_text())) == ["one \\\n  more", "two"]
    long = "".join(f"{number}\n" for number in range(500))
    module.update(page, {"one \\\n  more": "new \n", "two": long})
    text = page.read_text()
    assert text.startswith("a\n\n```console\n$ one \\\n  more\nnew\n$ two\n0\n1\n") and text.endswith("\n499\n```\nb\n")
    assert "\n...\n" in text and text.count("\n") < 100
    assert module.run("exit 3", tmp_path)[0] == 3 and module.run("echo 1; echo 2 >&2", tmp_path) == (0, "1\n2\n")
