"""Fuzzed inputs and options over all commands: an answer, or a message of one line; never a traceback, never a hang.

The options are those that the command line itself declares, whatever they are by now; values are drawn by type, most small
enough to be obeyed at once, the rest beyond every range. Streams are sometimes closed, full, or somebody's who has left.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
from pathlib import Path
from typing import Any

import click
from campaign import COMPAT, Campaign, main, workplace
from children import MEGABYTE, Outcome, Streams, run
from dirt import clean, dirty, write_input

SERVING = 3  # until a server is asked to end
SECONDS = 20.0
MEMORY = 1024 * MEGABYTE
RUNS = ("markov", "hybrid", "chars", "pieces")
# What every training is told first, so that it ends at once; a drawn option may say otherwise.
SMALL = ["--steps", "2", "--hidden", "8", "--layers", "1", "--threads", "1"]
WEIGHTS = {"train": 6, "generate": 6, "translate": 6, "evaluate": 4, "score": 3, "runs": 2, "report": 1, "explain": 5}
ODD = ("-1", "-5", "0", "1e30", "inf", "-inf", "nan", "1e-40", "1e46", "-0.0", "x", "", " ", "１", "1_0", "0x10",
       "1.5", "-1e-9",
       str(2**31), str(2**63), str(2**64), str(10**30), "true", "None", "1,2", "9" * 400)  # fmt: skip
TEXTS = ("The rain", "1 2", "", " ", "\n", "é", "가나", "\U0001f600", "\x00", "\x1b[31m", "a" * 3000, "\ud800", "- x",
       "\\n", "\\",
         "1,2", "2,1", "0,1", "1,1", "a,b", "1", "source,target", "source", "target", "1,2,3", "utf-8", "utf-16", "latin-1",
         "undefined", "idna", "hex", "cp949", "rot13", "no such", "zlib", "punycode", "utf-7", "all")  # fmt: skip
# Options that make a command as long or as large as they say: big values are obeyed, which is no fault.
LARGE = re.compile(
    r"^--(length|max-new-tokens|num-samples|beam-size|beam|nbest|steps|epochs|minutes|seconds|max|width|repeats|hidden|layers|"
    r"decoder-layers|ffn|embedding|batch-size|bptt|max-tokens|vocab-size|accumulate|distance|max-length|threads|heads|order)$|^-[nb]$"
)


def work(campaign: Campaign) -> None:
    """Draw a command, run it, judge it."""
    from seqgen.cli import cli

    found = declared(cli, [])
    with workplace() as base:
        prepare(base)
        for number in campaign.numbers():
            rng = campaign.rng(number)
            home = base / "trial"
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(base / "home", home)
            command = draw(found, home, rng)
            streams, said = draw_streams(home, rng)
            environment = {"HOME": str(home), "SEQGEN_RUNS": "runs", "TERM": rng.choice(("xterm", "dumb", ""))}
            before = end_by_itself if command[:1] == ["serve"] else None
            outcome = run(command, cwd=home, streams=streams, environment=environment, before=before, seconds=SECONDS)
            close(streams)
            judge(campaign, number, [os.fsdecode(word) for word in command], outcome, said)


def end_by_itself() -> None:
    """A server is asked to end once it has had time to begin; what has refused to serve is not."""

    def ask(number: int, frame: object) -> None:
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
            os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGALRM, ask)
    signal.setitimer(signal.ITIMER_REAL, SERVING)


def prepare(base: Path) -> None:
    """A folder with a few runs."""
    for name in RUNS:
        shutil.copytree(COMPAT / "runs" / name, base / "home" / "runs" / name)
    run(["translate", "-m", "runs/chars", "--threads", "1"], cwd=base / "home", streams=Streams(b"1 2\n"))
    run(["translate", "-m", "runs/pieces", "--threads", "1"], cwd=base / "home", streams=Streams(b"1 2\n"))


def declared(group: click.Group, path: list[str]) -> list[tuple[list[str], click.Command]]:
    """Every command with the words that name it."""
    found: list[tuple[list[str], click.Command]] = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found += declared(command, [*path, name]) if isinstance(command, click.Group) else [([*path, name], command)]
    return found


def draw(found: list[tuple[list[str], click.Command]], home: Path, rng: random.Random) -> list[str | bytes]:
    """A command with options and arguments."""
    path, command = rng.choices(found, [WEIGHTS.get(words[0], 2) / (7 if len(words) > 1 else 1) for words, _ in found])[0]
    words: list[str | bytes] = [*path]
    options = [one for one in command.params if isinstance(one, click.Option)]
    names = {name for option in options for name in option.opts}
    if path[0] == "train":
        words += SMALL if rng.random() < 0.85 else ["--arch", "markov"]
        words += [
            "-o",
            rng.choice(("out", "out", "out", "out", "runs/hybrid", "runs/markov", "runs", "/dev/null", "x/y/z", "a\x01")),
        ]
    elif path[-1] == "compare":
        words += ["--arch", "markov"]  # a network takes seconds to load, for each trial
    elif path[-1] == "gradients":
        words += ["--steps", "1", "--hidden", "4", "--distance", "3"]
    elif path[-1] == "memory":
        words += ["--max", "256", "--repeats", "1"]
    elif path[-1] in ("generate",):
        words += ["-n", "8"]
    if "--model" in names and rng.random() < 0.85:
        fitting = ("chars", "pieces") if path[-1] in ("translate", "score", "attention", "positions") else RUNS
        odd = ("runs/chars", "runs", "none", "", "~/runs/markov", "runs/markov/config.json", *RUNS)
        words += ["-m", rng.choice(fitting if rng.random() < 0.8 else odd)]
    drawn = [option for option in options if not option.is_eager or "--threads" in option.opts]
    for option in rng.sample(drawn, min(len(drawn), rng.choice((0, 0, 1, 1, 1, 2, 2, 4)))):
        words += option_words(option, home, rng)
    words += argument_words(path, command, home, rng)
    if path[0] == "train" and rng.random() < 0.15:
        words += [rng.choice(("--dry-run", "--overwrite"))]
    return [word if isinstance(word, bytes) else word.replace("\x00", "\x01") for word in words]


def option_words(option: click.Option, home: Path, rng: random.Random) -> list[str | bytes]:
    """An option and its value."""
    name = rng.choice([*option.opts, *option.secondary_opts])
    if name in ("--help", "-h", "--debug") or (name in ("-i", "--interactive") and rng.random() < 0.5):
        return []
    if option.is_flag:
        return [name]
    value = option_value(option, home, rng)
    if isinstance(value, str) and name.startswith("--") and rng.random() < 0.2:
        return [f"{name}={value}"]
    return [name, value]


def option_value(option: click.Option, home: Path, rng: random.Random) -> str | bytes:
    """A value by the option's type, or one of another type."""
    kind: Any = option.type
    if rng.random() < 0.06:
        return rng.choice((*ODD, *TEXTS))
    if isinstance(kind, click.Choice):
        return rng.choice([*map(str, kind.choices), "other"])
    if isinstance(kind, (click.types.IntParamType, click.IntRange)):
        return rng.choice(rng.choice((("1", "2", "3", "5", "8", "16"), ODD)))
    if isinstance(kind, (click.types.FloatParamType, click.FloatRange)):
        return rng.choice(rng.choice((("0.1", "0.5", "0.9", "1", "1.5", "2", "0.01", "1e-3"), ODD)))
    if isinstance(kind, (click.Path, click.File)) or option.metavar == "FILE":
        if "--output" in option.opts:
            return rng.choice(("out.png", "out.svg", "out.html", "out", "out.pdf", "/dev/full", "no/such/out.png",
            ".", "", "runs/out.svg",
                               "/dev/null", ".png", "out.PNG", "out.svg/", "é.html"))  # fmt: skip
        if "--runs-dir" in option.opts:
            return rng.choice(("runs", "runs", ".", "missing", "/dev/null", "", "runs/hybrid"))
        return write_input(home, rng)
    return rng.choice(TEXTS)


