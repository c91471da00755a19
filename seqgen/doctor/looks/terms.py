"""Terms that are translated in one way nearly always, and in another way here and there.

A word of the target belongs to a word of the source where they stand together far more often than apart (Dice's coefficient, as
Smadja, McKeown and Hatzivassiloglou 1996 use it). Inflected forms count as one word: their beginnings are compared.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from seqgen.doctor.findings import Findings
from seqgen.doctor.spool import Spool

# A term is in that many pairs, but in no more than this share of all: what is everywhere is grammar.
LEAST, MOST = 10, 0.02
# Terms that are looked at, the commonest first.
TERMS = 3_000
# Its translation stands in that share of its pairs, and belongs to it more than to others.
USUAL, DICE = 0.75, 0.5
# Letters that a word is told by; syllables, in scripts that write them as one character.
STEM, SYLLABLES = 6, 2
_WORD = re.compile(r"[\u1100-\uffdc]{2,}|[^\W\d_]{3,}")


def look(findings: Findings, spool: Spool) -> None:
    """Find pairs that have a term, but not its usual translation."""
    in_sources, in_targets = (_counted(spool, side) for side in (0, 1))
    most = max(LEAST, MOST * len(spool))
    terms = [
        word for word, count in in_sources.most_common() if LEAST <= count <= most and (len(word) >= 4 or word >= "\u1100")
    ]
    terms = terms[:TERMS]
    usual = _usual(spool, set(terms), in_sources, in_targets)
    for piece in spool.pieces():
        for at, (source, target) in enumerate(zip(piece.texts(0), piece.texts(1), strict=True)):
            in_source = words(source)
            there: dict[str, str] | None = None
            for term in in_source.keys() & usual.keys():
                there = words(target) if there is None else there
                stem, share, shown = usual[term]
                if stem not in there:
                    said = f"{in_source[term]}: {100 * share:.4g} % of its pairs have {shown}"
                    findings.add("terms", piece.first + at, share, said)


def words(text: str) -> dict[str, str]:
    """The words of a text, by how they begin."""
    return {word[: SYLLABLES if word >= "\u1100" else STEM]: word for word in _WORD.findall(text.lower())}


def _counted(spool: Spool, side: int) -> Counter[str]:
    """In how many texts of a side each word stands."""
    found: Counter[str] = Counter()
    for piece in spool.pieces():
        for text in piece.texts(side):
            found.update(words(text).keys())
    return found


def _usual(
    spool: Spool, terms: set[str], in_sources: Counter[str], in_targets: Counter[str]
) -> dict[str, tuple[str, float, str]]:
    """The usual translation of each term that has one: how it begins, in which share of the pairs it stands, a whole word."""
    together: defaultdict[str, Counter[str]] = defaultdict(Counter)
    whole: dict[str, str] = {}
    for piece in spool.pieces():
        for source, target in zip(piece.texts(0), piece.texts(1), strict=True):
            if found := words(source).keys() & terms:
                there = words(target)
                whole.update(there)
                for term in found:
                    together[term].update(there.keys())
    usual: dict[str, tuple[str, float, str]] = {}
    for term, counts in together.items():
        best = max(counts, key=lambda word: 2 * counts[word] / (in_sources[term] + in_targets[word]), default="")
        share = counts[best] / in_sources[term] if best else 0.0
        if USUAL <= share < 1 and 2 * counts[best] / (in_sources[term] + in_targets[best]) >= DICE:
            usual[term] = (best, share, whole[best])
    return usual
