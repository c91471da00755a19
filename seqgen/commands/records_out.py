"""Records that `seqgen generate` writes: where they begin and end, and how they are told from those of the training text."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from seqgen.console import Console
from seqgen.draw.human import plural
from seqgen.errors import ConfigError

if TYPE_CHECKING:
    from seqgen.generation import GenerateOptions, Piece
    from seqgen.run import Run

# Labels that an error names.
NAMED = 20


@dataclass(frozen=True)
class Records:
    """How a run's records are written: their `kind` ("" for a run of a text), what is read `before` each, how many are wanted
    (0: as many as the length has room for), whether what is written begins with a label."""

    kind: str = ""
    before: str = ""
    count: int = 0
    run: Any = None
    begins_with_label: bool = False

    @classmethod
    def of(cls, run: Run, label: str | None, count: int | None) -> Records:
        """For a run. Raises ConfigError where records, or such a label, are asked of one that has none."""
        from seqgen.data.record_text import beginning

        kind = run.info.config.records or ""
        if not kind:
            if count is not None or label is not None:
                asked = "--records-out" if count is not None else "--label"
                raise ConfigError(f"{asked}: {run.info.name} has learnt a text, no records", "train with --records lines")
            return cls()
        known = run.info.corpus.get("labels", {})
        if label is not None and label not in known:
            names = ", ".join(list(known)[:NAMED]) + (", ..." if len(known) > NAMED else "")
            raise ConfigError(f"--label {label}: not among those of {run.info.name}", f"it has learnt {names or 'none'}")
        return cls(kind, beginning(kind, label), count or 0, run, bool(known) and label is None)

    @property
    def between(self) -> str:
        """What stands between samples."""
        from seqgen.data.record_text import shown_between

        return shown_between(self.kind) if self.count else "\n\n"

    def options(self, options: GenerateOptions) -> GenerateOptions:
        """The options with which as many records are written as are wanted, each up to its end."""
        if not self.count:
            return options
        from seqgen.data.record_text import end_of

        made = copy.copy(options)
        made.num_samples, made.stop = self.count, (*options.stop, end_of(self.kind))
        # A record that ends where it begins is none.
        made.ban = (*options.ban, self.before[-1] + end_of(self.kind))
        return made

    def shown(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The pieces as people read them: without labels, with what stands between records in place of the mark."""
        if not self.kind:
            yield from pieces
            return
        from seqgen.data.record_text import Shown

        labelled = bool(self.run.info.corpus.get("labels"))
        shown: dict[int, Shown] = {}
        for piece in pieces:
            if piece.sample not in shown:
                shown[piece.sample] = Shown(self.kind, labelled, self.begins_with_label)
            yield replace(piece, text=shown[piece.sample].push(piece.text))

    def note_known(self, console: Console, texts: Sequence[str]) -> None:
        """Say how many of the records are in the training text, where the run has kept it."""
        if not self.count or not self.run.has("text"):
            return
        from seqgen.data.record_text import records_in

        known = set(records_in(self.run.tokenizer().decode(self.run.arrays("text")["train"]), self.kind))
        there = sum(text in known for text in texts)
        console.note(f"{there:,} of {plural(len(texts), 'record')} {'is' if there == 1 else 'are'} in the training text")
