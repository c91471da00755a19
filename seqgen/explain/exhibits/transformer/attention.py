"""Attention shown: the maps between words, the sharpest heads, where one word looks."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.decode.scorer import Ids
from seqgen.decode.translator import TranslateOptions
from seqgen.draw.human import plural
from seqgen.draw.panels import Cell, Exhibit, Grid, Heat, Panel, ShadedText, Table
from seqgen.errors import ConfigError
from seqgen.explain.attention import (
    TEXT,
    Attention,
    Look,
    Maps,
    View,
    attention_of,
    check_attention,
    looks_of,
)
from seqgen.explain.exhibits.seen import Note, Record, Seen, about
from seqgen.explain.heads import CAUSAL, Head, heads_of
from seqgen.opening import longest_translation, open_reader, open_translator, pair_encoder
from seqgen.run import Run

# Pieces of a sentence: the maps grow with its square, and larger ones can hardly be read.
LONGEST = 512
# Heads of each kind that the table lists, and words that a line about a word names; --json has all.
LISTED_HEADS = 4
NAMED_WORDS, SMALLEST_SHARE = 4, 0.05
LONGEST_TITLE = 90

TITLES = {
    "encoder": ("encoder: what each word of the source looks at", "source", "source"),
    "decoder": ("decoder: what it looks at in what it has read", "read so far", "read last"),
    "cross": ("cross-attention: what it looks at to write each word", "source", "written"),
    TEXT: ("what each word looks at in what has been read", "read so far", "read last"),
}


def see(run: Run, sentence: str, *, target: str | None, view: View, word: str | None, pieces: bool, note: Note) -> Seen:
    """Read a sentence and its translation, else the model's own, and show what a view of the maps holds.

    Raises CheckpointError for a run without attention, ConfigError for what is too long or not there.
    """
    tokenizer = run.tokenizer()
    source, ids = read_pair(run, sentence, target, note)
    attention = attention_of(open_reader(run), tokenizer, source, ids, pieces=pieces)
    view.check(attention)
    heads, looks = heads_of(attention), looks_of(attention, word, view) if word is not None else []
    text = tokenizer.decode(ids)
    pair = f"{sentence} → {text}"
    exhibit = exhibit_of(pair, attention, view, heads, looks)
    exhibit = replace(exhibit, about=about(run.info.name, *([] if pair in exhibit.title else [sentence, text])))
    return exhibit, record_of(run, sentence, text, attention, heads, looks)


def see_grid(run: Run, sentence: str, *, target: str | None, pieces: bool, note: Note) -> Seen:
    """The same, as one grid of small maps for each kind of attention: a row for each layer, a column for each head."""
    tokenizer = run.tokenizer()
    source, ids = read_pair(run, sentence, target, note)
    attention = attention_of(open_reader(run), tokenizer, source, ids, pieces=pieces)
    heads, text = heads_of(attention), tokenizer.decode(ids)
    exhibit = grid_exhibit(f"{sentence} → {text}", attention, heads, pieces)
    exhibit = replace(exhibit, about=about(run.info.name, sentence, text))
    return exhibit, record_of(run, sentence, text, attention, heads, [])


def grid_exhibit(read: str, attention: Maps, heads: list[Head], pieces: bool) -> Exhibit:
    """All heads as small maps; `read` says of what."""
    grids = [_grid(attention, kind) for kind in attention.kinds]
    unit = "piece" if pieces else "word"
    where = "The decoder's maps are" if TEXT not in attention.kinds else "Maps are"
    said = [
        read,
        f"Each small map is a head: its rows are the {unit}s that look, its columns those that are looked at, from the first "
        "to the last. A diagonal of large shares looks at the same place, one beside it at a neighbour, a column of them at "
        "one thing whoever asks.",
        f"Heads of one layer look at different things at once: that is what several are for. {where} empty right "
        "of the diagonal, where the mask is. --layer, --head and --word show one closely.",
    ]
    return Exhibit("All heads of all layers", (*grids, table_of(heads)), said)


def _grid(attention: Maps, kind: str) -> Grid:
    """All maps of a kind."""
    maps = attention.maps(kind).copy()
    if kind in CAUSAL:
        maps[..., ~np.tri(maps.shape[-1], dtype=bool)] = np.nan  # what cannot be seen stays empty
    title, across, down = TITLES[kind]
    layers, heads = maps.shape[:2]
    rows, columns = ([f"{name} {n}" for n in range(1, count + 1)] for name, count in (("layer", layers), ("head", heads)))
    return Grid(title, maps, rows, columns, across, down, unit="share")


def read_pair(run: Run, sentence: str, target: str | None, note: Note) -> tuple[Ids, Ids]:
    """A sentence and its translation, else the model's own, as ids.

    Raises CheckpointError for a run without attention, ConfigError for what is too long.
    """
    check_attention(run, pairs=True)
    encoder = pair_encoder(run)
    source = encoder.sources([sentence])[0]
    note_length(run, source, note)
    source, ids = (source, translated(run, source)) if target is None else encoder.pair(sentence, target)
    check_length(ids, "the target")
    return source, ids


def note_length(run: Run, source: Ids, note: Note) -> None:
    """Note a source that is longer than any that was learnt from. Raises ConfigError for one that is too long to show."""
    check_length(source, "the sentence")
    longest = int(run.info.corpus.get("longest_source", 0))
    if longest and len(source) > longest:
        note(
            f"the sentence has {plural(len(source), 'piece')}, the longest learnt from had {longest}: what is shown is a guess"
        )


def check_length(ids: Ids, what: str) -> None:
    """Raise ConfigError for more pieces than can be shown."""
    if len(ids) > LONGEST:
        raise ConfigError(f"{what} has {len(ids):,} pieces, expected at most {LONGEST}", "cut it into sentences")


def translated(run: Run, source: Ids) -> Ids:
    """The model's own translation, as `seqgen translate` finds it."""
    options = TranslateOptions(max_length=longest_translation(run))
    return open_translator(run).submit([source], options)()[0][0].ids


