"""Learning while reading: nats a character of a held-out text, of the model as it was trained, of one whose counts learn, and
of one whose network learns as well; beside the counts of the model alone, and PPMd, which learns from what it packs too.

    python benchmarks/adapt.py --minutes 10
    python benchmarks/adapt.py --minutes 5 --file korean_chat.txt
    python benchmarks/adapt.py --run checkpoints/shakespeare

PPMd (variant H) needs pyppmd: pip install pyppmd. Its figure is the size of the packed whole text less that of the packed
training text, for the same split.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from report import data_file, header, table

from seqgen.adapting import Adapting
from seqgen.evaluation import score_in_pieces
from seqgen.opening import open_adapting, open_markov, open_scorer
from seqgen.run import Run

ORDER, MEMORY = 6, 1 << 27


def ppmd(before: bytes, text: bytes) -> float | None:
    """Nats that PPMd of this order needs for a text behind another one; None where it is not installed."""
    try:
        library = importlib.import_module("pyppmd")
    except ModuleNotFoundError:
        return None

    def packed(data: bytes) -> int:
        encoder = library.Ppmd7Encoder(ORDER, MEMORY)
        return len(encoder.encode(data) + encoder.flush())

    return (packed(before + text) - packed(before)) * 8 * math.log(2)


def main() -> None:
    """Train or open a run, score its held-out text in each way, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--file", default="tinyshakespeare.txt", help="of SEQGEN_DATA")
    parser.add_argument("--run", type=Path, help="a run that keeps its text; else one is trained")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    header(f"Learning while reading: {arguments.run or arguments.file}")
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.run or Path(folder) / "run"
        if arguments.run is None:
            command = [sys.executable, "-m", "seqgen", "train", str(data_file(arguments.file)), "-o", str(path), "--quiet",
                       "--minutes", str(arguments.minutes), "--seed", str(arguments.seed)]  # fmt: skip
            subprocess.run(command, check=True)
        report(Run(path))


def report(run: Run) -> None:
    """Print the table of a run."""
    tokenizer, text = run.tokenizer(), run.arrays("text")
    ids = text["valid"].astype(np.int32)
    held_out = tokenizer.decode(ids[1:])
    print(f"{json.loads((run.path / 'config.json').read_text(encoding='utf-8'))['plan']}\n")
    both = open_adapting(run)
    ways = {
        "as it was trained": open_scorer(run),
        "counts learn": _counts_only(run, both),
        "counts and network learn": both,
        "Kneser-Ney alone": open_markov(run),
        "Kneser-Ney alone, learning": Adapting(None, open_adapting(run).counts),
    }
    rows = []
    for name, scorer in ways.items():
        begin = time.perf_counter()
        nats = -sum(float(piece.sum(dtype=np.float64)) for piece in score_in_pieces(scorer, ids))
        rows.append([name, *_shown(nats, held_out), f"{time.perf_counter() - begin:.1f}"])
    before, behind = tokenizer.decode(text["train"]).encode(), held_out.encode()
    found = ppmd(before, behind)
    rows.append(
        [f"PPMd order {ORDER}", *(("pyppmd is not installed", "", "") if found is None else (*_shown(found, held_out), ""))]
    )
    table(["model", "nats a character", "bits a character", "seconds"], rows)


def _counts_only(run: Run, both: Adapting) -> object:
    """The run's network as it was trained, mixed with counts that learn."""
    network = open_scorer(run)
    return _Still(network.a, open_adapting(run), both.weight)  # type: ignore[attr-defined]


class _Still:
    """A TextScorer of a network that does not learn, beside counts that do."""

    def __init__(self, network: object, adapting: Adapting, weight: float) -> None:
        self.network, self.state = network, None
        self.adapting = Adapting(self, adapting.counts, weight)
        self.last = 0

    def begin(self, id_: int) -> None:
        """What the first symbol stands behind."""
        self.last = id_
        self.state = self.network.start([np.array([id_])])  # type: ignore[attr-defined]

    def read(self, ids: np.ndarray) -> np.ndarray:
        """Log-probabilities, by the network as it is."""
        found, self.state = self.network.score(np.concatenate([[self.last], ids]), self.state)  # type: ignore[attr-defined]
        self.last = int(ids[-1])
        return found

    def arrays(self) -> dict[str, np.ndarray]:
        """Nothing has changed."""
        return {}

    def start(self, prompts: list[np.ndarray]) -> None:
        """The text begins."""
        self.adapting.start(prompts)

    def score(self, ids: np.ndarray, state: None) -> tuple[np.ndarray, None]:
        """Log-probability of each of ids[1:]."""
        return self.adapting.score(ids, state)


def _shown(nats: float, text: str) -> tuple[str, str]:
    return f"{nats / len(text):.4f}", f"{nats / len(text) / math.log(2):.4f}"


if __name__ == "__main__":
    main()
