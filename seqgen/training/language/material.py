"""What a run learns from and is measured on: the text in two parts, as ids, and as much of it as text as is looked at.

A character takes up to four bytes as text, and one or two as an id: of a long text only the ids stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqgen.config import BINARY, PIECES, Config
from seqgen.data.record_text import Shuffled, before_first, end_of
from seqgen.data.split import SHORTEST_SPLIT, VALID_LIMIT, Grown, split_grown, split_text
from seqgen.draw.human import plural
from seqgen.errors import ConfigError, CorpusError, NoTextError
from seqgen.evaluation import conditioned
from seqgen.formats.names import STDIN
from seqgen.formats.read import Corpus, read_texts
from seqgen.formats.sources import MEGABYTE
from seqgen.run import Run
from seqgen.run.way import READING, wanted_to_learn, way_of
from seqgen.tokenizers import tokenizer_class
from seqgen.tokenizers.base import UNK, Tokenizer
from seqgen.tokenizers.byte import ByteTokenizer
from seqgen.training.language.records import labels_of, split_into_records
from seqgen.training.request import Request

if TYPE_CHECKING:
    from seqgen.training.language.earlier import Earlier

VALID_FRAC = 0.1
# Characters of the end of a training text that are kept.
KEPT = 2_000_000
# Characters made into ids at once.
PIECE = 1 << 20
# Pieces planned for a text: so many for each root of its characters, no more than these; and what a vocabulary has besides.
# Counting scores best with few of them (benchmarks/tokenizers.py), a network that has little time with more.
PIECES_A_ROOT, MOST_PIECES, RESERVED = 1.0, 8_000, 300
# Tokenizers that make the same ids of a text in pieces as of the whole.
PIECEWISE = frozenset({"char", "byte"})


@dataclass(frozen=True)
class Material:
    """`train` and `valid` are ids, those of `train` in the smallest type that holds them; `valid` begins with the newline
    before its first symbol, empty where there is none. `train_end` is the end of the training text, which has `train_chars`
    characters. `earlier` is what a run that is just being begun from another one takes over from that one's text."""

    tokenizer: Tokenizer
    train_end: str
    train_chars: int
    valid_text: str
    train: NDArray[Any]
    valid: NDArray[Any]
    facts: dict[str, Any]
    notes: tuple[str, ...]
    earlier: Earlier | None = None

    @property
    def held_out(self) -> int:
        """How many symbols are scored."""
        return max(0, len(self.valid) - 1)


class Parts(NamedTuple):
    """A corpus whose first `cut` characters are learnt from, the held-out text, notes, and what of it is an earlier corpus."""

    corpus: Corpus
    cut: int
    valid_text: str
    notes: list[str]
    grown: Grown = Grown()


def read(request: Request, config: Config, run: Run | None, origin: Run | None = None) -> tuple[Config, Material]:
    """Read and split the text; learn its vocabulary, or take that of the run that is continued, or that of its `origin`.

    Raises CorpusError where there is too little text.
    """
    if request.sides or request.valid_sides:
        raise ConfigError(
            "--src, --tgt, --valid-src and --valid-tgt belong to translation models, this is a language model", "name one FILE"
        )
    how: dict[str, Any] = {"encoding": config.encoding, "limit": config.max_size * MEGABYTE}
    how |= {
        "way": way_of(config, None if run is None else run.info.corpus),
        "begun": request.begun,
        "wanted": wanted_to_learn(config),
    }
    try:
        return _read(request, config, run, origin, how)
    except NoTextError:
        if config.tokenizer != "byte" or "encoding" in config.set_by or config.records or STDIN in request.inputs:
            raise
    # Symbols that are bytes can be those of anything.
    return _read(request, replace(config, encoding=BINARY), run, origin, {**how, "encoding": BINARY})


def _read(
    request: Request, config: Config, run: Run | None, origin: Run | None, how: dict[str, Any]
) -> tuple[Config, Material]:
    if config.records:
        config, corpus, cut, said = split_into_records(request, config, how)
        parts = Parts(corpus, cut, corpus.text[cut : cut + VALID_LIMIT], [*corpus.notes, *said])
    else:
        config, parts = _split(request, config, run, origin, how)
    if run is None and origin is not None:
        return config, _taken_over(config, origin, parts)
    kind = tokenizer_class(config.tokenizer)
    if run is None:
        size = (config.vocab_size or planned_pieces(parts.corpus.text[: parts.cut])) if config.tokenizer in PIECES else None
        learnt = kind.train(_pieces(parts.corpus.text, parts.cut, kind.kind), size)
        tokenizer: Tokenizer = ByteTokenizer(is_binary=True) if config.encoding == BINARY else learnt
    else:
        tokenizer = run.tokenizer()
    return config, _as_ids(config, tokenizer, _without_held_out(parts))


def _split(request: Request, config: Config, run: Run | None, origin: Run | None, how: dict[str, Any]) -> tuple[Config, Parts]:
    """Read the text, and the held-out one where that is a separate one."""
    corpus = read_texts(request.inputs, **how)
    notes = list(corpus.notes)
    if len(corpus.text) < 2:
        raise CorpusError(f"{', '.join(corpus.names)}: a model needs two symbols or more, found {len(corpus.text)}")
    grown = _grown(corpus, run, origin)
    if request.valid:
        held_out = read_texts(request.valid, **how)
        notes += held_out.notes
        config = config.planned(valid_frac=0.0)
        cut, valid_text = len(corpus.text), held_out.text[:VALID_LIMIT]
        note = f"held-out text: the first {VALID_LIMIT:,} symbols" if len(held_out.text) > VALID_LIMIT else None
    elif run is not None and had_own_held_out(run):
        cut, valid_text, note = len(corpus.text), _kept_held_out(run), None
    elif grown.earlier:
        config = config.planned(valid_frac=VALID_FRAC)
        cut, (begin, end), note = split_grown(corpus.text, config.valid_frac or 0.0, grown)
        valid_text = corpus.text[begin:end]
    else:
        enough = len(corpus.text) >= SHORTEST_SPLIT
        config = config.planned(valid_frac=VALID_FRAC if enough else 0.0)
        assert config.valid_frac is not None
        cut, valid_text, note = split_text(corpus.text, config.valid_frac)
        if not enough and not valid_text:
            note = f"{len(corpus.text)} symbols are too few to hold any out: there will be no validation score"
    return config, Parts(corpus, cut, valid_text, notes + ([note] if note else []), grown)


