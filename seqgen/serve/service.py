"""What all protocols call: translations, texts that are written, languages, corrections. It knows nothing of HTTP but how a
request is refused."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from anyio import to_thread

from seqgen.formats import FORMATS, Format, format_of, is_packed
from seqgen.serve import corrections, languages
from seqgen.serve.downloads import Downloads
from seqgen.serve.models import Model, Models, no_model
from seqgen.serve.refused import Refused
from seqgen.serve.work.translating import LINE_ENDS, Asked, Translating

if TYPE_CHECKING:
    from seqgen.data.record_text import Shown
    from seqgen.serve.work.queued import Queued
    from seqgen.translation.lines import Translated

T = TypeVar("T")
# Whether whoever asked has gone away.
Gone = Callable[[], Awaitable[bool]]
# How often it is looked whether somebody still waits, in seconds.
OFTEN = 0.2
# Translations that may be asked for beside the best.
MOST_ALTERNATIVES = 20


@dataclass(frozen=True)
class Limits:
    """What a request may ask for: characters of all its texts, texts, symbols to be written, bytes of a file, seconds until its
    answer."""

    characters: int = 200_000
    symbols: int = 100_000
    texts: int = 1_000
    file_bytes: int = 20_000_000
    seconds: float = 300.0


class Answer(NamedTuple):
    """A text's translations, the best first; the language that it was taken to be in, where that was to be found out."""

    texts: tuple[str, ...]
    detected: languages.Detected | None = None


