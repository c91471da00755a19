"""The reports of a training, followed: into the view that a screen draws, or into lines.

For the command and for programs that want to see the same.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from seqgen.console import Console
from seqgen.draw.human import plural
from seqgen.draw.training.plain import line, sample_line
from seqgen.draw.training.screen import LiveScreen, TrainingView, compared
from seqgen.families import family_of
from seqgen.formats.names import default_name
from seqgen.training.progress import Progress
from seqgen.training.sitting import Sitting

if TYPE_CHECKING:
    from seqgen.training.train import Training

FRAME_SECONDS = 0.5
POINTS = 300
KEPT_NOTES = 4


class Follower:
    """Turns the reports of a training into the view that is drawn, or into lines."""

    def __init__(self, console: Console, screen: LiveScreen | None, title: str, training: Training) -> None:
        self.console, self.screen, self.training = console, screen, training
        self.view = TrainingView(title=title)
        self._drawn = 0.0
        self._sampled = -1  # the step of the last sample that was told

    def take(self, told: Progress) -> None:
        """Note what is new; draw or print where it is time."""
        self.view = self._updated(told)
        lines = self._report(told)
        if self.screen is None:
            self._print(told, lines)
            return
        if told.sample and lines and self.training.sitting is not None and self.training.sitting.config.sample_every:
            self.screen.keep("\n".join(lines))
        if told.report or told.note or time.monotonic() - self._drawn > FRAME_SECONDS:
            self.draw()

    def say(self, text: str) -> None:
        """A note of our own."""
        self.view = replace(self.view, notes=(*self.view.notes, text)[-KEPT_NOTES:])
        if self.screen is None:
            self.console.note(text)

    def draw(self) -> None:
        """One frame, where there is a screen."""
        if self.screen is not None:
            self.screen.show(self.view)
            self._drawn = time.monotonic()

    def _print(self, told: Progress, lines: list[str]) -> None:
        if told.note:
            self.console.note(told.note)
        if told.plan:
            self.console.note(f"{self.view.about}\n{told.plan}" if self.view.about else told.plan)
            if self.view.baselines:
                self.console.note(compared(self.view))
        for text in lines:
            self.console.note(text)

    def _report(self, told: Progress) -> list[str]:
        """The lines of a report. A step whose sample has been told is told again only where it was validated since."""
        if not told.report or told.plan:
            return []
        is_new = bool(told.sample) and told.step != self._sampled
        if told.sample and not is_new and told.valid is None:
            return []
        if not told.sample or not is_new:
            return [line(self.view)]
        self._sampled = told.step
        return [told.line] if told.line is not None else [line(self.view), sample_line(told.sample)]

    def _updated(self, told: Progress) -> TrainingView:
        view = self._taken_up() if told.plan else self.view
        at = told.elapsed if told.total else float(told.step)
        train, valid = view.train, view.valid
        end = told.total or told.steps or 0
        if told.train is not None and (not train or at - train[-1][0] >= end / POINTS):
            train = (*train, (at, self._bits(told.train, held_out=False)))
        if told.valid is not None:
            # The curve in training is the network's, and so is this one.
            alone = told.valid if told.network is None else told.network
            valid = (*valid, (at, self._bits(alone)))
            mixed = None if alone == told.valid else self._bits(told.valid)
            view = replace(view, unseen=self._bits(told.unseen), mixed=mixed)
        smoothed = self.training.sitting is not None and bool(self.training.sitting.config.label_smoothing)
        changes: dict[str, Any] = {"train": train, "valid": valid, "phase": told.phase, "smoothed": smoothed}
        for name in ("step", "steps", "eta", "lr", "total", "fraction", "elapsed"):
            if getattr(told, name) or told.phase == "training":
                changes[name] = getattr(told, name)
        if told.rate or told.phase == "training":
            sitting = self.training.sitting
            changes["rate"] = told.rate / (1.0 if sitting is None else sitting.symbols_per_char)
        if told.best is not None:
            changes["best"] = self._bits(told.best)
        for name in ("sample", "plan", "baselines", "scores"):
            if getattr(told, name):
                changes[name] = getattr(told, name)
        if told.note:
            changes["notes"] = (*view.notes, told.note)[-KEPT_NOTES:]
        return replace(view, **changes)

    def _taken_up(self) -> TrainingView:
        """The view of a run whose plan is known: what it is about, and the curves of its earlier sittings."""
        sitting = self.training.sitting
        if sitting is None:
            return self.view
        run, timed = sitting.run, sitting.config.timed
        train: list[tuple[float, float]] = []
        valid: list[tuple[float, float]] = []
        for row in [] if run is None else run.rows():
            at = row.get("seconds") if timed else float(row["step"])
            if at is None or run is None or row["step"] > run.info.step:
                continue
            if row.get("train") is not None:
                train.append((at, self._bits(row["train"], held_out=False)))
            alone = row.get("network_approximate")
            alone = row.get("valid_approximate") if alone is None else alone
            if alone is not None:
                valid.append((at, self._bits(alone)))
        unit = "token" if sitting.config.task == "translation" else "character"
        return replace(self.view, about=about(sitting), unit=unit, train=tuple(train), valid=tuple(valid))

    def _bits(self, nats: float, held_out: bool = True) -> float:
        """Bits per character from nats per symbol of the held-out text, or of the training text."""
        sitting = self.training.sitting
        per_char = 1.0 if sitting is None else sitting.held_out_per_char if held_out else sitting.symbols_per_char
        return nats / math.log(2) * per_char


def about(sitting: Sitting) -> str:
    """What a training is about, in plain words: "learning to write like my-stories: 60,000 characters, 5 minutes"."""
    config, request, facts = sitting.config, sitting.request, sitting.facts
    named = request.inputs or (request.sides or ())[:1]
    name = default_name(named) + (f" and {len(named) - 1} more" if len(named) > 1 else "")
    if config.task == "translation":
        what, size = "translate", plural(facts["train"] + facts["valid"], "pair")
    else:
        held_out = facts["valid"] / sitting.held_out_per_char if facts["valid"] else 0.0
        what, size = "write", plural(round(facts["train"] / sitting.symbols_per_char + held_out), "character")
    budget = plural(config.minutes or 0, "minute") if config.timed else ""
    budget = (
        plural(config.steps, "step") if config.steps else plural(config.epochs, "pass", "passes") if config.epochs else budget
    )
    if family_of(config).network is None:
        budget = "by counting"
    return f"learning to {what} like {name}: {size}, {budget}"
