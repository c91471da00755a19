"""What a run of records learns from: they are held out one by one, and mixed before they are read."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from seqgen.config import Config
from seqgen.data.record_text import END, LABEL_END, held_out
from seqgen.draw.human import plural
from seqgen.errors import CorpusError
from seqgen.formats.read import Corpus
from seqgen.formats.records import read_records
from seqgen.formats.sources import Sources
from seqgen.training.request import Request

VALID_FRAC = 0.1
# Labels that a run remembers.
MOST_LABELS = 1_000
# Fewer records are all learnt from.
SHORTEST_SPLIT = 100


def split_into_records(request: Request, config: Config, how: dict[str, Any]) -> tuple[Config, Corpus, int, list[str]]:
    """The records as one text, those to learn from first, in an order of their own; how many characters these have; notes."""
    assert config.records
    kind = config.records
    records, corpus = read_records(_sources(request.inputs, how), kind, config.label)
    notes: list[str] = []
    if request.valid:
        config = config.planned(valid_frac=0.0)
        valid, other = read_records(_sources(request.valid, how), kind, config.label)
        notes += other.notes
        train = records
    else:
        fraction = VALID_FRAC if len(records) >= SHORTEST_SPLIT else 0.0
        config = config.planned(valid_frac=fraction)
        out = held_out(records, config.valid_frac or 0.0)
        train = [one for one, is_out in zip(records, out, strict=True) if not is_out]
        valid = [one for one, is_out in zip(records, out, strict=True) if is_out]
    if not train:
        raise CorpusError(f"{', '.join(corpus.names)}: all records are held out", "give more, or --valid-frac 0")
    if not valid:
        notes.append(f"none of {plural(len(records), 'record')} are held out: there will be no validation score")
    again = len(records) - len(set(records))
    notes += [f"{plural(again, 'record is', 'records are')} there before; all of the same are on one side"] if again else []
    notes.append(f"records: {len(train):,} to learn from, {len(valid):,} held out")
    rng = np.random.default_rng(config.seed)
    mixed = [part[place] for part in (train, valid) for place in rng.permutation(len(part)).tolist()]
    cut = sum(map(len, train))
    return config, replace(corpus, text="".join(mixed)), cut, notes


def labels_of(text: str, config: Config) -> dict[str, Any]:
    """How often each label stands in a text of records: a fact of the run, for whoever asks for one."""
    if not config.label:
        return {}
    return {"labels": dict(Counter(re.findall(f"(?:^|{END})([^{END}{LABEL_END}]*){LABEL_END}", text)).most_common(MOST_LABELS))}


def _sources(names: tuple[str, ...], how: dict[str, Any]) -> Sources:
    return Sources(names, "text", how["encoding"], how["wanted"], how["limit"], how["way"], how["begun"])
