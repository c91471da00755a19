"""Comparisons: killed and resumed they come out the same, their runs are nobody's last run, and mistakes are one line."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgen.cli import main
from seqgen.config import Config
from seqgen.errors import CheckpointError, ConfigError
from seqgen.explain.comparison import Figures
from seqgen.explain.exhibits.comparison import see
from seqgen.families import family_of
from seqgen.families.base import Facts
from seqgen.run import Run, find, latest, shelf
from seqgen.training.comparison.members import archs_named, equal_settings, members_of, orders_named
from seqgen.training.comparison.process import Child
from tests.conftest import POEM

KOREAN = "나는 배를 타고 강을 건넜다. 비가 내렸다.\n" * 60
# A small network takes some tenths of a second for these.
STEPS = 48

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line in this process: exit code, stdout, stderr."""
    monkeypatch.setattr("seqgen.threads.limit_threads", lambda count: None)

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def untimed(text: str) -> dict[str, Any]:
    """The record of a comparison without what a clock or the memory says."""
    record: dict[str, Any] = json.loads(text)
    for model in record["models"]:
        for name in ("seconds", "symbols_per_second", "memory_bytes"):
            del model[name]
        for point in model["curve"]:
            del point["seconds"]
    return record


def until(arguments: Sequence[object], said: str, sent: int) -> tuple[int, str]:
    """Start a comparison, send it a signal once it has said something, wait; the exit code and all that it said."""
    command = [sys.executable, "-m", "seqgen", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith(said):
                process.send_signal(sent)
                break
        lines += process.stderr
    return process.returncode, "".join(lines)


def test_killed_and_resumed_is_never_interrupted(poem: Path, tmp_path: Path, cli: Cli) -> None:
    whole = ("compare", poem, "--steps", STEPS, "--arch", "markov,rnn", "--json", "--threads", 1, "--runs-dir")
    parts = tmp_path / "b"
    code, expected, said = cli(*whole, tmp_path / "a")
    assert code == 0 and "markov: done (1 of 2)" in said and "rnn: plan: rnn 1 x 64" in said
    rnn = parts / "poem-compared" / "rnn"

    code, said = until((*whole, parts), "rnn  ", signal.SIGINT)
    assert code == 130 and said.endswith("stopped; the same command goes on from there\n") and "stopping after" in said
    stopped = Run(rnn).info
    assert 0 < stopped.step < STEPS and not stopped.finished

    code, said = until((*whole, parts), "rnn: continuing", signal.SIGKILL)
    assert code == -9 and "markov: has finished before" in said and f"at step {stopped.step:,}" in said
    # Nobody trains on: its process has ended with the parent, and another one may go on at once.
    code, found, said = cli(*whole, parts)
    assert code == 0 and "markov: has finished before" in said and "rnn: done (2 of 2)" in said, said
    assert untimed(found) == untimed(expected) and untimed(found)["models"][1]["curve"]
    ours, theirs = Run(rnn).arrays("weights"), Run(tmp_path / "a" / "poem-compared" / "rnn").arrays("weights")
    assert ours.keys() == theirs.keys() and all(np.array_equal(ours[name], theirs[name]) for name in ours)
    record = json.loads(found)
    assert all(model["memory_bytes"] > 20e6 for model in record["models"]) and record["steps"] == STEPS

    # Once all have finished there is nothing to train, and no budget has to be named.
    code, again, said = cli("compare", poem, "--arch", "rnn", "--runs-dir", parts, "-o", tmp_path / "page.html")
    assert code == 0 and "rnn: all have finished" in said and f"learns for {STEPS} steps" in " ".join(again.split())
    assert "<svg" in (tmp_path / "page.html").read_text(encoding="utf-8")
    code, _, said = cli("compare", poem, "--arch", "rnn", "--runs-dir", parts, "--steps", STEPS + 1)
    assert code == 1 and f"--steps: is {STEPS}, asked for {STEPS + 1}" in said
    code, _, said = cli("compare", poem, "--arch", "rnn", "--runs-dir", parts, "--minutes", 1)
    assert code == 1 and "--minutes: is not set, asked for 1.0" in said and "--overwrite begins" in said


def test_orders_in_one_command_and_runs_apart(poem: Path, tmp_path: Path, cli: Cli) -> None:
    command = ("compare", poem, "--arch", "markov", "--runs-dir", tmp_path, "--order")
    code, out, _ = cli(*command, "1,3", "--json")
    models = json.loads(out)["models"]
    assert code == 0 and [(model["name"], model["order"]) for model in models] == [("markov-1", 1), ("markov-3", 3)]
    assert models[1]["bits_per_char"] < models[0]["bits_per_char"] and models[1]["parameters"] > models[0]["parameters"]
    # The one that there is stays as it was, the new one is added.
    before = (tmp_path / "poem-compared" / "markov-3" / "config.json").stat()
    code, out, err = cli(*command, "3,6")
    assert code == 0 and "markov-3: has finished before (1 of 2)" in err and "markov-6: done (2 of 2)" in err
    after = (tmp_path / "poem-compared" / "markov-3" / "config.json").stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)
    assert "Counting: of the orders 3, 6" in " ".join(out.split())
    # They are found by name, and by nothing else.
    assert shelf(tmp_path) == ([], []) and find("poem-compared/markov-6", tmp_path).info.config.order == 6
    with pytest.raises(CheckpointError, match="no finished"):
        latest(None, tmp_path)
    assert cli("runs", "--runs-dir", tmp_path)[1] == ""
    code, out, _ = cli("generate", "-m", "poem-compared/markov-3", "--runs-dir", tmp_path, "-n", 5)
    assert code == 0 and len(out) == 6
    code, _, err = cli("train", poem, "--arch", "markov", "-o", tmp_path / "poem-compared")
    assert code == 1 and "a folder with other files in it" in err


