"""One word's attention shown step by step, as it would be computed on paper."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from seqgen.draw.human import plural
from seqgen.draw.panels import Exhibit, Heat, Panel, Table
from seqgen.explain.exhibits.seen import Note, Record, Seen, about
from seqgen.explain.exhibits.transformer.attention import read_pair
from seqgen.explain.steps import Computation, computations
from seqgen.opening import open_reader
from seqgen.run import Run

# How many numbers of a vector are shown, pieces of the longest table, values that are written out; --json has all.
NUMBERS, ROWS, WRITTEN = 5, 30, 3
NAMES = {"encoder": "encoder", "decoder": "decoder, self-attention", "cross": "cross-attention"}


def see_steps(
    run: Run, sentence: str, *, target: str | None, word: str, layer: int | Literal["last"], head: int, note: Note
) -> Seen:
    """Read a pair as `see` of attention does, and show what a layer and a head compute for a word of it.

    Raises CheckpointError for a run without attention, ConfigError for a word, a layer or a head that is not there.
    """
    pair = read_pair(run, sentence, target, note)
    tokenizer = run.tokenizer()
    found = computations(open_reader(run), tokenizer, pair, word, layer, head)
    text = tokenizer.decode(pair[1])
    panels = [panel for one in found for panel in panels_of(one)]
    said = [f"{sentence} → {text}", *(_what(one) for one in found), *_meaning(found[0])]
    record = {"model": run.info.name, "sentence": sentence, "translation": text, "steps": [record_of(one) for one in found]}
    exhibit = Exhibit(f"Attention of {found[0].asked.word!r}, step by step", panels, said, about(run.info.name, sentence, text))
    return exhibit, record


def panels_of(one: Computation) -> Iterator[Panel]:
    """The six steps of a computation."""
    where = f"{NAMES[one.kind]}, layer {one.layer}"
    d, width, heads, row = len(one.query), one.width, one.heads, one.place
    yield _vectors(f"1. What comes in ({where})", list(_incoming(one)))
    yield _vectors(
        f"2. Query, key, value ({where}): what comes in, times W_q, W_k and W_v [{width}, {width}] each, cut into "
        f"{plural(heads, 'head')} of {d}; head {one.head}",
        list(_made(one)),
    )
    yield scores_of(one, f"3. Scores and shares ({where}, head {one.head})")
    yield _vectors(f"4. The values, each times its share, summed ({where}, head {one.head})", list(_summed(one)))
    reach = max(0.1, math.ceil(float(np.abs(one.gathered).max()) * 10) / 10)
    title = f"5. What all heads have gathered, [{heads}, {d}] ({where})"
    names = [f"head {number}" for number in range(1, heads + 1)]
    yield Heat(title, one.gathered, names, [str(n % 10) for n in range(1, d + 1)],
               "number (its last digit)" if d > 9 else "number", "head", "value", -reach, reach)  # fmt: skip
    out = [
        ("heads side by side", one.values.joined[row]),
        ("times W_o, plus b_o", one.values.output[row]),
        ("and what came in, added", one.values.stream[row] + one.values.output[row]),
    ]
    yield _vectors(f"6. Concatenated, and back to the model's width by W_o [{width}, {width}] ({where})", out)


def _incoming(one: Computation) -> Iterator[tuple[str, NDArray[np.floating]]]:
    """The vector that the layer gets, and what it is the sum of where that is known."""
    stream, inputs = one.values.stream[one.place], one.values.inputs[one.place]
    if one.embedding is not None:
        yield f"embedding of {one.piece!r} times {math.sqrt(one.width):.2f}", one.embedding
        if one.position is not None:
            yield f"position {one.place}", one.position
            yield "their sum", stream
    elif one.kind == "cross":
        yield f"{one.piece!r} after self-attention", stream
    else:
        yield f"{one.piece!r} from layer {one.layer - 1}", stream
    if not np.array_equal(stream, inputs):
        yield "normalised: the layer gets this", inputs


def _made(one: Computation) -> Iterator[tuple[str, NDArray[np.floating]]]:
    """The query, and a key and a value: its own or, across, those of the piece that it looks at most."""
    other = int(one.shares.argmax()) if one.kind == "cross" else one.place
    yield f"q of {one.piece!r}", one.query
    yield f"k of {one.columns[other]!r}", one.keys[other]
    yield f"v of {one.columns[other]!r}", one.vectors[other]


def scores_of(one: Computation, title: str) -> Table:
    """For each piece that is looked at: q . k, over the root of d, behind the mask, the share."""
    masked = one.visible < len(one.columns) or one.kind == "decoder"
    kept = sorted(np.argsort(-one.shares, kind="stable")[:ROWS].tolist())
    rows = [
        (
            one.columns[column],
            f"{one.products[column]:.3f}",
            f"{one.scores[column]:.3f}",
            *([f"{one.scores[column]:.3f}" if column < one.visible else "-inf"] if masked else []),
            _share(one.shares[column]) if column < one.visible else "0",
        )
        for column in kept
    ]
    if len(rows) < len(one.columns):
        title += f", the {len(rows)} largest of {len(one.columns)}"
    head = ("looked at", "q . k", f"over {one.root:.4g}", *(["mask"] if masked else []), "share")
    return Table(title, head, rows, pictured=True)


def _summed(one: Computation) -> Iterator[tuple[str, NDArray[np.floating]]]:
    """The largest parts of the weighted sum, the rest of it, and the sum."""
    order = np.argsort(-one.shares, kind="stable")[: one.visible]
    parts = one.shares[:, None] * one.vectors  # [K, d]
    for column in order[:WRITTEN].tolist():
        yield f"{_share(one.shares[column])} of v of {one.columns[column]!r}", parts[column]
    if len(order) > WRITTEN:
        yield f"the other {len(order) - WRITTEN} together", parts[order[WRITTEN:]].sum(axis=0)
    yield "their sum", one.gathered[one.head - 1]


def _vectors(title: str, rows: list[tuple[str, NDArray[np.floating]]]) -> Table:
    """Vectors by name, with their sizes and their first numbers."""
    lines = [(name, f"[{len(vector)}]", _numbers(vector)) for name, vector in rows]
    return Table(title, ("", "size", "first numbers"), lines, pictured=True)


def _numbers(vector: NDArray[np.floating]) -> str:
    return " ".join(_three(value).rjust(6) for value in vector[:NUMBERS].tolist()) + " ..." * (len(vector) > NUMBERS)


def _three(value: float) -> str:
    """Three digits behind the point; what rounds to zero has no sign."""
    return f"{round(value, 3) + 0.0:.3f}"


def _share(value: float) -> str:
    """A share with three digits, or that it is less."""
    return f"{value:.3f}" if value >= 0.0005 else "< 0.001"


def _what(one: Computation) -> str:
    """Who asks and who answers."""
    if one.kind == "encoder":
        asked = one.asked
        parts = f"; of its {asked.pieces} pieces this is {one.piece!r}" if asked.pieces > 1 else ""
        times = f"; it is there {asked.times} times, this is the first" if asked.times > 1 else ""
        return (
            f"Encoder: {asked.word!r} asks with its query; every piece of the source, itself too, has a key and a "
            f"value{parts}{times}."
        )
    if one.kind == "decoder":
        return (
            f"Decoder: to write {one.asked.word!r} it stands at {one.piece!r}, read last. The mask makes the scores of what "
            "comes later -inf before the softmax, so that their shares are exactly 0."
        )
    return (
        "Cross-attention: the query is the decoder's; keys and values come from the encoder, from what its last layer gave "
        "out for the source."
    )


def _meaning(one: Computation) -> list[str]:
    """Why the steps are as they are."""
    d = len(one.query)
    usual = "" if d == 64 else " (with d = 64, as in the first Transformer, by 8)"
    return [
        "q and k have one size because q . k is an inner product, number by number; v is only summed up and could have "
        "another.",
        f"d is {d}, the model's width {one.width} over {plural(one.heads, 'head')}. The sum of d products grows with the root "
        f"of d: divided by {one.root:.4g}{usual} it does not drive the softmax to give everything to one piece.",
        "The shares sum to one: what a head gathers is a mean of the values, weighted by them. Each head has its own W, looks "
        "at other things, and fills its own part of the vector that W_o mixes.",
        f"Shown is layer {one.layer}, head {one.head}; by default the first, whose inputs are the words themselves. --layer "
        "and --head show others, --json all numbers.",
    ]


def record_of(one: Computation) -> Record:
    """All vectors; -inf, which JSON has not, is null."""
    row, masked = one.place, [score if n < one.visible else None for n, score in enumerate(_listed(one.scores))]
    return {
        "kind": one.kind, "layer": one.layer, "head": one.head, "word": one.asked.word, "piece": one.piece, "place": row,
        "width": one.width, "heads": one.heads, "d": len(one.query), "root": round(one.root, 6),
        "embedding": _listed(one.embedding), "position": _listed(one.position), "stream": _listed(one.values.stream[row]),
        "inputs": _listed(one.values.inputs[row]), "looked_at": list(one.columns), "query": _listed(one.query),
        "keys": _listed(one.keys), "values": _listed(one.vectors), "products": _listed(one.products),
        "scores": _listed(one.scores), "masked": masked, "shares": _listed(one.shares), "gathered": _listed(one.gathered),
        "joined": _listed(one.values.joined[row]), "output": _listed(one.values.output[row]),
        "result": _listed(one.values.stream[row] + one.values.output[row]),
    }  # fmt: skip


def _listed(array: NDArray[np.floating] | None) -> Any:
    return None if array is None else array.astype(np.float64).round(6).tolist()
