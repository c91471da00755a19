"""What is there more than once: pairs, sources with several targets, and what is held out as well. Texts are told apart by
hashes of 64 bits, so that they need not stay in memory.

Shape legend: N pairs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqgen.doctor.findings import Findings

Hashes = NDArray[np.int64]


def look(findings: Findings, sources: Hashes, targets: Hashes, held: Hashes) -> NDArray[np.bool_]:
    """Find sources with several targets, and those among the `held` out ones; the hashes of both sides are [N]. Returns which
    pairs are the same as an earlier one [N]."""
    _conflicts(findings, sources, targets)
    places = np.flatnonzero(np.isin(sources, held))
    findings.add_all("known", places, np.zeros(len(places)), lambda at: "its source is held out")
    return repeated(sources, targets)


def repeated(sources: Hashes, targets: Hashes) -> NDArray[np.bool_]:
    """Which pairs are the same as one before them [N]."""
    order = np.lexsort((np.arange(len(sources)), targets, sources))
    same = (np.diff(sources[order]) == 0) & (np.diff(targets[order]) == 0)
    found = np.zeros(len(sources), np.bool_)
    found[order[1:][same]] = True
    return found


def _conflicts(findings: Findings, sources: Hashes, targets: Hashes) -> None:
    """Pairs of a source that has other targets elsewhere; those of the source with most targets are the worst."""
    if not len(sources):
        return
    order = np.lexsort((targets, sources))
    new_source = np.concatenate([[True], np.diff(sources[order]) != 0])
    new_target = new_source | np.concatenate([[True], np.diff(targets[order]) != 0])
    group = np.cumsum(new_source) - 1
    different = np.bincount(group, weights=new_target)[group]  # [N], in this order
    several = different > 1
    places, counts = order[several], different[several]
    # One example of each source says it.
    findings.add_all("conflict", places, counts * new_source[several], lambda at: f"{counts[at]:,.0f} targets")
