"""The model that only counts: the last symbols decide. There is nothing to plan but the order, which held-out text chooses."""

from __future__ import annotations

from seqgen.families.base import Family

MARKOV = Family("language", "markov", "a model that counts", counts=True)
