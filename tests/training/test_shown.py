"""What a training shows: a first line for people, curves that go on where they stopped, sentences at the end."""

from __future__ import annotations

import io
import math
import os
import pty
import select
from pathlib import Path
from typing import Any

import pytest
from rich.console import ConsoleDimensions

from seqgen.commands.show_training import show
from seqgen.console import Console
from seqgen.draw.training.screen import LiveScreen, TrainingView
from seqgen.explain.figures import figures_of
from seqgen.run import Run
from seqgen.training.follower import Follower
from seqgen.training.progress import Progress
from seqgen.training.train import Request, Training
from tests.conftest import POEM

SMALL = {"arch": "hybrid", "hidden": 12, "batch_size": 4, "bptt": 16, "threads": 1}


def console(quiet: bool = False) -> tuple[Console, io.StringIO]:
    err = io.StringIO()
    return Console(io.StringIO(), err, quiet=quiet), err


def followed(poem: Path, path: Path, until: int = 10**9, **options: Any) -> tuple[TrainingView, list[str]]:
    """The view of a training at its end, or at a step at which it is stopped; and the lines that it printed."""
    seen = [0]
    training = Training(Request((str(poem),), path, {**SMALL, **options}), stop=lambda: seen[0] >= until)
    quiet, err = console()
    follower = Follower(quiet, None, "title", training)
    for told in training.tell():
        if isinstance(told, Progress):
            seen[0] = max(seen[0], told.step)
            follower.take(told)
    return follower.view, err.getvalue().split("\n")


def test_the_first_line_is_for_people_and_the_plan_comes_second(poem: Path, tmp_path: Path) -> None:
    view, lines = followed(poem, tmp_path / "run", steps=24)
    assert view.about == f"learning to write like poem: {len(POEM) * 6:,} characters, 24 steps"
    place = lines.index(view.about)
    assert lines[place + 1].startswith("plan: ")
    view, _ = followed(poem, tmp_path / "counted", arch="markov", hidden=None, batch_size=None, bptt=None, threads=None)
    assert view.about == f"learning to write like poem: {len(POEM) * 6:,} characters, by counting"


def test_curves_are_of_one_model_and_survive_a_resume(poem: Path, tmp_path: Path) -> None:
    stopped, _ = followed(poem, tmp_path / "run", until=13, steps=24)
    resumed, _ = followed(poem, tmp_path / "run", steps=24)
    rows = Run(tmp_path / "run").rows()
    assert [at for at, _ in resumed.valid] == [row["step"] for row in rows] and len(rows) >= 12
    assert resumed.valid[0] == stopped.valid[0] and resumed.train[0][0] <= stopped.valid[0][0]
    assert [bits for _, bits in resumed.valid] == pytest.approx([row["network_approximate"] / math.log(2) for row in rows])
    assert resumed.mixed == pytest.approx(rows[-1]["valid_approximate"] / math.log(2))


def test_a_run_in_minutes_shows_all_of_it_too(poem: Path, tmp_path: Path) -> None:
    followed(poem, tmp_path / "run", steps=12)
    seconds = [row["seconds"] for row in Run(tmp_path / "run").rows()]
    view, _ = followed(poem, tmp_path / "run", until=13, steps=None, minutes=60)
    assert view.about.endswith("60 minutes") and [at for at, _ in view.valid][: len(seconds)] == seconds


def test_the_figures_are_those_of_the_run(poem: Path, tmp_path: Path) -> None:
    followed(poem, tmp_path / "run", steps=24)
    run = Run(tmp_path / "run")
    found = figures_of(run)
    assert found.size == len(POEM) * 6 and found.counts and found.learns and found.exact is None
    assert found.passes == pytest.approx(24 * 4 * 16 / run.info.corpus["train"])
    assert [point.step for point in found.curve] == [row["step"] for row in run.rows()]
    assert found.used == run.info.scores["mix"]["bits_per_char"] and found.counting == run.info.baselines["counting"]
    assert found.copied is not None and found.repeated is not None
    # The poem is there six times: its held-out end repeats what was learnt.
    assert found.repeated[0] == found.repeated[1] > 0 and found.copied[0] <= found.copied[1]


@pytest.mark.parametrize("quiet", [False, True])
def test_the_end_says_what_it_means_unless_it_is_to_be_quiet(quiet: bool, poem: Path, tmp_path: Path) -> None:
    into, err = console(quiet)
    show(into, Request((str(poem),), tmp_path / "run", {**SMALL, "steps": 24}))
    assert ("counting" in err.getvalue()) != quiet
    assert ("is better than" in err.getvalue() or "as good as" in err.getvalue()) != quiet


def written(master: int) -> str:
    """All that a terminal has received so far."""
    parts = []
    while select.select([master], [], [], 0.1)[0]:
        parts.append(os.read(master, 100_000))
    return b"".join(parts).decode()


def test_a_terminal_of_another_size_gets_a_screen_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    master, terminal = pty.openpty()
    with open(terminal, "w", encoding="utf-8") as err:
        into = Console(io.StringIO(), err)
        into.rich().size = ConsoleDimensions(80, 24)
        with LiveScreen(into) as screen:
            screen.show(TrainingView("a run"))
            screen.show(TrainingView("a run"))
            assert "\x1b[H" not in written(master)
            into.rich().size = ConsoleDimensions(40, 20)
            screen.show(TrainingView("a run"))
            drawn = written(master).replace("\r", "")
    assert "\n" * 20 + "\x1b[H" in drawn, "what was there is in the scrollback"
    os.close(master)
