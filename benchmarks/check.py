"""`seqgen check` of a million pairs: seconds and the most memory, against reading them alone and against `train`'s own look.

The pairs are those of a corpus of SEQGEN_DATA, two neighbours of a random order joined in each, so that hardly one comes twice.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from report import header, table

CORPORA = {"eng-deu": "tatoeba.eng-deu.tsv.gz", "eng-kor": "tatoeba.eng-kor.tsv"}
# Whoever is measured says by itself what it took: the most memory that another process had may be counted for a child.
CHILD = """
import sys, time
began = time.perf_counter()
{work}
status = open("/proc/self/status", encoding="utf-8").read()
print(time.perf_counter() - began, status.partition("VmHWM:")[2].split()[0], file=sys.stderr)
"""
READ = "from seqgen.formats.read import read_pairs\nread_pairs([sys.argv[1]], limit=1 << 40)"
CHECK = """
from seqgen.cli import main
try:
    main(["check", sys.argv[1], "--json", "--quiet", "--max-size", "100000", *sys.argv[2:]])
except SystemExit:
    pass
"""
SAMPLE = """
from seqgen.formats.read import read_pairs
from seqgen.doctor.sample import warnings
pairs = read_pairs([sys.argv[1]], limit=1 << 40)
began = time.perf_counter()
warnings(pairs.sources, pairs.targets, "")
"""


def make(path: Path, source: Path, count: int) -> None:
    """Write so many pairs."""
    opened = gzip.open(source, "rt", encoding="utf-8") if source.suffix == ".gz" else source.open(encoding="utf-8")
    with opened as file:
        rows = [line.rstrip("\n").split("\t")[:2] for line in file]
    rng = random.Random(1)
    with path.open("w", encoding="utf-8") as out:
        for _ in range(count):
            one, other = rng.choice(rows), rng.choice(rows)
            out.write(f"{one[0]} {other[0]}\t{one[1]} {other[1]}\n")


def took(work: str, *arguments: str) -> tuple[float, float]:
    """Seconds, and the most megabytes."""
    command = [sys.executable, "-c", CHILD.format(work=work), *arguments]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    seconds, kilobytes = done.stderr.split()[-2:]
    # The start of the process is a part of what users wait for.
    whole = time.perf_counter() - began if work is not SAMPLE else float(seconds)
    return whole, int(kilobytes) / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--deep", action="store_true", help="also --deep, which takes minutes")
    options = parser.parse_args()
    header(f"benchmarks/check.py --pairs {options.pairs}{' --deep' if options.deep else ''}")
    rows = []
    for name, corpus in CORPORA.items():
        source = Path(os.environ["SEQGEN_DATA"]) / corpus
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pairs.tsv"
            for count in (options.pairs // 10, options.pairs):
                make(path, source, count)
                works = {"read_pairs alone": (READ,), "check": (CHECK,), "what train does": (SAMPLE,)}
                works |= {"check --deep": (CHECK, "--deep")} if options.deep else {}
                for what, (work, *arguments) in works.items():
                    seconds, megabytes = took(work, str(path), *arguments)
                    size = path.stat().st_size / 1e6
                    rows.append((name, f"{count:,}", f"{size:,.0f}", what, f"{seconds:.1f}", f"{megabytes:,.0f}"))
    table(("corpus", "pairs", "MB", "what", "seconds", "most memory, MB"), rows)


if __name__ == "__main__":
    main()
