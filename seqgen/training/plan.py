"""From a corpus and a budget to the size of a network and the way it is trained, whatever the network.

A family says which sizes there are and what each needs; where the budget is in minutes, the speed of this machine decides.
With a budget in steps nothing is measured, so that the same command gives the same run on every machine with the same CPU
flags.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from seqgen.config import Config
from seqgen.draw.human import plural
from seqgen.families import family_of
from seqgen.families.base import Candidate, Facts, Network

# Symbols per second of a config without gaps.
Measure = Callable[[Config], float]


@dataclass(frozen=True)
class Unit:
    """How messages name a corpus: the units it is counted in, and what it consists of."""

    symbols: str
    corpus: str


@dataclass(frozen=True)
class Plan:
    """A config without gaps, and the sentence that explains it."""

    config: Config
    sentence: str


def plan_network(
    config: Config,
    facts: Facts,
    unit: Unit,
    *,
    has_bf16: bool,
    threads: int,
    seconds: float | None = None,
    measured: Measure | None = None,
) -> Plan:
    """Fill in every gap of the config.

    `seconds` of training and `measured` belong to a budget in minutes; without them the size follows from the corpus alone.
    `has_bf16` says whether the device multiplies bfloat16.
    """
    network = family_of(config).network
    assert network is not None
    config = network.begin(config.planned(precision="bf16" if has_bf16 else "fp32"), facts)
    if seconds is None or measured is None:
        config = network.sized(network.default(config.planned(threads=threads), facts), facts, None)
        return Plan(config, _sentence(network, config, facts, unit, None, None))
    if config.threads is None:
        config = config.planned(threads=_faster_threads(network, config, facts, threads, measured))
    config, speed = _largest_trained(network, config, facts, seconds, measured)
    # Batches may depend on how often the corpus is read, and the speed on the batches: both are computed once more.
    trial = network.sized(config, facts, speed * seconds / facts.symbols)
    speed = measured(trial)
    config = network.sized(config, facts, speed * seconds / facts.symbols)
    return Plan(config, _sentence(network, config, facts, unit, speed, speed * seconds / facts.symbols))


def _faster_threads(network: Network, config: Config, facts: Facts, most: int, measured: Measure) -> int:
    """All processors, or one: on a shared machine, threads that wait for each other lose more time than they save."""
    trial = network.sized(network.default(config, facts), facts, None)
    speeds = {threads: measured(replace(trial, threads=threads)) for threads in sorted({1, most})}
    return max(speeds, key=speeds.__getitem__)


def _largest_trained(network: Network, config: Config, facts: Facts, seconds: float, measured: Measure) -> tuple[Config, float]:
    """The largest size that sees enough symbols in the time, and its speed. Halves the range each time it measures."""
    sizes: Sequence[Candidate] = network.candidates(config, facts)
    speeds: dict[int, float] = {}

    def speed_at(index: int) -> float:
        if index not in speeds:
            speeds[index] = measured(network.sized(sizes[index].config, facts, None))
        return speeds[index]

    low, high = 0, len(sizes) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if speed_at(middle) * seconds >= sizes[middle].symbols:
            low = middle
        else:
            high = middle - 1
    return sizes[low].config, speed_at(low)


def _sentence(network: Network, config: Config, facts: Facts, unit: Unit, speed: float | None, passes: float | None) -> str:
    parts = [
        *network.sentence(config, facts),
        f"rate {config.lr:g}",
        f"dropout {config.dropout:g}",
        f"{config.precision}, {plural(config.threads or 0, 'thread')}",
    ]
    if speed and passes:
        parts.append(f"{speed:,.0f} {unit.symbols}/s here: {passes:.1f} passes over the {unit.corpus}")
    return "plan: " + ", ".join(parts)
