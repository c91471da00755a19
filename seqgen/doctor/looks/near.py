"""Sources that nearly repeat one another: the same but for a word, a number, a mark.

Candidates are found by MinHash with bands (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, §3.3-3.4)
over four bytes in a row, and compared in full.

Shape legend: N pairs, P pairs of a piece, K hash functions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqgen.doctor.findings import Findings
from seqgen.doctor.kinds import BITS
from seqgen.doctor.looks.languages import SIZE, letters
from seqgen.doctor.spool import Piece, Spool

BANDS, ROWS = 6, 3
# Share of equal minima that makes two sources worth comparing, and the share of n-grams that they must have in common.
WORTH, ALIKE = 0.6, 0.8
# Shorter sources are alike by chance.
SHORTEST = 20
SHOWN = 60


def look(findings: Findings, spool: Spool) -> None:
    """Find sources that nearly repeat an earlier one, other than those that are the same."""
    rng = np.random.default_rng(0)
    factors = rng.integers(1, 1 << 32, BANDS * ROWS, dtype=np.uint64).astype(np.uint32) | np.uint32(1)
    minima = [_minima(piece, factors) for piece in spool.pieces()]
    if not minima:
        return
    signatures = np.concatenate(minima, axis=1)  # [K, N]
    seen: set[tuple[int, int]] = set()
    for band in range(BANDS):
        for left, right in _neighbours(signatures[band * ROWS : (band + 1) * ROWS]):
            if (left, right) in seen or (signatures[:, left] == signatures[:, right]).mean() < WORTH:
                continue
            seen.add((left, right))
            one, other = spool[left], spool[right]
            alike = _alike(one.record.source, other.record.source)
            is_new = not findings.flags[right] & BITS["near"]
            if is_new and alike >= ALIKE and one.record.source != other.record.source:
                like = f"like {one.file}:{one.record.where}: {one.record.source[:SHOWN]}"
                findings.add("near", right, alike, like)


def _minima(piece: Piece, factors: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The least value of each hash function over the n-grams of each source [K, P]; short sources have values of their own."""
    grams = _codes(piece)
    begin, end = piece.begin[0], np.maximum(piece.end[0] - SIZE + 1, piece.begin[0])
    long = end - begin >= SHORTEST
    own = (np.arange(piece.first, piece.first + len(piece)) * 2654435761 % (1 << 32)).astype(np.uint32)
    found = np.tile(own, (len(factors), 1))
    if long.any():
        # Between the end of one source and the beginning of the next lie n-grams of no source.
        edges = np.stack([begin[long], end[long]], axis=1).reshape(-1)  # [2 P]
        padded = np.append(grams, np.uint32(0xFFFFFFFF))
        for row, factor in enumerate(factors):
            found[row, long] = np.minimum.reduceat(_mixed(padded, factor), edges)[::2]
    return found


def _codes(piece: Piece) -> NDArray[np.uint32]:
    """The four bytes that begin at each byte."""
    data = np.concatenate([letters()[piece.data], np.full(SIZE, 0x20, np.uint8)]).astype(np.uint32)
    codes: NDArray[np.uint32] = (
        data[:-4] | data[1:-3] << np.uint32(8) | data[2:-2] << np.uint32(16) | data[3:-1] << np.uint32(24)
    )
    return codes


def _mixed(codes: NDArray[np.uint32], factor: np.uint32) -> NDArray[np.uint32]:
    mixed = codes * factor
    mixed ^= mixed >> np.uint32(15)
    return np.asarray(mixed * (factor ^ np.uint32(0x9E3779B1) | np.uint32(1)), np.uint32)


def _neighbours(rows: NDArray[np.uint32]) -> list[tuple[int, int]]:
    """Pairs of places, the earlier first, whose `rows` [ROWS, N] are the same: each with the one before it."""
    order = np.lexsort((np.arange(rows.shape[1]), *rows))
    same = (np.diff(rows[:, order], axis=1) == 0).all(0)
    return list(zip(order[:-1][same].tolist(), order[1:][same].tolist(), strict=True))


def _alike(left: str, right: str) -> float:
    """The share of runs of four characters that two texts have in common (Jaccard's coefficient), whatever their case."""
    one, other = ({text[at : at + SIZE] for at in range(len(text) - SIZE + 1)} for text in (left.lower(), right.lower()))
    return len(one & other) / max(1, len(one | other))
