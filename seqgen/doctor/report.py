"""What an examination has found, as one record: what --json prints, and what terminal and page are made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seqgen.data.scripts import called, script_of_letter
from seqgen.doctor.examination import Examination
from seqgen.doctor.kinds import CLEANED, MOST_CLEANED, Kind, hurts, kinds_of

# Texts of a side that its scripts are told from, and the least share of its letters that is worth a word.
LOOKED_AT, LEAST_SCRIPT = 20_000, 0.001


def report_of(found: Examination, files: Sequence[str], notes: Sequence[str], deep: bool) -> dict[str, Any]:
    """The record; `hurts` are sentences about what would hurt a training, none where nothing would."""
    kinds = [_kind(found, kind) for kind in kinds_of(found.is_text, deep)]
    return {
        "files": list(files),
        "kind": "text" if found.is_text else "pairs",
        "read": len(found),
        "clean": int(found.kept.sum()),
        "held_out": found.held,
        "sides": {name: _side(found, side) for side, name in enumerate(("text",) if found.is_text else ("source", "target"))},
        "kinds": kinds,
        "shifted": [
            {"from": _place(found, one.first), "to": _place(found, one.stop - 1), "lines": one.shift} for one in found.shifted
        ],
        "notes": list(notes),
        "hurts": [*_hurts(found, kinds)],
    }


def _kind(found: Examination, kind: Kind) -> dict[str, Any]:
    count = found.findings.count(kind.name)
    # What is held out may be far less than the rest.
    total = found.held if kind.name == "known" else len(found)
    return {
        "kind": kind.name,
        "what": kind.what,
        "why": kind.why,
        "count": count,
        "share": count / max(1, len(found)),
        "hurts": hurts(kind, count, total),
        "left_out": "by training" if kind.cleaned else "by --write" if kind.removed else None,
        "worst": [
            {**_place(found, example.place), **_texts(found, example.place), "detail": example.detail}
            for example in found.findings.worst(kind.name)
        ],
    }


def _place(found: Examination, place: int) -> dict[str, Any]:
    file, record = found.spool[place]
    return {"file": file, "line": record.where, **({"unit": record.name} if record.name else {})}


def _texts(found: Examination, place: int) -> dict[str, str]:
    record = found.spool[place].record
    return {"text": record.source} if found.is_text else {"source": record.source, "target": record.target}


def _side(found: Examination, side: int) -> dict[str, Any]:
    """How much there is of a side, and in which scripts."""
    lengths = found.measured.lengths(side)
    step = max(1, len(found) // LOOKED_AT)
    letters: Counter[str] = Counter()
    for piece in found.spool.pieces():
        letters.update("".join(piece.text(side, at) for at in range(0, len(piece), step)))
    scripts: Counter[str] = Counter()
    for character, count in letters.items():
        if script := script_of_letter(character):
            scripts[called(script)] += count
    total = scripts.total()
    return {
        "characters": int(lengths.sum()),
        "words": found.measured.words[side],
        "median_characters": float(np.median(lengths)) if len(lengths) else 0.0,
        "alphabet": sum(not character.isspace() for character in letters),
        "scripts": {name: count / total for name, count in scripts.most_common() if total and count >= LEAST_SCRIPT * total},
    }


def _hurts(found: Examination, kinds: Sequence[Mapping[str, Any]]) -> list[str]:
    """What would hurt, in sentences."""
    unit = "lines" if found.is_text else "pairs"
    said = [f"{kind['count']:,} {unit} {kind['what']}: {kind['why']}" for kind in kinds if kind["hurts"]]
    if (clean := int(found.kept.sum())) < 2:
        said.append(f"a model needs two {unit} or more, and {clean} would be left")
    cleaned = int(np.count_nonzero(found.findings.of_any(CLEANED)))
    if cleaned > MOST_CLEANED * len(found):
        said.append(f"training would leave out {cleaned:,} of {len(found):,} pairs")
    return said
