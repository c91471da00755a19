"""`explain shapes`, `explain state` and `explain gates --at` on the command line, over small runs of every cell."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgen.cli import main
from tests.conftest import ROOT

COMPAT, TINY = ROOT / "tests" / "compat" / "runs", ROOT / "checkpoints"
TEXT = "The rain began.\nIt went on."
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Say]:
    """Run the command line in this process; return exit code, stdout and stderr."""
    monkeypatch.setattr("seqgen.threads.limit_threads", lambda count: None)
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def run(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["explain", *map(str, arguments)])
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    yield run
    for number, handler in kept.items():
        signal.signal(number, handler)


def record(say: Say, *arguments: object) -> dict[str, Any]:
    code, out, err = say(*arguments, "--json", "-q")
    assert code == 0 and not err, err
    found: dict[str, Any] = json.loads(out)
    return found


def words_of(drawn: str) -> str:
    assert max(map(len, drawn.splitlines())) <= 80 and "\x1b" not in drawn
    return " ".join(drawn.split())


def test_shapes_needs_no_run_and_no_words(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = say("shapes")
    said = words_of(out)
    assert code == 0 and not err and "(3, 5, 4) -> (3, 5, 2)" in said and "16 parameters" in said
    assert "batch 3: three words were given. length 5: each has five letters." in said and "(5, 3, 4)" in said
    assert record(say, "shapes", "--time-first")["input_shape"] == [5, 3, 4]
    assert record(say, "shapes", "--seed", 2)["output"] != record(say, "shapes")["output"]
    code, out, err = say("shapes", "hello", "hell", "-o", "x.svg")
    assert code == 1 and "'hell': expected 5 letters" in err and not out and not (tmp_path / "x.svg").exists()
    assert say("shapes", "--hidden", "65")[0] == 2
    assert say("shapes", "한글", "글한", "--arch", "lstm", "--layers", 2, "-o", "x.html")[0] == 0
    assert "한글" in Path("x.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["rnn", "gru", "lstm", "hybrid", "lstm-byte"])
def test_state_over_a_text(name: str, say: Say) -> None:
    found = record(say, "state", "-m", COMPAT / name, TEXT)
    h = np.array(found["h"])
    assert len(found["symbols"]) == len(TEXT) == len(h) and len(found["shown_units"]) == 8
    assert (found["c"] is None) == (found["cell"] != "lstm")
    # The step taken apart is the last, and leads to the last state.
    step = found["step"]
    assert (step["line"], step["column"], step["symbol"]) == (2, 11, ".")
    np.testing.assert_allclose(step["h"], h[-1], atol=1e-7)
    np.testing.assert_allclose(step["h_before"], h[-2], atol=1e-7)
    assert found["remembers"]["h"][0] == 1 and found["remembers"]["first"] == "T" != found["remembers"]["instead"]
    code, out, _ = say("state", "-m", COMPAT / name, TEXT, "--units", 3)
    said = words_of(out)
    assert code == 0 and f"used {len(TEXT)} times" in said and "reading '.' at 2:11, after" in said
    assert ("explain gates -m" in said) == (name != "rnn") and ("written out" in said) == (name == "rnn")


def test_the_hint_of_state_leads_to_the_same_step(say: Say) -> None:
    _, out, _ = say("state", "-m", COMPAT / "gru", TEXT, "--at", "1:5", "-q")
    command = " ".join(out.split()).split("seqgen explain ")[-1].removesuffix(", and the same text.").split()
    by_state = record(say, "state", "-m", COMPAT / "gru", TEXT, "--at", "1:5")["step"]
    assert record(say, *command, TEXT)["step"] == by_state and by_state["symbol"] == "r"


@pytest.mark.parametrize("name", ["gru", "lstm", "hybrid", "lstm-byte"])
def test_gates_at_a_place(name: str, say: Say) -> None:
    found = record(say, "gates", "-m", COMPAT / name, TEXT, "--at", "2:1")
    step = found["step"]
    assert (step["line"], step["column"], step["symbol"], step["index"]) == (2, 1, "I", 16)
    part = {row["letter"]: {key: np.array(row[key]) for key in ("from_input", "from_state", "value")} for row in step["parts"]}
    h, before = np.array(step["h"]), np.array(step["h_before"])
    if name == "gru":
        n = np.tanh(part["n"]["from_input"] + part["r"]["value"] * part["n"]["from_state"])
        z = 1 / (1 + np.exp(-part["z"]["from_input"] - part["z"]["from_state"]))
        np.testing.assert_allclose(h, (1 - z) * n + z * before, atol=1e-5)
    else:
        i, f, o = (1 / (1 + np.exp(-part[letter]["from_input"] - part[letter]["from_state"])) for letter in "ifo")
        g = np.tanh(part["g"]["from_input"] + part["g"]["from_state"])
        c = f * np.array(step["c_before"]) + i * g
        np.testing.assert_allclose(step["c"], c, atol=1e-5)
        np.testing.assert_allclose(h, o * np.tanh(c), atol=1e-5)
    code, out, _ = say("gates", "-m", COMPAT / name, TEXT, "--at", "2:1", "--units", 2)
    said = words_of(out)
    assert code == 0 and "reading 'I' at 2:1, after" in said and f"Unit {found['shown_units'][0]}, written out:" in said
    assert ("c = f * c before + i * g" in said) == (name != "gru") and "half-life" not in said


def test_places_are_those_of_surprise(say: Say) -> None:
    """Of the most surprising symbols, some of them Korean in a model of bytes."""
    text = "The 비 began.\n\nIt 왔다 on."
    worst = record(say, "surprise", "-m", COMPAT / "lstm-byte", "-p", text, "--worst", 40)
    for place in worst["worst"]:
        at = f"{place['line']}:{place['column']}"
        index = record(say, "gates", "-m", COMPAT / "lstm-byte", text, "--at", at)["step"]["index"]
        spelt = worst["symbols"][index]["text"]
        assert spelt == text.split("\n")[place["line"] - 1][place["column"] - 1 : place["column"]] or spelt == "\n"
    assert len(worst["worst"]) == len(text.encode())


@pytest.mark.parametrize("text", ["T", "TT", "\n\n\n", "a" * 500, "비가 온다"])
def test_odd_texts_are_shown(text: str, say: Say) -> None:
    for name in ("rnn", "lstm"):
        code, out, err = say("state", "-m", COMPAT / name, text, "--units", 99)
        assert code == 0 and words_of(out) and "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("state",), 2, "give a text"),
        (("state", "a", "-f", "b"), 2, "exclude each other"),
        (("state", "a", "--encoding", "utf-8"), 2, "belongs to --file"),
        (("state", ""), 2, "empty"),
        (("state", "ab", "-m", COMPAT / "rnn", "--layer", 2), 1, "--layer: expected 1 to 1, found 2"),
        (("state", "ab", "-m", COMPAT / "rnn", "--at", "2:1"), 1, "--at 2:1: expected a line from 1 to 1"),
        (("state", "ab", "-m", COMPAT / "rnn", "--at", "1:3"), 1, "--at 1:3: expected a column from 1 to 2"),
        (("state", "ab", "--at", "end"), 2, "expected LINE:COLUMN"),
        (("state", "ab", "-m", COMPAT / "markov"), 1, "a Markov model counts"),
        (("state", "ab", "-m", COMPAT / "pieces"), 1, "seqgen explain attention"),
        (("gates", "ab", "-m", COMPAT / "gru", "--at", "1:3"), 1, "--at 1:3: expected a column from 1 to 2"),
        (("gates", "ab", "-m", COMPAT / "rnn", "--at", "1:1"), 1, "a plain RNN has no gates"),
    ],
    ids=lambda value: " ".join(map(str, value[:4])) if isinstance(value, tuple) else "",
)
def test_mistakes_are_said_in_a_line(arguments: tuple[object, ...], code: int, says: str, say: Say) -> None:
    found, out, err = say(*arguments)
    assert found == code and says in err and not out and "Traceback" not in err


@pytest.mark.parametrize("kind", ["svg", "html"])
def test_pictures(kind: str, say: Say, tmp_path: Path) -> None:
    for arguments in (("state", "-m", COMPAT / "rnn", TEXT), ("gates", "-m", COMPAT / "gru", TEXT, "--at", "1:3"), ("shapes",)):
        file = tmp_path / f"{arguments[0]}.{kind}"
        assert say(*arguments, "-q", "-o", file)[0] == 0 and file.stat().st_size > 3_000
