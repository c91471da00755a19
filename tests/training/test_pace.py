"""The number of threads, looked at again: a machine whose speed changes, and what a trial may cost."""

from __future__ import annotations

from collections.abc import Callable

from seqgen.training.pace import COMPARED, SHARE, TRIAL, Pace


def trained(seconds_of: Callable[[float, int], float], minutes: float, threads: int = 1) -> tuple[Pace, float, list[int]]:
    """A run on a machine where a step at a moment with so many threads takes so long: its pace, seconds, threads by step."""
    now, used = 0.0, [threads]
    pace = Pace(threads, 2, minutes * 60, used.append)
    steps: list[int] = []
    while now < minutes * 60:
        seconds = seconds_of(now, used[-1])
        now += seconds
        steps.append(used[-1])
        pace.stepped(len(steps), seconds, 1_000)
    return pace, now, steps


def test_a_plan_made_on_a_busy_machine_does_not_hold_for_ever() -> None:
    pace, _, steps = trained(lambda now, threads: 0.05 / threads, 1)
    assert pace.threads == 2 and len(pace.changes) == 1 and pace.changes[0][1] == 2
    assert steps.count(1) < 0.02 * len(steps)


def test_a_machine_that_becomes_busy_gets_one_thread_soon_and_two_when_it_is_idle_again() -> None:
    def seconds_of(now: float, threads: int) -> float:
        busy = 60 <= now < 180
        return {1: 0.06, 2: 0.2}[threads] if busy else {1: 0.05, 2: 0.03}[threads]

    pace, _, _ = trained(seconds_of, 5, threads=2)
    assert [threads for _, threads in pace.changes] == [1, 2]
    until_busy = 60 / 0.03
    assert until_busy < pace.changes[0][0] < until_busy + 40, "a fall of speed asks for a trial at once"


def test_trials_take_no_more_than_their_share_and_change_nothing_where_they_lose() -> None:
    pace, seconds, steps = trained(lambda now, threads: 0.04 * threads, 10)
    assert not pace.changes and pace.threads == 1
    assert steps.count(2) * 0.08 <= SHARE * seconds and steps.count(2) > 0
    hopeless, seconds, steps = trained(lambda now, threads: 0.04 if threads == 1 else 4.0, 10)
    assert not hopeless.changes and steps.count(2) == 1, "one step is enough to see it"


def test_noise_and_steps_of_different_sizes_change_nothing() -> None:
    pace = Pace(1, 2, 1e9, lambda threads: None)
    for step in range(20_000):
        symbols = 500 + step % 7 * 200
        pace.stepped(step, symbols * 1e-4 * (1 + step % 3 * 0.04), symbols)
    assert not pace.changes


def test_with_one_processor_nothing_is_tried() -> None:
    used: list[int] = []
    pace = Pace(1, 1, 1e9, used.append)
    for step in range(COMPARED + TRIAL + 1_000):
        pace.stepped(step, 1.0, 1)
    assert not used and not pace.changes