def argument_words(path: list[str], command: click.Command, home: Path, rng: random.Random) -> list[str | bytes]:
    """Files, or a text."""
    words: list[str | bytes] = []
    for argument in command.params:
        if not isinstance(argument, click.Argument):
            continue
        if path[0] == "explain" and path[-1] in ("attention", "shapes", "state", "gates", "context", "positions"):
            words += [rng.choice((*TEXTS[:14], "1 2 3", "The rain began"))]
        elif path[0] == "runs":
            words += rng.choices(
                (*RUNS, "runs/chars", "m*", "new", "", "..", "/", *TEXTS[:14]), k=rng.choice((0, 0, 1, 1, 1, 2))
            )
        else:
            words += [write_input(home, rng) for _ in range(rng.choice((0, 1, 1, 1, 1, 1, 2)))]
    return words


def draw_streams(home: Path, rng: random.Random) -> tuple[Streams, str]:
    """Usually something to read and room to write."""
    stdin: bytes | int | None = b""
    said = []
    how = rng.random()
    kind = rng.choice(("txt", "tsv", "jsonl"))
    if how < 0.4:
        stdin = dirty(clean(kind, rng), kind, rng)[:60_000]
        said.append(f"stdin {stdin[:40]!r}")
    elif how < 0.5:
        state = rng.choice(("closed", "/dev/null", "opened for writing", "unblocked"))
        said.append(f"stdin {state}")
        if state == "unblocked":
            stdin = _unblocked(clean(kind, rng))
        else:
            stdin = None if state == "closed" else os.open("/dev/null", os.O_WRONLY if "writing" in state else os.O_RDONLY)
    out: int | None = -1
    err: int | None = -1
    how = rng.random()
    if how < 0.12:
        which = rng.choice(("full", "closed", "left"))
        made = {"full": lambda: os.open("/dev/full", os.O_WRONLY), "closed": lambda: None, "left": _left}[which]()
        if rng.random() < 0.5:
            out = made
            said.append(f"stdout {which}")
        else:
            err = made
            said.append(f"stderr {which}")
    return Streams(stdin, out, err), ", ".join(said)


