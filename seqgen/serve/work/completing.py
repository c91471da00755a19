"""The texts of one request for completions: ordered from a model, gathered as they come, and taken by a protocol."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np

from seqgen.generation import GenerateOptions
from seqgen.serve.models import Model
from seqgen.serve.refused import Refused
from seqgen.serve.service import Service
from seqgen.serve.work.outbox import Outbox
from seqgen.serve.work.writing import Order, Symbol, Writing, Written

# How often it is looked whether somebody still waits, in seconds.
OFTEN = 0.2


class Asked(Protocol):
    """What a request asks: `count` texts of each prompt, the likeliest of `drawn`; `tops` symbols at each step, None where
    log-probabilities are not wanted."""

    @property
    def prompts(self) -> tuple[str, ...]: ...
    @property
    def options(self) -> GenerateOptions: ...
    @property
    def seed(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def drawn(self) -> int: ...
    @property
    def tops(self) -> int | None: ...
    @property
    def echo(self) -> bool: ...
    @property
    def stream(self) -> bool: ...
    @property
    def label(self) -> str | None: ...


class Token(NamedTuple):
    """A symbol in a text: what it writes, and the place in the text where that begins."""

    text: str
    offset: int
    symbol: Symbol


@dataclass
class Choice:
    """One text. `taken` gives what is new since it was last called."""

    index: int
    order: Order
    text: str = ""
    ended: str | None = None
    symbols: list[Symbol] = field(default_factory=list)
    _given: int = 0  # characters of the text that were taken
    _listed: int = 0  # symbols that were
    _spelt: int | None = None  # characters that these have spelt
    _decoder: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))

    @property
    def has_news(self) -> bool:
        """Whether there is something to take."""
        return len(self.text) > self._given or self.ended is not None

    @property
    def mean(self) -> float:
        """The mean log-probability of a drawn symbol."""
        found = [symbol.log_prob for symbol in self.symbols if symbol.log_prob is not None]
        return sum(found) / len(found) if found else float("-inf")

    def taken(self, spellings: list[bytes]) -> tuple[str, list[Token]]:
        """The new text, and the symbols that begin in it."""
        text, self._given = self.text[self._given :], len(self.text)
        if self._spelt is None:
            # What is spelt again of the prompt stands before the text.
            self._spelt = 0 if self.order.echo else -self.order.given
        tokens = []
        while self._listed < len(self.symbols) and (self._spelt < len(self.text) or self.ended == "length"):
            symbol = self.symbols[self._listed]
            spelt = spellings[symbol.id]
            tokens.append(Token(_shown(spelt), max(0, self._spelt), symbol))
            self._spelt += len(self._decoder.decode(spelt))
            self._listed += 1
        return text, tokens


class Completing:
    """The texts of one request. Raises Refused, and SeqgenError for what a model cannot do."""

    def __init__(self, service: Service, model: Model, writing: Writing, asked: Asked) -> None:
        self._writing, self._asked = writing, asked
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + service.limits.seconds
        self._outbox: Outbox[tuple[int, Written | Exception]] = Outbox()
        self.spellings = list(writing.tokenizer.spellings())
        service.check(asked.prompts)
        self.prompt_tokens = sum(len(writing.tokenizer.encode(prompt)) for prompt in asked.prompts)
        self.choices: list[Choice] = []
        for prompt in asked.prompts:
            read, shown = service.order(model, prompt, asked.label)
            if shown and asked.echo and asked.tops is not None:
                raise Refused(400, "echo with logprobs: this model writes records, whose prompts have parts that are not shown")
            for _ in range(asked.drawn):
                number = len(self.choices)
                # The first one is what `generate --seed` writes.
                rng = np.random.default_rng([asked.seed, number] if number else asked.seed)
                # What is drawn for the best of some is compared by its symbols.
                tops = 0 if asked.tops is None and asked.drawn > asked.count else asked.tops
                order = Order(read, asked.options, rng, partial(self._told, number), tops, shown,
                              asked.stream, asked.echo and asked.tops is not None)  # fmt: skip
                self.choices.append(Choice(number, order, prompt if asked.echo else ""))

    @property
    def tops(self) -> int | None:
        """How many symbols of each step are wanted; None where no log-probabilities are."""
        return self._asked.tops

    def shown(self, id_: int) -> str:
        """What a symbol writes."""
        return _shown(self.spellings[id_])

    @property
    def is_over(self) -> bool:
        """Whether all texts have ended."""
        return all(choice.ended for choice in self.choices)

    @property
    def drawn_tokens(self) -> int:
        """Symbols that were drawn for all texts."""
        return sum(choice.order.drawn for choice in self.choices)

    async def begun(self) -> list[Choice]:
        """Order all texts; the choices that have news, once there is any."""
        self._writing.submit([choice.order for choice in self.choices])
        return await self.more()

    async def more(self) -> list[Choice]:
        """The choices that have news since the last call, once there is any; none after a while where nothing is streamed."""
        while (now := self._loop.time()) < self._until:
            news = set()
            for number, written in await self._outbox.take(self._until if self._asked.stream else now + OFTEN):
                if isinstance(written, Exception):
                    self.cancel()
                    raise written
                choice = self.choices[number]
                choice.text += written.text
                choice.symbols += written.symbols
                choice.ended = written.ended
                news.add(number)
            if news or not self._asked.stream:
                return [self.choices[number] for number in sorted(news)]
        self.cancel()
        raise Refused(503, "the time for one request is over", 10)

    async def finished(self, gone: Callable[[], Awaitable[bool]]) -> list[Choice]:
        """All texts at their end: of each prompt's those that the model finds likeliest, the best first where not all are
        wanted. Gives up where nobody waits any more."""
        try:
            await self.begun()
            while not self.is_over:
                if not await self.more() and await gone():
                    raise Refused(503, "nobody waits any more")
        finally:
            self.cancel()
        if self._asked.drawn == self._asked.count:
            return self.choices
        best = []
        for start in range(0, len(self.choices), self._asked.drawn):
            ranked = sorted(self.choices[start : start + self._asked.drawn], key=lambda choice: -choice.mean)
            best += ranked[: self._asked.count]
        for index, choice in enumerate(best):
            choice.index = index
        return best

    def cancel(self) -> None:
        """Write no more of what has not ended."""
        for choice in self.choices:
            choice.order.cancelled = True

    def _told(self, number: int, written: Written | Exception) -> None:
        """In the model's thread."""
        self._outbox.put((number, written))


def _shown(spelt: bytes) -> str:
    """What a symbol writes; a part of a character as its bytes."""
    try:
        return spelt.decode("utf-8")
    except UnicodeDecodeError:
        return "bytes:" + "".join(f"\\x{byte:02x}" for byte in spelt)
