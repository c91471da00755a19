"""The progress of a training run as plain lines, for a pipe or a log."""

from __future__ import annotations

import math
from collections.abc import Sequence

from seqgen.draw.cells import aligned
from seqgen.draw.human import duration, visible
from seqgen.draw.training.screen import TrainingView, losses


def line(view: TrainingView) -> str:
    """One report: how far, how fast, how good."""
    if view.total:
        parts = [f"{min(1.0, view.elapsed / view.total):4.0%}  {duration(view.elapsed)} of {duration(view.total)}"]
    else:
        parts = [f"{view.fraction:4.0%}  {duration(view.elapsed)}"]
    parts.append(f"step {view.step:,}" + (f" of {view.steps:,}" if view.steps else ""))
    if known := losses(view):
        both = (f"{name} {value} ({float(value.rstrip('≈')) * math.log(2):.3f})" for name, value in known)
        parts.append(f"bits a {view.unit} (nats): " + ", ".join(both))
    parts += [f"{name} {value:.1f}" for name, value in view.scores]
    if view.rate:
        parts.append(f"{view.rate:,.0f} {view.unit}s a second")
    # Before the first step there is none.
    parts += [f"learning rate {view.lr:.1e}"] if view.lr else []
    return "  ".join(parts)


def sample_line(text: str) -> str:
    """A sample in one line."""
    return "      " + visible(text).replace("\n", "⏎")


def shares(seconds: Sequence[tuple[str, float]]) -> str:
    """Where the time went: each phase with its seconds and its share, the longest first."""
    total = sum(value for _, value in seconds) or 1.0
    ordered = sorted(seconds, key=lambda item: -item[1])
    rows = [(name, f"{value:.1f} s", f"{value / total:.1%}") for name, value in ordered if value >= 0.05]
    return aligned([*rows, ("in all", f"{total:.1f} s", "")])
