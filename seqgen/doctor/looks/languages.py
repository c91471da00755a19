"""Which side's language a text is in, told by the corpus itself: counts of four bytes in a row on each side.

A text is in the other side's language where the other side's counts make it far likelier (naive Bayes over n-grams, as in
Lui and Baldwin 2012), and in a third one where most of its n-grams are on no side. Nobody has to name languages, and dialects
that cannot be told apart raise no alarm. Case, digits and punctuation say nothing.

Shape legend: N pairs, P pairs of a piece, L bytes of a piece, H n-grams that are told apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seqgen.doctor.findings import Findings
from seqgen.doctor.spool import Piece, Spool

SIZE = 4
BITS = 18
# Pairs that are counted. An n-gram that only the text itself brings in counts for nothing: it is taken out before.
SAMPLE = 60_000
SMOOTHING = 0.2
# Nats in all, and for each n-gram, by which the other side has to be likelier. Names stand on both sides.
SURE, SURE_EACH = 12.0, 0.6
# N-grams a text has to have before a third language is told, and the share of them that its own side has to lack: that many
# times as many as usual texts, and so much more than nearly all (a QUANTILE) of them, as a small corpus lacks much.
LEAST, STRANGE, UNUSUAL, QUANTILE, ABOVE = 16, 0.65, 2.5, 0.95, 0.15


def letters() -> NDArray[np.uint8]:
    """Bytes as they are compared: letters in lower case, parts of longer characters as they are, all else a space."""
    kept = [byte if byte >= 0x80 or chr(byte).isalpha() else 0x20 for byte in range(256)]
    return np.array([byte | 0x20 if byte < 0x80 else byte for byte in kept], np.uint8)


class Languages:
    """The n-grams of both sides: `counts` [2, H] of a sample of pairs."""

    def __init__(self, spool: Spool, seed: int = 0) -> None:
        self._table = letters()
        self.counts = np.zeros((2, 1 << BITS), np.float32)
        rng = np.random.default_rng(seed)
        share = SAMPLE / max(1, len(spool))
        for piece in spool.pieces():
            grams = self.grams(piece)
            rows = np.asarray(rng.random(len(piece)) < share)
            for side in (0, 1):
                inside = _inside(piece, side, rows)
                self.counts[side] += np.bincount(grams[inside], minlength=1 << BITS)

    def grams(self, piece: Piece) -> NDArray[np.uint32]:
        """The n-gram that begins at each byte [L], as a number below H."""
        bytes_ = np.concatenate([self._table[piece.data], np.full(SIZE, 0x20, np.uint8)]).astype(np.uint32)
        code = bytes_[:-SIZE].copy()
        for offset in range(1, SIZE):
            code |= bytes_[offset : offset - SIZE] << np.uint32(8 * offset)
        # Multiplicative hashing (Knuth, The Art of Computer Programming, vol. 3, §6.4): the upper bits are mixed best.
        return np.asarray((code * np.uint32(2654435769)) >> np.uint32(32 - BITS), np.uint32)

    def likelier(self) -> NDArray[np.float32]:
        """By how many nats each n-gram is likelier on its own side than on the other [2, H], without one occurrence here."""
        own = np.log(np.maximum(self.counts - 1, 0) + SMOOTHING) - np.log(self._totals())
        other = np.log(self.counts[::-1] + SMOOTHING) - np.log(self._totals()[::-1])
        return np.asarray(own - other, np.float32)

    def _totals(self) -> NDArray[np.float32]:
        return np.asarray(self.counts.sum(1, keepdims=True) + SMOOTHING * (1 << BITS), np.float32)


def _inside(piece: Piece, side: int, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """At which bytes of a piece an n-gram begins that lies in the texts of a side, of these rows [L]."""
    edges = np.zeros(len(piece.data) + 1, np.int32)
    begin = piece.begin[side][rows]
    end = np.maximum(piece.end[side][rows] - SIZE + 1, begin)
    np.add.at(edges, begin, 1)
    np.add.at(edges, end, -1)
    return np.cumsum(edges[:-1]) > 0


def look(findings: Findings, spool: Spool) -> None:
    """Find pairs with swapped sides, and with a side in another language; texts whose targets are all empty are of one."""
    languages = Languages(spool)
    likelier = languages.likelier()
    lacking = (languages.counts <= 1).astype(np.float32)
    scores: list[NDArray[np.float64]] = []
    for piece in spool.pieces():
        grams = languages.grams(piece)
        scores.append(np.stack([_sums(piece, side, grams, (likelier, lacking)) for side in (0, 1)]))
        # A name is its own translation.
        scores[-1][:, :, _are_equal(piece)] = 0.0
    if not scores:
        return
    size, own, lack = np.moveaxis(np.concatenate(scores, axis=2), 1, 0)  # each [2, N]
    _judge(findings, size, own, lack)


def _are_equal(piece: Piece) -> NDArray[np.bool_]:
    """Whether both sides of a pair are the same text [P]."""
    sizes = piece.end - piece.begin
    found = sizes[0] == sizes[1]
    for at in np.flatnonzero(found).tolist():
        found[at] = piece.text(0, at) == piece.text(1, at)
    return np.asarray(found, np.bool_)


def _sums(
    piece: Piece, side: int, grams: NDArray[np.uint32], tables: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> NDArray[np.float64]:
    """For each text of a side its n-grams, and the sums over them of two tables [3, P]."""
    begin = piece.begin[side]
    end = np.maximum(piece.end[side] - SIZE + 1, begin)
    sums = [np.concatenate([[0.0], np.cumsum(table[side][grams], dtype=np.float64)]) for table in tables]
    return np.stack([(end - begin).astype(np.float64), *(total[end] - total[begin] for total in sums)])


def _judge(findings: Findings, size: NDArray[np.float64], own: NDArray[np.float64], lack: NDArray[np.float64]) -> None:
    """Swapped where both sides are sure to be the other's; in another language where one is, or where hardly any of its n-grams
    is known while those of most texts are. All [2, N]."""
    other = (own < -SURE) & (own < -SURE_EACH * size) & (size[1].any())
    swapped = other[0] & other[1]
    share = lack / np.maximum(size, 1)
    long = size >= LEAST
    least = np.array([_strange_share(share[side][long[side]]) for side in (0, 1)])
    strange = long & (share > least[:, None])
    places = np.flatnonzero(swapped)
    findings.add_all("swapped", places, -own[:, places].sum(0), lambda at: "each side looks like the other's language")
    for side, name, there in ((0, "source", "target"), (1, "target", "source")):
        places = np.flatnonzero(other[side] & ~swapped)
        findings.add_all("language", places, -own[side][places], lambda at: f"the {name} looks like the {there}'s language")  # noqa: B023
        places = np.flatnonzero(strange[side] & ~other[side])
        badness = share[side][places] * np.sqrt(size[side][places])
        findings.add_all("language", places, badness, lambda at: f"the {name} is like none of the other {name}s")  # noqa: B023


def _strange_share(shares: NDArray[np.float64]) -> float:
    """From which share of lacking n-grams on a text is strange, by the shares of all."""
    if not len(shares):
        return 1.0
    usual, nearly_all = np.quantile(shares, (0.5, QUANTILE))
    return float(max(STRANGE, UNUSUAL * usual, nearly_all + ABOVE))
