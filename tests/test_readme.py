"""Both READMEs have the same commands, and each is one that there is."""

from __future__ import annotations

import importlib
import shlex
import sys
from types import ModuleType

import pytest

from seqgen.cli import main
from tests.conftest import ROOT

PAGES = ("README.md", "README.ko.md")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    folder = str(ROOT / "docs")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module("run_readme")


def commands(script: ModuleType, page: str) -> list[str]:
    found: list[str] = script.commands_of((ROOT / page).read_text(encoding="utf-8"))
    return found


def test_both_languages_have_the_same_commands(script: ModuleType) -> None:
    english, korean = (commands(script, page) for page in PAGES)
    assert english == korean and len(english) > 30


def test_every_command_is_one_that_there_is(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    for command in commands(script, PAGES[0]):
        if command.startswith("import "):
            continue
        words = shlex.split(command, comments=True)
        start = words.index("seqgen") if "seqgen" in words else None
        if start is None:
            assert words[0] == "printf", command
            continue
        end = next((i for i in range(start, len(words)) if words[i] in ("|", ">", "<")), len(words))
        # Options are looked up before help is given: a misspelt one is a usage error.
        with pytest.raises(SystemExit) as done:
            main([*words[start + 1 : end], "--help"])
        assert done.value.code == 0, f"{command}: {capsys.readouterr().err}"


@pytest.mark.parametrize(
    ("command", "cut"),
    [
        ("seqgen train corpus.txt", "seqgen train corpus.txt --steps 2"),
        ("seqgen train corpus.txt --minutes 20", "seqgen train corpus.txt --steps 2"),
        ("zcat *.gz | seqgen train - --arch markov", "zcat *.gz | seqgen train - --arch markov"),
        ("seqgen compare corpus.txt --steps 200 --equal", "seqgen compare corpus.txt --equal --steps 2 --overwrite"),
        ("seqgen generate -n 300", "seqgen generate -n 300"),
        ('import seqgen\nseqgen.train("a", minutes=10)', 'import seqgen\nseqgen.train("a", steps=2)'),
    ],
)
def test_trainings_are_cut_down(script: ModuleType, command: str, cut: str) -> None:
    assert script.cut_down(command) == cut


def test_what_is_a_command(script: ModuleType) -> None:
    page = (
        'text `seqgen x`\n\n    $ echo "a # b" | seqgen translate   # says\n    Le chat.\n\nmore\n\n'
        "    import seqgen\n    run = 1  # one\n"
    )
    assert script.commands_of(page) == ['echo "a # b" | seqgen translate', "import seqgen\nrun = 1"]
