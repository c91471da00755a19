"""`seqgen explain attention`: what a Transformer looks at while it reads and translates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.options import chosen_run, common, model_option, required, runs_dir_option
from seqgen.commands.showing import show, showing_options
from seqgen.console import Console
from seqgen.errors import CheckpointError, ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.decode.scorer import Ids
    from seqgen.draw.panels import Exhibit, Panel, ShadedText, Table
    from seqgen.explain.attention import Attention, Head, Look, View
    from seqgen.run import Run

HELP = """Show what a Transformer looks at: the encoder's words at each other, the decoder's at what is written, and each
written word at the source. Words are joined of their pieces: to a word the sum over its pieces, from it the mean.

\b
Examples:
  seqgen explain attention "The old sailor sees 3 boats."
  seqgen explain attention "The old sailor sees 3 boats." --word sees
  seqgen explain attention "The old sailor sees 3 boats." --layer 1 --head 2 -o head.png
  seqgen explain attention "The sea is blue." --target "La mer est bleue." --pieces --json
"""

# Pieces of a sentence: the maps grow with the square of it, and longer ones can hardly be looked at.
LONGEST = 512
# Heads of each kind that the table lists, and what a line about a word names; --json has all.
LISTED_HEADS = 4
NAMED_WORDS, SMALLEST_SHARE = 4, 0.05
LONGEST_TITLE = 90

TITLES = {
    "encoder": ("encoder: what each word of the source looks at", "source", "source"),
    "decoder": ("decoder: what it looks at of what it has read", "read so far", "read last"),
    "cross": ("cross-attention: what it looks at to write each word", "source", "written"),
}


@click.command("attention", help=HELP, short_help="What a Transformer looks at while it reads and translates.")
@click.argument("sentence")
@click.option("--target", metavar="TEXT", help="A translation to look at.  [default: the model's own]")
@click.option("--layer", metavar="N|all", default="last", help="One layer, or the mean of all.  [default: the last]")
@click.option("--head", type=click.IntRange(min=1), help="One head.  [default: the mean of all]")
@click.option("--word", metavar="WORD", help="Only where this word of either sentence looks.")
@click.option("--pieces", is_flag=True, help="Leave words in the pieces that the model reads.")
@model_option
@showing_options
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    sentence: str,
    target: str | None,
    layer: str,
    head: int | None,
    word: str | None,
    pieces: bool,
    model: str | None,
    output: Path | None,
    as_json: bool,
    runs_dir: Path,
    quiet: bool,
) -> None:
    """Parse, translate, read, show."""
    console.quiet = quiet
    number = _layer(layer)
    required(sentence.strip(), "SENTENCE")
    from seqgen.explain.attention import View, attention_of, heads_of, looks_of
    from seqgen.opening import open_reader

    run = chosen_run(console, model, runs_dir, "translation")
    require_transformer(run)
    tokenizer = run.tokenizer()
    source = tokenizer.encode(sentence)
    note_length(console, run, source)
    ids = translated(run, source) if target is None else tokenizer.encode(target)
    check_length(ids, "the target")
    attention = attention_of(open_reader(run), tokenizer, source, ids, pieces=pieces)
    view = View(number, head)
    view.check(attention)
    heads, looks = heads_of(attention), looks_of(attention, word, view) if word is not None else []
    text = tokenizer.decode(ids)
    pair = f"{sentence} → {text}"
    record = record_of(run, sentence, text, attention, heads, looks)
    show(console, exhibit_of(pair, attention, view, heads, looks), record, output=output, as_json=as_json)


def _layer(text: str) -> Any:
    """A number, "all" or "last"."""
    if text in ("all", "last"):
        return text
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise click.BadParameter(f"expected a number from 1 or all, found {text!r}", param_hint="--layer")
    return int(text)


def require_transformer(run: Run) -> None:
    """Raise CheckpointError, saying what looks inside it, where a run is no Transformer."""
    if run.info.kind == "translation":
        return
    from seqgen.families import family_of

    if family_of(run.info.config).network is None:
        raise CheckpointError(
            f"{run.path}: a model that counts has no attention", "see seqgen explain context, or name another"
        )
    raise CheckpointError(
        f"{run.path}: a recurrent model has no attention", "see seqgen explain gates, or name another with -m"
    )


def note_length(console: Console, run: Run, source: Ids) -> None:
    """Say where a source is longer than any that was learnt from. Raises ConfigError for one that is too long to show."""
    check_length(source, "the sentence")
    longest = int(run.info.corpus.get("longest_source", 0))
    if longest and len(source) > longest:
        console.note(f"the sentence has {len(source)} pieces, the longest learnt from had {longest}: what is shown is a guess")


def check_length(ids: Ids, what: str) -> None:
    """Raise ConfigError for more pieces than can be shown."""
    if len(ids) > LONGEST:
        raise ConfigError(f"{what} has {len(ids):,} pieces, expected at most {LONGEST}", "cut it into sentences")


def translated(run: Run, source: Ids) -> Ids:
    """The model's own translation, as `seqgen translate` finds it."""
    from seqgen.decode.translator import TranslateOptions
    from seqgen.opening import longest_translation, open_translator

    options = TranslateOptions(max_length=longest_translation(run))
    return open_translator(run).submit([source], options)()[0][0].ids


