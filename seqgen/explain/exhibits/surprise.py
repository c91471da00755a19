"""Surprise shown: each symbol coloured by its probability, the worst places, and what the model would rather have said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from seqgen.data.record_text import before_first
from seqgen.draw.human import plural
from seqgen.draw.panels import Cell, Exhibit, Panel, ShadedText, Table
from seqgen.errors import ConfigError
from seqgen.explain.exhibits.seen import Record, Seen, Tell
from seqgen.explain.places import places_of
from seqgen.explain.surprise import Surprise, joined_lines, surprise_of_target, surprise_of_text, words_of
from seqgen.opening import open_reader, open_scorer, pair_encoder
from seqgen.run import Run
from seqgen.tokenizers.base import SPECIALS, UNK, Tokenizer

# A symbol of this many bits has the full colour: one in 512. In plain text, the digit below is then the number of bits.
FULL = 9.0
ALTERNATIVES = 3
# From this many symbols on, a tenth of them is enough to speak of.
SPREAD = 30
# Pieces of a side: attention takes memory for each two of them.
LONGEST = 1_000


def see_text(run: Run, text: str, worst: int, tell: Tell) -> Seen:
    """A text under a language model; `worst` places are listed, `tell` is called with the share read."""
    tokenizer, before, found = run.tokenizer(), before_first(run.info.config.records), None
    for share, result in surprise_of_text(open_scorer(run), tokenizer, text, ALTERNATIVES, before):
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
    """The coloured text, the worst places and words, and what they come to."""
    cells = [
        Cell(text, bits, f"{bits:.1f} bits; rather {_rather(found, tokenizer, place)}") for place, text, bits in _shown(found)
    ]
    panels: list[Panel] = [ShadedText("how surprising each symbol is", cells, unit="bits", high=FULL)]
    if worst and len(found.bits):
        rows = [
            (f"{line}:{column}", f"'{_name(found, place)}'", f"{found.bits[place]:.1f}", _rather(found, tokenizer, place))
            for line, column, place in worst_places(found, worst)
        ]
        panels.append(Table("the most surprising places", ("line:column", "symbol", "bits", "it would rather have said"), rows))
        panels += _worst_words(found, worst)
    return Exhibit("Surprise", tuple(panels), sentences_of(found, tokenizer))


def _worst_words(found: Surprise, worst: int) -> list[Panel]:
    """The most surprising words, where there are several and they are more than single symbols."""
    words = words_of(found)
    if len(words) < 2 or len(words) == len(found.bits):
        return []
    rows = [
        (str(word.place), f"'{word.text}'", f"{word.bits:.1f}", f"{word.bits / len(word.text):.1f}")
        for word in sorted(words, key=lambda word: -word.bits)[:worst]
    ]
    return [Table("the most surprising words", ("line:column", "word", "bits", "bits a character"), rows)]


def sentences_of(found: Surprise, tokenizer: Tokenizer) -> tuple[str, ...]:
    """What the text costs, what in it costs most, and how much of it was expected."""
    count = len(found.bits)
    if not count:
        return ("There is nothing to be surprised by.",)
    mean = found.total / count
    sentences = [
        f"{found.total:.1f} bits in all, {found.total / max(1, found.characters):.2f} a character: a symbol of n bits had a "
        "probability of 1 in 2 to the n, and a text of fewer bits is more like what the model has learnt."
    ]
    if count > 1:
        ((line, column, place),) = worst_places(found, 1)
        rather = "" if found.rank[place] == 0 else f"; likeliest was '{_alternatives(found, tokenizer, place)[0][0]}'"
        sentences.append(
            f"The most surprising symbol is '{_name(found, place)}' at {line}:{column}: it cost {found.bits[place]:.1f} bits "
            f"where the average is {mean:.1f}{rather}."
        )
    if unknown := sum(symbol == SPECIALS[UNK] for symbol in found.symbols):
        sentences.append(
            f"{plural(unknown, 'symbol is', 'symbols are')} unknown to the model: such a one also costs the choice among all "
            "characters that it has never seen."
        )
    sentences.append(_expected(found))
    return tuple(sentences)


def _expected(found: Surprise) -> str:
    """How many symbols the model found likeliest, and how much the few others make up."""
    count, first = len(found.bits), int((found.rank == 0).sum())
    if count == 1:
        return f"It was {'' if first else 'not '}what the model found likeliest."
    said = (
        f"{first:,} of {count:,} symbols ({first / count:.0%}) {'was' if first == 1 else 'were'} what the model found likeliest"
    )
    if count < SPREAD or found.total <= 0:
        return f"{said}."
    part = float(np.sort(found.bits)[-round(count / 10) :].sum()) / found.total
    return f"{said}; the most surprising tenth makes up {part:.0%} of all bits."


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
    words = [
        {"word": word.text, "line": word.place.line, "column": word.place.column, "bits": round(word.bits, 4)}
        for word in words_of(found)
    ]
    return {"model": run.info.name, "bits": found.total, "symbols": symbols, "words": words, "worst": places}


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
        return f"nothing else: {found.probabilities[place, 0]:.2f} is the most"
    return ", ".join(f"'{symbol}' {p:.2f}" for symbol, p in _alternatives(found, tokenizer, place))
