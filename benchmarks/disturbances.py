"""BLEU of a translation model on text as people have it: two sentences a line, and ten kinds of dirt.

    python benchmarks/disturbances.py checkpoints/tiny-english-french corpora/english-french.heldout.tsv [--before CHECKOUT]

Each kind is done to the sources; what a translation should take over from its source (white space around a line, capitals,
an emoji, the form of apostrophes) is done to the references too. --before translates with another checkout as well.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from report import header, table

from seqgen.metrics.overlap import corpus_scores

ROOT = Path(__file__).parent.parent
Change = Callable[[str], str]


def _same(text: str) -> str:
    return text


# name -> (what is done to a source, what to its reference)
DISTURBANCES: dict[str, tuple[Change, Change]] = {
    "byte order mark": (lambda t: "\ufeff" + t, lambda t: "\ufeff" + t),
    "no-break space": (lambda t: t.replace(" ", "\u00a0", 1), _same),
    "zero-width space": (lambda t: t.replace(" ", "\u200b ", 1), _same),
    "direction mark": (lambda t: "\u200e" + t, lambda t: "\u200e" + t),
    "emoji": (lambda t: t + " \U0001f600", lambda t: t + " \U0001f600"),
    "four leading spaces": (lambda t: "    " + t, lambda t: "    " + t),
    "doubled spaces": (lambda t: t.replace(" ", "  "), _same),
    "leading tab": (lambda t: "\t" + t, lambda t: "\t" + t),
    "typographic apostrophe": (lambda t: t.replace("'", "’"), lambda t: t.replace("'", "’")),
    "upper case": (str.upper, str.upper),
}


def translated(checkout: Path, run: Path, sources: list[str]) -> list[str]:
    """What `seqgen translate` of a checkout makes of lines, without their ends: those are compared by themselves."""
    env = {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(
        [sys.executable, "-m", "seqgen", "translate", "-q", "-m", str(run.resolve())],
        input="\n".join(sources) + "\n", env=env, cwd="/", check=True, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    lines = done.stdout.split("\n")[:-1]
    if len(lines) != len(sources):
        raise SystemExit(f"{len(lines):,} translations of {len(sources):,} lines")
    return lines


def kinds(sources: list[str], targets: list[str]) -> dict[str, tuple[list[str], list[str]]]:
    """Sources and references of each kind."""
    pairs = {"clean": (sources, targets)}
    even = len(sources) // 2 * 2
    pairs["two sentences a line"] = tuple(  # type: ignore[assignment]
        [f"{left} {right}" for left, right in zip(side[:even:2], side[1:even:2], strict=True)] for side in (sources, targets)
    )
    for name, (source, target) in DISTURBANCES.items():
        changed = [source(text) for text in sources]
        # What has nothing to be disturbed leaves its reference alone.
        references = [
            target(right) if left != found else right for left, found, right in zip(sources, changed, targets, strict=True)
        ]
        pairs[name] = changed, references
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("pairs", type=Path, help="tab-separated, one sentence a line")
    parser.add_argument("--before", type=Path, help="another checkout")
    parser.add_argument("--before-run", type=Path, help="the run that it uses, if another one")
    parser.add_argument("--lines", type=int, default=1_000)
    arguments = parser.parse_args()
    rows = [line.split("\t") for line in arguments.pairs.read_text(encoding="utf-8").split("\n") if "\t" in line]
    sources, targets = ([row[side] for row in rows[: arguments.lines]] for side in (0, 1))
    header(f"Text as people have it: {arguments.run.name}, {len(sources):,} lines")
    checkouts = {"here": (ROOT, arguments.run)}
    if arguments.before:
        checkouts["before"] = arguments.before.resolve(), arguments.before_run or arguments.run
    bleu: dict[str, dict[str, float]] = {name: {} for name in checkouts}
    for kind, (left, right) in kinds(sources, targets).items():
        for name, (checkout, run) in checkouts.items():
            bleu[name][kind] = corpus_scores(translated(checkout, run, left), right, metrics=("BLEU",))[0].value
    columns = [(name, found) for name, found in bleu.items()]
    head = ["kind", *(part for name, _ in columns for part in (f"BLEU {name}", "of clean"))]
    body = [
        [kind, *(part for _, found in columns for part in (f"{found[kind]:.2f}", f"{found[kind] / found['clean']:.3f}"))]
        for kind in bleu["here"]
    ]
    table(head, body)


if __name__ == "__main__":
    main()
