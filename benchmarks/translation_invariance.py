"""Whether a translation depends on what stands beside it, and whether both engines find the same.

    python benchmarks/translation_invariance.py --run checkpoints/multi30k
    python benchmarks/translation_invariance.py --run checkpoints/multi30k --partial checkpoints/after-two-minutes

Multi30k's test_2016_flickr in another order each time, in batches of 1, 7 and 64 sentences; and translated by the
reference engine. A run that has learnt little (--partial) is less sure of each token, so near ties are more frequent.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from unittest.mock import patch

from report import header, table
from translation_common import lines

from seqgen.decode.translator import TranslateOptions
from seqgen.opening import line_translator, longest_translation, open_translator
from seqgen.run import Run
from seqgen.translation.lines import Candidate, LineTranslator

SIZES = (1, 7, 64)


def opened(run: Run, beam: int, **engine: object) -> LineTranslator:
    """A translator of lines."""
    options = TranslateOptions(beam_size=beam, max_length=longest_translation(run))
    return line_translator(run, open_translator(run, threads=2, **engine), options)


def shuffled(translator: LineTranslator, content: list[str], size: int, seed: int) -> list[Candidate]:
    """Translations in the order of the lines, made in a random order in batches of `size`."""
    order = list(range(len(content)))
    random.Random(seed).shuffle(order)
    found: dict[int, Candidate] = {}
    with patch("seqgen.infer.ct2.BATCH", size):
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            translations = translator.translate([content[row] for row in rows])
            found |= {row: one.candidates[0] for row, one in zip(rows, translations, strict=True)}
    return [found[row] for row in range(len(content))]


def compare(left: list[Candidate], right: list[Candidate]) -> tuple[int, float]:
    """Lines that differ in text, and the largest difference in score."""
    pairs = list(zip(left, right, strict=True))
    return sum(a.text != b.text for a, b in pairs), max(abs(a.score - b.score) for a, b in pairs)


def invariance(run: Run, content: list[str]) -> None:
    """Batches of each size against batches of one, and against the whole text at once."""
    rows = []
    for beam in (1, 5):
        for precision in ("float32", "int8"):
            translator = opened(run, beam, precision=precision)
            whole = [found.candidates[0] for found in translator.translate(content)]
            for number, size in enumerate(SIZES):
                found = shuffled(translator, content, size, seed=number)
                differ, score = compare(whole, found)
                rows.append([f"beam {beam}, {precision}", size, f"{differ} of {len(content):,}", f"{score:.2g}"])
    columns = [run.path.name, "sentences a batch", "lines that differ from the whole text at once", "largest score difference"]
    table(columns, rows)


def parity(run: Run, content: list[str]) -> None:
    """The reference engine against CTranslate2 in float32."""
    rows = []
    for beam in (1, 5):
        fast = [found.candidates[0] for found in opened(run, beam, precision="float32").translate(content)]
        begin = time.perf_counter()
        slow = [found.candidates[0] for found in opened(run, beam, engine="reference").translate(content)]
        taken = time.perf_counter() - begin
        differ, _ = compare(fast, slow)
        same = [(a, b) for a, b in zip(fast, slow, strict=True) if a.text == b.text]
        worst = max((abs(a.score - b.score) for a, b in same), default=float("nan"))
        others = max((abs(a.score - b.score) for a, b in zip(fast, slow, strict=True) if a.text != b.text), default=0.0)
        name = "greedy" if beam == 1 else f"beam {beam}"
        same_lines = f"{len(content) - differ:,} of {len(content):,}"
        rows.append([name, same_lines, f"{worst:.2g}", f"{others:.2g}", f"{taken:.1f}"])
    columns = [f"{run.path.name}, float32", "same lines in both engines", "largest score difference of these", "of the others",
               "seconds of the reference engine"]  # fmt: skip
    table(columns, rows)


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--partial", type=Path, help="a run that has learnt little")
    parser.add_argument("--lines", type=int, default=1_000)
    arguments = parser.parse_args()
    header("Translations whatever stands beside them, in both engines")
    content = lines("multi30k/test_2016_flickr.en")[: arguments.lines]
    for path in (arguments.run, arguments.partial):
        if path is not None:
            run = Run(path)
            invariance(run, content)
            parity(run, content)


if __name__ == "__main__":
    main()
