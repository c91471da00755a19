"""One run in full: what it is, how it learnt, what it is made of, where its time and its bytes went."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from seqgen.config import PIECES
from seqgen.draw.cells import label, wrapped
from seqgen.draw.human import duration, plural, size
from seqgen.draw.panels import Chart, Exhibit, Panel, Series, Table
from seqgen.explain.exhibits.seen import Record, Seen
from seqgen.explain.figures import verdict_of
from seqgen.explain.history import History, history_of
from seqgen.explain.inspection import counted_of, parts_of, settings_of, shares_of, symbols_of
from seqgen.families import family_of
from seqgen.run import Run
from seqgen.run.housekeeping import files_of

SAMPLES, SAMPLE_WIDTH, SAMPLE_LINES = 6, 60, 4
# Symbols of a vocabulary, and files of a corpus and of a run, that a person reads.
SYMBOLS, FILES = 100, 12


def see(run: Run) -> Seen:
    """All there is to know of a run. Raises CheckpointError where its files are damaged."""
    history = history_of(run)
    panels = [_about(run), _settings(run), *curves(run, history), _parts(run), _samples(history), _time(run), _disk(run)]
    sentences = [*([run.info.plan] if run.info.plan else []), *_vocabulary(run), *verdict_of(run)]
    title = f"{run.path.name}: {family_of(run.info.config).sentence}"
    return Exhibit(title, [panel for panel in panels if not isinstance(panel, Table) or panel.rows], sentences), _record(
        run, history
    )


def curves(run: Run, history: History) -> list[Panel]:
    """Losses and scores over time; none where nothing was recorded."""
    panels: list[Panel] = []
    places, clock = history.axis(timed=run.info.config.timed)
    unit, share = _unit(run)
    named = (("training", history.train), ("held out, approximately", history.valid))
    lines = [_series(name, places, [share * bits for bits in values]) for name, values in named]
    if any(line.points for line in lines):
        panels.append(Chart("loss", [line for line in lines if line.points], clock, f"bits a {unit}"))
    found = [_series(name, places, values) for name, values in history.scores.items()]
    if any(line.points for line in found):
        panels.append(Chart("translations of held-out sources", found, clock, "score"))
    return panels


def _unit(run: Run) -> tuple[str, float]:
    """What losses are told by, and how many symbols it has: of pieces a character, where held-out text says how many that are,
    so that curves of all tokenizers can be compared."""
    kind, valid = run.info.config.tokenizer, run.info.scores.get("valid", {})
    if run.info.kind == "language" and kind in PIECES and valid.get("tokens") and valid.get("chars"):
        return "character", valid["tokens"] / valid["chars"]
    return {"char": "character", "byte": "byte"}.get(kind, "token"), 1.0


def _series(name: str, x: Any, y: Any) -> Series:
    return Series(name, [(a, b) for a, b in zip(x, y, strict=True) if math.isfinite(a) and math.isfinite(b)])


def spread(history: History) -> list[tuple[float, str]]:
    """Up to SAMPLES of what was written during training, from the first report to the last: seconds and text."""
    places = [place for place, text in enumerate(history.samples) if text]
    if len(places) > SAMPLES:
        places = [places[round(i * (len(places) - 1) / (SAMPLES - 1))] for i in range(SAMPLES)]
    return [(history.seconds[place], history.samples[place]) for place in places]


def _about(run: Run) -> Table:
    """What it is, a line each."""
    info = run.info
    unit = "pairs" if info.kind == "translation" else "symbols"
    names = info.corpus["names"]
    first = names[0] if names else "-"
    rows = [
        ("folder", str(run.path)),
        ("model", f"{info.config.arch}, for {'pairs' if info.kind == 'translation' else 'texts'}"),
        ("corpus", f"{first} and {len(names) - 1} more" if len(names) > 1 else first),
        ("learnt from, held out", f"{info.corpus['train']:,} {unit}, {info.corpus['valid']:,} {unit}"),
        *([("begun from", f"{info.origin['name']} (content {info.origin['content'][:8]})")] if info.origin else []),
        *_scores(run),
        ("steps", f"{info.step:,}"),
        ("begun", _moment(info.created)),
        ("finished", _moment(info.finished) if info.finished else "not yet"),
        ("made with", f"seqgen {info.version}"),
    ]
    return Table("", ("", ""), rows)


def _moment(text: str) -> str:
    return f"{text[:16].replace('T', ' ')} UTC"


def _scores(run: Run) -> Iterator[tuple[str, str]]:
    """The figures of the last exact scoring."""
    scores, baselines = run.info.scores, run.info.baselines
    valid = scores.get("valid", {})
    if run.info.kind == "translation":
        yield from ((name, f"{valid[key]:.2f}") for name, key in (("BLEU", "bleu"), ("chrF", "chrf")) if key in valid)
        return
    names = (("network", "the network alone"), ("markov", "counting alone"), ("mix", "both, mixed"))
    found = [(label, scores[key]["bits_per_char"]) for key, label in names if key in scores]
    found += [(f"baseline: {name}", bits) for name, bits in baselines.items()]
    yield from ((label, f"{bits:.3f} bits a held-out character") for label, bits in found)
    if run.info.retained is not None:
        before, after = run.info.retained
        yield f"held-out text of {run.info.origin['name']}", f"{before:.3f} bits a character before, {after:.3f} after"


def _settings(run: Run) -> Table:
    """Each choice, and whose it was."""
    rows = [(name, _plain(value), by or "its task's default") for name, value, by in settings_of(run)]
    return Table("Settings", ("option", "value", "by"), rows)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _parts(run: Run) -> Table:
    """Parameters, and what was counted."""
    parts = parts_of(run)
    rows = [(name, f"{number:,}", f"{number / sum(parts.values()):.0%}") for name, number in parts.items()]
    rows += [("in all", f"{sum(parts.values()):,}", "")] if parts else []
    counted = counted_of(run)
    if counted:
        rows.append(("counts of what came next", f"{counted['counts']:,}", ""))
        rows.append(("contexts that were seen", f"{counted['contexts']:,}", ""))
    return Table("Parameters" if parts else "What was counted", ("part", "numbers", "share"), rows)


def _vocabulary(run: Run) -> Iterator[str]:
    """How many symbols there are, and the first of them."""
    symbols = symbols_of(run)
    if run.info.config.tokenizer == "byte":
        yield f"Vocabulary: the {len(symbols)} bytes."
        return
    kind = {"char": "character"}.get(run.info.config.tokenizer, "piece")
    more = f" ... and {len(symbols) - SYMBOLS:,} more" if len(symbols) > SYMBOLS else ""
    yield f"Vocabulary: {plural(len(symbols), kind)}: {' '.join(map(label, symbols[:SYMBOLS]))}{more}"


def _samples(history: History) -> Table:
    """What it wrote as it learnt, a few lines each, so narrow that they are whole in a terminal."""
    rows: list[tuple[str, str]] = []
    for seconds, text in spread(history):
        lines = [line for line in wrapped(text, SAMPLE_WIDTH) if line.strip()]
        if len(lines) > SAMPLE_LINES:
            lines = [*lines[: SAMPLE_LINES - 1], f"{lines[SAMPLE_LINES - 1]} …"]
        rows += [(duration(seconds) if not place else "", line) for place, line in enumerate(lines)]
    return Table("Samples over time", ("after", "what it wrote"), rows)


def _time(run: Run) -> Table:
    """Where the time of all sittings went; what took less than a twentieth of a second is only in the sum."""
    shares = shares_of(run.info.seconds)
    rows = [(name, f"{value:.1f} s", f"{share:.1%}") for name, value, share in shares if value >= 0.05]
    return Table("Where the time went", ("phase", "time", "share"), [*rows, ("in all", f"{run.info.elapsed:.1f} s", "")])


def _disk(run: Run) -> Table:
    """What each file takes."""
    files: Sequence[tuple[str, int]] = files_of(run.path)
    rows = [(name, size(taken)) for name, taken in files[:FILES]]
    if len(files) > FILES:
        rows.append((f"{len(files) - FILES} more", size(sum(taken for _, taken in files[FILES:]))))
    return Table("On the disk", ("file", "size"), [*rows, ("in all", size(sum(taken for _, taken in files)))])


def _record(run: Run, history: History) -> Record:
    """The same for a program, nothing left out."""
    info = run.info

    def column(values: Sequence[float]) -> list[float | None]:
        return [value if math.isfinite(value) else None for value in values]

    return {
        "name": run.path.name,
        "kind": info.kind,
        "arch": info.config.arch,
        "folder": str(run.path),
        "corpus": dict(info.corpus),
        "origin": dict(info.origin),
        "plan": info.plan,
        "settings": [{"option": name, "value": value, "by": by or "task"} for name, value, by in settings_of(run)],
        "parameters": parts_of(run),
        **counted_of(run),
        "vocabulary": symbols_of(run),
        "scores": dict(info.scores),
        "baselines": dict(info.baselines),
        "curve": {
            "seconds": column(history.seconds),
            "train": column(history.train),
            "valid": column(history.valid),
            **{name: column(values) for name, values in history.scores.items()},
        },
        "samples": [
            {"seconds": seconds if math.isfinite(seconds) else None, "text": text}
            for seconds, text in zip(history.seconds, history.samples, strict=True)
            if text
        ],
        "steps": info.step,
        "created": info.created,
        "finished": info.finished,
        "seconds": dict(info.seconds),
        "files": dict(files_of(run.path)),
        "verdict": list(verdict_of(run)),
    }
