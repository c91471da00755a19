"""One translation model at work: requests that arrive together are translated together, and none has to wait for a large one.

Some threads take rounds of lines. While all are busy lines gather; who is idle takes what is there at once. A round has some
lines of each request in turn, so that a file of thousands of lines and a single line advance side by side. A translation does
not depend on what is beside it. To that end an int8 engine computes only sources of one length side by side (infer/ct2.py):
there a round that begins with a short line has all others of its length, and nothing else.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from seqgen.serve.refused import busy

if TYPE_CHECKING:
    from seqgen.translation.lines import LineTranslator, Translated

# Lines of one request in a round while others wait, and of all; more share the work of the engine better, and take longer.
TURN, ROUND = 8, 64
MOST_CHARACTERS = 40_000
# Characters of a line whose tokens are counted when it comes.
SHORT = 400
# Lines that may wait.
MOST_WAITING = 100_000
# Cuts a text into its lines and the ends between them.
LINE_ENDS = re.compile(r"(\r\n|\r|\n)")
# A thread for each worker of the engine, and one that prepares what comes next.
MORE_THREADS = 1


class Asked(NamedTuple):
    """What a request wants: so many translations of each line, with word alignment or without."""

    nbest: int = 1
    attention: bool = False


@dataclass(eq=False)
class _Job:
    """A request: what has been taken of it, what is done, in how many rounds it is right now. `tokens` are those of a
    short line, 0 where there are more lines, it is long, or its length does not matter."""

    texts: Sequence[str]
    asked: Asked
    tokens: int
    found: list[Translated | None]
    future: Future[list[Translated]] = field(default_factory=Future)
    taken: int = 0
    missing: int = 0
    rounds: int = 0


class _Part(NamedTuple):
    job: _Job
    start: int
    stop: int


class Translating:
    """A translation model that many requests share."""

    def __init__(self, lines: LineTranslator, workers: int) -> None:
        """`workers` are those of the engine."""
        self._of: dict[Asked, LineTranslator] = {}
        self.lines = lines
        self._jobs: deque[_Job] = deque()
        self._waiting, self._closed = 0, False
        self._changed = threading.Condition()
        self._count = workers + MORE_THREADS
        for number in range(self._count):
            threading.Thread(target=self._work, name=f"translating-{number}", daemon=True).start()

    def submit(self, texts: Sequence[str], asked: Asked) -> Future[list[Translated]]:
        """Translate lines; cancelling the result gives up those that are not begun. Raises Refused where too many wait."""
        short = self.lines.translator.by_length and len(texts) == 1 and len(texts[0]) <= SHORT
        tokens = len(self.lines.encoder.sources(texts)[0]) if short else 0
        job = _Job(texts, asked, tokens, [None] * len(texts), missing=len(texts))
        if not texts:
            job.future.set_result([])
            return job.future
        with self._changed:
            if self._closed or self._waiting + len(texts) > MOST_WAITING:
                raise busy()
            self._waiting += len(texts)
            self._jobs.append(job)
            self._changed.notify()
        return job.future

    def close(self) -> None:
        """End the threads, once all is done that was asked for."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _work(self) -> None:
        while parts := self._take():
            texts = [text for part in parts for text in part.job.texts[part.start : part.stop]]
            try:
                self._deliver(parts, self._translator(parts[0].job.asked).translate(texts))
            except BaseException as error:
                self._fail(parts, error)

    def _translator(self, asked: Asked) -> LineTranslator:
        if asked not in self._of:
            options = self.lines.options
            wide = max(options.beam_size, asked.nbest)
            chosen = replace(options, nbest=asked.nbest, beam_size=wide, attention=asked.attention)
            self._of[asked] = replace(self.lines, options=chosen)
        return self._of[asked]

    def _take(self) -> list[_Part]:
        """A round: lines of one kind, of each request in turn. Nothing at the end."""
        with self._changed:
            while True:
                self._forget_cancelled()
                # One thread is left for what comes next.
                ready = [job for job in self._jobs if job.rounds < self._count - 1]
                if ready:
                    alike = ready[0].asked, ready[0].tokens
                    return self._round([job for job in ready if (job.asked, job.tokens) == alike])
                if self._closed and not self._jobs:
                    return []
                self._changed.wait()

    def _round(self, jobs: list[_Job]) -> list[_Part]:
        left, characters = ROUND, MOST_CHARACTERS
        taken: dict[_Job, int] = {job: job.taken for job in jobs}
        while jobs and left > 0 and characters > 0:
            for job in list(jobs):
                stop = min(len(job.texts), job.taken + min(TURN, left))
                characters -= sum(map(len, job.texts[job.taken : stop]))
                left -= stop - job.taken
                job.taken = stop
                if job.taken == len(job.texts):
                    jobs.remove(job)
                if left <= 0 or characters <= 0:
                    break
        parts = [_Part(job, start, job.taken) for job, start in taken.items() if job.taken > start]
        for part in parts:
            part.job.rounds += 1
            self._waiting -= part.stop - part.start
            self._jobs.remove(part.job)
            if part.stop < len(part.job.texts):
                self._jobs.append(part.job)  # behind all others
        return parts

    def _forget_cancelled(self) -> None:
        for job in [job for job in self._jobs if job.future.cancelled()]:
            self._waiting -= len(job.texts) - job.taken
            self._jobs.remove(job)

    def _deliver(self, parts: Sequence[_Part], done: Sequence[Translated]) -> None:
        place, finished = 0, []
        with self._changed:
            for job, start, stop in parts:
                job.found[start:stop] = done[place : place + stop - start]
                place += stop - start
                job.missing -= stop - start
                job.rounds -= 1
                finished += [job] * (not job.missing)
            self._changed.notify_all()
        for job in finished:
            _settle(job.future, lambda job=job: job.future.set_result(job.found))  # type: ignore[misc]

    def _fail(self, parts: Sequence[_Part], error: BaseException) -> None:
        with self._changed:
            for job, _, _ in parts:
                if job in self._jobs:
                    self._waiting -= len(job.texts) - job.taken
                    self._jobs.remove(job)
            self._changed.notify_all()
        for job, _, _ in parts:
            _settle(job.future, lambda job=job: job.future.set_exception(error))  # type: ignore[misc]


def _settle(future: Future[list[Translated]], settle: Callable[[], None]) -> None:
    """Answer, unless nobody waits any more, or it failed already."""
    with contextlib.suppress(InvalidStateError):
        if not future.done() and future.set_running_or_notify_cancel():
            settle()
