"""Each idea of the lecture has a command in both tours, a picture, a test that there is, and a place in the code."""

from __future__ import annotations

import importlib
import re
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import ROOT

TOURS = ("docs/tour.md", "docs/tour.ko.md")


@pytest.fixture(scope="module")
def modules() -> tuple[ModuleType, ModuleType]:
    folder = str(ROOT / "docs")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module("ideas"), importlib.import_module("run_tour")


def test_each_idea_is_whole(modules: tuple[ModuleType, ModuleType]) -> None:
    ideas, run_tour = modules
    assert len(ideas.IDEAS) == 32
    texts = {tour: (ROOT / tour).read_text(encoding="utf-8") for tour in TOURS}
    for row in ideas.IDEAS:
        for tour, text in texts.items():
            found = [command for command in run_tour.commands_of(text) if command.startswith(row.command)]
            assert found, f"{row.idea}: {row.command} is not in {tour}"
            section = re.split(r"^## ", text, flags=re.MULTILINE)[row.section]
            assert section.startswith(f"{row.section}.") and found[0].splitlines()[0] in section, (row.idea, tour)
        assert (ROOT / "docs" / "pictures" / f"{row.picture}.svg").stat().st_size > 2_000, row.picture
        for where, pattern in ((row.test, r"^def {}\("), (row.code, r"^ *(?:def|class) {}\b")):
            file, name = where.split(":")
            assert re.search(pattern.format(name), (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), where


def test_the_page_is_that_of_the_table(modules: tuple[ModuleType, ModuleType]) -> None:
    ideas, run_tour = modules
    tours: dict[str, Any] = {tour: list(run_tour.commands_of((ROOT / tour).read_text(encoding="utf-8"))) for tour in TOURS}
    seconds = dict.fromkeys([command for commands in tours.values() for command in commands], 0.0)

    def without_seconds(page: str) -> str:
        return re.sub(r" \| [\d.]+ \| \[", " | s | [", page)

    page = (ROOT / "docs" / "lecture.md").read_text(encoding="utf-8")
    assert without_seconds(page) == without_seconds(ideas.page(tours, seconds)), "python docs/run_tour.py --update"
