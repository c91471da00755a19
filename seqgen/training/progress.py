"""What training reports while it works: plain facts, to be drawn or logged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """A moment of a training run. Losses are nats per symbol; times are seconds over all sittings; rate is symbols per second.

    `report` marks what is worth a line in a log: a validation, the end of a phase. `valid` is set on a validation and
    is the score of what the run will be used as (for a hybrid, of the mix; `network` is then the network's own); `unseen` is
    the part of it that symbols cost which training has never seen; `scores` are other figures of a validation by name.
    `valid_is_exact` marks the final scoring of every symbol, as opposed to the approximate one on parallel streams. `line`,
    where there is one, says all that a line in a log would say of this report, in the words of its task.
    """

    phase: str
    elapsed: float = 0.0
    total: float | None = None
    step: int = 0
    steps: int | None = None
    fraction: float = 0.0
    eta: float | None = None
    rate: float = 0.0
    lr: float = 0.0
    train: float | None = None
    valid: float | None = None
    network: float | None = None
    unseen: float = 0.0
    valid_is_exact: bool = False
    best: float | None = None
    scores: tuple[tuple[str, float], ...] = ()
    sample: str | None = None
    note: str | None = None
    plan: str | None = None
    line: str | None = None
    baselines: tuple[tuple[str, float], ...] = ()
    report: bool = False


@dataclass(frozen=True)
class Finished:
    """The last thing training reports: `done` is False where the user interrupted it and the run can be continued."""

    done: bool
    message: str
