"""Closed and full streams over a table of commands: nothing escapes, work is not lost, exit codes say what happened.

What cannot be written to stdout is an error of one line, exit 1; a pipe whose reader has left ends quietly, exit 0; what
happens to stderr changes nothing; a training goes on in silence.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from campaign import COMPAT, Campaign, main, workplace, write_corpora
from children import Outcome, Streams, run

SMALL = ["--steps", "3", "--hidden", "8", "--layers", "1", "--threads", "1", "--batch-size", "4", "--bptt", "16"]
LINES = b"1 2 3\n\n7 0 7 9\n5 5 5\n0 1\n"
# Commands, what they exit with where nothing is wrong with their streams, and whether they have results to write.
TABLE: list[tuple[list[str], int, bool]] = [
    (["--help"], 0, True),
    (["--version"], 0, True),
    (["train", "--help"], 0, True),
    (["generate", "-m", "hybrid", "-n", "300", "--greedy", "-p", "The"], 0, True),
    (["generate", "-m", "lstm", "-n", "20", "--seed", "1", "-p", "The", "--json"], 0, True),
    (["generate", "-m", "none"], 1, False),
    (["generate", "--no-such-option"], 2, False),
    (["translate", "-m", "chars", "--threads", "1"], 0, True),
    (["translate", "-m", "chars", "--threads", "1", "corpora/sentences.txt", "--nbest", "2", "--scores"], 0, True),
    (["evaluate", "-m", "hybrid", "corpora/other.txt"], 0, True),
    (["evaluate", "-m", "chars", "--threads", "1", "corpora/few.tsv", "--json"], 0, True),
    (["score", "-m", "chars", "--threads", "1", "corpora/few.tsv"], 0, True),
    (["runs"], 0, True),
    (["runs", "--json"], 0, True),
    (["report", "-m", "hybrid", "-o", "page.html"], 0, True),
    (["explain", "surprise", "-m", "hybrid", "-p", "The rain"], 0, True),
    (["explain", "gates", "-m", "lstm", "The rain", "--json"], 0, True),
    (["explain", "attention", "-m", "chars", "1 2 3"], 0, True),
    (["explain", "positions"], 0, True),
    (["train", "corpora/poem.txt", "--dry-run", "--threads", "1"], 0, False),
    (["train", "corpora/poem.txt", "-o", "out", *SMALL], 0, False),
    (["train", "corpora/poem.txt", "-o", "out", "--arch", "markov"], 0, False),
    (["train", "corpora/missing.txt", "-o", "out"], 1, False),
]  # fmt: skip
STATES = ("full", "closed", "left", "unwritable")


def work(campaign: Campaign) -> None:
    """Each command with each stream in each state, then input that comes in pieces."""
    trials: list[Callable[[Campaign, Path, int], None]] = []
    for command, code, results in TABLE:
        for which in ("stdout", "stderr", "both", "stdin"):
            for state in STATES if which != "stdin" else ("closed", "unreadable"):
                trials.append(_broken(command, code, results, which, state))
    trials += [_slow(command) for command in (["translate", "-m", "chars", "--threads", "1"],
               ["train", "-", "-o", "out", "--arch", "markov"], ["generate", "-m", "hybrid", "-n", "5", "--greedy"],
               ["evaluate", "-m", "hybrid", "-"], ["score", "-m", "chars", "--threads", "1", "-"])]  # fmt: skip
    with workplace() as base:
        write_corpora(base / "home" / "corpora")
        for name in ("hybrid", "lstm", "chars"):
            shutil.copytree(COMPAT / "runs" / name, base / "home" / "runs" / name)
        run(
            ["translate", "-m", "chars", "--threads", "1"],
            cwd=base / "home",
            environment=_environment(),
            streams=Streams(LINES),
        )
        # A slice takes every so manieth, so that all of the table has its turn.
        step = max(1, len(trials) // campaign.trials) if campaign.only is None else 1
        campaign.trials = min(campaign.trials, len(trials))
        for number in campaign.numbers():
            shutil.rmtree(base / "trial", ignore_errors=True)
            shutil.copytree(base / "home", base / "trial")
            place = number if campaign.only is not None else (number * step + campaign.seed - 1) % len(trials)
            trials[place](campaign, base / "trial", place)


def _environment() -> dict[str, str]:
    return {"SEQGEN_RUNS": "runs"}


def _broken(command: list[str], code: int, results: bool, which: str, state: str) -> Callable[[Campaign, Path, int], None]:
    """A trial: one stream, or both that are written to, in one state."""

    def trial(campaign: Campaign, home: Path, number: int) -> None:
        made = [_made(home, state) for _ in range(2)]
        stdin: bytes | int | None = made[0] if which == "stdin" else LINES
        streams = Streams(stdin, made[0] if which in ("stdout", "both") else -1, made[1] if which in ("stderr", "both") else -1)
        done = run(command, cwd=home, environment=_environment(), streams=streams)
        for handle in made:
            if handle is not None:
                os.close(handle)
        _judge(campaign, number, command, done, code, results, which, state)
        if command[0] == "train" and "out" in command and code == 0 and not done.escaped:
            config = home / "out" / "config.json"
            if not config.is_file() or not json.loads(config.read_text())["finished"]:
                campaign.fault(f"training lost: {which} {state}", number, command, done.said)

    return trial


def _made(home: Path, state: str) -> int | None:
    """A descriptor in that state."""
    if state == "closed":
        return None
    if state == "left":
        reading, writing = os.pipe()
        os.close(reading)
        return writing
    if state == "unreadable":
        return os.open("/dev/null", os.O_WRONLY)
    return os.open("/dev/full", os.O_WRONLY) if state == "full" else os.open("/dev/null", os.O_RDONLY)


def _judge(
    campaign: Campaign, number: int, command: list[str], done: Outcome, code: int, results: bool, which: str, state: str
) -> None:
    said = f"{which} {state}: exit {done.code}\n{done.said[-300:]}"
    name = command[0] + (" --help" if "--help" in command else "")
    if done.escaped:
        campaign.fault(done.escaped, number, command, said)
        return
    allowed = {code}
    if which in ("stdout", "both") and results:
        allowed = {0} if state == "left" else {1}
    if which == "stdin":
        allowed |= {1, 2} if name in ("translate", "generate") or "-" in command else set()
    if done.code not in allowed:
        campaign.fault(
            f"exit {done.code} for {'/'.join(map(str, sorted(allowed)))}: {name}, {which} {state}", number, command, said
        )
    if (
        which == "stdout"
        and done.code == 1
        and not done.said.startswith(("error: ", "model: "))
        and "\nerror: " not in done.said
    ):
        campaign.fault(f"no message: {name}, {which} {state}", number, command, said)


def _slow(command: list[str]) -> Callable[[Campaign, Path, int], None]:
    """A trial: input that comes in pieces through a pipe that does not block; all of it is used."""

    def trial(campaign: Campaign, home: Path, number: int) -> None:
        data = (home / "corpora" / ("other.txt" if "hybrid" in command or "markov" in command else "few.tsv")).read_bytes()
        expected = run(command, cwd=home, environment=_environment(), streams=Streams(data))
        _keep(home, "whole")
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        writer = os.fork()
        if not writer:
            os.close(reading)
            for begin in range(0, len(data), len(data) // 4):
                os.write(writing, data[begin : begin + len(data) // 4])
                time.sleep(0.15)
            os._exit(0)
        os.close(writing)
        done = run(command, cwd=home, environment=_environment(), streams=Streams(reading))
        os.close(reading)
        os.waitpid(writer, 0)
        if done.escaped:
            campaign.fault(f"{done.escaped} (input that does not block)", number, command, done.said)
        elif (done.code, done.out) != (expected.code, expected.out) or _size(home / "out") != _size(home / "whole"):
            campaign.fault(
                f"input that does not block is cut off: {command[0]}",
                number,
                command,
                f"{done.out[:200]!r} for {expected.out[:200]!r}",
            )

    return trial


def _keep(home: Path, name: str) -> None:
    if (home / "out").exists():
        (home / "out").rename(home / name)


def _size(run_folder: Path) -> object:
    """What was trained on."""
    config = run_folder / "config.json"
    return json.loads(config.read_text())["corpus"]["symbols"] if config.is_file() else None


if __name__ == "__main__":
    main("streams", 1000, work, __doc__ or "")
