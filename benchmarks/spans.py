"""What must survive a translation: how much does, how often it had to be put in, and what it costs.

    python benchmarks/spans.py checkpoints/tiny-english-french corpora/english-french.heldout.tsv [--before CHECKOUT]
    python benchmarks/spans.py RUN --src FILE --tgt FILE

Into 1,000 held-out pairs something of each kind is put beside (tags: around) a word of the source and the word of the target
that goes with it, or at the end where no such words are found; then the sources are translated. Kept means: it is in the
translation as often as in the line (a number perhaps with the marks that the run has learnt; tags in order). --before uses
another checkout.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from report import header, table

from seqgen.data.sentence.edits import Edit, edited
from seqgen.data.sentence.numerals import NumberForms
from seqgen.metrics.overlap import corpus_scores
from seqgen.training.translation.variants import Together, partners

ROOT = Path(__file__).parent.parent
LINES = 1_000
WORDS = "alpha beta gamma delta omega report chart index data page".split()
EMOJI = "😀 🎉 👍🏽 ❤️ 👨‍👩‍👧 🇰🇷 ☕ 🚀".split()
UNSEEN = "Łódź Ωμέγα Привет ☃ § ‡ ⟦⟧ ಠ_ಠ こんにちは".split()


def _number(digits: int, rng: random.Random) -> str:
    return str(rng.randint(1 if digits == 1 else 10 ** (digits - 1), 10**digits - 1))


def span_of(kind: str, rng: random.Random) -> tuple[str, ...]:
    """One span of a kind; two for a pair of tags."""
    a, b = rng.choice(WORDS), rng.choice(WORDS)
    n = rng.randint(10, 999)
    if kind.startswith("number"):
        return (_number(int(kind.split()[1]), rng),)
    choices: dict[str, list[tuple[str, ...]]] = {
        "URL": [(f"https://www.{a}.org/{b}?id={n}",), (f"http://{a}.com",), (f"www.{a}-{b}.net/x_{n}.html",)],
        "e-mail": [(f"{a}.{b}@{a}.co.uk",), (f"{a}{n}@{b}.org",)],
        "path": [(f"/usr/{a}/{b}.txt",), (f"C:\\{a}\\{b}.doc",), (f"{a}/{b}.py",)],
        "format": [("%s",), ("{0}",), (f"{{{a}}}",), (f"${{{a}}}",), (f"%({a})d",), ("%1$s",)],
        "code": [(f"{a[0].upper()}{b[0].upper()}-{n}",), (f"{a}_{b}",), (f"{a[0].upper()}{n}",)],
        "tags": [("<b>", "</b>"), (f'<a href="{a}.html">', "</a>"), ("<i>", "</i>")],
        "entity": [("&amp;",), ("&nbsp;",), ("&#8364;",)],
        "emoji": [(one,) for one in EMOJI],
        "unseen": [(one,) for one in UNSEEN],
        "decimal": [(f"{n}.{rng.randint(10, 99)}",), (f"{n % 24}:{n % 50 + 10}",), (f"{n % 90 + 10},{rng.randint(100, 999)}",)],
    }
    return rng.choice(choices[kind])


KINDS = ("URL", "e-mail", "path", "format", "code", "tags", "entity", "emoji", "unseen", "decimal",
         *(f"number {digits}" for digits in range(1, 13)))  # fmt: skip


def place_of(source: str, target: str, kind: str, together: Together, rng: random.Random) -> tuple[tuple[int, int], ...]:
    """Where it goes: around two words that belong together, or in front of two that follow on two others that do, so that
    there is no doubt where it belongs; else around all, or to the end."""
    sure = partners(source, target, together)
    if kind != "tags":
        ends = {(s[1], t[1]) for s, t in sure}
        sure = [(s, t) for s, t in sure if (s[0] - 1, t[0] - 1) in ends]
    if sure:
        return rng.choice(sure)
    return ((0, len(source)), (0, len(target))) if kind == "tags" else ((len(source),) * 2, (len(target),) * 2)


def placed(source: str, target: str, kind: str, spans: tuple[str, ...], places: tuple[tuple[int, int], ...]) -> tuple[str, str]:
    """A pair with a span in both sides."""
    sides = []
    for text, place in zip((source, target), places, strict=True):
        start, stop = place
        if kind == "tags":
            edits = [Edit(start, start, spans[0]), Edit(stop, stop, spans[1])]
        else:
            edits = [Edit(start, start, spans[0] + " ") if start < len(text) else Edit(start, start, " " + spans[0])]
        sides.append(edited(text, edits))
    return sides[0], sides[1]


def is_kept(kind: str, spans: tuple[str, ...], source: str, translation: str, marks: dict[str, str]) -> bool:
    """Whether it is there as often as in the source."""
    if kind == "tags":
        opened, closed = (translation.find(span) for span in spans)
        return 0 <= opened < closed and all(translation.count(span) == 1 for span in spans)
    forms = {spans[0], NumberForms(marks).applied(spans[0])} if kind == "decimal" or kind.startswith("number") else {spans[0]}

    def count(text: str) -> int:
        return sum(len(re.findall(rf"(?<!\d){re.escape(form)}(?!\d)", text)) for form in forms)

    return count(translation) == count(source)


def translated(run: Path, sources: list[str], checkout: Path = ROOT) -> list[dict[str, object]]:
    """The records of `seqgen translate --json` of a checkout."""
    command = [sys.executable, "-m", "seqgen", "translate", "-q", "--json", "-m", str(run.resolve())]
    env, text = {**os.environ, "PYTHONPATH": str(checkout.resolve())}, "\n".join(sources) + "\n"
    done = subprocess.run(command, input=text, env=env, cwd="/", check=True, capture_output=True, text=True, encoding="utf-8")
    return [json.loads(line) for line in done.stdout.splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("pairs", type=Path, nargs="?", help="tab-separated")
    parser.add_argument("--src", type=Path)
    parser.add_argument("--tgt", type=Path)
    parser.add_argument("--before", type=Path, default=ROOT, help="another checkout")
    arguments = parser.parse_args()
    if arguments.pairs:
        rows = [line.split("\t")[:2] for line in arguments.pairs.read_text(encoding="utf-8").split("\n") if "\t" in line]
    else:
        left, right = (path.read_text(encoding="utf-8").splitlines() for path in (arguments.src, arguments.tgt))
        rows = [list(pair) for pair in zip(left, right, strict=True)]
    rng = random.Random(1)
    together = Together([(source, target) for source, target in rows])
    made, clean = [], []
    for number in range(LINES):
        source, target = rows[number % len(rows)]
        kind = KINDS[number % len(KINDS)]
        spans = span_of(kind, rng)
        places = place_of(source, target, kind, together, rng)
        made.append((kind, spans, *placed(source, target, kind, spans, places)))
        clean.append((source, target))
    header(f"What must survive: {arguments.run.name}, {LINES:,} lines" + (", before" if arguments.before != ROOT else ""))
    facts = json.loads((arguments.run / "config.json").read_text(encoding="utf-8"))["corpus"]
    records = translated(arguments.run, [source for _, _, source, _ in made], arguments.before)
    plain = translated(arguments.run, [source for source, _ in clean], arguments.before)
    rows_by_kind: dict[str, list[int]] = defaultdict(list)
    for row, (kind, *_) in enumerate(made):
        rows_by_kind[kind].append(row)
    rows_by_kind["all"] = list(range(LINES))
    body = []
    for kind, chosen in rows_by_kind.items():
        kept = [
            is_kept(made[row][0], made[row][1], made[row][2], str(records[row]["translation"]), facts.get("number_marks", {}))
            for row in chosen
        ]
        repaired = [bool(records[row].get("repaired")) for row in chosen]
        bleu = [
            corpus_scores(
                [str(found[row]["translation"]) for row in chosen], [pairs[row][-1] for row in chosen], metrics=("BLEU",)
            )[0].value
            for found, pairs in ((records, made), (plain, clean))
        ]
        share = f"{bleu[0] / bleu[1]:.3f}" if bleu[1] else "-"
        body.append(
            [
                kind,
                str(len(chosen)),
                f"{np.mean(kept):.1%}",
                f"{np.mean(repaired):.1%}",
                f"{bleu[0]:.2f}",
                f"{bleu[1]:.2f}",
                share,
            ]
        )
        for row, is_ in zip(chosen, kept, strict=True):
            if not is_ and kind != "all":
                print(f"lost ({kind}): {made[row][2]} -> {records[row]['translation']}", file=sys.stderr)
    table(["kind", "lines", "kept", "repaired", "BLEU", "BLEU without", "share"], body)


if __name__ == "__main__":
    main()
