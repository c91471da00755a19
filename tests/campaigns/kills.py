"""Kills: at random moments, and at every fsync, rename, unlink, mkdir and write of a training and of what surrounds it.

A training that was killed (up to three times) and begun again by the same command leaves a run folder that is the same, file
by file, as that of one never killed, times apart. What is killed inside --overwrite or a conversion leaves the old model
or the new one, and the same command succeeds.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from breaking import Deaths, save_always
from campaign import Campaign, main, workplace, write_corpora
from children import Outcome, Streams, run
from compare import contents, differences

NETWORK = ["--hidden", "8", "--layers", "1", "--batch-size", "4", "--bptt", "16", "--threads", "1", "--device", "cpu",
           "--dropout", "0.3", "--accumulate", "2", "--average", "0.99"]  # fmt: skip
PAIRS = ["--hidden", "8", "--layers", "1", "--heads", "2", "--ffn", "16", "--max-tokens", "300", "--valid-frac",
"0.1", "--threads", "1", "--device",
         "cpu", "--dropout", "0.1", "--accumulate", "2", "--average", "0.99"]  # fmt: skip
TEXT, OTHER, DIGITS = "corpora/poem.txt", "corpora/other.txt", "corpora/digits.tsv"
GENERATE = ["generate", "-m", "run", "-n", "20", "--greedy"]
TRANSLATE = ["translate", "-m", "run", "--threads", "1", "corpora/sentences.txt"]
OUT = ["-o", "run"]


@dataclass
class Workload:
    """A command to be killed in a folder that `begin` has made ready; `use` has to answer afterwards."""

    name: str
    command: list[str]
    begin: list[list[str]] = field(default_factory=list)
    use: list[str] | None = None
    compared: bool = True
    # Found out once, by a run that is not killed.
    moments: int = 0
    seconds: float = 0.0
    expected: dict[str, str] = field(default_factory=dict)
    answers: set[bytes] = field(default_factory=set)
    created: str = ""
    order: list[int] = field(default_factory=list)


def trainings() -> list[Workload]:
    """Of texts and of pairs, begun and continued."""
    hybrid = ["train", TEXT, "--order", "2", "--steps", "3", "--sample-every", "2", *NETWORK, *OUT]
    lstm = ["train", TEXT, "--arch", "lstm", "--tokenizer", "byte", "--steps", "3", *NETWORK, *OUT]
    chars = ["train", DIGITS, "--tokenizer", "char", "--steps", "3", *PAIRS, *OUT]
    return [
        Workload("hybrid", hybrid),
        Workload("pairs", chars),
        Workload("lstm of bytes", lstm),
        Workload("pairs in pieces", ["train", DIGITS, "--vocab-size", "320", "--steps", "2", *PAIRS, *OUT]),
        Workload("hybrid goes on", [*hybrid, "--steps", "5"], begin=[hybrid]),
        Workload("pairs go on", [*chars, "--steps", "5"], begin=[chars]),
        Workload("with held-out text", [*hybrid, "--valid", OTHER]),
        Workload("markov", ["train", TEXT, "--arch", "markov", "--order", "3", *OUT]),
    ]


def replacements() -> list[Workload]:
    """What takes the place of something a user has, or is made when it is used."""
    old_text = ["train", OTHER, "--arch", "markov", "--order", "3", *OUT]
    old_pairs = ["train", DIGITS, "--tokenizer", "char", "--reverse", "--steps", "3", *PAIRS, *OUT]
    new_text = ["train", TEXT, "--order", "2", "--steps", "3", *NETWORK, *OUT]
    new_pairs = ["train", DIGITS, "--tokenizer", "char", "--steps", "3", *PAIRS, *OUT]
    return [
        Workload("text overwritten", [*new_text, "--overwrite"], begin=[old_text], use=GENERATE),
        Workload("conversion", TRANSLATE, begin=[new_pairs, ["DELETE", "run/engine"]], use=TRANSLATE),
        Workload("pairs overwritten", [*new_pairs, "--overwrite"], begin=[old_pairs, TRANSLATE], use=TRANSLATE),
        Workload("creation", new_text, use=None),
        Workload("conversion beside an old one", TRANSLATE, begin=[new_pairs, ["RENAME", "run/engine"]], use=TRANSLATE),
        Workload("markov overwritten", [*old_text[:1], TEXT, *old_text[2:], "--overwrite"], begin=[old_text], use=GENERATE),
    ]


def work(campaign: Campaign) -> None:
    """Two thirds of the trials are trainings, one third replacements."""
    known: dict[str, Workload] = {one.name: one for one in (*trainings(), *replacements())}
    counts = {"trainings": [0, 0], "replacements": [0, 0]}
    covered: set[tuple[str, int]] = set()
    with workplace() as base:
        prepared: set[str] = set()
        for number in campaign.numbers():
            family = "replacements" if number % 3 == 2 else "trainings"
            names = [one.name for one in (replacements() if family == "replacements" else trainings())]
            index = number // 3 * (1 if family == "replacements" else 2) + (number % 3 if family == "trainings" else 0)
            one = known[names[index % len(names)]]
            if one.name not in prepared:
                prepared.add(one.name)
                if not prepare(campaign, one, base / one.name.replace(" ", "-"), number):
                    continue
            if not one.moments:
                continue
            survived = trial(campaign, one, base, number, index // len(names), covered)
            counts[family][0] += survived
            counts[family][1] += 1
    campaign.figures["trainings that survived, their folder the same as one never killed"] = "{} of {}".format(
        *counts["trainings"]
    )
    campaign.figures["kills in overwriting, creation, conversion survived"] = "{} of {}".format(*counts["replacements"])
    moments = sum(known[name].moments for name in prepared)
    campaign.figures["moments of dying that were met"] = f"{len(covered)} of {moments}"


def prepare(campaign: Campaign, one: Workload, folder: Path, number: int) -> bool:
    """Make what the workload begins with, and run it unkilled; False where that fails by itself."""
    begun, place = folder / "begun", folder / "never"
    write_corpora(begun / "corpora")
    for command in one.begin:
        if not _done(begun, command):
            campaign.fault(f"{one.name}: cannot be prepared", number, command)
            return False
    if one.use is not None:
        one.answers.add(execute(begun, one.use).out)
        _forget(begun, one)
    if (begun / "run" / "config.json").exists():
        one.created = json.loads((begun / "run" / "config.json").read_text())["created"]
    shutil.copytree(begun, place, symlinks=True)
    note = folder / "moments"
    began = time.perf_counter()
    done = execute(place, one.command, Deaths(None, note).install)
    one.seconds = time.perf_counter() - began
    if done.code or done.escaped:
        campaign.fault(f"{one.name}: fails without being killed: {done.escaped}", number, one.command, done.said)
        return False
    one.moments, one.expected = int(note.read_text()), contents(place)
    one.order = list(range(1, one.moments + 1))
    random.Random(f"{campaign.seed} {one.name}").shuffle(one.order)
    if one.use is not None:
        one.answers.add(execute(place, one.use).out)
    return True


def _forget(begun: Path, one: Workload) -> None:
    """What asking for the answer has made must be made again by the command, where that is the point."""
    if one.command == TRANSLATE:
        for command in one.begin:
            _done(begun, command) if command[0] in ("DELETE", "RENAME") else None


def _done(folder: Path, command: list[str]) -> bool:
    """A command that has to succeed; DELETE and RENAME are our own."""
    if command[0] == "DELETE":
        shutil.rmtree(folder / command[1], ignore_errors=True)
        return True
    if command[0] == "RENAME":
        # An engine of other weights: today's name with another digest.
        for path in list((folder / command[1]).iterdir()):
            other = path.with_name("0" * 16 + path.name[16:])
            shutil.rmtree(path) if other.exists() else path.rename(other)
        return True
    return execute(folder, command).code == 0


def execute(
    folder: Path, command: list[str], break_it: Callable[[], None] | None = None, kill_after: float | None = None
) -> Outcome:
    """A command in a folder, saving after every step."""

    def before() -> None:
        save_always()
        if break_it is not None:
            break_it()

    temporary = folder.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = {"TMPDIR": str(temporary), "SEQGEN_RUNS": "runs"}
    return run(
        command, cwd=folder, before=before, environment=environment, kill_after=kill_after, seconds=60, streams=Streams(b"")
    )


def trial(campaign: Campaign, one: Workload, base: Path, number: int, turn: int, covered: set[tuple[str, int]]) -> bool:
    """Kill once to three times, use what is there, run to the end, compare."""
    rng = campaign.rng(number)
    folder = base / "trial" / "place"
    shutil.rmtree(base / "trial", ignore_errors=True)
    shutil.copytree(base / one.name.replace(" ", "-") / "begun", folder, symlinks=True)
    said, before = [], campaign.failed
    for kill in range(rng.choice((1, 1, 1, 2, 3))):
        if rng.random() < 0.25:
            delay = rng.uniform(0.02, one.seconds)
            said.append(f"after {delay:.3f} s")
            done = execute(folder, one.command, kill_after=delay)
        else:
            at = one.order[(2 * turn + kill) % one.moments]
            said.append(f"at moment {at}")
            done = execute(folder, one.command, Deaths(at).install)
            covered.add((one.name, at))
        if done.code not in (0, -9):
            campaign.fault(f"{one.name}: exit {done.code} on the way: {done.escaped or _line(done)}", number, one.command,
                           f"killed {', '.join(said)}\n{done.said}")  # fmt: skip
        if one.use is not None:
            use(campaign, one, folder, number, said)
    _finish(campaign, one, folder, number, said)
    return campaign.failed == before


def use(campaign: Campaign, one: Workload, folder: Path, number: int, said: list[str]) -> None:
    """The old model answers, or the new one."""
    assert one.use is not None
    # In a copy: using may mend, and the command itself has to do with what the kill has left.
    copy = folder.parent / "used"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy, symlinks=True)
    done = execute(copy, one.use)
    try:
        replaced = json.loads((copy / "run" / "config.json").read_text())["created"] != one.created
    except (OSError, ValueError, KeyError):
        replaced = False
    killed = f"killed {', '.join(said)}\n{done.said}"
    if done.code or done.escaped:
        campaign.fault(
            f"{one.name}: afterwards neither model is usable: {done.escaped or _line(done)}", number, one.use, killed
        )
    elif done.out not in one.answers and not (replaced and done.out.strip()):
        campaign.fault(f"{one.name}: afterwards another answer", number, one.use, f"{killed}\n{done.out!r}")


def _finish(campaign: Campaign, one: Workload, folder: Path, number: int, said: list[str]) -> None:
    """The same command succeeds, and leaves what it would have left."""
    done = execute(folder, one.command)
    killed = f"killed {', '.join(said)}"
    if done.code or done.escaped:
        campaign.fault(f"{one.name}: the same command fails: {done.escaped or _line(done)}", number, one.command,
                       f"{killed}\n{done.said}")  # fmt: skip
        return
    for difference in differences(contents(folder), one.expected):
        kind = " ".join(difference.split(":")[0].split(" ")[:3])
        campaign.fault(f"{one.name}: {_plain(kind)}", number, one.command, f"{killed}\n{difference}")


def _plain(kind: str) -> str:
    """A kind of difference without the random part of a name."""
    return re.sub(r"(\.[a-z]+\.|\.new-)[a-z0-9_]{8}\b", r"\1*", kind)


def _line(done: Outcome) -> str:
    lines = done.said.strip().splitlines()
    found = [line for line in lines if line.startswith("error")] or lines
    return found[-1][:120] if found else f"exit {done.code}"


if __name__ == "__main__":
    main("kills", 1500, work, __doc__ or "")
