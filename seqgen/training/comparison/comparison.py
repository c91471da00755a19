"""A comparison from beginning to end: read the text, check what is there, train who has not finished, one after another.

Each member is an ordinary run. So all that is true of a run holds here: killed at any time it goes on from its last save, in
steps bit for bit, and it refuses to go on as something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seqgen.config import BUDGETS, flag
from seqgen.errors import CheckpointError, ConfigError, CorpusError, SeqgenError
from seqgen.families.base import Facts
from seqgen.formats.names import default_name, is_stream
from seqgen.run import Run, claim
from seqgen.run.staging import is_whole
from seqgen.training.comparison.members import TASK, Member, equal_settings, members_of
from seqgen.training.comparison.notes import (
    ELSEWHERE,
    Notes,
    fitting_hints,
    read_notes,
    remove_members,
    write_notes,
)
from seqgen.training.comparison.process import Child
from seqgen.training.language.material import read
from seqgen.training.looking import seen
from seqgen.training.merge import begun, check_same, checked, continued
from seqgen.training.request import Request

MINUTES = 2.0
GOES_ON = "what was saved stays, and the same command goes on"
# May differ from sitting to sitting.
_LOOSE = ("threads",)


@dataclass(frozen=True)
class Told:
    """A moment of a comparison: whose, `number` of how many that is, and what its training reports; bits are per held-out
    character. `kept` says that it had finished before, `ended` that it has now."""

    member: str
    number: int
    of: int
    phase: str = ""
    fraction: float = 0.0
    elapsed: float = 0.0
    total: float | None = None
    step: int = 0
    steps: int | None = None
    bits: float | None = None
    text: str = ""
    report: bool = False
    kept: bool = False
    ended: bool = False


@dataclass
class Comparison:
    """Who is compared on what. `options` are fields of Config that all share, with a budget or without one: that of the folder
    is taken then, else MINUTES; `equal` asks for equal settings, which are in `equal_to` once prepared.

    `prepare`, then `check` and `tell` while the folder is held.
    """

    inputs: tuple[str, ...]
    runs_dir: Path
    archs: Sequence[str]
    orders: Sequence[int]
    options: Mapping[str, Any]
    equal: bool = False
    overwrite: bool = False
    as_text: bool = False
    stopped: bool = field(init=False, default=False)
    members: tuple[Member, ...] = field(init=False, default=())
    equal_to: dict[str, Any] = field(init=False, default_factory=dict)
    notes: Notes = field(init=False)
    said: tuple[str, ...] = field(init=False, default=())  # by the readers of the text
    _child: Child | None = field(init=False, default=None)

    @property
    def folder(self) -> Path:
        """Where the members are: below the runs, so that they are not among them."""
        return self.runs_dir / f"{default_name(self.inputs)}-compared"

    @property
    def budget(self) -> dict[str, Any]:
        """The budget of each: minutes or steps."""
        return {name: self.notes.settings[name] for name in BUDGETS if name in self.notes.settings}

    def prepare(self) -> None:
        """Read the text; decide who takes part. Nothing is written. Raises ConfigError and CorpusError."""
        if any(map(is_stream, self.inputs)):
            raise ConfigError(
                "stdin and pipes can be read once, but each architecture reads the text", "put it into a file, and name that"
            )
        options = {name: value for name, value in self.options.items() if value is not None}
        if not set(BUDGETS) & set(options):
            before = read_notes(self.folder)
            known = {} if before is None or self.overwrite else before.settings
            options |= {name: known[name] for name in BUDGETS if name in known} or {"minutes": MINUTES}
        checked(options)
        self._refuse_pairs(options)
        settings = {name: value for name, value in options.items() if name not in (*BUDGETS, "seed")}
        request = Request(self.inputs, self.folder, settings)
        config, material = read(request, begun(settings, TASK), None)
        self.said = material.notes
        if self.equal:
            self.equal_to = equal_settings(Facts(len(material.train), len(material.tokenizer)))
        self.members = members_of(self.archs, self.orders, {**options, **self.equal_to})
        for member in self.members:
            begun(checked(member.options), TASK)
        shared = {name: value for name, value in options.items() if name not in _LOOSE}
        self.notes = Notes({**shared, "equal": self.equal}, material.facts)

    def _refuse_pairs(self, options: Mapping[str, Any]) -> None:
        """Raise CorpusError for what looks like pairs, unless it is to be read as a text."""
        if self.as_text:
            return
        note = seen(self.inputs, options, {}).note
        if note:
            what = note.partition(", and is read")[0]
            raise CorpusError(
                f"{what}, but compare is for texts", "seqgen train learns from pairs; --task language compares on it as it is"
            )

    def check(self) -> None:
        """Look at what the folder holds, and make it ready. Raises ConfigError, naming each difference, where that was
        made from another text or with other settings; and CheckpointError."""
        before = read_notes(self.folder)
        differences = [] if before is None else _differences(before, self.notes)
        if self.overwrite and not (before is not None and before.begins_anew and not differences):
            with fitting_hints():
                remove_members(self.folder)
            self.notes = replace(self.notes, begins_anew=True)
        elif differences:
            raise ConfigError(f"{self.folder} holds another comparison; {'; '.join(differences)}", ELSEWHERE)
        elif before is not None:
            self.notes = replace(self.notes, memory=before.memory, begins_anew=before.begins_anew)
        for member in self.members:
            self._check_member(member)
        write_notes(self.folder, self.notes)

    def _check_member(self, member: Member) -> None:
        """Raise where the run of a member is another one than would be trained now."""
        path = self.folder / member.name
        with fitting_hints():
            if claim(path) == "empty":
                return
            run = Run(path)
            continued(run, member.options)
            check_same(run, self.notes.corpus)
        for name in BUDGETS:
            is_now, asked = getattr(run.info.config, name), member.options.get(name)
            if member.trained and is_now != asked:
                raise ConfigError(f"{path} is another run; {_difference(name, is_now, asked)}", ELSEWHERE)

    def has_finished(self, member: Member) -> bool:
        """Whether there is nothing more to do for a member."""
        path = self.folder / member.name
        if claim(path) == "empty":
            return False
        info = Run(path).info
        return info.finished is not None and not info.open and is_whole(path)

    def tell(self) -> Iterator[Told]:
        """Train all that have not finished; ends early where it was asked to stop, and is `stopped` then."""
        for number, member in enumerate(self.members, 1):
            place: dict[str, Any] = {"member": member.name, "number": number, "of": len(self.members)}
            if self.has_finished(member):
                yield Told(**place, kept=True)
            elif not self.stopped:
                yield from self._train(member, place)
        if not self.stopped:
            self._note(begins_anew=False)

    def stop(self) -> None:
        """Ask the member under way to save and end; may be called in a signal handler."""
        self.stopped = True
        if self._child is not None:
            self._child.stop()

    def _train(self, member: Member, place: Mapping[str, Any]) -> Iterator[Told]:
        last: dict[str, Any] = {}
        with Child(self.inputs, self.folder / member.name, member.options) as child:
            self._child = child
            if self.stopped:  # between the last look and now
                child.stop()
            for last in child.reports():
                if "phase" in last:
                    yield Told(**place, **last)
            self._child = None
            if "error" in last:
                with fitting_hints():
                    raise SeqgenError(f"{member.name}: {last['error']}", last["hint"])
            if "done" not in last:
                raise CheckpointError(f"{member.name}: its process ended early: {child.last_words()}", GOES_ON)
        if last["memory"]:
            most = max(last["memory"], self.notes.memory.get(member.name, 0))
            self._note(memory={**self.notes.memory, member.name: most})
        if last["done"]:
            yield Told(**place, ended=True)
        else:
            self.stopped = True

    def _note(self, **changes: Any) -> None:
        self.notes = replace(self.notes, **changes)
        write_notes(self.folder, self.notes)


def _differences(before: Notes, now: Notes) -> list[str]:
    """What differs between two comparisons, in words."""
    names = dict.fromkeys((*before.settings, *now.settings))
    found = [
        _difference(name, before.settings.get(name), now.settings.get(name))
        for name in names
        if before.settings.get(name) != now.settings.get(name)
    ]
    if before.corpus.get("sha256") != now.corpus["sha256"]:
        found.append(f"the text: is {_text(before.corpus)}, asked for {_text(now.corpus)}")
    return found


def _difference(name: str, is_now: Any, asked: Any) -> str:
    return f"{flag(name)}: is {_said(is_now)}, asked for {_said(asked)}"


def _said(value: Any) -> str:
    """A setting's value in words."""
    if value is None:
        return "not set"
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _text(corpus: Mapping[str, Any]) -> str:
    names, digest = corpus.get("names") or ["?"], str(corpus.get("sha256", ""))[:8]
    return f"{', '.join(map(str, names))} ({corpus.get('symbols', '?')} symbols, sha256 {digest})"
