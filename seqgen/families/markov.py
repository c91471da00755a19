"""The model that only counts: the last symbols decide. Only its order has to be planned; held-out text chooses it."""

from __future__ import annotations

from seqgen.families.base import Family

MARKOV = Family("language", "markov", "a model that counts", counts=True)