def _grown(corpus: Corpus, run: Run | None, origin: Run | None) -> Grown:
    """What of a corpus is that of the run which this one begins from, or was begun from."""
    remembered = run.info.origin if run is not None else {}
    if origin is None and not remembered:
        return Grown()
    from seqgen.training.language.earlier import grown_from, of_run

    return grown_from(origin, corpus) if run is None and origin is not None else of_run(remembered)


def _without_held_out(parts: Parts) -> Parts:
    """The same, with a corpus in which nothing that an earlier one held out is left to learn from."""
    learnt = parts.grown.learnt_of(parts.corpus.text, parts.cut)
    if len(learnt) == parts.cut:
        return parts
    return parts._replace(corpus=replace(parts.corpus, text=learnt + parts.valid_text), cut=len(learnt))


def _taken_over(config: Config, origin: Run, whole: Parts) -> Material:
    """What a run learns from that begins from another one: its vocabulary is the other's, with the characters new to it."""
    from seqgen.training.language.earlier import earlier, new_characters

    parts, before = _without_held_out(whole), origin.tokenizer()
    learnt = parts.corpus.text[: parts.cut]
    tokenizer = before.extended(_pieces(learnt, len(learnt), before.kind))
    found = earlier(origin, parts.grown, learnt, whole.corpus, config.records)
    said = new_characters(before, tokenizer, learnt)
    notes = [*parts.notes, *found.notes, *([said] if said else [])]
    return replace(_as_ids(config, tokenizer, parts._replace(notes=notes)), earlier=found)


def order_of(material: Material, config: Config) -> Callable[[int], NDArray[Any]] | None:
    """The ids to learn from as each pass reads them, where these are records; None for a text, which has one order."""
    if not config.records:
        return None
    end = int(material.tokenizer.encode(end_of(config.records))[-1])
    return Shuffled(material.train, end, config.seed).of


class HeldOutMissing(Exception):
    """The run was measured on separate files, which are neither named nor kept."""


def had_own_held_out(run: Run) -> bool:
    """Whether a run was measured on separate files rather than on a part held out of its corpus."""
    return bool(run.info.corpus.get("valid")) and not run.info.config.valid_frac


def _kept_held_out(run: Run) -> str:
    """The held-out text as the run kept it. Raises HeldOutMissing where it did not, or lost some of its characters."""
    ids = run.arrays("text")["valid"] if run.has("text") else np.zeros(0)
    if len(ids) < 2 or np.any(ids == UNK):
        raise HeldOutMissing
    return run.tokenizer().decode(ids[1:])


def _pieces(text: str, cut: int, kind: str) -> Iterator[str]:
    """The first `cut` characters of a text, in pieces that the tokenizer does not mind: others than those of characters and
    bytes know whole lines."""
    start = 0
    while start < cut:
        stop = min(cut, start + PIECE)
        if kind not in PIECEWISE and stop < cut:
            stop = text.find("\n", stop, cut) + 1 or cut
        yield text[start:stop]
        start = stop


def planned_pieces(text: str) -> int:
    """Pieces for a text: the longer it is, the more of them occur often enough to be learnt; with room for all characters."""
    return max(min(MOST_PIECES, int(PIECES_A_ROOT * len(text) ** 0.5)), RESERVED + 4 * len(set(text)) // 3)


def encoded(tokenizer: Tokenizer, text: str, cut: int) -> NDArray[Any]:
    """The ids of the first `cut` characters of a text."""
    smallest = np.min_scalar_type(len(tokenizer) - 1)
    ids = bytearray()
    for piece in _pieces(text, cut, tokenizer.kind):
        ids += tokenizer.encode(piece).astype(smallest).tobytes()
    return np.frombuffer(ids, dtype=smallest)


def _as_ids(config: Config, tokenizer: Tokenizer, parts: Parts) -> Material:
    corpus, cut, valid_text, notes, _ = parts
    train = encoded(tokenizer, corpus.text, cut)
    before = before_first(config.records)
    valid = conditioned(tokenizer, valid_text, before) if valid_text else np.zeros(0, dtype=np.int32)
    unknown = tokenizer.unknown(valid_text)
    if unknown:
        number = int(np.count_nonzero(valid[1:] == UNK))
        which = f"{number:,} of {plural(len(valid) - 1, 'held-out character')} ({len(unknown):,} different)"
        rest = "not in the training text; each counts as <unk>, and then as any of those that it could be"
        notes.append(f"{which} {'is' if number == 1 else 'are'} {rest}")
    facts: dict[str, Any] = {
        "names": list(corpus.names),
        "reading": READING,
        "sha256": corpus.sha256,
        "valid_sha256": hashlib.sha256(valid_text.encode()).hexdigest(),
        "bytes": corpus.bytes,
        "symbols": len(train) + max(0, len(valid) - 1),
        "train": len(train),
        "valid": max(0, len(valid) - 1),
        **labels_of(corpus.text, config),
    }
    return Material(tokenizer, corpus.text[max(0, cut - KEPT) : cut], cut, valid_text, train, valid, facts, tuple(notes))
