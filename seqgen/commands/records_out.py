"""Records that `seqgen generate` writes: where they begin and end, and how they are told from those of the training text."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from seqgen.console import Console
from seqgen.draw.human import plural
from seqgen.errors import ConfigError

if TYPE_CHECKING:
    from seqgen.generation import GenerateOptions, Piece
    from seqgen.run import Run


# Records that are drawn side by side while new ones are looked for; and so many times in a row without a new one are enough.
AT_ONCE, MOST_USELESS = 256, 50


@dataclass(frozen=True)
class Records:
    """How a run's records are written: their `kind` ("" for a run of a text), of which `label`, how many are wanted (0: as many
    as the length has room for)."""

    kind: str = ""
    label: str | None = None
    count: int = 0
    run: Any = None
    new: bool = False

    @classmethod
    def of(cls, run: Run, label: str | None, count: int | None, new: bool = False) -> Records:
        """For a run. Raises ConfigError where records, or such a label, are asked of one that has none."""
        kind = run.info.config.records or ""
        if not kind and (count is not None or label is not None):
            asked = "--records-out" if count is not None else "--label"
            raise ConfigError(f"{asked}: {run.info.name} has learnt a text, no records", "train with --records lines")
        found = cls(kind, label, count or 0, run, new)
        if new and not run.has("text"):
            raise ConfigError(f"--new-records: {run.info.name} keeps no training text", "train without --no-keep-text")
        found.before("")
        return found

    @property
    def labels(self) -> Mapping[str, int]:
        """The labels that were learnt."""
        known: Mapping[str, int] = self.run.info.corpus.get("labels", {})
        return known

    def before(self, prompt: str) -> str:
        """What is read before a prompt. Raises ConfigError where that needs a label."""
        from seqgen.data.record_text import beginning

        return beginning(self.kind, self.labels, self.label, prompt) if self.kind else ""

    @property
    def between(self) -> str:
        """What stands between samples."""
        from seqgen.data.record_text import shown_between

        return shown_between(self.kind) if self.count else "\n\n"

    def options(self, options: GenerateOptions) -> GenerateOptions:
        """The options with which as many records are written as are wanted, each up to its end."""
        if not self.count:
            return options
        from seqgen.data.record_text import LABEL_END, end_of
        from seqgen.decode.ranges import check_number
        from seqgen.generation import MOST_SAMPLES

        check_number("records_out", self.count, int, 1, MOST_SAMPLES)
        made = copy.copy(options)
        made.num_samples, made.stop = self.count, (*options.stop, end_of(self.kind))
        # A record that ends where it begins is none.
        made.ban = (*options.ban, self.before("")[-1] + end_of(self.kind))
        if self.label is not None:
            made.ban += (LABEL_END,)  # the label stands there already
        return made

    def shown(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The pieces as people read them: without labels, with what stands between records in place of the mark."""
        if not self.kind:
            yield from pieces
            return
        from seqgen.data.record_text import Shown

        labelled = bool(self.labels)
        shown: dict[int, Shown] = {}
        for piece in pieces:
            if piece.sample not in shown:
                shown[piece.sample] = Shown(self.kind, labelled, self.label is None)
            yield replace(piece, text=shown[piece.sample].push(piece.text))

    def written(
        self, draw: Callable[[GenerateOptions], Iterator[Piece]], prompt: str, options: GenerateOptions, console: Console
    ) -> Iterator[Piece]:
        """What is drawn with the options behind a prompt, as people read it; where only new records are wanted, drawn again
        until there are as many."""
        return self._fresh(draw, prompt, options, console) if self.new else self.shown(draw(options))

    def least(self, options: GenerateOptions) -> int:
        """How many texts there are at least, be they empty."""
        return 0 if self.new else options.num_samples

    def _fresh(
        self, draw: Callable[[GenerateOptions], Iterator[Piece]], prompt: str, options: GenerateOptions, console: Console
    ) -> Iterator[Piece]:
        """The pieces of records that are not in the training text, numbered anew; a note says how many were drawn."""
        known, made, drawn, useless = self._known(), 0, 0, 0
        while made < self.count and useless < MOST_USELESS:
            some = copy.copy(options)
            some.num_samples = min(self.count - made, AT_ONCE)
            records: dict[int, list[Piece]] = {}
            for piece in self.shown(draw(some)):
                records.setdefault(piece.sample, []).append(piece)
            drawn, before = drawn + some.num_samples, made
            for record in records.values():
                if prompt + "".join(piece.text for piece in record) not in known:
                    yield from (replace(piece, sample=made) for piece in record)
                    made += 1
            useless = 0 if made > before else useless + 1
            if not records:  # interrupted
                break
        each = f", {drawn / made:.2f} for each" if made else ""
        console.note(f"{plural(drawn, 'record was', 'records were')} drawn for {plural(made, 'new one')}{each}")
        if made < self.count and useless == MOST_USELESS:
            console.note("the last of them are all in the training text: try --temperature 1.2, or another --prompt")

    def _known(self) -> set[str]:
        """The records of the training text."""
        from seqgen.data.record_text import records_in

        return set(records_in(self.run.tokenizer().decode(self.run.arrays("text")["train"]), self.kind))

    def note_known(self, console: Console, texts: Sequence[str]) -> None:
        """Say how many of the records are in the training text, where the run has kept it."""
        if self.new or not self.count or not self.run.has("text"):
            return
        known = self._known()
        there = sum(text in known for text in texts)
        console.note(f"{there:,} of {plural(len(texts), 'record')} {'is' if there == 1 else 'are'} in the training text")
