"""Pairs to be examined: those that come along, shuffled, with what tests put in."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from seqgen.doctor.examination import Examination, examined
from seqgen.doctor.kinds import KINDS
from seqgen.doctor.spool import Spool
from seqgen.formats.document import Record

Pair = tuple[str, str]
CORPORA = Path(__file__).parents[2] / "corpora"


def pairs_of(name: str, count: int) -> list[Pair]:
    """Pairs of english-french or english-korean."""
    lines = (CORPORA / f"{name}.heldout.tsv").read_text("utf-8").splitlines()
    lines += (CORPORA / f"{name}.train.tsv").read_text("utf-8").splitlines()[: max(0, count - len(lines))]
    rows = [tuple(line.split("\t")) for line in lines[:count]]
    random.Random(0).shuffle(rows)
    return [(source, target) for source, target in rows]


@contextmanager
def examination(pairs: Iterable[Pair], **how: object) -> Iterator[Examination]:
    """The examination of pairs."""
    records = (("a.tsv", Record(*pair, place)) for place, pair in enumerate(pairs, 1))
    with Spool(in_memory=True) as spool:
        yield examined(records, spool, **how)  # type: ignore[arg-type]


def counts(found: Examination) -> dict[str, int]:
    """How many of each kind there are, without kinds of which there are none."""
    return {kind: count for kind in KINDS if (count := found.findings.count(kind))}
