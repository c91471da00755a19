"""Markov models: the last r symbols decide. Counting, smoothing and scoring in NumPy."""

from __future__ import annotations

from seqgen.markov.fit import fit
from seqgen.markov.model import Markov
from seqgen.markov.scorer import MarkovScorer

__all__ = ["Markov", "MarkovScorer", "fit"]
