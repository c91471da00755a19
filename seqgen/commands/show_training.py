"""The reports of a training, shown: a live screen on a terminal, plain lines elsewhere, a closing table."""

from __future__ import annotations

import math
import re
import shlex
import sys
import textwrap
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from seqgen.console import Console
from seqgen.draw.cells import aligned
from seqgen.draw.human import plural
from seqgen.draw.training.plain import line, sample_line, shares
from seqgen.draw.training.screen import LiveScreen, TrainingView, compared
from seqgen.errors import EXIT_INTERRUPTED
from seqgen.explain.figures import verdict_of
from seqgen.families import family_of
from seqgen.formats.names import default_name
from seqgen.interrupts import Interrupts
from seqgen.run import Run
from seqgen.training.again import again, larger
from seqgen.training.progress import Finished, Progress
from seqgen.training.sitting import Sitting
from seqgen.training.train import Request, Training

FRAME_SECONDS = 0.5
POINTS = 300
KEPT_NOTES = 4


def show(console: Console, request: Request) -> None:
    """Train and show it; exits with 130 where the user stopped it."""
    interrupts = Interrupts(ends_program=True)
    training = Training(request, stop=interrupts.asked)
    finished = Finished(False, "")
    with ExitStack() as stack:
        screen = stack.enter_context(LiveScreen(console)) if console.is_live and not request.dry_run else None
        follower = Follower(
            console, screen, f"{request.path.name}: {', '.join(request.inputs or request.sides or ())}", training
        )
        interrupts.say = follower.say
        for told in training.tell():
            if isinstance(told, Finished):
                finished = told
            else:
                if told.phase == "planned":  # until there is a run there is nothing to save, and Ctrl-C ends it at once
                    stack.enter_context(interrupts)
                follower.take(told)
        follower.draw()
    if finished.done and training.run is not None and training.run.info.finished and not request.dry_run:
        console.note("\n".join((closing(training.run).rstrip("\n"), "", *in_words(training.run, console))))
    console.note(finished.message)
    if finished.done and training.run is not None and not request.dry_run:
        console.note(next_commands(training.run, request, finished.message))
    if not finished.done:
        sys.exit(EXIT_INTERRUPTED)


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


def in_words(run: Run, console: Console) -> list[str]:
    """What the figures mean; on a terminal in lines that fit it."""
    sentences = verdict_of(run)
    return [textwrap.fill(sentence, max(20, console.width)) for sentence in sentences] if console.is_live else [*sentences]


def closing(run: Run) -> str:
    """Where the time went, and the scores."""
    info = run.info
    parts = [shares(list(info.seconds.items()))]
    scores = info.scores
    if info.kind == "translation":
        return "\n".join([*parts, *([_translated(scores)] if scores else [])])
    names = {"network": "network alone", "markov": "counting alone", "mix": "mixed (cross-fitted weight)"}
    rows: list[tuple[str, ...]] = [(_measured_on(info.scores), "bits a character")]
    rows += [(name, f"{scores[key]['bits_per_char']:.4f}") for key, name in names.items() if key in scores]
    if len(rows) > 1:
        if "xz" in info.baselines:
            rows.append(("xz, given the training text first", f"{info.baselines['xz']:.4f}"))
        parts.append(aligned(rows))
        parts += _unseen(scores["valid"])
    return "\n".join(parts)


def _unseen(valid: Mapping[str, Any]) -> list[str]:
    """A line on the characters that training has never seen, where there are any: they are part of all figures."""
    if not valid.get("unknown") or "unknown_nats" not in valid:
        return []
    part, whole = (round(valid[name] / math.log(2)) for name in ("unknown_nats", "nats"))
    return [
        f"{valid['unknown']:,} of {plural(valid['tokens'], 'held-out character')} {'was' if valid['unknown'] == 1 else 'were'} "
        f"never seen in training: {plural(part, 'bit')} of the {whole:,}"
    ]


def _measured_on(scores: Mapping[str, Any]) -> str:
    """What the figures of a text were measured on, and how."""
    valid, signature = scores.get("valid"), scores.get("signature")
    if not isinstance(valid, Mapping) or not isinstance(signature, str):
        return "held-out text"
    streams = re.search(r"\|state:(\d+)-streams", signature)
    how = f"{streams[1]} streams side by side" if streams else "one stream"
    what = f"{valid.get('tokens', 0):,} symbols of it" if ",part:" in signature else "every symbol"
    return f"held-out text, {what} in {how}"


def _translated(scores: Mapping[str, Any]) -> str:
    """The figures of a translation run."""
    valid, signature = scores["valid"], scores["signature"]
    rows = [(f"{plural(valid['pairs'], 'held-out pair')}, beam 5", "", "")]
    rows += [(name, f"{valid[name.lower()]:.2f}", signature[name]) for name in ("BLEU", "chrF")]
    bits = valid["nats_per_token"] / math.log(2)
    rows.append(("bits a token", f"{bits:.4f}", f"perplexity {valid['perplexity']:.3f}"))
    return aligned(rows, left=1)


def next_commands(run: Run, request: Request, said: str = "") -> str:
    """What to do with a run: commands that can be copied as they are, apart from the words in capitals; but for one that
    has been `said` already."""
    model = shlex.quote(str(run.path))
    if run.info.kind == "translation":
        lines = [f"cat FILE | seqgen translate -m {model}", f"seqgen evaluate -m {model} PAIRS.tsv"]
    else:
        lines = [f'seqgen generate -m {model} -p "..." -n 500', f"seqgen evaluate -m {model} FILE"]
    lines += [again(request, larger(run))] if family_of(run.info.config).network is not None else []
    return "\n".join(["next:", *(f"  {line}" for line in lines if line not in said)])
