"""What there is to learn beyond a few characters: an LSTM against counting the last five, on the embedded corpora.

python benchmarks/corpora.py --minutes 2
"""

from __future__ import annotations

import argparse
import math
import tempfile
from pathlib import Path

from quality import train
from report import header, table

CORPORA = Path(__file__).parent.parent / "corpora"


def main() -> None:
    """Train both on each corpus, print bits a character of its held-out tenth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2)
    arguments = parser.parse_args()
    header(f"The embedded corpora: an LSTM of {arguments.minutes:g} minutes against counting the last five characters")
    rows = []
    for name in ("english", "korean"):
        bits = {}
        with tempfile.TemporaryDirectory() as folder:
            # What follows rules is not learnt by heart: without dropout.
            lstm = ["--minutes", str(arguments.minutes), "--dropout", "0"]
            for arch, options in (("markov", ["--order", "5"]), ("lstm", lstm)):
                _, config = train(CORPORA / f"{name}.txt", Path(folder) / arch, ["--arch", arch, *options])
                bits[arch] = config["scores"]["valid"]["nats_per_char"] / math.log(2)
        rows.append([name, f"{bits['markov']:.3f}", f"{bits['lstm']:.3f}", f"{bits['markov'] - bits['lstm']:.3f}"])
    table(["corpus", "Kneser-Ney, order 5", "LSTM", "difference, bits a character"], rows)


if __name__ == "__main__":
    main()
