"""The text of the run that another one is begun from: where it stands in the new corpus, what of it stays held out, and what
of the new one that run has not counted yet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.data.record_text import before_first, end_of
from seqgen.data.split import Grown, split_grown
from seqgen.draw.human import plural
from seqgen.evaluation import conditioned
from seqgen.formats.read import Corpus
from seqgen.run import Run
from seqgen.tokenizers.base import Tokenizer

# Stretches of a text that are looked for in another one, and their length in characters: no two texts share one by chance.
STRETCHES, STRETCH = 50, 60
# New characters that a note shows.
SHOWN = 10


@dataclass(frozen=True)
class Earlier:
    """What a run that begins from another one takes over with the text: the part of its own text, `uncounted`, that is not in
    the other's counts, and the `held_out` ids of the other, which begin with one that is only context; empty where they are
    not kept, or learnt from now."""

    grown: Grown
    uncounted: str
    held_out: NDArray[Any]
    notes: tuple[str, ...]


def grown_from(origin: Run, corpus: Corpus) -> Grown:
    """How much of a corpus is that of an earlier run: all of that one's text, where the corpus begins with it; else nothing.

    A text is known by its hash, so this needs no text that a run keeps.
    """
    info = origin.info
    size = int(info.corpus.get("bytes", 0))
    if info.config.records or not 0 < size <= corpus.bytes:
        return Grown()
    begin = corpus.text.encode()[:size]
    if hashlib.sha256(begin).hexdigest() != info.corpus["sha256"]:
        return Grown()
    before = of_run(info.origin)
    text = begin.decode()
    cut, held_out, _ = split_grown(text, info.config.valid_frac or 0.0, before)
    spans = (*before.out, *([held_out] if held_out[1] > held_out[0] and held_out not in before.out else []))
    return Grown(len(text), spans, learnt=len(before.learnt_of(text, cut)))


def of_run(remembered: Mapping[str, Any]) -> Grown:
    """The same, of a run that was begun so, as it remembers it; nothing of any other."""
    places = remembered.get("out", [])
    return Grown(remembered.get("earlier", 0), tuple(zip(places[::2], places[1::2], strict=True)))


def earlier(origin: Run, grown: Grown, learnt: str, corpus: Corpus, records: str | None) -> Earlier:
    """What is taken over, given the text to be `learnt`, of a corpus that may have `grown` from the earlier run's."""
    notes: list[str] = []
    if grown.earlier:
        more = plural(len(corpus.text) - grown.earlier, "character")
        notes.append(f"the text begins with that of {origin.info.name}: {more} are new, and what it held out stays held out")
    new = learnt[grown.learnt :]
    kept = _kept(origin, "train")
    if records:
        known = set(_records(kept, records))
        new = "".join(one for one in _records(learnt, records) if one not in known)
        if known:
            notes.append(f"records: {len(_records(new, records)):,} of those to learn from are new")
    elif not grown.earlier and _shared(kept, new):
        notes.append(
            f"parts of what {origin.info.name} has learnt stand in the text again, and count twice; name its files first, "
            "as they were, and they count once"
        )
    held_out, note = _held_out(origin, grown, corpus, new, records)
    return Earlier(grown, new, held_out, (*notes, *([note] if note else [])))


def new_characters(before: Tokenizer, after: Tokenizer, learnt: str) -> str | None:
    """A note on characters that the earlier run does not know: how many, how often, and which."""
    found = before.unknown(learnt)
    if not found:
        return None
    often = int(np.count_nonzero(np.isin(np.frombuffer(learnt.encode("utf-32-le"), dtype=np.uint32), [ord(c) for c in found])))
    shown = " ".join(c if c.isprintable() else repr(c) for c in found[:SHOWN]) + (" ..." if len(found) > SHOWN else "")
    how = "; they are learnt" if len(after) > len(before) else "; they are read as <unk>"
    return f"{plural(len(found), 'character')} of the text are new to the model, {often / len(learnt):.2%} of it: {shown}{how}"


def _held_out(origin: Run, grown: Grown, corpus: Corpus, new: str, records: str | None) -> tuple[NDArray[Any], str | None]:
    """The earlier run's held-out ids; none, and why, where it keeps none, or where what is learnt now holds some of them: a
    figure would not say what has been forgotten."""
    nothing, name = np.zeros(0, dtype=np.int32), origin.info.name
    ids, before = nothing, before_first(records)
    if origin.has("text"):
        ids = origin.arrays("text")["valid"]
    elif grown.out:
        begin, end = grown.out[-1]
        text = corpus.text[begin:end]
        if hashlib.sha256(text.encode()).hexdigest() == origin.info.corpus.get("valid_sha256"):
            ids = conditioned(origin.tokenizer(), text, before)
    if len(ids) < 2:
        return nothing, f"{name} keeps no held-out text: what is forgotten of it cannot be measured"
    text = origin.tokenizer().decode(ids[1:])
    again = bool(set(_records(text, records)) & set(_records(new, records))) if records else _shared(text, new)
    if again:
        return nothing, f"some of what {name} held out is learnt now: what is forgotten of it is not measured"
    return ids, None


def _kept(origin: Run, part: str) -> str:
    return origin.tokenizer().decode(origin.arrays("text")[part]) if origin.has("text") else ""


def _records(text: str, records: str) -> list[str]:
    """The records of a text, each with its label."""
    return [one + end_of(records) for one in text.split(end_of(records)) if one]


def _shared(text: str, other: str) -> bool:
    """Whether some stretch of a text stands in another one."""
    if len(text) < STRETCH:
        return bool(text.strip()) and text in other
    starts = np.linspace(0, len(text) - STRETCH, STRETCHES).astype(int).tolist()
    return any(text[start : start + STRETCH] in other for start in starts)