def test_another_text_or_other_options_are_named(tmp_path: Path, cli: Cli) -> None:
    text = tmp_path / "a.txt"
    text.write_text(POEM * 5, encoding="utf-8")
    command = ("compare", text, "--arch", "markov", "--runs-dir", tmp_path / "runs")
    assert cli(*command)[0] == 0
    config = tmp_path / "runs" / "a-compared" / "markov" / "config.json"
    before = config.read_bytes()
    code, _, err = cli(*command, "--tokenizer", "byte", "--equal")
    assert code == 1 and "--tokenizer: is not set, asked for byte" in err and "--equal: is off, asked for on" in err
    text.write_text(POEM * 6, encoding="utf-8")
    code, _, err = cli(*command)
    assert code == 1 and "the text: is a.txt (" in err and err.count("\n") == 2 and config.read_bytes() == before
    # A folder whose notes are gone: the runs know it themselves.
    (config.parent.parent / "comparison.json").unlink()
    code, _, err = cli(*command)
    assert code == 1 and "the corpus: is a.txt" in err and "--runs-dir" in err and " -o" not in err
    code, out, _ = cli(*command, "--overwrite", "--json")
    assert code == 0 and json.loads(out)["train"] + json.loads(out)["held_out"] == len(POEM * 6)
    notes = json.loads((config.parent.parent / "comparison.json").read_text(encoding="utf-8"))
    assert config.read_bytes() != before and not notes["begins_anew"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "name a FILE"),
        (["-"], 1, "can be read once"),
        (["none.txt"], 1, "no such file"),
        (["PAIRS"], 1, "but compare is for texts"),
        (["POEM", "--arch", "lstn"], 1, "did you mean 'lstm'?"),
        (["POEM", "--arch", "markov,,rnn"], 1, "there is no architecture ''"),
        (["POEM", "--arch", "perceptron"], 1, "there is no architecture"),
        (["POEM", "--arch", "gru,markov,gru"], 1, "gru is named twice"),
        (["POEM", "--arch", "gru", "--order", "1,2"], 1, "not among --arch"),
        (["POEM", "--order", "1,1"], 1, "1 is named twice"),
        (["POEM", "--order", "1,x"], 1, "from 0 to 30"),
        (["POEM", "--order", "31"], 1, "from 0 to 30"),
        (["POEM", "--steps", "5", "--minutes", "1"], 2, "exclude each other"),
        (["POEM", "-o", "picture.txt"], 2, "ends in .png"),
        (["POEM", "--encoding", "klingon"], 1, "klingon"),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, list) else "",
)
def test_mistakes_are_one_line(
    arguments: list[str], code: int, said: str, poem: Path, digits: Path, tmp_path: Path, cli: Cli
) -> None:
    words = [{"POEM": str(poem), "PAIRS": str(digits)}.get(word, word) for word in arguments]
    found, out, err = cli("compare", *words, "--runs-dir", tmp_path / "runs")
    assert found == code and said in err and not out and "Traceback" not in err, err
    assert (code == 2 or err.count("\n") <= 2) and not (tmp_path / "runs").exists()