def exhibit_of(pair: str, attention: Maps, view: View, heads: list[Head], looks: list[Look]) -> Exhibit:
    """The maps and the heads; where a word was named, only where it looks. `pair` says what was read."""
    # A picture has the title, but not the sentences; there is not always room for the pair.
    title, first = (f"Attention: {pair}", []) if len(pair) <= LONGEST_TITLE else ("Attention", [pair])
    which = _which(view)
    if looks:
        return Exhibit(title, [_shaded(look, which) for look in looks], [*first, *map(sentence_of, looks)])
    panels: list[Panel] = []
    for kind in attention.kinds:
        name, across, down = TITLES[kind]
        shares = view.of(attention.maps(kind))
        if shares is None:
            continue
        if kind in CAUSAL:
            shares[np.triu_indices(len(shares), k=1)] = np.nan  # what cannot be seen stays empty
        panels.append(Heat(f"{name} ({which})", shares, *attention.labels(kind), across, down, unit="share"))
    return Exhibit(title, (*panels, table_of(heads)), [*first, *sentences_of(attention, heads)])


def _which(view: View) -> str:
    layer = {"last": "last layer", "all": "mean of all layers"}.get(str(view.layer), f"layer {view.layer}")
    return f"{layer}, {'mean of its heads' if view.head is None else f'head {view.head}'}"


def table_of(heads: list[Head]) -> Table:
    """The sharpest heads of each kind."""
    rows = [
        (
            f"{head.kind} {head.layer}.{head.head}",
            "-" if head.sharpness is None else f"{head.sharpness:.2f}",
            "nothing in particular" if head.looks_at is None else f"{head.looks_at} {head.share:.2f}",
        )
        for kind in TITLES
        for head in [head for head in heads if head.kind == kind][:LISTED_HEADS]
    ]
    shown = (
        "heads" if len(rows) == len(heads) else f"the sharpest {LISTED_HEADS} heads of each kind; there are {len(heads)} in all"
    )
    return Table(f"{shown} (layer.head)", ("head", "sharpness", "mostly looks at"), rows)


def sentences_of(attention: Maps, heads: list[Head]) -> list[str]:
    """How to read it."""
    sharp = max((head.sharpness or 0.0 for head in heads), default=0.0)
    joined = "Words are joined from pieces: a word of many gathers the attention to all of them; --pieces shows each alone."
    if TEXT in attention.kinds:
        ends, blind = "", "Nothing right of the diagonal is seen: it comes later."
    else:
        ends = " <eos> is the end of the sentence, <bos> the beginning."
        blind = "The decoder sees nothing right of the diagonal: it has not been written yet."
    return [
        f"Each row is a word that looks; its shares sum to one.{ends}",
        *([joined] if attention.is_joined else []),
        blind,
        f"Sharpness is 1 where all attention is at one place, 0 where it is the same everywhere; the sharpest has {sharp:.2f}.",
        "Attention says where values are taken from, not why a word is chosen.",
    ]


def _shaded(look: Look, which: str) -> ShadedText:
    """The source, coloured by where a word looks."""
    if look.kind == "encoder":
        title = f"where {look.word!r} (word {look.place + 1} of the source) looks"
    elif look.kind == TEXT:
        title = f"where {look.word!r} (word {look.place + 1}) looks"
    else:
        title = f"where the model looks to write {look.word!r} (word {look.place + 1} of the target)"
    cells = [Cell(f"{text} ", float(share), f"{share:.3f}") for text, share in zip(look.columns, look.shares, strict=True)]
    # The strongest colour begins at 0.9 of all attention.
    return ShadedText(f"{title} ({which})", cells, unit="share", high=0.9)


def sentence_of(look: Look) -> str:
    """The textbook's question, answered: what does 'it' look at?"""
    order = sorted(range(len(look.shares)), key=lambda place: -look.shares[place])
    large = [place for place in order[:NAMED_WORDS] if look.shares[place] >= SMALLEST_SHARE] or order[:1]
    named = [
        f"{'itself' if look.kind != 'cross' and place == look.place else repr(look.columns[place])} {look.shares[place]:.2f}"
        for place in large
    ]
    who = f"to write {look.word!r} the model" if look.kind == "cross" else f"{look.word!r}"
    return f"{who} looks at {', '.join(named)}"


def record_of(run: Run, sentence: str, target: str, attention: Attention, heads: list[Head], looks: list[Look]) -> Record:
    """All maps of all heads, [layer][head][row][column], and what was said of them."""
    record = {
        "model": run.info.name,
        "sentence": sentence,
        "translation": target,
        "source": list(attention.source),
        "target": list(attention.read),
        "written": list(attention.written),
        "encoder": rounded(attention.encoder),
        "decoder": rounded(attention.decoder),
        "cross": rounded(attention.cross),
    }
    return record | records_of(heads, looks)


def records_of(heads: list[Head], looks: list[Look]) -> Record:
    """Heads and looks for a program."""
    record: Record = {"heads": [{**asdict(one), "sharpness": _six(one.sharpness), "share": _six(one.share)} for one in heads]}
    if looks:
        record["looks"] = [
            {"kind": one.kind, "word": one.word, "place": one.place, "says": sentence_of(one), "shares": rounded(one.shares)}
            for one in looks
        ]
    return record


def _six(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def rounded(array: NDArray[np.floating]) -> Any:
    """An array as nested lists."""
    return array.round(6).tolist()
