"""The progress of a training run as plain lines, for a pipe or a log."""

from __future__ import annotations

from collections.abc import Sequence

from seqgen.draw.cells import aligned
from seqgen.draw.human import duration, visible
from seqgen.draw.training.screen import TrainingView


def line(view: TrainingView) -> str:
    """One report: how far, how fast, how good."""
    if view.total:
        parts = [f"{min(1.0, view.elapsed / view.total):4.0%}  {duration(view.elapsed)} of {duration(view.total)}"]
    else:
        parts = [f"{view.fraction:4.0%}  {duration(view.elapsed)}"]
    parts.append(f"step {view.step:,}" + (f" of {view.steps:,}" if view.steps else ""))
    if view.rate:
        parts.append(f"{view.rate:,.0f} symbols/s")
    if view.train:
        parts.append(f"train{' (smoothed)' if view.smoothed else ''} {view.train[-1][1]:.3f}")
    if view.valid:
        unseen = f", {view.unseen:.3f} of it for characters never seen" if view.unseen else ""
        parts.append(f"valid {view.valid[-1][1]:.3f} bits (approximate){unseen}")
    parts += [f"{name} {value:.1f}" for name, value in view.scores]
    parts.append(f"rate {view.lr:.1e}")
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
