"""Looks at runs for the page: inside a model, and at one that is being trained."""

from __future__ import annotations

import math
import time
from typing import Any

from seqgen.draw.page.document import page
from seqgen.explain.history import History, history_of
from seqgen.explain.report import TITLE, learning, looks_at_pair, looks_at_text, samples
from seqgen.run import Run


def look(run: Run, text: str, target: str | None) -> str:
    """What a model makes of a text, as a page. Raises SeqgenError for a text that it cannot look at."""
    history = history_of(run)
    if run.info.kind == "translation":
        exhibits = looks_at_pair(run, history, text, target)
    else:
        exhibits = list(looks_at_text(run, history, text))
    return page(TITLE + run.info.name, [exhibit for exhibit in exhibits if exhibit.panels])


def training(run: Run) -> dict[str, Any]:
    """Curves and samples so far as a page; seconds that are left, where that can be told, and whether it has finished."""
    history = history_of(run)
    exhibits = [exhibit for exhibit in (learning(run, history), samples(history)) if exhibit.panels]
    finished = bool(run.info.finished) and not run.info.open
    return {
        "page": page(TITLE + run.info.name, exhibits, lead=run.info.plan.removeprefix("plan: ")),
        "left": 0 if finished else _left(run, history),
        "step": int(history.steps[-1]) if history.steps else 0,
        "finished": finished,
    }


def _left(run: Run, history: History) -> float | None:
    """Seconds until its budget is spent, by the last report; None where there is none yet, or the budget is in passes."""
    config, now = run.info.config, time.time()
    if not history.seconds or math.isnan(history.seconds[-1]):
        return None
    try:
        since = max(0.0, now - (run.path / "metrics.jsonl").stat().st_mtime)
    except OSError:
        return None
    if config.timed and config.minutes:
        return max(0.0, 60 * config.minutes - history.seconds[-1] - since)
    if config.steps and history.steps[-1]:
        return max(0.0, history.seconds[-1] * (config.steps / history.steps[-1] - 1) - since)
    return None