def exhibit_of(pair: str, attention: Attention, view: View, heads: list[Head], looks: list[Look]) -> Exhibit:
    """The maps and the heads; where a word was named, only where that looks. `pair` says what was read."""
    import numpy as np

    from seqgen.draw.panels import Exhibit, Heat

    # A picture has the title, but not the sentences; there is not always room for the pair.
    title, first = (f"Attention: {pair}", []) if len(pair) <= LONGEST_TITLE else ("Attention", [pair])
    which = _which(view)
    if looks:
        return Exhibit(title, [_shaded(look, which) for look in looks], [*first, *map(sentence_of, looks)])
    panels: list[Panel] = []
    for kind, (name, across, down) in TITLES.items():
        shares = view.of(attention.maps(kind))
        if shares is None:
            continue
        if kind == "decoder":
            shares[np.triu_indices(len(shares), k=1)] = np.nan  # what cannot be seen stays empty
        panels.append(Heat(f"{name} ({which})", shares, *attention.labels(kind), across, down, unit="share"))
    return Exhibit(title, (*panels, table_of(heads)), [*first, *sentences_of(attention, heads)])


def _which(view: View) -> str:
    layer = {"last": "last layer", "all": "mean of all layers"}.get(str(view.layer), f"layer {view.layer}")
    return f"{layer}, {'mean of its heads' if view.head is None else f'head {view.head}'}"


def table_of(heads: list[Head]) -> Table:
    """The sharpest heads of each kind."""
    from seqgen.draw.panels import Table

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


def sentences_of(attention: Attention, heads: list[Head]) -> list[str]:
    """How to read it."""
    sharp = max((head.sharpness or 0.0 for head in heads), default=0.0)
    joined = "Words are joined of pieces: a word of many gathers the attention to all of them; --pieces shows them alone."
    return [
        "Each row is a word that looks; its shares sum to one. <eos> is the end of the sentence, <bos> the beginning.",
        *([joined] if attention.is_joined else []),
        "The decoder sees nothing right of the diagonal: it has not been written yet.",
        f"Sharpness is 1 where all attention is at one place, 0 where it is the same everywhere; the sharpest has {sharp:.2f}.",
        "Attention says where values are taken from, not why a word is chosen.",
    ]


def _shaded(look: Look, which: str) -> ShadedText:
    """The source, coloured by where a word looks."""
    from seqgen.draw.panels import Cell, ShadedText

    if look.kind == "encoder":
        title = f"where {look.word!r} (word {look.place + 1} of the source) looks"
    else:
        title = f"where the model looks to write {look.word!r} (word {look.place + 1} of the target)"
    cells = [Cell(f"{text} ", float(share), f"{share:.3f}") for text, share in zip(look.columns, look.shares, strict=True)]
    # The largest share, rounded up to tenths, is the strongest colour: little of much is seen as well.
    return ShadedText(f"{title} ({which})", cells, unit="share", high=0.9)


def sentence_of(look: Look) -> str:
    """The textbook's question, answered: what does 'it' look at?"""
    order = sorted(range(len(look.shares)), key=lambda place: -look.shares[place])
    large = [place for place in order[:NAMED_WORDS] if look.shares[place] >= SMALLEST_SHARE] or order[:1]
    named = [
        f"{'itself' if look.kind == 'encoder' and place == look.place else repr(look.columns[place])} {look.shares[place]:.2f}"
        for place in large
    ]
    who = f"{look.word!r}" if look.kind == "encoder" else f"to write {look.word!r} the model"
    return f"{who} looks at {', '.join(named)}"


def record_of(
    run: Run, sentence: str, target: str, attention: Attention, heads: list[Head], looks: list[Look]
) -> dict[str, Any]:
    """All maps of all heads, [layer][head][row][column], and what was said of them."""
    from dataclasses import asdict

    record = {
        "model": run.info.name,
        "sentence": sentence,
        "translation": target,
        "source": list(attention.source),
        "target": list(attention.read),
        "written": list(attention.written),
        "encoder": _rounded(attention.encoder),
        "decoder": _rounded(attention.decoder),
        "cross": _rounded(attention.cross),
        "heads": [{**asdict(one), "sharpness": _six(one.sharpness), "share": _six(one.share)} for one in heads],
    }
    if looks:
        record["looks"] = [
            {"kind": one.kind, "word": one.word, "place": one.place, "says": sentence_of(one), "shares": _rounded(one.shares)}
            for one in looks
        ]
    return record


def _six(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _rounded(array: NDArray[np.floating]) -> Any:
    return array.round(6).tolist()
