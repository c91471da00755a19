"""Positions shown: the encoding itself, and a sentence read in two orders of its words."""

from __future__ import annotations

import math
from dataclasses import replace

from seqgen.decode.translator import TranslateOptions
from seqgen.draw.panels import Chart, Exhibit, Heat, Series, Table
from seqgen.explain.attention import check_attention
from seqgen.explain.exhibits.seen import Note, Record, Seen, about
from seqgen.explain.exhibits.transformer.attention import note_length
from seqgen.explain.positions import (
    Encoding,
    TwoOrders,
    check_orders,
    encoding,
    reordered,
    translations_of,
    two_orders,
    without_positions,
)
from seqgen.explain.subjects import writes_with_attention
from seqgen.opening import longest_translation, open_reader, open_translator, pair_encoder
from seqgen.run import Run

# Positions drawn one below the other; distances up to which similarity is drawn; dimensions where no run gives them.
ROWS, DISTANCES, WIDTH = 32, 64, 32
# Pairs of dimensions that are drawn; of more, some in between are left out.
PAIRS = 16


def see_encoding(run: Run | None) -> Seen:
    """The encoding itself, of a run's width where one is given. Raises CheckpointError for a run that is no Transformer."""
    width, left_out, is_rotary = WIDTH, "", False
    if run is not None:
        check_attention(run)
        width = run.info.config.hidden or WIDTH
        if is_rotary := writes_with_attention(run.info):
            width //= run.info.config.heads or 1
        if not run.info.config.positions:
            left_out = f"{run.path} was trained without it: in this run nothing is {'turned' if is_rotary else 'added'}."
    found = encoding(DISTANCES, width)
    record = {"width": width, "table": found.table.round(6).tolist(), "similarity": found.similarity.round(6).tolist()}
    exhibit = replace(encoding_exhibit(found, is_rotary), about=about(f"{width} dimensions" if run is None else run.info.name))
    return (replace(exhibit, sentences=[*exhibit.sentences, left_out]) if left_out else exhibit), record


def see_orders(run: Run, sentence: str, shuffled: str | None, seed: int, note: Note) -> Seen:
    """A sentence in two orders, as the model was trained and without the encoding; the second is drawn where none is given.

    Raises CheckpointError for a run that is no Transformer, ConfigError for sentences that are not two orders.
    """
    check_attention(run, pairs=True)
    tokenizer = run.tokenizer()
    texts = " ".join(sentence.split()), reordered(sentence, seed) if shuffled is None else " ".join(shuffled.split())
    first, second = pair_encoder(run).sources(texts)
    orders = first, second
    check_orders(tokenizer, *orders)
    note_length(run, orders[0], note)
    options = TranslateOptions(max_length=longest_translation(run))
    # Full precision on both sides: what is left of a difference is then the model's.
    translations = translations_of(open_translator(run, precision="float32"), orders, options)
    target = translations[0]
    reader = open_reader(run)
    trained = "as trained" if reader.shape.positions else "as trained, without positions"
    found = [two_orders(trained, reader, tokenizer, orders, target, translations)]
    if reader.shape.positions:
        blind, translator = without_positions(reader.shape, run.arrays("weights"))
        translations = translations_of(translator, orders, options)
        found.append(two_orders("encoding left out", blind, tokenizer, orders, target, translations))
    return replace(orders_exhibit(texts, found), about=about(run.info.name, *texts)), orders_record(
        run, texts, tokenizer.decode(target), found
    )


