"""What a translation run learns from and is measured on: pairs in two parts, as text and as ids."""

from __future__ import annotations

import hashlib
import random
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqgen.config import HOW_TO_READ, PIECES, Config, spelt
from seqgen.data.clean import clean, sentence
from seqgen.data.pairs import Pairs
from seqgen.data.parallel import Ids, PairIds
from seqgen.data.sentence.ends import sentences
from seqgen.data.sentence.normalise import source_text, target_text
from seqgen.data.sentence.numerals import NumberForms, learnt_forms
from seqgen.data.split import split_pairs
from seqgen.doctor.sample import warnings
from seqgen.draw.human import plural
from seqgen.errors import ConfigError, CorpusError
from seqgen.formats.names import STDIN
from seqgen.formats.read import read_pairs, read_two_files
from seqgen.formats.sources import MEGABYTE
from seqgen.metrics.overlap import fitting_tokenizer
from seqgen.metrics.script import script_of
from seqgen.opening import encoder_of
from seqgen.run import Run
from seqgen.run.way import READING, wanted_to_learn, way_of
from seqgen.tokenizers import tokenizer_class
from seqgen.tokenizers.base import SENTINELS, Tokenizer
from seqgen.training.merge import GIVEN
from seqgen.training.request import Request
from seqgen.training.translation.variants import learnt_pairs

# Held-out pairs: a twentieth, but no more than a reliable score needs.
VALID_FRAC = 0.05
VALID_PAIRS = 1_000
SHORTEST_SPLIT = 200
# Longer sides are neither learnt from nor scored: attention costs the square of the length.
LONGEST_TOKENS = 250
# The vocabulary grows with the square root of the number of pairs: 6,000 pieces for 29,000 pairs.
PIECES_A_ROOT = 35
# Where so many of the sources hold several sentences, a model has learnt to translate several together: as many as fit into
# a usual source. Sources that are looked at to find out.
SEVERAL, LOOKED_AT = 0.1, 20_000
USUAL = 0.95


@dataclass(frozen=True)
class PairMaterial:
    """Pairs to learn from and held-out ones; `about_bleu` is a note on the tokenizer that a new run's BLEU will have."""

    train: Pairs
    valid: Pairs
    facts: dict[str, Any]
    notes: tuple[str, ...]
    about_bleu: str | None = None


