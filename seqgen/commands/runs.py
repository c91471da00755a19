"""`seqgen runs`: the runs of a folder, a line each, and those that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from seqgen.commands.options import common, runs_dir_option
from seqgen.console import Console

HELP = """List the runs: kind, corpus, size, steps, score, age.

\b
Examples:
  seqgen runs
  seqgen runs --runs-dir ~/models --json
"""


@click.command("runs", help=HELP, short_help="List the runs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per run.")
@runs_dir_option
@common
@click.pass_obj
def command(console: Console, /, as_json: bool, runs_dir: Path, quiet: bool) -> None:
    """Read, print."""
    console.quiet = quiet
    rows, damaged = _rows(runs_dir)
    if as_json:
        for row in rows + damaged:
            console.write(json.dumps(row) + "\n")
        return
    if not rows and not damaged:
        console.note(f"no runs in {runs_dir}; train one: seqgen train FILE")
        _note_packaged(console, set())
        return
    from seqgen.draw.human import visible

    if rows:
        console.write(_table(rows))
    _note_packaged(console, {row["name"] for row in rows + damaged})
    for row in damaged:
        console.write(visible(f"{row['name']}: damaged: {row['damaged']}").replace("\n", " ") + "\n")


def _note_packaged(console: Console, own: set[str]) -> None:
    """Say which runs come with seqgen and are not hidden by the user's own of that name."""
    from seqgen.run import packaged

    if names := [name for name in packaged() if name not in own]:
        console.note(f"with seqgen come, for -m: {', '.join(names)}")


def _rows(runs_dir: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The facts of each run, and for each damaged one, what is wrong with it."""
    from datetime import UTC, datetime

    from seqgen.errors import SeqgenError
    from seqgen.run import shelf

    runs, unreadable = shelf(runs_dir)
    rows = []
    damaged = [{"name": found.path.name, "damaged": found.reason} for found in unreadable]
    for run in runs:
        try:
            rows.append(_row(run, datetime.now(UTC)))
        except SeqgenError as error:
            damaged.append({"name": run.path.name, "damaged": error.message})
    return rows, damaged


def _table(rows: list[dict[str, Any]]) -> str:
    """A line for each run."""
    from seqgen.draw.cells import aligned
    from seqgen.draw.human import age, count, visible

    lines: list[tuple[str, ...]] = [("run", "kind", "model", "corpus", "symbols", "parameters", "steps", "score", "age")]
    for row in rows:
        score = f"{row['bits_per_char']:.3f} bits/char" if row["bits_per_char"] else "-"
        score = f"{row['bleu']:.1f} BLEU" if row["bleu"] is not None else score
        cells = (row["name"], row["kind"], row["arch"], row["corpus"], count(row["symbols"]), count(row["parameters"]),
                 f"{row['steps']:,}", score, age(row["age_seconds"]) if row["finished"] else "unfinished")  # fmt: skip
        lines.append(tuple(visible(cell).replace("\n", " ") for cell in cells))
    return aligned(lines, left=4)


def _row(run: Any, now: Any) -> dict[str, Any]:
    """The facts of one run."""
    from datetime import datetime

    from seqgen.families import family_of

    info = run.info
    config = info.config
    size = family_of(config).parameters(config, info.vocab_size)
    return {
        "name": run.path.name,
        "kind": info.kind,
        "arch": config.arch,
        "corpus": ", ".join(info.corpus["names"]),
        "symbols": info.corpus["symbols"],
        "parameters": size,
        "order": config.order,
        "steps": info.step,
        "bits_per_char": info.scores.get("valid", {}).get("bits_per_char"),
        "bleu": info.scores.get("valid", {}).get("bleu"),
        "finished": info.finished,
        "age_seconds": (now - datetime.fromisoformat(info.finished or info.created)).total_seconds(),
    }
