"""Layers shown: each with its own parameters, the scores of one word over the root of d, what one other word changes."""

from __future__ import annotations

import numpy as np

from seqgen.decode.scorer import Ids
from seqgen.draw.human import plural
from seqgen.draw.panels import Exhibit, Panel, Table
from seqgen.explain.attention import check_attention
from seqgen.explain.exhibits.seen import Record, Seen, about
from seqgen.explain.exhibits.transformer.steps import record_of, scores_of
from seqgen.explain.layers import (
    ROUNDING,
    Changes,
    base,
    changes_of,
    drawn,
    encoder_reader,
    layers_of,
    numbered,
    replaced,
    words_in,
)
from seqgen.explain.steps import Asked, Computation
from seqgen.explain.words import pieces_of
from seqgen.families import family_of
from seqgen.infer.transformer import TransformerReader
from seqgen.opening import open_reader, pair_encoder
from seqgen.run import Run
from seqgen.tokenizers.base import EOS, SPECIALS
from seqgen.weights import TransformerShape

NUMBERS = 4
Pieces = tuple[str, ...]


def see(run: Run | None, sentence: str | None, replace: tuple[str, str] | None, seed: int) -> Seen:
    """The layers of a run or, where it is None, of an untrained model drawn with `seed`; for a sentence, the scores of its
    first word, and what changes where one word is replaced by another.

    Raises CheckpointError for a run that is no Transformer, ConfigError for a word that is not there or cannot be replaced.
    """
    texts = [] if sentence is None else [sentence, *([replaced(sentence, *replace)] if replace else [])]
    ids: list[Ids]
    if run is None:
        words = [words_in(text) for text in texts]
        size, ids = numbered(words)
        shape, pieces = base(size), [(*one, SPECIALS[EOS]) for one in words]
        weights = drawn(shape, seed)
    else:
        check_attention(run, pairs=True)
        ids, tokenizer = [*pair_encoder(run).sources(texts)], run.tokenizer()
        pieces = [pieces_of(tokenizer, one).with_last(SPECIALS[EOS]).texts for one in ids]
        shape, weights = family_of(run.info.config).shape(run.info.config, run.info.vocab_size), run.arrays("weights")
    layers = layers_of(shape, weights, NUMBERS)
    name = "an untrained Transformer" if run is None else run.info.name
    record: Record = {"model": name, "layers": [vars(layer) for layer in layers], "d": shape.hidden // shape.heads}
    rows = [
        (f"{layer.side} {layer.number}", f"{layer.parameters:,}", " ".join(f"{value:.4f}".rjust(7) for value in layer.begins))
        for layer in layers
    ]
    panels: list[Panel] = [Table("Layers", ("layer", "parameters", "its W_q begins with"), rows)]
    said = _about(shape, None if run else seed)
    if sentence is not None:
        reader = encoder_reader(shape, weights) if run is None else open_reader(run)
        one = _computation(reader, ids[0], pieces[0])
        title = f"Scores of {one.piece!r}, layer 1, head 1 of {shape.heads}: over the root of d = {record['d']}"
        panels.append(scores_of(one, title))
        record["scores"] = record_of(one)
        if replace:
            changes = changes_of(reader, *ids)
            panels.append(_table(changes, pieces, replace))
            said += _findings(changes, pieces, replace)
            record |= _changes_record(changes, pieces, texts)
    size_of = f"{shape.layers} + {shape.decoder_layers} layers of {shape.hidden}, {plural(shape.heads, 'head')}"
    return Exhibit(
        f"{name[0].upper() if run is None else name[0]}{name[1:]}: {size_of}", panels, said, about("", *texts)
    ), record


def _about(shape: TransformerShape, seed: int | None) -> list[str]:
    """What the layers are."""
    d = shape.hidden // shape.heads
    untrained = (
        f" It is the one that Vaswani et al. 2017 call base, drawn with seed {seed} and not trained: it knows nothing of "
        "language, but all of how it is computed can be seen."
    )
    return [
        "All encoder layers are built alike, and all decoder layers, which have one more attention; yet no two share a number: "
        f"each has its own W_q, W_k, W_v, W_o and its own feed-forward part.{'' if seed is None else untrained}",
        f"Each of the {plural(shape.heads, 'head')} has d = {shape.hidden} / {shape.heads} = {d} numbers: its inner products "
        f"are divided by the root of {d}, {d**0.5:.4g}.",
    ]


def _computation(reader: TransformerReader, ids: Ids, pieces: Pieces) -> Computation:
    """The attention of the first piece in the first layer and head."""
    values = reader.read(ids, np.zeros(0, dtype=np.int32)).attentions["encoder.0.self_attention"]
    asked = Asked(pieces[0], 0, 1, 1)
    return Computation("encoder", 1, 1, asked, pieces[0], 0, pieces, len(pieces), values)


def _table(changes: Changes, pieces: list[Pieces], replace: tuple[str, str]) -> Table:
    """A row for each place, a column for each stage."""
    rows = [
        (
            before if before == after else f"{before} → {after}",
            *(f"{values[place]:.3f}" if values[place] > ROUNDING else "0" for values in changes.stages.values()),
        )
        for place, (before, after) in enumerate(zip(*pieces, strict=True))
    ]
    title = f"How far the vectors move where {replace[0]!r} is replaced by {replace[1]!r}, as a share of their length"
    return Table(title, ("", *changes.stages), rows)


def _findings(changes: Changes, pieces: list[Pieces], replace: tuple[str, str]) -> list[str]:
    """What the table says."""
    total = len(pieces[0])
    moved = changes.stages["attention"]
    # Marks are the same words too, but nobody is surprised that they have no meaning of their own.
    same = [
        place
        for place, (before, after) in enumerate(zip(*pieces, strict=True))
        if before == after != SPECIALS[EOS] and any(map(str.isalnum, before))
    ]
    attended, fed = changes.counted("attention"), changes.counted("feed-forward alone")
    said = [
        f"After attention, the vectors of {attended} of {total} places differ: each depends on all words. The feed-forward "
        f"part alone works on each place by itself: there {fed} of {total} differ.",
    ]
    if same:
        place = max(same, key=lambda one: moved[one])
        whole = changes.stages["encoder"][place]
        said.append(
            f"{pieces[0][place]!r} is the same at the same place in both sentences, and begins as the same vector. Among other "
            f"neighbours it becomes another one: it differs by {moved[place]:.3f} of its length after the first attention, by "
            f"{whole:.3f} after the whole encoder."
        )
    return said


def _changes_record(changes: Changes, pieces: list[Pieces], texts: list[str]) -> Record:
    return {
        "sentences": texts,
        "pieces": [list(one) for one in pieces],
        "changes": {name: values.round(7).tolist() for name, values in changes.stages.items()},
    }
