"""The attention of a Transformer that writes text, shown: what each word looks at in what it has read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seqgen.decode.scorer import Ids
from seqgen.errors import ConfigError
from seqgen.explain.attention import TEXT, View, attention_of_text, check_attention, looks_of
from seqgen.explain.exhibits.seen import Seen, about
from seqgen.explain.exhibits.transformer.attention import LONGEST_TITLE, exhibit_of, grid_exhibit, records_of, rounded
from seqgen.explain.heads import heads_of
from seqgen.opening import open_decoder
from seqgen.run import Run


def see_text(run: Run, text: str, *, view: View, word: str | None, pieces: bool) -> Seen:
    """Read a text and show what a view of the maps holds.

    Raises CheckpointError for a run without attention, ConfigError for what is too long or not there.
    """
    ids = read(run, text)
    attention = attention_of_text(open_decoder(run), run.tokenizer(), ids, pieces=pieces)
    view.check(attention)
    heads, looks = heads_of(attention), looks_of(attention, word, view) if word is not None else []
    exhibit = exhibit_of(shown(text), attention, view, heads, looks)
    exhibit = replace(exhibit, about=about(run.info.name, *([] if shown(text) in exhibit.title else [text])))
    maps = {"model": run.info.name, "text": text, "words": list(attention.words), TEXT: rounded(attention.shares)}
    return exhibit, maps | records_of(heads, looks)


def see_text_grid(run: Run, text: str, *, pieces: bool) -> Seen:
    """The same, as one grid of small maps: a row for each layer, a column for each head."""
    ids = read(run, text)
    attention = attention_of_text(open_decoder(run), run.tokenizer(), ids, pieces=pieces)
    heads = heads_of(attention)
    exhibit = replace(grid_exhibit(shown(text), attention, heads, pieces), about=about(run.info.name, text))
    maps = {"model": run.info.name, "text": text, "words": list(attention.words), TEXT: rounded(attention.shares)}
    return exhibit, maps | records_of(heads, [])


def read(run: Run, text: str) -> Ids:
    """A text as ids. Raises CheckpointError for a run without attention, ConfigError for more symbols than it sees at once."""
    check_attention(run)
    ids, most = run.tokenizer().encode(text), run.info.config.bptt or 0
    if not 0 < len(ids) <= most:
        raise ConfigError(
            f"the text has {len(ids):,} symbols, expected 1 to {most}: the model sees no more at once", "take a part of it"
        )
    return ids.astype(np.int64)


def shown(text: str) -> str:
    """A text in one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1] + "…"
