"""Markov models: the last r symbols decide. Counting, smoothing and scoring in NumPy."""

from __future__ import annotations

from seqgen.markov.fit import fit
from seqgen.markov.lookup import Lookups, look_up
from seqgen.markov.model import Markov
from seqgen.markov.scorer import MarkovScorer

__all__ = ["Lookups", "Markov", "MarkovScorer", "fit", "look_up"]
