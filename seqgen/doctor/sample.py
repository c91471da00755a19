"""The fast part of the examination, for a training that is about to begin: stretches of the pairs, which takes a second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqgen.doctor.examination import examined
from seqgen.doctor.kinds import CLEANED, hurts, kinds_of
from seqgen.doctor.spool import Spool
from seqgen.draw.human import plural
from seqgen.formats.document import Record

# Stretches, evenly spread, and the pairs of each: neighbours are needed to see that pairs are shifted.
STRETCHES, PAIRS = 20, 1_000


def warnings(sources: Sequence[str], targets: Sequence[str], command: str) -> list[str]:
    """What would hurt a training on these pairs, in sentences that name the `command` to see it. None of what cleaning leaves
    out."""
    with Spool(in_memory=True) as spool:
        found = examined((("", record) for record in _sampled(sources, targets)), spool, shown=0)
    of = f"{len(found):,}" + (f" that were looked at, of {len(sources):,}" if len(found) < len(sources) else "")
    said = [
        f"{plural(found.findings.count(kind.name), 'pair')} {kind.what} among {of}: {kind.why}"
        for kind in kinds_of(lines=False, deep=False)
        if kind.name not in CLEANED and hurts(kind, found.findings.count(kind.name), len(found))
    ]
    return [f"{one}; to see them: {command}" for one in said]


def _sampled(sources: Sequence[str], targets: Sequence[str]) -> Iterator[Record]:
    """Stretches of the pairs; all of them where they are few."""
    count = len(sources)
    if count <= STRETCHES * PAIRS:
        starts, size = [0], count
    else:
        starts, size = [number * (count - PAIRS) // (STRETCHES - 1) for number in range(STRETCHES)], PAIRS
    for start in starts:
        for place in range(start, start + size):
            yield Record(sources[place], targets[place], place + 1)