class Service:
    """The models at work."""

    def __init__(self, models: Models, limits: Limits, threads: int, precision: str = "auto") -> None:
        self.models, self.limits, self.threads, self.precision = models, limits, threads, precision
        self.characters = 0  # translated since the start
        self.downloads = Downloads()
        self._counting = threading.Lock()

    def pairs(self) -> dict[tuple[str, str], Model]:
        """Source and target -> the model, of two the first."""
        found: dict[tuple[str, str], Model] = {}
        for model in self.models.translation():
            if model.languages is not None:
                found.setdefault((model.languages.source, model.languages.target), model)
        return found

    def codes(self) -> list[str]:
        """The languages of all pairs, sources and targets."""
        return sorted({code for pair in self.pairs() for code in pair})

    def model_for(self, source: str, target: str) -> tuple[Model, str, str]:
        """The model for two languages, and their codes as it has them. Raises Refused where there is none."""
        pairs = self.pairs()
        for known_source in languages.meant(source, dict.fromkeys(one for one, _ in pairs)):
            for known_target in languages.meant(target, [other for one, other in pairs if one == known_source]):
                return pairs[known_source, known_target], known_source, known_target
        nameless = [model.name for model in self.models.translation() if model.languages is None]
        hint = (
            f"; of {', '.join(nameless)} the languages are not known: seqgen serve -m {nameless[0]}=en-ko" if nameless else ""
        )
        there = ", ".join(f"{one}-{other}" for one, other in pairs) or "none"
        raise Refused(400, f"{source} to {target} is not served; pairs: {there}{hint}")

    async def detect(self, text: str, codes: Sequence[str] | None = None) -> list[languages.Detected]:
        """The served languages that a text may be in, the likeliest first."""
        return await to_thread.run_sync(languages.detect, text, self.codes() if codes is None else list(codes))

    async def detect_source(self, text: str, target: str) -> languages.Detected:
        """The language that a text to be translated to `target` is in, of those that there are. Raises Refused for none."""
        pairs = list(self.pairs())
        wanted = languages.meant(target, {other for _, other in pairs})
        sources = sorted({one for one, other in pairs if other in wanted})
        if not sources:
            self.model_for("auto", target)
        return (await self.detect(text, sources))[0]

    async def translate(
        self, texts: Sequence[str], source: str | None, target: str, gone: Gone, *, html: bool = False, alternatives: int = 0
    ) -> list[Answer]:
        """Translate texts, from the language that they are in where no source is named. Raises Refused."""
        self.check(texts)
        if not 0 <= alternatives <= MOST_ALTERNATIVES:
            raise Refused(400, f"alternatives: expected 0 to {MOST_ALTERNATIVES}, found {alternatives}")
        detected = [None if source else await self.detect_source(text, target) for text in texts]
        groups: dict[str, list[int]] = {}
        for place, found in enumerate(detected):
            groups.setdefault(source or (found.language if found else ""), []).append(place)
        answers: list[Answer] = [Answer(())] * len(texts)
        for language, places in groups.items():
            model, _, _ = self.model_for(language, target)
            work = self._pages if html else self._texts
            done = await work(model, [texts[place] for place in places], alternatives, gone)
            for place, found_texts in zip(places, done, strict=True):
                answers[place] = Answer(found_texts, detected[place])
        with self._counting:
            self.characters += sum(map(len, texts))
        return answers

    async def lines(self, model: Model, lines: Sequence[str], asked: Asked, gone: Gone) -> list[Translated]:
        """Translate lines with a model; see Translating."""
        future = (await self._translating(model)).submit(lines, asked)
        return await self._waited(gone, asyncio.wrap_future(future), future.cancel)

    async def translate_file(self, name: str, data: bytes, source: str | None, target: str, gone: Gone) -> bytes:
        """The same file with translations, whatever format its name says. Raises Refused, or SeqgenError for what is in it."""
        if len(data) > self.limits.file_bytes:
            raise Refused(413, f"the file has {len(data):,} bytes, expected at most {self.limits.file_bytes:,}")
        row = format_of(name)
        if row is None or row not in translated() or is_packed(name):
            raise Refused(400, f"{name!r}: expected a file of one of {', '.join(suffixes())}")
        if not source:
            source = (await self.detect_source(data[:4_000].decode("utf-8", "ignore"), target)).language
        from seqgen.formats.document import Wanted
        from seqgen.serve.work.queued import Queued

        model, source, target = self.model_for(source, target)
        queued = Queued(await self._translating(model))
        if not row.edits:
            return await self._in_thread(gone, queued, lambda: queued.lines(name, data))
        return await self._in_thread(gone, queued, lambda: queued.file(name, data, row, Wanted(source=source, target=target)))

    async def suggest(self, source: str, target: str, text: str, correction: str) -> None:
        """Keep a correction. Raises Refused or SeqgenError where that cannot be."""
        if not text.strip() or not correction.strip():
            raise Refused(400, "a correction has two texts, one of these is empty")
        self.check([text, correction])
        model, _, _ = self.model_for(source, target)
        # A run that was trained in reverse reads its files the other way round, these as well.
        pair = (correction, text) if model.run.info.config.reverse else (text, correction)
        await to_thread.run_sync(corrections.keep, model.run.path, *pair)

    def writer(self, name: str | None) -> Model:
        """The language model of a name, the first one where none is named. Raises Refused where there is none."""
        writers = list(self.models.writers())
        found = next((model for model in writers if name in (None, "", model.name)), None)
        if found is None:
            raise no_model(name or "", writers, "language model")
        return found

    def order(self, model: Model, prompt: str, label: str | None = None) -> tuple[str, Shown | None]:
        """A prompt as a model reads it, and what is shown of its records. Raises ConfigError for a label that is not known."""
        from seqgen.data.record_text import Shown, beginning
        from seqgen.formats.given import as_read

        text, records = as_read(prompt), model.run.info.config.records
        if not records:
            if label is not None:
                raise Refused(400, f"label: {model.name} has learnt a text, no records")
            return text, None
        known = model.run.info.corpus.get("labels", {})
        return beginning(records, known, label, text) + text, Shown(records, bool(known), label is None)

    def check(self, texts: Sequence[str]) -> None:
        """Raise Refused where texts are too many or too long."""
        if len(texts) > self.limits.texts:
            raise Refused(413, f"{len(texts):,} texts, expected at most {self.limits.texts:,}")
        if (found := sum(map(len, texts))) > self.limits.characters:
            raise Refused(413, f"{found:,} characters, expected at most {self.limits.characters:,}")

    async def _translating(self, model: Model) -> Translating:
        if model.is_open:
            return model.translating(self.threads, self.precision)
        return await to_thread.run_sync(model.translating, self.threads, self.precision)

    async def _texts(self, model: Model, texts: Sequence[str], alternatives: int, gone: Gone) -> list[tuple[str, ...]]:
        """The translations of texts of one or more lines each, whose ends stay what they are."""
        cut = [LINE_ENDS.split(text) for text in texts]
        lines = [line for parts in cut for line in parts[::2]]
        done = iter(await self.lines(model, lines, Asked(1 + alternatives), gone))
        found = []
        for parts in cut:
            own, ends = [next(done) for _ in parts[::2]], [*parts[1::2], ""]
            made = (
                "".join(line.candidates[min(rank, len(line.candidates) - 1)].text + end
                        for line, end in zip(own, ends, strict=True))
                for rank in range(max(len(line.candidates) for line in own))
            )  # fmt: skip
            found.append(tuple(dict.fromkeys(made)))
        return found

    async def _pages(self, model: Model, texts: Sequence[str], _alternatives: int, gone: Gone) -> list[tuple[str, ...]]:
        """The translations of pieces of HTML, each with its tags where they belong."""
        from seqgen.serve.work.queued import Queued

        queued = Queued(await self._translating(model))
        work = [self._in_thread(gone, queued, partial(queued.page, text)) for text in texts]
        return [(page,) for page in await asyncio.gather(*work)]

    async def _in_thread(self, gone: Gone, queued: Queued, work: Callable[[], T]) -> T:
        return await self._waited(gone, asyncio.ensure_future(to_thread.run_sync(work)), queued.cancelled.set)

    async def _waited(self, gone: Gone, waiting: asyncio.Future[T], give_up: Callable[[], object]) -> T:
        """The result, unless whoever asked goes away or it takes too long."""
        for _ in range(int(self.limits.seconds / OFTEN) + 1):
            done, _ = await asyncio.wait([waiting], timeout=OFTEN)
            if done:
                return waiting.result()
            if await gone():
                break
        give_up()
        raise Refused(503, f"no answer within {self.limits.seconds:,.0f} s", 10)


def translated() -> list[Format]:
    """The formats of files that are translated: those that take translations, and plain text, line by line."""
    return [row for name, row in FORMATS.items() if row.edits or name == "plain"]


def suffixes() -> list[str]:
    """Of the files that are translated."""
    return [suffix for row in translated() for suffix in row.suffixes]
