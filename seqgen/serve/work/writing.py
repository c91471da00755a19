"""One language model at work: texts that were asked for at different times advance side by side, a symbol of each at a step.

What is drawn for a text depends on its own past and seed alone, whatever is written beside it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from seqgen.data.record_text import Shown
from seqgen.decode.rules import forbidden
from seqgen.decode.scorer import Ids, Joining, LogProbs
from seqgen.decode.streams import Beginner, Drawn, Streams
from seqgen.errors import ConfigError
from seqgen.generation import NEVER_WRITTEN, GenerateOptions, Prepared
from seqgen.serve.refused import busy
from seqgen.tokenizers.base import Tokenizer
from seqgen.tokenizers.certain import CertainText

# Texts that are written side by side, and that may wait for one of these to end.
SIDE_BY_SIDE, MOST_WAITING = 64, 1_000
# Seconds without another order after which the first ones are begun, and how often more are waited for.
GATHERING, MOST_GATHERED = 0.003, 32
# Seconds between two events of a stream: what comes sooner is sent together.
PACE = 0.02
# Symbols of a prompt whose log-probabilities are wanted: the others wait meanwhile.
MOST_ECHOED = 2_000


class Symbol(NamedTuple):
    """One that was read or written: its id, its log-probability (None for the first that was read), and the likeliest ones."""

    id: int
    log_prob: float | None
    tops: tuple[tuple[int, float], ...] = ()


class Written(NamedTuple):
    """What has come to a text since the last time: certain `text`, the `symbols` drawn for it, where these are wanted; `ended`
    says why no more comes: "stop" (a stop text, or nothing was left to draw) or "length"."""

    text: str
    symbols: tuple[Symbol, ...] = ()
    ended: str | None = None


@dataclass(eq=False)
class Order:
    """A text that is wanted: `prompt` as the model reads it, its symbols with the `tops` likeliest at each step (None: without
    them). `told` hears in the model's thread what has come (where `streamed`, at once and then each PACE seconds, else at the
    end), or the error that ended it. With `echo` it first hears of the symbols of the prompt.

    While it is being written: `given` characters of the prompt are spelt again, `drawn` symbols were drawn."""

    prompt: str
    options: GenerateOptions
    rng: np.random.Generator
    told: Callable[[Written | Exception], None]
    tops: int | None = None
    shown: Shown | None = None
    streamed: bool = False
    echo: bool = False
    cancelled: bool = False
    given: int = 0
    drawn: int = 0


@dataclass
class _Text:
    """A text that is being written: what has come and was not told, and when that is to be."""

    certain: CertainText
    left: int
    tops: int | None
    shown: Shown | None
    streamed: bool
    text: str = ""
    symbols: list[Symbol] = field(default_factory=list)
    is_new: bool = True

    def took(self, drawn: Drawn[Order]) -> str | None:
        """One more symbol; why it is the last one, if it is."""
        if drawn.id < 0:
            self._add(self.certain.rest())
            return "stop"
        self._add(self.certain.push(drawn.id))
        if self.tops is not None:
            self.symbols.append(Symbol(drawn.id, float(drawn.log_probs[drawn.id]), tops_of(drawn.log_probs, self.tops)))
        self.left -= 1
        if self.certain.done:
            return "stop"
        if self.left:
            return None
        self._add(self.certain.flush())
        return "length"

    def news(self, is_time: bool, ended: str | None) -> Written | None:
        """What is to be told now, if anything is."""
        is_time = self.streamed and (is_time or self.is_new) and bool(self.text or self.symbols)
        if not ended and not is_time:
            return None
        written = Written(self.text, tuple(self.symbols), ended)
        self.text, self.symbols, self.is_new = "", [], False
        return written

    def _add(self, certain: str) -> None:
        self.text += self.shown.push(certain) if self.shown else certain


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
        self._closed, self._next_news = False, 0.0
        self._changed = threading.Condition()
        self._streams = self._none()
        self._texts: dict[Order, _Text] = {}
        threading.Thread(target=self._work, name="writing", daemon=True).start()

    def _none(self) -> Streams[Order]:
        """No text yet; what is forbidden to all is forbidden at once."""
        return Streams(self._opened.scorer, [forbidden(NEVER_WRITTEN)])

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
                self._streams = self._none()

    def _next(self) -> list[Order] | None:
        """The orders that there is room for now; waits only where nothing is being written. None at the end."""
        with self._changed:
            while not self._orders and not self._texts:
                if self._closed:
                    return None
                self._changed.wait()
            if not self._texts:
                self._gather()
            count = min(len(self._orders), SIDE_BY_SIDE - len(self._texts))
            return [order for order in (self._orders.popleft() for _ in range(count)) if not order.cancelled]

    def _gather(self) -> None:
        """Where nothing is being written yet, wait for the orders that come together with the first one."""
        for _ in range(MOST_GATHERED):
            before = len(self._orders)
            self._changed.wait(GATHERING)
            if len(self._orders) == before:
                return

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
            order.told(Written("", self._read(begin.ids, order.tops or 0), None if options.length else "length"))
        elif not options.length:
            order.told(Written("", ended="length"))
        if not options.length:
            return []
        certain = CertainText(opened.tokenizer, options.stops, begin)
        self._texts[order] = _Text(certain, options.length, order.tops, order.shown, order.streamed)
        return [Beginner(order, ids, rules[1:], order.rng, options.greedy, before[0] if before else None)]

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
        over, now = set(), time.monotonic()
        # All at the same time: whoever sends it is woken once.
        if is_time := now >= self._next_news:
            self._next_news = now + PACE
        for drawn in self._streams.step():
            order, text = drawn.key, self._texts[drawn.key]
            order.drawn += drawn.id >= 0
            ended = text.took(drawn)
            if (written := text.news(is_time, ended)) is not None:
                order.told(written)
            if ended:
                over.add(order)
                del self._texts[order]
        self._streams.drop(over)


def tops_of(log_probs: LogProbs, count: int) -> tuple[tuple[int, float], ...]:
    """The likeliest ids under log_probs [V], best first."""
    if not count:
        return ()
    count = min(count, len(log_probs))
    found = np.argpartition(-log_probs, count - 1)[:count]
    found = found[np.argsort(-log_probs[found], kind="stable")]
    return tuple((int(id_), float(log_probs[id_])) for id_ in found)