def test_a_run_in_the_place_of_the_folder_stays(poem: Path, tmp_path: Path, cli: Cli) -> None:
    assert cli("train", poem, "--arch", "markov", "-o", tmp_path / "poem-compared")[0] == 0
    code, _, err = cli("compare", poem, "--arch", "markov", "--runs-dir", tmp_path, "--overwrite")
    assert code == 1 and "a run, expected the folder of a comparison" in err
    assert Run(tmp_path / "poem-compared").info.finished


@pytest.mark.parametrize(("text", "held_out"), [("abcdefghij klmnopqrs", False), (KOREAN, True)], ids=["tiny", "Korean"])
def test_other_texts(text: str, held_out: bool, tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "글"
    folder.mkdir()
    (folder / "a.txt").write_text(text, encoding="utf-8")
    code, out, err = cli("compare", folder, "--arch", "markov", "--runs-dir", tmp_path / "runs")
    assert code == 0 and (tmp_path / "runs" / "글-compared" / "markov").is_dir(), err
    assert ("too short to hold any of it out" in " ".join(out.split())) == (not held_out)
    assert max(map(len, out.split("\n"))) <= 80


def test_what_looks_like_pairs_can_be_insisted_on(digits: Path, tmp_path: Path, cli: Cli) -> None:
    code, out, _ = cli("compare", digits, "--task", "language", "--arch", "markov", "--json", "--runs-dir", tmp_path)
    assert code == 0 and json.loads(out)["models"][0]["bits_per_char"] > 0


def test_who_takes_part() -> None:
    assert archs_named(None) == ("markov", "rnn", "gru", "lstm", "transformer", "hybrid")
    assert archs_named("gru, rnn") == (
        "gru",
        "rnn",
    )
    assert orders_named(None) == () and orders_named("12,0") == (12, 0)
    with pytest.raises(ConfigError, match="twice"):
        orders_named("1,01")
    options = {"minutes": 2.0, "seed": 3, "tokenizer": "byte", **equal_settings(Facts(30_000, 60))}
    members = members_of(("markov", "rnn", "lstm", "hybrid"), (1, 2), options)
    assert [member.name for member in members] == ["markov-1", "markov-2", "rnn", "lstm", "hybrid"]
    assert members[0].options == {"task": "language", "arch": "markov", "tokenizer": "byte", "order": 1}
    rnn, lstm, hybrid = (dict(member.options) for member in members[2:])
    assert rnn.pop("arch") == "rnn" and lstm.pop("arch") == "lstm" and hybrid.pop("arch") == "hybrid"
    assert rnn == lstm == hybrid and rnn["minutes"] == 2.0 and "order" not in hybrid


def test_equal_settings_are_the_smallest_that_are_planned() -> None:
    facts = Facts(30_000, 60)
    found = equal_settings(facts)
    every = []
    for arch in ("rnn", "gru", "lstm", "transformer"):
        config = Config(arch=arch)
        network = family_of(config).network
        assert network is not None
        planned = network.sized(network.default(network.begin(config, facts), facts), facts, None)
        assert all(found[name] <= (getattr(planned, name) or math.inf) for name in found)
        assert (found["lr"] == planned.lr) == (arch == "rnn")
        every.append(planned)
    assert all(found[name] in {getattr(planned, name) for planned in every} for name in found)


def test_a_child_says_what_is_wrong_and_how_it_ended(tmp_path: Path) -> None:
    with Child([str(tmp_path / "none")], tmp_path / "run", {"task": "language", "arch": "markov"}) as child:
        (report,) = child.reports()
        assert "no such file" in report["error"]
    with Child([str(tmp_path / "none")], tmp_path / "run", {"task": "language", "arch": "markov"}) as child:
        os.kill(child._process.pid, signal.SIGKILL)
        assert not [report for report in child.reports() if "done" in report] and child.last_words() == "signal 9"


def figures(name: str, bits: float | None, gates: int | None = None, **rest: Any) -> Figures:
    """A member that was never trained."""
    counts = name.startswith("markov")
    values: dict[str, Any] = {
        "arch": name, "order": None, "seconds": 60.0, "steps": 0 if counts else 100, "symbols": 9000, "passes": 3.0,
        "speed": None if counts else 1000.0, "parameters": 1000, "memory": 200_000_000, "curve": (), "sample": "a b\nc",
        "plan": "", "gates": gates, "counts": counts, "alone": not counts and name != "hybrid",
    }  # fmt: skip
    if not counts and bits is not None:
        values["curve"] = ((20.0, 50, bits + 1), (40.0, 100, bits + 0.02))
    return Figures(name=name, bits=bits, **{**values, **rest})


CORPUS = {"names": ["a.txt"], "sha256": "0", "train": 3000, "valid": 300}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([figures("rnn", 2.5, 1), figures("gru", 2.2, 3)], "gru predicts the held-out text best, 2.200 bits a character"),
        ([figures("rnn", 2.5, 1), figures("gru", 2.505, 3)], "gru is as good, with 0.005 more"),
        ([figures("rnn", 2.5, 1), figures("gru", 2.2, 3)], "and predicts 0.300 bits a character better"),
        ([figures("gru", 2.5, 3), figures("rnn", 2.2, 1)], "Against rnn, gru has 1 times the parameters"),
        ([figures("gru", 2.5, 3), figures("rnn", 2.2, 1)], "predicts 0.300 bits a character worse"),
        ([figures("lstm", 2.2, 4), figures("markov", 2.5)], "The best network alone, lstm, is 0.300 bits better than counting"),
        ([figures("lstm", 2.7, 4), figures("markov", 2.5)], "No network alone is as good as counting alone (markov, 1:00)"),
        ([figures("lstm", 2.5, 4), figures("markov", 2.5)], "is no better than counting alone"),
        ([figures("rnn", 2.9, 1), figures("transformer", 2.7), figures("markov", 2.5), figures("hybrid", 2.5)],
         "here: transformer is 0.200 bits worse"),
        ([figures("transformer", 2.2), figures("rnn", 2.5, 1)], "Against rnn, transformer has 1 times the parameters"),
        ([figures("markov-1", 3.0, order=1), figures("markov-3", 2.2, order=3), figures("markov-9", 2.195, order=9)],
         "3 is enough, 2.200 bits; looking back 9 changes -0.005"),
        ([figures("markov", None), figures("rnn", None, 1)], "The text is too short to hold any of it out"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_said_follows_from_the_figures(found: list[Figures], said: str) -> None:
    exhibit, record = see(found, CORPUS, {"minutes": 1.0}, {})
    assert any(said in sentence for sentence in exhibit.sentences), exhibit.sentences
    assert [model["name"] for model in record["models"]] == [one.name for one in found]
    ranked = [one for one in found if one.bits is not None]
    assert record["best"] == (min(ranked, key=lambda one: one.bits or 0).name if ranked else None)


def test_a_curve_ends_with_the_exact_score_and_counting_is_a_level() -> None:
    found = [figures("markov", 2.4), figures("rnn", 2.2, 1)]
    for budget, points in (({"minutes": 1.0}, [(20 / 60, 3.2), (40 / 60, 2.2)]), ({"steps": 100}, [(50.0, 3.2), (100.0, 2.2)])):
        chart = see(found, CORPUS, budget, {"hidden": 64})[0].panels[0]
        assert chart.series[1].points == points  # type: ignore[union-attr]
        assert {bits for _, bits in chart.series[0].points} == {2.4}  # type: ignore[union-attr]
    assert "Equal settings for all networks: hidden 64." in see(found, CORPUS, {"steps": 100}, {"hidden": 64})[0].sentences