def encoding_exhibit(found: Encoding, is_rotary: bool = False) -> Exhibit:
    """The sinusoids, and how alike two positions are by their distance. Rotary ones are not added but multiplied with."""
    width = found.table.shape[1]
    pairs = [number * ((width + 1) // 2) // PAIRS for number in range(PAIRS)] if width > 2 * PAIRS else range((width + 1) // 2)
    columns = [column for pair in pairs for column in (2 * pair, 2 * pair + 1) if column < width]
    some = f", {len(pairs)} of {(width + 1) // 2} pairs of dimensions" if len(columns) < width else ""
    heat = Heat(
        f"{'the turns' if is_rotary else 'what is added to the embeddings'} of positions 0 to {ROWS - 1}{some}",
        found.table[:ROWS, columns],
        [str(position) for position in range(ROWS)],
        ["cs"[column % 2 == 0] for column in columns],
        "dimension (s sine, c cosine)",
        "position",
        "sine, cosine",
        low=-1,
    )
    points = [(float(distance), float(cosine)) for distance, cosine in enumerate(found.similarity)]
    chart = Chart("how alike two positions are", [Series("cosine", points)], "how far they are apart", "cosine")
    how = (
        "The queries and keys of a head are turned by these angles, pair by pair, before they are multiplied: a turn of both "
        "by the same angle changes no product, so that attention sees how far apart two symbols are, not where."
        if is_rotary
        else "A step from one position to the next turns each hand by the same angle wherever it is made, so that how alike "
        "two positions are depends on their distance alone."
    )
    slowest = 2 * math.pi * 10_000 ** (2 * ((width - 1) // 2) / width)
    return Exhibit(
        "Positional encoding",
        (heat, chart),
        [
            f"Each pair of {width} dimensions is the hand of a clock: the first turns once in {2 * math.pi:.1f} positions, the "
            f"last once in {slowest:,.0f}.",
            how,
        ],
    )


def orders_exhibit(texts: tuple[str, str], found: list[TwoOrders]) -> Exhibit:
    """How far the states of each piece are apart, and how likely the same translation is."""
    names = [one.name for one in found]
    apart = [(piece, *(_share(one.differences[row]) for one in found)) for row, piece in enumerate(found[0].pieces)]
    likely = [
        (name, *(f"{one:.4f}" for one in orders.log_probs), f"{_change(orders):.4f}")
        for name, orders in zip(names, found, strict=True)
    ]
    panels = (
        Table("how far the encoder's states of a piece are apart, as a share of their length", ("piece", *names), apart),
        Table("log-probability (nats) of the first order's translation", ("model", "order 1", "order 2", "change"), likely),
    )
    sentences = [f"order 1: {texts[0]}", f"order 2: {texts[1]}"]
    for name, orders in zip(names, found, strict=True):
        sentences += [f"{name}, order {number + 1} → {text}" for number, text in enumerate(orders.translations)]
    return Exhibit("Two orders of the same words", panels, sentences + [verdict(one) for one in found])


def _share(value: float) -> str:
    """A share, or how small it is."""
    return f"{value:.2f}" if value >= 0.005 else f"{value:.0e}"


def _change(found: TwoOrders) -> float:
    """How much likelier the second order makes the translation; what rounds to zero has no sign."""
    return round(found.log_probs[1] - found.log_probs[0], 4) + 0.0


def verdict(found: TwoOrders) -> str:
    """The result, in words."""
    greatest = _share(found.differences.max())
    if not found.alike:
        return f"{found.name}: a piece's states differ by up to {greatest} of their length, so the order can be told."
    return (
        f"{found.name}: all states are the same but for rounding ({greatest}): the encoder sees a bag of pieces, and "
        "nothing that is written from it can depend on their order."
    )


def orders_record(run: Run, texts: tuple[str, str], target: str, found: list[TwoOrders]) -> Record:
    """The same for a program."""
    return {
        "model": run.info.name,
        "orders": list(texts),
        "target": target,
        "pieces": list(found[0].pieces),
        "models": [
            {
                "name": one.name,
                "positions": one.positions,
                "differences": [float(f"{value:.6g}") for value in one.differences],
                "greatest": float(f"{one.differences.max():.6g}"),
                "alike": one.alike,
                "log_probs": [round(value, 6) for value in one.log_probs],
                "translations": list(one.translations),
            }
            for one in found
        ],
    }
