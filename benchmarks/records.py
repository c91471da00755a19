"""Names as records: a hybrid against Markov models on 32,000 of them, and how many of the names that they write are new.

    pip download --no-deps --no-binary :all: names && tar xf names-*.tar.gz
    python benchmarks/records.py names-0.3.0/names

The names are those of the US census of 1990 that the package `names` ships (first names of women and men, then last names, by
frequency).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from report import header, table

from seqgen.run import Run

LISTS = ("dist.female.first", "dist.male.first", "dist.all.last")
COUNT, WRITTEN = 32_000, 2_000


def names_in(folder: Path) -> list[str]:
    """The names, sorted, each once."""
    rows = [line.split()[0].capitalize() for name in LISTS for line in (folder / name).read_text("utf-8").splitlines()]
    return sorted(list(dict.fromkeys(rows))[:COUNT])


def seqgen(*arguments: object) -> str:
    """What a command writes."""
    command = [sys.executable, "-m", "seqgen", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=3.0)
    options = parser.parse_args()
    header("Records: names")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "names.txt"
        known = names_in(options.folder)
        file.write_text("".join(f"{name}\n" for name in known), "utf-8")
        runs: dict[str, tuple[Any, ...]] = {
            "Markov model of order 4": ("--arch", "markov", "--order", 4),
            "Markov model of the best order": ("--arch", "markov"),
            f"hybrid, {options.minutes:g} minutes": ("--minutes", options.minutes),
        }
        for number, (name, how) in enumerate(runs.items()):
            run = Path(folder) / f"run{number}"
            seqgen("train", file, "--records", "lines", "-q", "-o", run, *how)
            config = json.loads((run / "config.json").read_text("utf-8"))
            found = config["scores"]["valid"]
            written = seqgen("generate", "-m", run, "--records-out", WRITTEN, "--seed", 1, "-q").splitlines()
            new = [text for text in written if text not in set(known)]
            learnt = set(Run(run).tokenizer().decode(Run(run).arrays("text")["train"]).split("\n"))
            fresh = seqgen("generate", "-m", run, "--records-out", WRITTEN, "--new-records", "--seed", 1).splitlines()
            shares = (len(new) / len(written), sum(text not in learnt for text in fresh) / len(fresh))
            draws = f"{len(written) / max(1, len(set(new))):.2f}"
            nats = f"{found['bits_per_char'] * 0.693147:.4f}"
            rows.append((name, nats, f"{shares[0]:.1%}", draws, f"{shares[1]:.1%}", ", ".join(sorted(set(new))[:6])))
    head = ("model", "nats a character, held out", "names that are not in the list", "draws for each new name",
            "not learnt, with --new-records", "of them")  # fmt: skip
    table(head, rows)


if __name__ == "__main__":
    main()
