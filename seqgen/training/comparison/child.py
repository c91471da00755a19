"""The process of one member of a comparison. A fresh one for each is fair: every model pays for its own start and for loading
torch, and how much memory it took can be told apart.

The first line on stdin says in JSON what to train; any other line asks to stop and save. Where stdin ends, the parent is gone,
and this process ends at once: a run survives that at any moment. Reports go to stdout, a JSON object a line.
"""

from __future__ import annotations

import json
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqgen.errors import EXIT_INTERRUPTED, SeqgenError
from seqgen.threads import default_threads, limit_threads

if TYPE_CHECKING:
    from seqgen.training.progress import Progress
    from seqgen.training.train import Training

# Seconds between reports that nothing but a live line needs.
EVERY = 0.25


def main() -> None:
    """Read what to train, train, report, end."""
    # What a library prints must not come between the reports.
    reports = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    asked = json.loads(sys.stdin.buffer.readline())
    limit_threads(asked["options"].get("threads") or default_threads())
    stopping = threading.Event()
    threading.Thread(target=_listen, args=(stopping,), daemon=True).start()
    for report in _reports(asked, stopping.is_set):
        reports.write(json.dumps(report) + "\n")
        reports.flush()
    os._exit(0)  # all is written: taking torch apart takes half a second


def _listen(stopping: threading.Event) -> None:
    """Hear what the parent says, until there is none."""
    while sys.stdin.buffer.readline():
        stopping.set()
    os._exit(EXIT_INTERRUPTED)


def _reports(asked: dict[str, Any], stop: Callable[[], bool]) -> Iterator[dict[str, Any]]:
    """Train; a report where there is something to say, at last one with "done", or one with "error"."""
    from seqgen.training.budget import process_age
    from seqgen.training.progress import Finished
    from seqgen.training.train import Request, Training

    try:
        request = Request(tuple(asked["inputs"]), Path(asked["path"]), asked["options"], age=process_age())
        training = Training(request, stop)
        said = 0.0
        for told in training.tell():
            if isinstance(told, Finished):
                yield {"done": told.done, "message": told.message, "memory": peak_bytes()}
            elif told.report or told.note or time.monotonic() - said > EVERY:
                said = time.monotonic()
                yield _report(training, told)
    except SeqgenError as error:
        yield {"error": error.message, "hint": error.hint}


def _report(training: Training, told: Progress) -> dict[str, Any]:
    """What is worth knowing of a moment of a training; bits are per held-out character."""
    per_char = 1.0 if training.sitting is None else training.sitting.held_out_per_char
    bits = None if told.valid is None else told.valid / math.log(2) * per_char
    return {
        "phase": told.phase, "fraction": told.fraction, "elapsed": told.elapsed, "total": told.total, "step": told.step,
        "steps": told.steps, "bits": bits, "text": told.note or told.plan or "", "report": told.report,
    }  # fmt: skip


def peak_bytes() -> int | None:
    """The most memory that this process has had at one time, libraries included; None where the system does not say.

    Linux keeps the peak of the program that runs now. (ru_maxrss may be that of the parent, as it was when it forked.)
    """
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            return next((1024 * int(line.split()[1]) for line in file if line.startswith("VmHWM:")), None)
    except (OSError, ValueError, IndexError):
        pass
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return None
