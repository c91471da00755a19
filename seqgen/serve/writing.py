"""One language model at work: texts that were asked for at different times advance side by side, a symbol of each at a step.

What is drawn for a text depends on its own past and seed alone, whatever is written beside it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from seqgen.data.record_text import Shown
from seqgen.decode.scorer import Ids, Joining, LogProbs
from seqgen.decode.streams import Beginner, Drawn, Streams
from seqgen.errors import ConfigError
from seqgen.generation import GenerateOptions, Prepared
from seqgen.serve.refused import busy
from seqgen.tokenizers.base import Tokenizer
from seqgen.tokenizers.certain import CertainText

# Texts that are written side by side, and that may wait for one of these to end.
SIDE_BY_SIDE, MOST_WAITING = 64, 1_000
# Symbols of a prompt whose log-probabilities are wanted: the others wait meanwhile.
MOST_ECHOED = 2_000


class Symbol(NamedTuple):
    """One that was read or written: its id, its log-probability (None for the first that was read), and the likeliest ones."""

    id: int
    log_prob: float | None
    tops: tuple[tuple[int, float], ...] = ()


class Written(NamedTuple):
    """What has come to a text: certain `text`, the `symbols` drawn for it; `ended` says why no more comes: "stop" (a stop text,
    or nothing was left to draw) or "length"."""

    text: str
    symbols: tuple[Symbol, ...] = ()
    ended: str | None = None


@dataclass(eq=False)
class Order:
    """A text that is wanted: `prompt` as the model reads it, `tops` likeliest symbols at each step; `told` hears in the model's
    thread what comes, or the error that ended it. With `echo` it first hears of the symbols of the prompt.

    While it is being written: `given` characters of the prompt are spelt again, `drawn` symbols were drawn."""

    prompt: str
    options: GenerateOptions
    rng: np.random.Generator
    told: Callable[[Written | Exception], None]
    tops: int = 0
    shown: Shown | None = None
    echo: bool = False
    cancelled: bool = False
    given: int = 0
    drawn: int = 0


@dataclass
class _Text:
    """A text that is being written."""

    certain: CertainText
    left: int
    tops: int
    shown: Shown | None = field(default=None)


class Opened(NamedTuple):
    """A language model that is ready: `stretches` are for short prompts, `never` makes what --no-copy needs."""

    scorer: Joining
    tokenizer: Tokenizer
    stretches: Sequence[Ids]
    never: Callable[[int], Any]


class Writing:
    """A language model that many requests share."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self.tokenizer = opened.tokenizer
        self._orders: deque[Order] = deque()
        self._closed = False
        self._changed = threading.Condition()
        self._streams: Streams[Order] = Streams(opened.scorer)
        self._texts: dict[Order, _Text] = {}
        threading.Thread(target=self._work, name="writing", daemon=True).start()

    def submit(self, orders: Sequence[Order]) -> None:
        """Begin to write; setting `cancelled` of an order ends it. Raises Refused where too many wait."""
        with self._changed:
            if self._closed or len(self._orders) + len(orders) > MOST_WAITING:
                raise busy()
            self._orders += orders
            self._changed.notify()

    def close(self) -> None:
        """End the thread, once all is written that was asked for."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _work(self) -> None:
        while (orders := self._next()) is not None:
            try:
                self._begin(orders)
                if self._texts:
                    self._step()
            except Exception as error:  # not of one text: all of them end
                for order in [*self._texts, *(order for order in orders if order not in self._texts)]:
                    order.told(error)
                self._texts.clear()
                self._streams = Streams(self._opened.scorer)

    def _next(self) -> list[Order] | None:
        """The orders that there is room for now; waits only where nothing is being written. None at the end."""
        with self._changed:
            while not self._orders and not self._texts:
                if self._closed:
                    return None
                self._changed.wait()
            count = min(len(self._orders), SIDE_BY_SIDE - len(self._texts))
            return [order for order in (self._orders.popleft() for _ in range(count)) if not order.cancelled]

    def _begin(self, orders: Sequence[Order]) -> None:
        beginners = []
        for order in orders:
            try:
                beginners += self._prepared(order)
            except Exception as error:  # its own: a setting that does not fit
                order.told(error)
        self._streams.add(beginners)

    def _prepared(self, order: Order) -> list[Beginner[Order]]:
        """A text that is ready to begin; none where only its prompt was wanted."""
        opened, options = self._opened, order.options
        never = opened.never(options.no_copy) if options.no_copy else None
        stretches = () if order.shown else opened.stretches
        begin, rules, before, ids = Prepared.of(opened.tokenizer, order.prompt, options, order.rng, stretches, never)
        order.given = begin.given
        if order.echo:
            order.told(Written("", self._read(begin.ids, order.tops), None if options.length else "length"))
        elif not options.length:
            order.told(Written("", ended="length"))
        if not options.length:
            return []
        self._texts[order] = _Text(CertainText(opened.tokenizer, options.stops, begin), options.length, order.tops, order.shown)
        return [Beginner(order, ids, rules, order.rng, options.greedy, before[0] if before else None)]

    def _read(self, ids: Ids, tops: int) -> tuple[Symbol, ...]:
        """The symbols of a prompt, each with what the model thought of it; the first one stands behind nothing."""
        if len(ids) > MOST_ECHOED:
            raise ConfigError(f"echo with logprobs: expected a prompt of at most {MOST_ECHOED:,} symbols, found {len(ids):,}")
        if not len(ids):
            return ()
        scorer, found = self._opened.scorer, [Symbol(int(ids[0]), None)]
        state = scorer.start([ids[:1]])
        for last, id_ in zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True):
            log_probs, state = scorer.step(state, np.array([last]))
            found.append(Symbol(id_, float(log_probs[0, id_]), tops_of(log_probs[0], tops)))
        return tuple(found)

    def _step(self) -> None:
        gone = {order for order in self._texts if order.cancelled}
        for order in gone:
            del self._texts[order]
        self._streams.drop(gone)
        if not self._texts:
            return
        over = set()
        for drawn in self._streams.step():
            text = self._texts[drawn.key]
            drawn.key.drawn += drawn.id >= 0
            written = _took(text, drawn)
            drawn.key.told(written)
            if written.ended:
                over.add(drawn.key)
                del self._texts[drawn.key]
        self._streams.drop(over)


def _took(text: _Text, drawn: Drawn[Order]) -> Written:
    """What a drawn symbol makes of a text."""
    if drawn.id < 0:
        return Written(_shown(text, text.certain.rest()), ended="stop")
    certain = text.certain.push(drawn.id)
    symbols = (Symbol(drawn.id, float(drawn.log_probs[drawn.id]), tops_of(drawn.log_probs, text.tops)),)
    text.left -= 1
    ended = "stop" if text.certain.done else "length" if not text.left else None
    if ended == "length":
        certain += text.certain.flush()
    return Written(_shown(text, certain), symbols, ended)


def _shown(text: _Text, certain: str) -> str:
    return text.shown.push(certain) if text.shown else certain


def tops_of(log_probs: LogProbs, count: int) -> tuple[tuple[int, float], ...]:
    """The likeliest ids under log_probs [V], best first."""
    if not count:
        return ()
    count = min(count, len(log_probs))
    found = np.argpartition(-log_probs, count - 1)[:count]
    found = found[np.argsort(-log_probs[found], kind="stable")]
    return tuple((int(id_), float(log_probs[id_])) for id_ in found)
