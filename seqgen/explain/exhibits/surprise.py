"""Surprise shown: each symbol coloured by its probability, the worst places, and what the model would rather have said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqgen.draw.human import plural
from seqgen.draw.panels import Cell, Exhibit, Panel, ShadedText, Table
from seqgen.errors import ConfigError
from seqgen.explain.exhibits.seen import Record, Seen, Tell
from seqgen.explain.places import places_of
from seqgen.explain.surprise import Surprise, joined_lines, surprise_of_target, surprise_of_text
from seqgen.opening import open_reader, open_scorer, pair_encoder
from seqgen.run import Run
from seqgen.tokenizers.base import SPECIALS, UNK, Tokenizer

# A symbol of this many bits has the full colour: one in 512. In plain text, the digit below is then the number of bits.
FULL = 9.0
ALTERNATIVES = 3
# Pieces of a side: attention takes memory for each two of them.
LONGEST = 1_000


def see_text(run: Run, text: str, worst: int, tell: Tell) -> Seen:
    """A text under a language model; `worst` places are listed, `tell` is called with the share read."""
    tokenizer, found = run.tokenizer(), None
    for share, result in surprise_of_text(open_scorer(run), tokenizer, text, ALTERNATIVES):
        tell(share)
        found = result or found
    assert found is not None
    return exhibit_of(found, tokenizer, worst), record_of(run, found, tokenizer, worst)


def see_pairs(run: Run, sources: Sequence[str], targets: Sequence[str], worst: int, tell: Tell) -> Seen:
    """Targets under a translation model, each given its source, one line per target.

    Raises ConfigError for a pair that is too long.
    """
    reader, tokenizer, encoder = open_reader(run), run.tokenizer(), pair_encoder(run)
    lines = []
    for number, (source, target) in enumerate(zip(sources, targets, strict=True)):
        read, ids = encoder.pair(source, target)
        if (most := max(len(read), len(ids))) > LONGEST:
            raise ConfigError(f"pair {number + 1:,} has {most:,} pieces, expected at most {LONGEST:,}", "cut it into sentences")
        log_probs = reader.read(read, ids).log_probs
        lines.append(surprise_of_target(log_probs, tokenizer, ids, target, ALTERNATIVES))
        tell((number + 1) / len(sources))
    found = joined_lines(lines)
    return exhibit_of(found, tokenizer, worst), record_of(run, found, tokenizer, worst)


def exhibit_of(found: Surprise, tokenizer: Tokenizer, worst: int) -> Exhibit:
    """The coloured text, the worst places, the total."""
    cells = [
        Cell(text, bits, f"{bits:.1f} bits; rather {_rather(found, tokenizer, place)}") for place, text, bits in _shown(found)
    ]
    panels: list[Panel] = [ShadedText("surprise", cells, unit="bits", high=FULL)]
    if worst and len(found.bits):
        rows = [
            (f"{line}:{column}", f"'{_name(found, place)}'", f"{found.bits[place]:.1f}", _rather(found, tokenizer, place))
            for line, column, place in worst_places(found, worst)
        ]
        panels.append(Table("the most surprising places", ("line:column", "symbol", "bits", "it would rather have said"), rows))
    first = int((found.rank == 0).sum())
    sentences = (
        f"{found.total:.1f} bits in all, {found.total / max(1, found.characters):.2f} a character; "
        f"of {plural(len(found.bits), 'symbol')} {plural(first, 'was', 'were')} what the model found likeliest.",
    )
    return Exhibit("Surprise", tuple(panels), sentences)


def record_of(run: Run, found: Surprise, tokenizer: Tokenizer, worst: int) -> Record:
    """The same for a program."""
    symbols = [
        {
            "text": found.texts[place],
            "symbol": found.symbols[place],
            "bits": round(float(found.bits[place]), 4),
            "rank": int(found.rank[place]),
            "rather": [{"symbol": symbol, "probability": round(p, 6)} for symbol, p in _alternatives(found, tokenizer, place)],
        }
        for place in range(len(found.bits))
    ]
    places = [{"line": line, "column": column, "symbol": place} for line, column, place in worst_places(found, worst)]
    return {"model": run.info.name, "bits": found.total, "symbols": symbols, "worst": places}


def worst_places(found: Surprise, count: int) -> list[tuple[int, int, int]]:
    """Line and column (from 1) and place of the most surprising symbols, the worst first."""
    places = places_of(found.texts)
    order = sorted(range(len(found.bits)), key=lambda place: (-found.bits[place], place))
    return [(*places[place], place) for place in order[:count]]


def _shown(found: Surprise) -> Iterator[tuple[int, str, float]]:
    """Place, text and bits; a character spelt in several symbols is one, with the bits of all of them."""
    bits, first = 0.0, None
    for place, text in enumerate(found.texts):
        bits += float(found.bits[place])
        first = place if first is None else first
        if text or place + 1 == len(found.texts):
            yield first, text, bits
            bits, first = 0.0, None


def _name(found: Surprise, place: int) -> str:
    """The symbol's name; for a character that the vocabulary lacks, the character."""
    return found.texts[place] if found.symbols[place] == SPECIALS[UNK] else found.symbols[place]


def _alternatives(found: Surprise, tokenizer: Tokenizer, place: int) -> list[tuple[str, float]]:
    ids, probabilities = found.alternatives[place].tolist(), found.probabilities[place].tolist()
    return [(tokenizer.symbol(id_), p) for id_, p in zip(ids, probabilities, strict=True)]


def _rather(found: Surprise, tokenizer: Tokenizer, place: int) -> str:
    if found.rank[place] == 0:
        return f"nothing: {found.probabilities[place, 0]:.2f} is the most"
    return ", ".join(f"'{symbol}' {p:.2f}" for symbol, p in _alternatives(found, tokenizer, place))
