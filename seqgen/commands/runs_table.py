"""The table of `seqgen runs`: a line for each run, as wide as the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

# From the first to be left out where there is no room to the last; the name is never left out.
LEAST_WANTED = ("steps", "symbols", "corpus", "disk", "parameters", "age", "score", "model")
ORDER = ("run", "model", "corpus", "parameters", "score", "age", "disk", "symbols", "steps")
# Columns that may be shortened, down to this many cells; they and the model are words, the others figures.
FLEXIBLE, LEAST = ("run", "corpus"), {"run": 20, "corpus": 12}
GAP = 2


def rows_of(paths: Iterable[Path], arch: str | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The facts of the run in each folder, of an architecture or of all, and for each damaged one, what is wrong with it."""
    from datetime import UTC, datetime

    from seqgen.errors import SeqgenError
    from seqgen.run import opened

    runs, unreadable = opened(paths)
    rows = []
    damaged = [{"name": found.path.name, "damaged": found.reason} for found in unreadable] if arch is None else []
    for run in runs:
        if arch not in (None, run.info.config.arch):
            continue
        try:
            rows.append(_row(run, datetime.now(UTC)))
        except SeqgenError as error:
            damaged.append({"name": run.path.name, "damaged": error.message})
    return rows, damaged


def _row(run: Any, now: Any) -> dict[str, Any]:
    """The facts of one run. What only counts has no parameters, but contexts that it has seen and counts of what came next."""
    from datetime import datetime

    from seqgen.explain.inspection import counted_of
    from seqgen.families import family_of
    from seqgen.run.housekeeping import bytes_of

    info = run.info
    config, valid = info.config, info.scores.get("valid", {})
    return {
        "name": run.path.name,
        "kind": info.kind,
        "arch": config.arch,
        "corpus": ", ".join(info.corpus["names"]),
        "files": list(info.corpus["names"]),
        "symbols": info.corpus["symbols"],
        "parameters": family_of(config).parameters(config, info.vocab_size),
        **counted_of(run),
        "order": config.order,
        "origin": info.origin.get("name"),
        "steps": info.step,
        "bits_per_char": valid.get("bits_per_char"),
        "bleu": valid.get("bleu"),
        "bytes": bytes_of(run.path),
        "created": info.created,
        "finished": info.finished,
        "age_seconds": (now - datetime.fromisoformat(info.finished or info.created)).total_seconds(),
    }


def sorted_rows(rows: Sequence[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """The rows in another order; they come by date."""
    if by == "name":
        return sorted(rows, key=lambda row: row["name"])
    if by == "size":
        return sorted(rows, key=lambda row: -row["bytes"])
    if by == "score":
        # Bits of texts and BLEU of pairs cannot be compared: each kind for itself, those without a score last.
        none = float("inf")
        return sorted(rows, key=lambda row: (row["kind"], none if _score(row) is None else _score(row)))
    return list(rows)


def _score(row: dict[str, Any]) -> float | None:
    """What is the smaller the better a run is."""
    if row["bleu"] is not None:
        return -float(row["bleu"])
    return None if row["bits_per_char"] is None else float(row["bits_per_char"])


def table(rows: Sequence[dict[str, Any]], width: int | None) -> str:
    """A line for each run in at most `width` cells, None for as many as it takes: the least wanted columns are left out, then
    names shortened in their middle."""
    from rich.cells import cell_len

    from seqgen.draw.cells import aligned, middle_shortened

    cells = [_cells(row) for row in rows]
    widths = {name: max(cell_len(name), *(cell_len(row[name]) for row in cells)) for name in ORDER}
    # Before a name is shortened to less than a quarter of the line, something else is left out.
    shortest = {**LEAST, "run": max(LEAST["run"], (width or 0) // 4)}
    columns, least = list(ORDER), {name: min(size, shortest.get(name, size)) for name, size in widths.items()}

    def needed() -> int:
        return sum(least[name] for name in columns) + GAP * (len(columns) - 1)

    for name in LEAST_WANTED:
        if width is not None and needed() > width:
            columns.remove(name)
    room = {name: widths[name] for name in columns}
    if width is not None:
        left = max(0, width - needed())
        for name in (name for name in FLEXIBLE if name in columns):
            # A terminal may be narrower than the shortest name.
            room[name] = max(1, min(widths[name], least[name] + left, width))
            left -= room[name] - least[name]
    lines = [tuple(columns), *(tuple(middle_shortened(row[name], room[name]) for name in columns) for row in cells)]
    text = sum(name in (*FLEXIBLE, "model") for name in columns)
    return aligned([tuple(name[:width] for name in lines[0]), *lines[1:]], left=text, gap=GAP)


def _cells(row: dict[str, Any]) -> dict[str, str]:
    """What a person reads of a run."""
    from seqgen.draw.human import age, count, size, visible

    sizes = [count(row["parameters"])] if row["parameters"] else []
    sizes += [f"{count(row['counts'])} counts"] if row.get("counts") else []
    score = f"{row['bits_per_char']:.3f} bits" if row["bits_per_char"] else "-"
    first, *others = row["files"] or ["-"]
    found = {
        "run": row["name"],
        "model": row["arch"],
        "parameters": " + ".join(sizes) or "-",
        "score": f"{row['bleu']:.1f} BLEU" if row["bleu"] is not None else score,
        "age": age(row["age_seconds"]) if row["finished"] else "unfinished",
        "disk": size(row["bytes"]),
        "corpus": f"{first} + {len(others)} more" if others else first,
        "symbols": count(row["symbols"]),
        "steps": f"{row['steps']:,}",
    }
    return {name: visible(text).replace("\n", " ") for name, text in found.items()}