@dataclass(frozen=True)
class Encoded:
    """The same as ids, without pairs that are too long; `held_out` are the texts of `valid`, of which `left_out` were."""

    tokenizer: Tokenizer
    train: PairIds
    valid: PairIds
    held_out: Pairs
    left_out: int
    several: float

    @property
    def facts(self) -> dict[str, Any]:
        """Tokens of the longest sides that were learnt from; up to how many tokens neighbouring sentences are translated
        together, 0 for never; the share of the sources on which that depends."""
        lengths = self.train.source_lengths
        return {
            "longest_source": int(lengths.max(initial=0)),
            "longest_target": int(self.train.target_lengths.max(initial=0)),
            "joined_source": int(np.quantile(lengths, USUAL)) if self.several >= SEVERAL else 0,
            "several_sentences": round(self.several, 4),
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
    if run is None:
        notes += warnings(pairs.sources, pairs.targets, _check(request, config))
    if len(pairs) < 2:
        needed = f"a model needs two pairs or more, found {len(pairs)} of {total:,}"
        raise CorpusError(f"{', '.join(pairs.names)}: {needed}", "; ".join(notes) or None)
    if request.valid or request.valid_sides:
        config = config.planned(valid_frac=0.0)
        train, held_out = pairs, _read_held_out(request, config, how)
        notes += [note for note in held_out.notes if note not in notes]
        known = set(train.sources)
        shared = sum(source in known for source in held_out.sources)
        known_too = plural(shared, "held-out source is", "held-out sources are")
        notes += [f"{known_too} also in the training pairs"] if shared else []
    else:
        config, train, held_out = _split(pairs, config)
        if not len(held_out):
            notes.append(f"none of {len(pairs):,} pairs are held out: there will be no validation score")
    if len(train) < 2:
        raise CorpusError(
            f"{plural(len(train), 'pair')} left to learn from, expected 2 or more", "give more, or --valid-frac 0"
        )
    tokenize, about_bleu = fitting_tokenizer(script_of(train.targets))
    facts = {
        "names": list(pairs.names),
        "reading": READING,
        "sha256": pairs.sha256,
        "valid_sha256": _hash(held_out),
        "bytes": pairs.bytes,
        "symbols": sum(map(len, train.targets)) + sum(map(len, held_out.targets)),
        "train": len(train),
        "valid": len(held_out),
        "bleu_tokenizer": tokenize,
    }
    if config.placeholder_frac:
        facts |= _forms(train, run).facts()
    return config, PairMaterial(train, held_out, facts, tuple(notes), about_bleu)


def _check(request: Request, config: Config) -> str:
    """The command that examines the same files, read in the same way."""
    files = ["--src", request.sides[0], "--tgt", request.sides[1]] if request.sides else request.inputs
    given = spelt({name: getattr(config, name) for name in HOW_TO_READ if config.set_by.get(name) == GIVEN})
    return f"{'... | ' if STDIN in request.files else ''}{shlex.join(['seqgen', 'check', *files, *given])}"


def _forms(train: Pairs, run: Run | None) -> NumberForms:
    """How numbers change their form, as the run that is continued has found."""
    if run is not None:
        return NumberForms.of(run.info.corpus)
    return learnt_forms(zip(train.sources, train.targets, strict=True))


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
        pairs = read_two_files(*request.sides, wanted=wanted_to_learn(config), begun=request.begun, **how)
    else:
        pairs = read_pairs(request.inputs, wanted=wanted_to_learn(config), begun=request.begun, **how)
    return pairs.swapped() if config.reverse else pairs


def _read_held_out(request: Request, config: Config, how: dict[str, Any]) -> Pairs:
    """The separate pairs to be measured on."""
    if request.valid_sides:
        pairs = read_two_files(*request.valid_sides, wanted=wanted_to_learn(config), begun=request.begun, **how)
    else:
        pairs = read_pairs(request.valid, wanted=wanted_to_learn(config), begun=request.begun, **how)
    return pairs.swapped() if config.reverse else pairs


def learnt(material: PairMaterial, config: Config) -> Pairs:
    """The pairs as they are learnt, spans behind placeholders; first those of the material, in their order."""
    return learnt_pairs(material.train, config, NumberForms.of(material.facts))


def learn_tokenizer(pairs: Pairs, count: int, config: Config) -> Tokenizer:
    """One vocabulary for both sides of pairs, of which `count` are of the corpus."""
    texts = [
        "\n".join(source_text(text, config.normalise) for text in pairs.sources),
        "\n".join(target_text(text, config.normalise) for text in pairs.targets),
    ]
    # A vocabulary of characters has room for all placeholders, even if none of these pairs holds one.
    texts += [SENTINELS] if config.placeholder_frac else []
    size = config.vocab_size or planned_size(texts, count)
    return tokenizer_class(config.tokenizer).train(texts, size if config.tokenizer in PIECES else None)


def planned_size(texts: Sequence[str], pairs: int) -> int:
    """Pieces for that many pairs, with room for all characters of the texts and as many words again."""
    characters = len(set().union(*texts).difference(SENTINELS))
    return max(min(16_000, max(1_000, int(PIECES_A_ROOT * pairs**0.5))), 300 + 2 * characters)


def encode(material: PairMaterial, pairs: Pairs, tokenizer: Tokenizer, config: Config) -> tuple[Encoded, tuple[str, ...]]:
    """Both parts as ids, without pairs that are too long, and notes where there were any; `pairs` are what is learnt."""
    encoder = encoder_of(tokenizer, config, material.facts)
    train, kept = _chosen(encoder.ids(pairs.sources), encoder.targets(pairs.targets))
    valid, scored = _chosen(*encoder.pairs(material.valid.sources, material.valid.targets))
    if not len(train):
        raise CorpusError(f"all pairs are longer than {LONGEST_TOKENS} tokens", "split them into sentences")
    held_out = material.valid if all(scored) else material.valid.chosen(scored)
    parts = (kept[: len(material.train)], "pair"), (scored, "held-out pair")
    notes = [_left_out(part, what) for part, what in parts if not all(part)]
    if scored and not any(scored):
        notes.append("no held-out pair is left: there will be no validation score")
    several = several_share(material.train.sources)
    return Encoded(tokenizer, train, valid, held_out, len(scored) - sum(scored), several), tuple(notes)


def _left_out(kept: list[bool], what: str) -> str:
    """How many were too long, in words."""
    count = len(kept) - sum(kept)
    return f"{count:,} {what}{' is' if count == 1 else 's are'} longer than {LONGEST_TOKENS} tokens and left out"


def _chosen(sources: Sequence[Ids], targets: Sequence[Ids]) -> tuple[PairIds, list[bool]]:
    """The pairs that are not too long, and for each pair whether it is one of these."""
    sides = list(zip(sources, targets, strict=True))
    kept = [max(map(len, pair)) <= LONGEST_TOKENS for pair in sides]
    chosen = [pair for pair, keep in zip(sides, kept, strict=True) if keep]
    return PairIds.of([source for source, _ in chosen], [target for _, target in chosen]), kept


def several_share(sources: Sequence[str]) -> float:
    """The share of sources that hold several sentences, from a sample of them."""
    # Drawn, not every n-th: a corpus may alternate.
    sample = random.Random(0).sample(sources, min(len(sources), LOOKED_AT))
    return sum(len(sentences(source)) > 1 for source in sample) / max(1, len(sample))
