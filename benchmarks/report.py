"""What every benchmark prints around its figures: the command, the date, the machine, and a table in Markdown."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from machine import calibrate, describe


def data_file(name: str) -> Path:
    """A file of $SEQGEN_DATA; ends with a message where it is not there."""
    folder = os.environ.get("SEQGEN_DATA")
    path = Path(folder or ".") / name
    if folder is None or not path.is_file():
        sys.exit(f"{name} is not in SEQGEN_DATA ({folder}); fetch it: python benchmarks/get_data.py FOLDER")
    return path


def header(title: str) -> None:
    """Title, command, date, machine, calibration."""
    print(f"\n## {title}\n")
    # Where the data lie is a matter of the machine.
    folder = os.environ.get("SEQGEN_DATA")
    words = [word.replace(folder, "$SEQGEN_DATA") if folder else word for word in sys.argv]
    print(f"`python {' '.join(words)}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC  ")
    print(f"{describe()['line']}  ")
    speed = calibrate()
    print("calibration: " + ", ".join(f"{name} {value:.3g}" for name, value in speed.items()) + "\n", flush=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table in Markdown."""
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)
