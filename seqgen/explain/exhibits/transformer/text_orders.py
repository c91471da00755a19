"""A text in two orders of its words, as a Transformer that writes reads it with positions and without, shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seqgen.draw.panels import Exhibit, Table
from seqgen.explain.exhibits.seen import Record, Seen, about
from seqgen.explain.exhibits.transformer.text import read
from seqgen.explain.positions import ROUNDING, check_orders, reordered
from seqgen.explain.text_orders import Expected, TextOrders, text_orders
from seqgen.infer.decoder import DecoderScorer
from seqgen.opening import open_decoder
from seqgen.run import Run


def see_text_orders(run: Run, sentence: str, shuffled: str | None, seed: int) -> Seen:
    """A sentence in two orders, as the model was trained and without positions; the second is drawn where none is given.

    Raises ConfigError for sentences that are not two orders, or that are too long.
    """
    texts = " ".join(sentence.split()), reordered(sentence, seed) if shuffled is None else " ".join(shuffled.split())
    if texts[0][-1:] != texts[1][-1:]:
        # The states of one symbol are compared: it has to be the same in both.
        texts = texts[0] + " ", texts[1] + " "
    tokenizer = run.tokenizer()
    orders = read(run, texts[0]), read(run, texts[1])
    check_orders(tokenizer, *orders)
    scorer = open_decoder(run)
    trained = "as trained" if scorer.shape.positions else "as trained, without positions"
    found = [text_orders(trained, scorer, tokenizer, orders)]
    if scorer.shape.positions:
        blind = DecoderScorer(replace(scorer.shape, positions=False), run.arrays("weights"))
        found.append(text_orders("positions left out", blind, tokenizer, orders))
    exhibit = replace(_exhibit(texts, found), about=about(run.info.name, *texts))
    return exhibit, _record(run, texts, found)


def _exhibit(texts: tuple[str, str], found: list[TextOrders]) -> Exhibit:
    """How far the states of the last symbol are apart, and what is expected behind it."""
    layers = range(len(found[0].differences))
    apart = [(f"layer {layer + 1}", *(_share(one.differences[layer]) for one in found)) for layer in layers]
    expected = [(one.name, *(_said(next_) for next_ in one.expected), f"{one.apart:.3f}") for one in found]
    panels = (
        Table(
            "how far the states of the last symbol are apart, as a share of their length",
            ("behind", *(one.name for one in found)),
            apart,
        ),
        Table("what is expected next, and how far that is apart", ("model", "order 1", "order 2", "apart"), expected),
    )
    said = [f"order 1: {texts[0]!r}", f"order 2: {texts[1]!r}", *map(verdict, found)]
    said.append("Apart is 0 where the same is expected with the same probabilities, 1 where nothing is in common.")
    return Exhibit("Two orders of the same words", panels, said)


def verdict(found: TextOrders) -> str:
    """The result, in words."""
    first, last = found.differences[0], found.differences[-1]
    if first >= ROUNDING:
        apart = f"the states differ by {_share(first)} of their length"
        return f"{found.name}: {apart} from the first layer on: the order is known."
    if len(found.differences) == 1:
        return f"{found.name}: the states are the same but for rounding: the layer sees a bag of symbols."
    return (
        f"{found.name}: behind the first layer the states are the same but for rounding: it sees a bag of symbols. Behind the "
        f"last they differ by {_share(last)}: symbols that stand early have been read with less before them, which the mask "
        "gives away."
    )


def _share(value: float) -> str:
    return f"{value:.2f}" if value >= 0.005 else f"{value:.0e}"


def _said(expected: Expected) -> str:
    return ", ".join(f"'{symbol}' {share:.2f}" for symbol, share in expected)


def _record(run: Run, texts: tuple[str, str], found: list[TextOrders]) -> Record:
    """The same for a program."""
    return {
        "model": run.info.name,
        "orders": list(texts),
        "models": [
            {
                "name": one.name,
                "positions": one.positions,
                "differences": [float(f"{value:.6g}") for value in one.differences],
                "alike": bool(np.max(one.differences) < ROUNDING),
                "apart": round(one.apart, 6),
                "expected": [[[symbol, round(share, 6)] for symbol, share in order] for order in one.expected],
            }
            for one in found
        ],
    }