def _left() -> int:
    """A pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def _unblocked(data: bytes) -> int:
    reading, writing = os.pipe()
    os.write(writing, data[:60_000])
    os.close(writing)
    os.set_blocking(reading, False)
    return reading


def close(streams: Streams) -> None:
    """What was opened for a trial."""
    for handle in (streams.stdin, streams.out, streams.err):
        if isinstance(handle, int) and handle > 2:
            os.close(handle)


def judge(campaign: Campaign, number: int, command: list[str], outcome: Outcome, said: str) -> None:
    """Exit codes and messages."""
    text = f"{said}\n{outcome.said[-400:]}"
    obeyed = is_large(command)
    if outcome.hung:
        if obeyed:
            campaign.note("took as long as they were told")
        else:
            campaign.fault(f"{outcome.escaped} ({command[0]})", number, command, text)
        return
    if outcome.escaped:
        if (
            obeyed
            and re.match(r"MemoryError|RuntimeError at .*|_ArrayMemoryError", outcome.escaped)
            and "memory" in outcome.said.lower()
        ):
            campaign.fault(f"no memory: {outcome.escaped}", number, command, text)
        else:
            campaign.fault(outcome.escaped, number, command, text)
    elif outcome.code not in (0, 1, 2):
        campaign.fault(f"exit {outcome.code}: {command[0]}", number, command, text)
    elif outcome.code and "stderr" not in said and not re.search(r"(?mi)^error: ", outcome.said):
        campaign.fault(f"exit {outcome.code} without a message: {command[0]}", number, command, text)
    if outcome.memory > MEMORY and not obeyed:
        campaign.fault(f"memory: {command[0]}", number, command, f"{outcome.memory // MEGABYTE} MB; {text}")
    if "Warning" in outcome.said:
        place = re.search(r"[\w/]*seqgen/\S+?:\d+: \w*Warning", outcome.said)
        campaign.note(f"a library's warning shown: {place.group().rpartition('/seqgen/')[2] if place else command[0]}")
    campaign.note(f"exit {outcome.code}")


def is_large(command: list[str]) -> bool:
    """Whether a value was given that makes the command as long or large as it says."""
    words = [part for word in command for part in (word.split("=", 1) if word.startswith("--") else [word])]
    for name, value in zip(words, words[1:], strict=False):
        if LARGE.match(name.replace("_", "-")):
            try:
                number = float(value)
            except ValueError:
                continue
            if number > 16 or number == -1 or number != number:
                return True
    return "gradients" in command or "memory" in command


if __name__ == "__main__":
    main("fuzz", 20_000, work, __doc__ or "")
