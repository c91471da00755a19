"""The examination of a corpus: each pair is read once, spooled, and seen by all looks. Lines of a text are pairs without
targets."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seqgen.data.clean import REASONS, Looks, is_empty, is_equal, judged
from seqgen.doctor.findings import Findings
from seqgen.doctor.kinds import CLEANED, KINDS
from seqgen.doctor.looks import languages, repeats, shifts, texts
from seqgen.doctor.spool import PIECE, Kept, Spool
from seqgen.formats.document import Record
from seqgen.formats.read import tidied

# A line of a text is boilerplate if it comes again, unless it is short.
SHORT_LINE = 40


class Measured:
    """What is kept of each pair in memory."""

    def __init__(self) -> None:
        self._rows: list[NDArray[np.int64]] = []
        self.words = [0, 0]
        self._all: NDArray[np.int64] | None = None

    def extend(self, sources: Sequence[str], targets: Sequence[str]) -> None:
        """Measure a piece of P pairs."""
        size = len(sources)
        rows = [np.fromiter(map(measure, side), np.int64, size) for measure in (len, hash) for side in (sources, targets)]
        empty = np.fromiter(map(is_empty, sources, targets), np.int64, size)
        equal = np.fromiter(map(is_equal, sources, targets), np.int64, size)
        self._rows.append(np.stack([*rows, empty, equal]))  # [6, P]
        for side, texts_ in enumerate((sources, targets)):
            self.words[side] += " ".join(texts_).count(" ") + 1

    def lengths(self, side: int) -> NDArray[np.int64]:
        """Characters of all texts of a side [N]."""
        return self._row(side)

    def hashed(self, side: int) -> NDArray[np.int64]:
        """Hashes of all texts of a side [N]."""
        return self._row(2 + side)

    def looks(self, repeated: NDArray[np.bool_]) -> Looks:
        """How all pairs look to cleaning; those that are `repeated` are known."""
        empty, equal = (self._row(row).astype(np.bool_) for row in (4, 5))
        return Looks(self.lengths(0), self.lengths(1), empty, repeated, equal)

    def _row(self, number: int) -> NDArray[np.int64]:
        if self._all is None:
            self._all = np.concatenate([np.zeros((6, 0), np.int64), *self._rows], axis=1)  # [6, N]
            self._rows.clear()
        row: NDArray[np.int64] = self._all[number]
        return row


@dataclass
class Examination:
    """What was examined, and found: `shifted` stretches, `held` texts that are held out."""

    spool: Spool
    findings: Findings
    measured: Measured
    is_text: bool
    held: int = 0
    shifted: list[shifts.Stretch] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.spool)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which pairs are left when all that is wrong with them is taken out."""
        return ~self.findings.of_any(name for name, kind in KINDS.items() if kind.removed)


def examined(
    records: Iterable[tuple[str, Record]],
    spool: Spool,
    *,
    is_text: bool = False,
    shown: int = 10,
    held: Iterable[str] = (),
    deep: bool = False,
    progress: Callable[[int], None] = lambda read: None,
) -> Examination:
    """Look at pairs, each with the label of its file; `held` are held-out sources, `shown` how many of each kind are kept as
    examples; `progress` is told how many bytes were read. With `deep` also what takes minutes."""
    found = Examination(spool, Findings(0, shown), Measured(), is_text)
    _read(found, records, progress)
    measured, findings = found.measured, found.findings
    known = np.fromiter({hash(text) for text in held}, np.int64)
    found.held = len(known)
    texts.look(findings, spool, is_text)
    languages.look(findings, spool)
    if is_text:
        again = repeats.repeated(measured.hashed(0), measured.hashed(1)) & (measured.lengths(0) >= SHORT_LINE)
        _add_sized(found, "repeated", again)
        _add_sized(found, "known", np.isin(measured.hashed(0), known) & (measured.lengths(0) >= SHORT_LINE))
        return found
    repeated = repeats.look(findings, measured.hashed(0), measured.hashed(1), known)
    _clean(found, repeated)
    found.shifted = shifts.look(findings, spool, measured.lengths(0), measured.lengths(1))
    if deep:
        from seqgen.doctor.looks import near, terms

        near.look(findings, spool)
        terms.look(findings, spool)
    return found


def _read(found: Examination, records: Iterable[tuple[str, Record]], progress: Callable[[int], None]) -> None:
    """Spool and measure all pairs. Characters that reading takes out are found here, as they are gone behind it."""
    rest = iter(records)
    while piece := list(itertools.islice(rest, PIECE)):
        first = len(found.spool)
        found.findings.grow(len(piece))
        pairs = []
        for place, (file, record) in enumerate(piece, first):
            source, target, removed = tidied(record.source, record.target, True)
            if removed:
                for finding in texts.unseen(record.source, record.target):
                    found.findings.add(finding[0], place, *finding[1:])
            pairs.append(Kept(file, Record(source, target, record.where, record.name)))
        found.measured.extend([kept.record.source for kept in pairs], [kept.record.target for kept in pairs])
        found.spool.extend(pairs)
        progress(found.spool.bytes)


def _clean(found: Examination, repeated: NDArray[np.bool_]) -> None:
    """Add what training leaves out by itself."""
    looks = found.measured.looks(repeated)
    reasons = judged(looks)
    for number in range(1, len(REASONS)):
        places = np.flatnonzero(reasons == number)
        sizes = np.stack([looks.source, looks.target])[:, places]
        badness = sizes.max(0) / sizes.min(0).clip(1)
        said = [f"{source:,} and {target:,} characters" for source, target in sizes.T.tolist()]
        found.findings.add_all(CLEANED[number - 1], places, badness, said.__getitem__)


def _add_sized(found: Examination, kind: str, are: NDArray[np.bool_]) -> None:
    """Add lines, the longest of which are the worst."""
    places = np.flatnonzero(are)
    sizes = found.measured.lengths(0)[places].astype(np.float64)
    found.findings.add_all(kind, places, sizes, lambda at: f"{sizes[at]:,.0f} characters")
