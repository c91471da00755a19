"""What all campaigns share: options, a folder to work in, a list of faults with the command that repeats each, figures."""

from __future__ import annotations

import argparse
import json
import math
import random
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
COMPAT = HERE.parent / "compat"
WORDS = "zero one two three four five six seven eight nine".split()
SHOWN = 40


@dataclass
class Fault:
    """One kind of fault: how often it was met, the trial that repeats it, what was typed, what was said."""

    kind: str
    trial: int
    command: str
    said: str = ""
    count: int = 1


@dataclass
class Campaign:
    """A run of trials, no longer than `minutes`; `only` is one trial to repeat.

    Trial number i of a seed is the same whatever was tried before it.
    """

    name: str
    seed: int
    trials: int
    only: int | None = None
    verbose: bool = False
    minutes: float = math.inf
    faults: dict[str, Fault] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    noted: dict[str, int] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)
    done: int = 0

    def numbers(self) -> Iterator[int]:
        """The numbers of the trials."""
        for number in range(self.trials) if self.only is None else (self.only,):
            if time.perf_counter() - self.began > self.minutes * 60:
                break
            yield number
            self.done += 1

    def rng(self, number: int) -> random.Random:
        """The generator of one trial."""
        return random.Random(f"{self.name} {self.seed} {number}")

    def fault(self, kind: str, trial: int, command: str | list[str], said: str = "") -> None:
        """Note a fault; those of one kind are counted together."""
        known = self.faults.get(kind)
        if known is not None:
            known.count += 1
            return
        command = command if isinstance(command, str) else shown(command)
        self.faults[kind] = Fault(kind, trial, command, said.strip()[-300:])
        if self.verbose or self.only is not None:
            print(f"  ! {kind}\n    {command}\n    {said.strip()[-2000:]}", flush=True)

    def note(self, what: str, count: int = 1) -> None:
        """Count something that is no fault."""
        self.noted[what] = self.noted.get(what, 0) + count

    def again(self, trial: int) -> str:
        """The command that repeats a trial."""
        return f"python tests/campaigns/{self.name}.py --only {trial} --seed {self.seed}"

    @property
    def failed(self) -> int:
        """Faults, each as often as it was met."""
        return sum(fault.count for fault in self.faults.values())

    def report(self) -> None:
        """Figures, then faults."""
        seconds = time.perf_counter() - self.began
        rate = self.done / seconds * 60 if seconds else 0
        print(f"{self.name}: seed {self.seed}, {self.done:,} trials in {seconds:.0f} s, {rate:,.0f} a minute")
        for name, value in self.figures.items():
            print(f"  {name}: {value}")
        for name, count in sorted(self.noted.items()):
            print(f"  {name}: {count:,}")
        print(f"  faults: {self.failed:,} of {len(self.faults):,} kinds")
        for fault in sorted(self.faults.values(), key=lambda fault: -fault.count)[:SHOWN]:
            print(f"  {fault.count:5,}  {fault.kind}\n         {self.again(fault.trial)}\n         {fault.command}")
            if fault.said:
                print("         | " + fault.said.replace("\n", "\n         | "))
        sys.stdout.flush()

    def to_json(self) -> str:
        """One line for whoever reads it by program."""
        faults = [
            {"kind": fault.kind, "count": fault.count, "again": self.again(fault.trial), "command": fault.command,
             "said": fault.said}
            for fault in self.faults.values()
        ]  # fmt: skip
        return json.dumps({"campaign": self.name, "trials": self.done, "faults": faults})


def shown(arguments: list[str]) -> str:
    """A command as it would be typed; what is long is cut."""
    words = [shlex.quote(ascii(word)[1:-1] if not word.isprintable() else word) for word in arguments]
    return " ".join(word if len(word) < 120 else f"{word[:100]}...({len(word):,})" for word in ["seqgen", *words])


def write_corpora(folder: Path) -> None:
    """A poem, another, pairs of digits and words, sentences to translate: large enough to have a part held out."""
    folder.mkdir(parents=True)
    poem = (COMPAT / "corpora" / "poem.txt").read_text(encoding="utf-8")
    (folder / "poem.txt").write_text(poem * 6, encoding="utf-8")
    (folder / "other.txt").write_text(poem.replace("rain", "snow"), encoding="utf-8")
    (folder / "sentences.txt").write_text("1 2 3\n\n7 0 7 9\n5 5 5\n", encoding="utf-8")
    rng = random.Random(1)
    rows = [[rng.randrange(10) for _ in range(rng.choice((2, 3, 4)))] for _ in range(300)]
    pairs = {" ".join(map(str, row)): " ".join(WORDS[digit] for digit in row) for row in rows}
    lines = [f"{source}\t{target}\n" for source, target in pairs.items()]
    (folder / "digits.tsv").write_text("".join(lines), encoding="utf-8")
    (folder / "few.tsv").write_text("".join(lines[:5]), encoding="utf-8")


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder that goes afterwards, in memory where the system has such a place."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="seqgen-campaign-", dir=memory if memory.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(name: str, trials: int, work: Callable[[Campaign], None], about: str) -> None:
    """The command line of one campaign: exit code 1 where a fault was found."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--trials", type=int, default=trials, help=f"how many (default {trials})")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="repeat one trial and show all of it")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no further trial after so long")
    parser.add_argument("--verbose", action="store_true", help="show each new kind of fault when it is met")
    parser.add_argument("--json", action="store_true", help="one line of JSON at the end")
    options = parser.parse_args()
    from children import warm_up

    campaign = Campaign(name, options.seed, options.trials, options.only, options.verbose, options.minutes)
    warm_up()
    campaign.began = time.perf_counter()
    work(campaign)
    campaign.report()
    if options.json:
        print(campaign.to_json())
    sys.exit(1 if campaign.faults else 0)
