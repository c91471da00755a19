"""Two processes at one run folder: one waits or is refused, readers get the old or the new, nothing is damaged."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

from breaking import save_always
from campaign import Campaign, main, workplace, write_corpora
from children import Outcome, Started, Streams, start
from compare import contents, differences
from kills import DIGITS, GENERATE, NETWORK, OTHER, OUT, PAIRS, TEXT, TRANSLATE

LONGER = ["train", TEXT, "--order", "2", "--steps", "12", *NETWORK, *OUT]
SHORT = ["train", TEXT, "--order", "2", "--steps", "3", *NETWORK, *OUT]
MARKOV = ["train", OTHER, "--arch", "markov", "--order", "3", *OUT]
NEW_PAIRS = ["train", DIGITS, "--tokenizer", "char", "--steps", "3", *PAIRS, *OUT]
# name -> (what is there before, what begins first, what comes while it runs, codes that the second may end with)
SCENES: dict[str, tuple[list[list[str]], list[str], list[str], set[int]]] = {
    "two begin": ([], LONGER, LONGER, {0, 1}),
    "two go on": ([SHORT], LONGER, LONGER, {0, 1}),
    "two overwrite": ([MARKOV], [*LONGER, "--overwrite"], [*LONGER, "--overwrite"], {0, 1}),
    "generate while it begins": ([], LONGER, GENERATE, {0, 1}),
    "generate while it goes on": ([SHORT], LONGER, GENERATE, {0}),
    "generate while it is overwritten": ([MARKOV], [*LONGER, "--overwrite"], GENERATE, {0}),
    "translate while pairs go on": ([NEW_PAIRS], [*NEW_PAIRS, "--steps", "10"], TRANSLATE, {0}),
    "translate while pairs are overwritten": ([NEW_PAIRS], [*NEW_PAIRS, "--overwrite", "--seed", "2"], TRANSLATE, {0}),
    "two conversions": ([NEW_PAIRS, ["DELETE", "run/engine"]], TRANSLATE, TRANSLATE, {0}),
    "runs while it is overwritten": ([MARKOV], [*LONGER, "--overwrite"], ["runs", "--runs-dir", "."], {0}),
    "report while it goes on": ([SHORT], LONGER, ["report", "-m", "run", "-o", "page.html"], {0}),
}


def work(campaign: Campaign) -> None:
    """Each scene with the second process at another moment."""
    with workplace() as base:
        ready: dict[str, tuple[float, dict[str, str]]] = {}
        for number in campaign.numbers():
            name = list(SCENES)[number % len(SCENES)]
            if name not in ready:
                ready[name] = _prepare(base / name.replace(" ", "-"), name)
            trial(campaign, base / name.replace(" ", "-"), name, number, *ready[name])


def _begin(folder: Path, command: list[str]) -> Started:
    temporary = folder.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = {"TMPDIR": str(temporary)}
    return start(command, cwd=folder, before=save_always, environment=environment, streams=Streams(b""), seconds=60)


def _prepare(folder: Path, name: str) -> tuple[float, dict[str, str]]:
    """Make what is there before; how long the first command takes alone, and what it leaves."""
    before, first, _, _ = SCENES[name]
    write_corpora(folder / "begun" / "corpora")
    for words in before:
        if words[0] == "DELETE":
            shutil.rmtree(folder / "begun" / words[1], ignore_errors=True)
        else:
            assert _begin(folder / "begun", words).finish(60).code == 0
    shutil.copytree(folder / "begun", folder / "alone")
    began = time.perf_counter()
    assert _begin(folder / "alone", first).finish(60).code == 0
    return time.perf_counter() - began, contents(folder / "alone" / "run")


def trial(campaign: Campaign, folder: Path, name: str, number: int, seconds: float, expected: dict[str, str]) -> None:
    """Begin one, wait a drawn moment, begin others until the first has ended."""
    rng = campaign.rng(number)
    place = folder / "place"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folder / "begun", place)
    _, first, second, allowed = SCENES[name]
    one = _begin(place, first)
    others = [_meanwhile(place, second, rng, seconds) for _ in range(3 if second[0] != "train" else 1)]
    done = one.finish(60)
    _judge(campaign, number, name, first, done, {0, 1} if second[0] == "train" else {0})
    for other in others:
        _judge(campaign, number, name, second, other, allowed)
    if second[0] == "train" and done.code and all(other.code for other in others):
        campaign.fault(f"{name}: both are refused", number, first, done.said)
        return
    if done.code == 0 or second[0] == "train":
        for difference in differences(contents(place / "run"), expected):
            if not (second[0] == "translate" and "engine" in difference.split(":")[0] and "engine/." not in difference):
                campaign.fault(f"{name}: {difference.split(':')[0]}", number, first, difference)


def _meanwhile(place: Path, second: list[str], rng: random.Random, seconds: float) -> Outcome:
    time.sleep(rng.uniform(0, seconds / 3))
    return _begin(place, second).finish(60)


def _judge(campaign: Campaign, number: int, name: str, command: list[str], done: Outcome, allowed: set[int]) -> None:
    if done.escaped:
        campaign.fault(f"{name}: {done.escaped}", number, command, done.said)
    elif done.code not in allowed:
        lines = done.said.strip().splitlines() or [""]
        line = next((line for line in lines if line.startswith("error")), lines[-1])
        campaign.fault(f"{name}: exit {done.code}: {line[:100]}", number, command, done.said)


if __name__ == "__main__":
    main("two", 110, work, __doc__ or "")
