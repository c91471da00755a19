"""What a translation run learns from and is measured on: pairs in two parts, as text and as ids."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqgen.config import Config
from seqgen.data.clean import clean, sentence
from seqgen.data.pairs import Pairs
from seqgen.data.parallel import PairIds
from seqgen.data.split import split_pairs
from seqgen.errors import ConfigError, CorpusError
from seqgen.formats.read import read_pairs, read_two_files
from seqgen.formats.sources import MEGABYTE
from seqgen.run import Run
from seqgen.run.way import READING, way_of
from seqgen.tokenizers import tokenizer_class
from seqgen.tokenizers.base import Tokenizer
from seqgen.training.request import Request

# Held-out pairs: a twentieth, but no more than a reliable score needs.
VALID_FRAC = 0.05
VALID_PAIRS = 1_000
SHORTEST_SPLIT = 200
# Longer sides are not learnt from: attention costs the square of the length.
LONGEST_TOKENS = 250
# The vocabulary grows with the square root of the number of pairs: 6,000 pieces for 29,000 pairs.
PIECES_A_ROOT = 35


@dataclass(frozen=True)
class PairMaterial:
    """Pairs to learn from and held-out ones."""

    train: Pairs
    valid: Pairs
    facts: dict[str, Any]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Encoded:
    """The same as ids."""

    tokenizer: Tokenizer
    train: PairIds
    valid: PairIds

    @property
    def longest(self) -> dict[str, int]:
        """Tokens of the longest sides that were learnt from."""
        return {
            "longest_source": int(self.train.source_lengths.max(initial=0)),
            "longest_target": int(self.train.target_lengths.max(initial=0)),
        }


def read(request: Request, config: Config, run: Run | None) -> tuple[Config, PairMaterial]:
    """Read, clean and split the pairs that were asked for, as the run that is continued has read them.

    Raises CorpusError and ConfigError."""
    how: dict[str, Any] = {"encoding": config.encoding, "limit": config.max_size * MEGABYTE}
    how["way"] = way_of(config, None if run is None else run.info.corpus)
    pairs = _read(request, config, how)
    notes = list(pairs.notes)
    total = len(pairs)
    if config.clean:
        pairs, reasons = clean(pairs)
        notes += [sentence(reasons, total)] if reasons else []
    if len(pairs) < 2:
        needed = f"a model needs two pairs or more, found {len(pairs)} of {total:,}"
        raise CorpusError(f"{', '.join(pairs.names)}: {needed}", "; ".join(notes) or None)
    if request.valid or request.valid_sides:
        config = config.planned(valid_frac=0.0)
        train, held_out = pairs, _read_held_out(request, config, how)
        notes += [note for note in held_out.notes if note not in notes]
        known = set(train.sources)
        shared = sum(source in known for source in held_out.sources)
        notes += [f"{shared:,} held-out sources are also in the training pairs"] if shared else []
    else:
        config, train, held_out = _split(pairs, config)
        if not len(held_out):
            notes.append(f"none of {len(pairs):,} pairs are held out: there will be no validation score")
    if len(train) < 2:
        raise CorpusError(f"{len(train)} pairs are left to learn from, expected 2 or more", "give more, or --valid-frac 0")
    facts = {
        "names": list(pairs.names),
        "reading": READING,
        "sha256": pairs.sha256,
        "valid_sha256": _hash(held_out),
        "bytes": pairs.bytes,
        "symbols": sum(map(len, train.targets)) + sum(map(len, held_out.targets)),
        "train": len(train),
        "valid": len(held_out),
    }
    return config, PairMaterial(train, held_out, facts, tuple(notes))


def _hash(pairs: Pairs) -> str:
    """The hash of the pairs of one part."""
    text = "".join(f"{source}\t{target}\n" for source, target in zip(pairs.sources, pairs.targets, strict=True))
    return hashlib.sha256(text.encode()).hexdigest()


def _split(pairs: Pairs, config: Config) -> tuple[Config, Pairs, Pairs]:
    """Hold out a part by the hash of the sources."""
    fraction = min(VALID_FRAC, VALID_PAIRS / len(pairs)) if len(pairs) >= SHORTEST_SPLIT else 0.0
    config = config.planned(valid_frac=fraction)
    held = split_pairs(pairs.sources, config.valid_frac or 0.0)
    return config, pairs.chosen([not wanted for wanted in held]), pairs.chosen(held)


def _read(request: Request, config: Config, how: dict[str, Any]) -> Pairs:
    """The pairs to learn from."""
    if request.sides and request.inputs:
        raise ConfigError("pairs come from files of pairs, or from --src and --tgt; found both", "name one of them")
    if request.sides:
        pairs = read_two_files(*request.sides, **how)
    else:
        pairs = read_pairs(request.inputs, columns=config.columns, begun=request.begun, **how)
    return pairs.swapped() if config.reverse else pairs


def _read_held_out(request: Request, config: Config, how: dict[str, Any]) -> Pairs:
    """The separate pairs to be measured on."""
    if request.valid_sides:
        pairs = read_two_files(*request.valid_sides, **how)
    else:
        pairs = read_pairs(request.valid, columns=config.columns, begun=request.begun, **how)
    return pairs.swapped() if config.reverse else pairs


def learn_tokenizer(material: PairMaterial, config: Config) -> Tokenizer:
    """One vocabulary for both sides."""
    texts = ["\n".join(material.train.sources), "\n".join(material.train.targets)]
    size = config.vocab_size or planned_size(texts, len(material.train))
    return tokenizer_class(config.tokenizer).train(texts, size if config.tokenizer == "sentencepiece" else None)


def planned_size(texts: Sequence[str], pairs: int) -> int:
    """Pieces for that many pairs, with room for all characters of the texts and as many words again."""
    characters = len(set("".join(texts)))
    return max(min(16_000, max(1_000, int(PIECES_A_ROOT * pairs**0.5))), 300 + 2 * characters)


def encode(material: PairMaterial, tokenizer: Tokenizer) -> tuple[Encoded, str | None]:
    """Both parts as ids, without training pairs that are too long, and a note if there were any."""
    sources, targets = tokenizer.encode_all(material.train.sources), tokenizer.encode_all(material.train.targets)
    kept = [len(s) <= LONGEST_TOKENS and len(t) <= LONGEST_TOKENS for s, t in zip(sources, targets, strict=True)]
    note = None
    if not all(kept):
        note = f"{len(kept) - sum(kept):,} pairs are longer than {LONGEST_TOKENS} tokens and are left out"
        sources = [ids for ids, keep in zip(sources, kept, strict=True) if keep]
        targets = [ids for ids, keep in zip(targets, kept, strict=True) if keep]
    if not sources:
        raise CorpusError(f"all pairs are longer than {LONGEST_TOKENS} tokens", "split them into sentences")
    valid = PairIds.of(tokenizer.encode_all(material.valid.sources), tokenizer.encode_all(material.valid.targets))
    return Encoded(tokenizer, PairIds.of(sources, targets), valid), note
