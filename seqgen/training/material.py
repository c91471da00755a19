"""What a run learns from and is measured on: the text in two parts, as text and as ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.config import Config
from seqgen.data.split import VALID_LIMIT, split_text
from seqgen.errors import CorpusError
from seqgen.evaluation import conditioned
from seqgen.formats.read import Corpus, read_texts
from seqgen.tokenizers import tokenizer_class
from seqgen.tokenizers.base import Tokenizer

VALID_FRAC = 0.1
SHORTEST_SPLIT = 1_000


@dataclass(frozen=True)
class Material:
    """`train` and `valid` are ids; `valid` begins with the newline before its first symbol, empty where there is none."""

    tokenizer: Tokenizer
    train_text: str
    valid_text: str
    train: NDArray[Any]
    valid: NDArray[Any]
    facts: dict[str, Any]
    notes: tuple[str, ...]

    @property
    def held_out(self) -> int:
        """How many symbols are scored."""
        return max(0, len(self.valid) - 1)


def read(inputs: Sequence[str], valid: Sequence[str], config: Config) -> tuple[Config, Material]:
    """Read and split the text, learn its vocabulary. Raises CorpusError where there is not enough of it."""
    corpus = read_texts(inputs, encoding=config.encoding)
    notes = list(corpus.notes)
    if len(corpus.text) < 2:
        raise CorpusError(f"{', '.join(corpus.names)}: a model needs two symbols or more, found {len(corpus.text)}")
    if valid:
        held_out = read_texts(valid, encoding=config.encoding)
        notes += held_out.notes
        config = config.planned(valid_frac=0.0)
        train_text, valid_text = corpus.text, held_out.text[:VALID_LIMIT]
        note = f"held-out text: the first {VALID_LIMIT:,} symbols" if len(held_out.text) > VALID_LIMIT else None
    else:
        enough = len(corpus.text) >= SHORTEST_SPLIT
        config = config.planned(valid_frac=VALID_FRAC if enough else 0.0)
        assert config.valid_frac is not None
        train_text, valid_text, note = split_text(corpus.text, config.valid_frac)
        if not enough and not valid_text:
            note = f"{len(corpus.text)} symbols are too few to hold any out: there will be no validation score"
    notes += [note] if note else []
    return config, _as_ids(config, corpus, train_text, valid_text, notes)


def _as_ids(config: Config, corpus: Corpus, train_text: str, valid_text: str, notes: list[str]) -> Material:
    tokenizer = tokenizer_class(config.tokenizer).train([train_text])
    train = tokenizer.encode(train_text)
    valid = conditioned(tokenizer, valid_text) if valid_text else np.zeros(0, dtype=np.int32)
    unknown = tokenizer.unknown(valid_text)
    if unknown:
        notes.append(f"{len(unknown)} characters of the held-out text are not in the training text; they count as <unk>")
    facts = {
        "names": list(corpus.names),
        "sha256": corpus.sha256,
        "bytes": corpus.bytes,
        "symbols": len(train) + max(0, len(valid) - 1),
        "train": len(train),
        "valid": max(0, len(valid) - 1),
    }
    return Material(tokenizer, train_text, valid_text, train, valid, facts, tuple(notes))
