"""Mutated run folders: whatever lies in them, a command ends soon, in little room, with a message, and touches nothing else.

Each mutant meets two drawn commands; every tenth in interpreters of their own.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import threading
from pathlib import Path

from campaign import COMPAT, Campaign, main, workplace, write_corpora
from children import MEGABYTE, Outcome, Streams, run, run_process
from compare import snapshot
from mutate import mutate
from odd import MARK

SECONDS = 5.0
MEMORY = 1024 * MEGABYTE
OLD = ("markov", "markov-byte", "rnn", "gru", "lstm", "lstm-byte", "hybrid", "pieces", "chars", "reversed", "unfinished",
       "unfinished-pairs")  # fmt: skip
NETWORK = ["--hidden", "8", "--layers", "1", "--threads", "1", "--steps", "2"]
# Made with the code that is tried, so that what it writes is mutated too.
NEW = {
    "new-hybrid": ["corpora/poem.txt", "--order", "2", "--batch-size", "4", "--bptt", "16", *NETWORK],
    "new-pairs": ["corpora/digits.tsv", "--tokenizer", "char", "--heads", "2", "--ffn", "16", "--max-tokens", "300", *NETWORK],
}
TEXTS = {"generate", "evaluate"}
# What a command cannot do without, by file.
NEEDED = {"config.json", "tokenizer.json", "tokenizer.model", "weights.safetensors", "markov.safetensors"}
# What may not be answered: "kind of mutation, file, what was done" against what it makes of the model.
NONSENSE = {
    "numbers that are none": r"^arrays \S+safetensors .*: (all|one) -?(nan|inf)$",
    "weights of another type": r"^arrays weights\.safetensors .*: as (u?int|bool)",
    "an array missing": r"^arrays (weights|markov)\.safetensors (?!count)\S+: missing$",
    "an array of another size": r"^arrays (weights|markov)\.safetensors (?!count)\S+: (longer|deeper)$",
    "probabilities above 1": r"^arrays markov\.safetensors prob: (all|one) (5\.0|7\.0|-?1e\+38)$",
    "a weight of the mix beyond 0 and 1": r"^json config\.json mix_weight = '?(7|-1|2147483648|1e\+308|-0\.5)'?$",
}


def work(campaign: Campaign) -> None:
    """Mutate, run two commands, look around."""
    with workplace() as base:
        runs = prepare(base)
        answers: dict[tuple[str, ...], bytes] = {}
        for number in campaign.numbers():
            trial(campaign, base, rng=campaign.rng(number), number=number, runs=runs, answers=answers)
    met = sum(fault.count for fault in campaign.faults.values())
    for figure in ("hangs", "memory", "outside"):
        campaign.figures[figure] = str(sum(f.count for kind, f in campaign.faults.items() if kind.startswith(figure)))
    campaign.figures["in all"] = str(met)


def prepare(base: Path) -> list[Path]:
    """The runs to be mutated, pairs with a converted engine; and what lies outside of them."""
    write_corpora(base / "corpora")
    whole = base / "whole"
    for name in OLD:
        shutil.copytree(COMPAT / "runs" / name, whole / name)
    for name, words in NEW.items():
        done = run(["train", *words, "-o", str(whole / name)], cwd=base, seconds=60)
        assert done.code == 0, done.said
    for path in whole.iterdir():
        run(["translate", "-m", str(path), "corpora/sentences.txt"], cwd=base)
    shutil.copytree(whole / "hybrid", base / "good" / "good")
    shutil.copytree(whole / "chars", base / "good" / "good-pairs")
    return sorted(whole.iterdir())


def lay_out(base: Path, whole: Path) -> tuple[Path, Path, Path]:
    """A fresh place: the folder commands are run in, the run to be mutated, what lies outside."""
    place = base / "trial"
    shutil.rmtree(place, ignore_errors=True)
    home, outside = place / "home", place / "outside"
    shutil.copytree(base / "good", home / "runs")
    shutil.copytree(whole, home / "runs" / "run")
    shutil.copytree(whole, outside / "run")
    (outside / "file").write_text('{"step": 0}\n')
    (outside / "engine" / "precious").mkdir(parents=True)
    (outside / "engine" / "precious" / "file").write_text("precious")
    (home / "corpora").symlink_to(base / "corpora")
    return home, home / "runs" / "run", outside


def commands(kind: str, step: int, rng: random.Random) -> list[str]:
    """One command that fits the kind of run, seldom one that does not."""
    named = ["-m", "runs/run"]
    both = [
        ["runs", "--runs-dir", "runs"], ["runs", "--runs-dir", "runs", "--json"], ["report", *named, "-o", "page.html"],
        ["report", *named], ["generate", "--runs-dir", "runs", "-n", "5", "--greedy"],
        ["translate", "--runs-dir", "runs", "--threads", "1", "corpora/sentences.txt"],
    ]  # fmt: skip
    texts = [
        ["generate", *named, "-n", "20", "--greedy"], ["generate", *named, "-n", "20", "--seed", "3", "-p", "The rain"],
        ["generate", *named, "-n", "6", "--seed", "3", "--num-samples", "2", "--json"],
        ["generate", *named, "-n", "6", "--greedy", "--engine", "reference"],
        ["evaluate", *named, "corpora/other.txt", "--json"], ["evaluate", *named, "corpora/other.txt"],
        ["explain", "surprise", *named, "-p", "The rain"], ["explain", "context", *named, "The rain"],
        ["explain", "gates", *named, "The rain began at six", "--json"],
        ["explain", "state", *named, "The rain began at six", "--at", "1:3"],
        ["train", "corpora/poem.txt", "-o", "runs/run", "--steps", str(step + 2), "--threads", "1"],
    ]  # fmt: skip
    pairs = [
        ["translate", *named, "--threads", "1", "corpora/sentences.txt"],
        ["translate", *named, "--threads", "1", "--nbest", "2", "--scores", "--alignment", "corpora/sentences.txt"],
        ["translate", *named, "--threads", "1", "--engine", "reference", "--max-length", "8", "corpora/sentences.txt"],
        ["evaluate", *named, "--threads", "1", "corpora/few.tsv", "--json"], ["score", *named, "--threads", "1",
        "corpora/few.tsv"],
        ["explain", "attention", *named, "1 2 3"], ["explain", "positions", *named, "1 2 3"],
        ["explain", "surprise", *named, "-p", "1 2", "--target", "one two"],
        ["train", "corpora/digits.tsv", "-o", "runs/run", "--steps", str(step + 2), "--threads", "1"],
    ]  # fmt: skip
    fitting, other = (pairs, texts) if kind == "translation" else (texts, pairs)
    return list(rng.choice(rng.choices((fitting, both, other), (8, 3, 1))[0]))


def trial(
    campaign: Campaign, base: Path, *, rng: random.Random, number: int, runs: list[Path], answers: dict[tuple[str, ...], bytes]
) -> None:
    """One mutant and two commands."""
    whole = rng.choice(runs)
    facts = json.loads((whole / "config.json").read_text(encoding="utf-8"))
    home, mutant, outside = lay_out(base, whole)
    done = [mutate(mutant, outside, rng) for _ in range(rng.choice((1, 1, 1, 2)))]
    said = f"{whole.name}: " + "; ".join(f"{kind} {name}: {what}" for kind, name, what in done)
    before, beside = snapshot(outside), _beside(home)
    for _ in range(2):
        command = commands(facts["kind"], facts["step"], rng)
        terminal = rng.random() < (0.6 if any(kind == "names" for kind, _, _ in done) else 0.05)
        outcome = _meet(command, home, own=number % 10 == 9, terminal=terminal)
        judge(campaign, number, command, outcome, said)
        judge_answer(campaign, number, command, outcome, done, said, base, whole, answers)
        if snapshot(outside) != before:
            campaign.fault(f"outside: changed by {_short(command)}, {_kind(done)}", number, command, said)
            break
        if extra := _beside(home) ^ beside:
            campaign.fault(f"outside: {_short(command)} leaves {sorted(extra)[0]}", number, command, said)
            beside |= extra


def _meet(command: list[str], home: Path, *, own: bool, terminal: bool) -> Outcome:
    """Run a command, forked or in an interpreter of its own, sometimes on a terminal."""
    environment = {"HOME": str(home), "NO_COLOR": "1"}
    if own:
        return run_process(command, cwd=home, environment=environment, seconds=40)
    if not terminal:
        return run(command, cwd=home, environment=environment, seconds=SECONDS)
    master, slave = os.openpty()
    shown_there = bytearray()
    # Read while it runs: a terminal takes only so much, and then a command waits.
    reader = threading.Thread(target=_drain, args=(master, shown_there), daemon=True)
    reader.start()
    outcome = run(command, cwd=home, environment=environment, seconds=SECONDS, streams=Streams(b"", -1, slave))
    os.close(slave)
    reader.join(SECONDS)
    os.close(master)
    return Outcome(
        outcome.code, outcome.out, bytes(shown_there), outcome.seconds, outcome.escaped, outcome.hung, outcome.memory
    )


def _drain(master: int, into: bytearray) -> None:
    """What a terminal is sent, until nobody has it open any more."""
    with contextlib.suppress(OSError):
        while piece := os.read(master, 65536):
            into += piece


def judge(campaign: Campaign, number: int, command: list[str], outcome: Outcome, said: str) -> None:
    """What may not happen to any command."""
    training = command[0] == "train"
    campaign.note(f"exit {outcome.code}")
    text = f"{said}\n{outcome.said[-300:]}"
    if outcome.escaped and outcome.hung:
        # A setting that makes training slow has been obeyed.
        if training and re.search(r"training/|nn/|torch/|infer/|decode/", outcome.escaped):
            campaign.note("trainings that took long")
        else:
            campaign.fault(f"hangs: {outcome.escaped}", number, command, text)
    elif outcome.escaped:
        campaign.fault(outcome.escaped, number, command, text)
    elif outcome.code < 0:
        campaign.fault(f"died of signal {-outcome.code}: {_short(command)}", number, command, text)
    elif outcome.code not in (0, 1, 2):
        campaign.fault(f"exit {outcome.code}: {_short(command)}", number, command, text)
    elif outcome.code == 1 and not re.search(r"(?m)^error: ", re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]|\r", "", outcome.said)):
        campaign.fault(f"exit 1 without a message: {_short(command)}", number, command, text)
    if outcome.memory > MEMORY:
        campaign.fault(f"memory: {_short(command)}", number, command, f"{outcome.memory // MEGABYTE} MB; {text}")
    if MARK.encode() in outcome.err:
        campaign.fault(f"escape sequence on the terminal: {_short(command)}", number, command, said)


def judge_answer(
    campaign: Campaign, number: int, command: list[str], outcome: Outcome, done: list[tuple[str, str, str]], said: str,
    base: Path, whole: Path, answers: dict[tuple[str, ...], bytes],
) -> None:  # fmt: skip
    """What may not be answered with exit 0."""
    if outcome.escaped or command[0] not in ("generate", "evaluate", "translate", "score", "runs", "report"):
        return
    if "runs" in command and "--runs-dir" in command:
        # What can be seen in config.json is passed over; a model that turns out to be damaged when it is opened is named.
        named = "runs/run" in outcome.said and "config.json" not in outcome.said and command[0] != "runs"
        if outcome.code and not named:
            campaign.fault(f"a damaged neighbour stops {command[0]}", number, command, f"{said}\n{outcome.said[-300:]}")
        return
    if outcome.code or command[0] in ("runs", "report"):
        return
    if re.search(rb"\b(nan|NaN|inf|Infinity)\b", outcome.out) and command[0] in ("evaluate", "score"):
        campaign.fault(f"exit 0 and no number: {command[0]}", number, command, f"{said}\n{outcome.out[-200:]!r}")
    for kind, name, what in done:
        used = name in NEEDED
        for sort, pattern in NONSENSE.items():
            if used and re.search(pattern, f"{kind} {name} {what}"):
                campaign.fault(f"exit 0 with {sort}: {command[0]}, {name}", number, command, said)
        if kind == "links" and used and "file" in what:
            campaign.fault(f"read through a link: {command[0]}, {name}", number, command, said)
    if all(kind == "bytes" and (name.startswith("engine") or whole.name in NEW and name in NEEDED - {"config.json"})
           for kind, name, _ in done):  # fmt: skip
        key = (whole.name, *command)
        if key not in answers:
            home, _, _ = lay_out(base, whole)
            answers[key] = _meet(command, home, own=False, terminal=False).out
        if outcome.out != answers[key]:
            campaign.fault(f"exit 0, another answer: {command[0]}, {done[0][1].split('/')[0]}", number, command, said)


def _beside(home: Path) -> set[str]:
    """What lies in the folder where commands are run, and among the runs; pages are what report writes."""
    found = {path.name for path in home.iterdir() if path.suffix != ".html"}
    return found | {f"runs/{path.name}" for path in (home / "runs").iterdir()}


def _short(command: list[str]) -> str:
    return " ".join(command[:2]) if command[0] == "explain" else command[0]


def _kind(done: list[tuple[str, str, str]]) -> str:
    return "; ".join(f"{name} {what}" if kind == "links" else kind for kind, name, what in done)[:80]


if __name__ == "__main__":
    main("mutants", 5000, work, __doc__ or "")
