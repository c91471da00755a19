"""A comparison shown: curves, figures and samples side by side, and which model earned what for its cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seqgen.draw.cells import wrapped
from seqgen.draw.human import count, duration, plural
from seqgen.draw.panels import Chart, Exhibit, Panel, Series, Table
from seqgen.explain.comparison import Figures
from seqgen.explain.exhibits.seen import Record, Seen

# Bits a character that are hardly more than chance: another seed would change as much.
ALIKE = 0.01
SAMPLE_WIDTH, SAMPLE_LINES = 60, 4


def see(found: Sequence[Figures], corpus: Mapping[str, Any], budget: Mapping[str, Any], equal: Mapping[str, Any]) -> Seen:
    """`budget` is {"minutes": ...} or {"steps": ...}, `equal` the settings that all networks shared, empty where each was
    planned on its own; `corpus` the facts of the text."""
    names = ", ".join(corpus["names"])
    by_steps = "steps" in budget
    panels: list[Panel] = [_chart(found, by_steps, bool(corpus["valid"])), _figures(found), _samples(found)]
    sentences = [*_verdicts(found), *_earned(found), *_orders(found), *_conditions(found, corpus, budget, equal)]
    exhibit = Exhibit(f"Compared on {names}", [panel for panel in panels if _is_drawn(panel)], sentences)
    return exhibit, record_of(found, corpus, budget, equal)


def _is_drawn(panel: Panel) -> bool:
    """Whether there is anything in a panel."""
    return bool(panel.series) if isinstance(panel, Chart) else True


def _chart(found: Sequence[Figures], by_steps: bool, held_out: bool) -> Chart:
    """Bits over minutes, or over steps where these were the budget. A model that only counts is a level from its end on."""
    longest = max(one.steps if by_steps else one.seconds / 60 for one in found)
    series = []
    for one in found:
        points = [(float(step) if by_steps else seconds / 60, bits) for seconds, step, bits in one.curve]
        if one.counts and one.bits is not None:
            points = [(0.0 if by_steps else one.seconds / 60, one.bits), (float(longest), one.bits)]
        elif one.bits is not None and points:
            points[-1] = (points[-1][0], one.bits)  # the last is scored exactly after the training
        if points:
            series.append(Series(one.name, points))
    what = "held-out text" if held_out else "the text that is learnt: nothing is held out"
    return Chart(f"Bits a character of {what}", series, "steps" if by_steps else "minutes", "bits a character")


def _figures(found: Sequence[Figures]) -> Table:
    head = ("model", "bits", "time", "steps", "read", "passes", "a second", "parameters", "memory")
    rows = [
        (
            one.name,
            "-" if one.bits is None else f"{one.bits:.3f}",
            duration(one.seconds),
            "-" if one.counts else f"{one.steps:,}",
            count(one.symbols),
            f"{one.passes:.1f}",
            "-" if one.speed is None else count(one.speed),
            count(one.parameters),
            "-" if one.memory is None else f"{count(one.memory)}B",
        )
        for one in found
    ]
    return Table("What each took and gave", head, rows)


def _samples(found: Sequence[Figures]) -> Table:
    """What each writes, a few lines of it, so narrow that they are whole in a terminal."""
    rows: list[tuple[str, str]] = []
    for one in found:
        lines = [line for line in wrapped(one.sample, SAMPLE_WIDTH) if line.strip()][:SAMPLE_LINES]
        rows += [(one.name if not place else "", line) for place, line in enumerate(lines)]
    return Table("What each writes", ("model", "a sample"), rows)


def _scored(found: Sequence[Figures]) -> list[tuple[float, Figures]]:
    """Those with a score, the best first."""
    return sorted(((one.bits, one) for one in found if one.bits is not None), key=lambda pair: pair[0])


def _verdicts(found: Sequence[Figures]) -> Iterator[str]:
    """Which is best, by how much, and whether a network was worth it."""
    ranked = _scored(found)
    if not ranked:
        yield "The text is too short to hold any of it out, so nothing says which predicts best: give 1,000 characters."
        return
    (best_bits, best), *rest = ranked
    if rest:
        yield f"{best.name} predicts the held-out text best, {best_bits:.3f} bits a character; {_behind(ranked)}."
    counted = [pair for pair in ranked if pair[1].counts]
    trained = [pair for pair in ranked if pair[1].alone]
    if counted and trained:
        gained = counted[0][0] - trained[0][0]
        against = f"counting alone ({counted[0][1].name}, {duration(counted[0][1].seconds)})"
        if gained > ALIKE:
            yield f"The best network alone, {trained[0][1].name}, is {gained:.3f} bits better than {against}."
        elif gained < -ALIKE:
            yield f"No network alone is as good as {against} here: {trained[0][1].name} is {-gained:.3f} bits worse."
        else:
            same = f"they differ by {abs(gained):.3f} bits"
            yield f"The best network alone, {trained[0][1].name}, is no better than {against}: {same}."


def _behind(ranked: Sequence[tuple[float, Figures]]) -> str:
    """The second against the first."""
    gap, second = ranked[1][0] - ranked[0][0], ranked[1][1].name
    if gap < 0.0005:
        return f"{second} is as good"
    if gap <= ALIKE:
        return f"{second} is as good, with {gap:.3f} more, which another seed may turn round"
    return f"{second} comes next with {gap:.3f} more"


def _earned(found: Sequence[Figures]) -> Iterator[str]:
    """What gates, or attention, cost and earned, against the simplest recurrent network."""
    recurrent = sorted((one for one in found if one.gates), key=lambda one: one.gates or 0)
    if not recurrent:
        return
    first, *others = recurrent
    if others:
        layers = ", ".join(f"{one.gates} in {one.name}" for one in recurrent)
        yield f"Complexity: pairs of matrices in one layer (the gates and the candidate), {layers}."
    for one in (*others, *(one for one in found if one.alone and not one.gates)):
        parts = [f"has {one.parameters / first.parameters:.2g} times the parameters"]
        if one.speed and first.speed:
            parts.append(f"learns from {one.speed / first.speed:.2g} times as many characters a second")
        if one.bits is not None and first.bits is not None:
            parts.append(f"and predicts {_better(first.bits - one.bits)}")
        yield f"Against {first.name}, {one.name} {', '.join(parts)}."


def _better(gain: float) -> str:
    if abs(gain) <= ALIKE:
        return f"as well ({gain:+.3f} bits)"
    return f"{abs(gain):.3f} bits a character {'better' if gain > 0 else 'worse'}"


def _orders(found: Sequence[Figures]) -> Iterator[str]:
    """Where a longer look back stops paying."""
    counted = sorted((one.order or 0, one.bits) for one in found if one.counts and one.bits is not None)
    if len(counted) < 2:
        return
    least = min(bits for _, bits in counted)
    order, bits = next(pair for pair in counted if pair[1] <= least + ALIKE)
    longest, there = counted[-1]
    more = f"; looking back {longest} changes {there - bits:+.3f}" if longest > order else ""
    yield f"Counting: of the orders {', '.join(str(one) for one, _ in counted)}, {order} is enough, {bits:.3f} bits{more}."


def _conditions(
    found: Sequence[Figures], corpus: Mapping[str, Any], budget: Mapping[str, Any], equal: Mapping[str, Any]
) -> Iterator[str]:
    """What was the same for all, and what the columns mean."""
    networks = any(not one.counts for one in found)
    split = f"on the same {plural(corpus['train'], 'symbol')}, and is measured on the same {corpus['valid']:,} after them"
    if not corpus["valid"]:
        split = f"on all {plural(corpus['train'], 'symbol')}"
    if not networks:
        yield f"Each counts {split}."
    elif "steps" in budget:
        yield f"Each network learns for {plural(budget['steps'], 'step')} {split}; the same command gives the same figures."
    else:
        length = plural(budget["minutes"], "minute")
        yield f"Each network has {length} from the start of its process to its end, loading torch included; it learns {split}."
    if networks:
        yield _settings(equal)
    yield (
        "read: symbols that were learnt from, in so many passes over the text; a second: while it trains; parameters: of the "
        "network (of markov: n-grams that it keeps); memory: of the whole process at most, Python and torch included."
    )


def _settings(equal: Mapping[str, Any]) -> str:
    if not equal:
        return "Size, rate and batches of each network are the planner's choice for it; --equal makes them the same."
    said = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in equal.items())
    slow = " The rate is the one planned for a plain RNN, the smallest: gates would bear a larger one, and learn faster by it."
    return f"Equal settings for all networks: {said}." + slow * ("lr" in equal)


def record_of(
    found: Sequence[Figures], corpus: Mapping[str, Any], budget: Mapping[str, Any], equal: Mapping[str, Any]
) -> Record:
    """The numbers."""
    ranked = _scored(found)
    return {
        "text": list(corpus["names"]),
        "sha256": corpus["sha256"],
        "train": corpus["train"],
        "held_out": corpus["valid"],
        **budget,
        "equal": dict(equal) or None,
        "best": ranked[0][1].name if ranked else None,
        "models": [_member(one) for one in found],
    }


def _member(one: Figures) -> Record:
    return {
        "name": one.name,
        "arch": one.arch,
        "order": one.order,
        "bits_per_char": one.bits,
        "seconds": round(one.seconds, 2),
        "steps": one.steps,
        "symbols_read": one.symbols,
        "passes": round(one.passes, 3),
        "symbols_per_second": one.speed and round(one.speed),
        "parameters": one.parameters,
        "memory_bytes": one.memory,
        "plan": one.plan,
        "curve": [{"seconds": seconds, "step": step, "bits": round(bits, 4)} for seconds, step, bits in one.curve],
        "sample": one.sample,
    }
