"""A text that has grown: going on with --init-from, against beginning anew in as many minutes, and in all of them.

    python benchmarks/going_on.py tinyshakespeare.txt
    python benchmarks/going_on.py tinyshakespeare.txt --other corpora/english.txt

The old run learns the first 80 % of the text, the new ones all of it (with --other, another text instead). All are measured on
the same end of the new text, and on what the old run held out, which none of them learns.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from report import header, table

OLD_SHARE, HELD_OUT = 0.8, 0.1


def trained(run: Path, *arguments: object) -> dict[str, Any]:
    """Train; the figures of the run."""
    subprocess.run([sys.executable, "-m", "seqgen", "train", *map(str, arguments), "-q", "-o", str(run)], check=True)
    found: dict[str, Any] = json.loads((run / "config.json").read_text("utf-8"))["scores"]
    return found


def bits(run: Path, file: Path) -> float:
    """Bits a character of a text."""
    command = [sys.executable, "-m", "seqgen", "evaluate", "-m", str(run), str(file), "--json", "-q"]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return float(found["bits_per_char"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--other", type=Path, help="a text of its own instead of the rest of the first")
    parser.add_argument("--before", type=float, default=3.0, help="minutes of the old run")
    parser.add_argument("--minutes", type=float, default=1.0, help="minutes of the new one")
    options = parser.parse_args()
    header("Going on with a text that has grown")
    text = options.text.read_text("utf-8")
    old = text[: int(len(text) * OLD_SHARE)]
    new = options.other.read_text("utf-8") if options.other else text[len(old) :]
    known, end = (int(len(part) * (1 - HELD_OUT)) for part in (old, new))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = {"old": old, "more": "" if options.other else old, "held": old[known:], "valid": new[end:]}
        # Who begins anew does not learn what the old run held out either.
        parts |= {"grown": parts["more"] + new[:end], "anew": (old[:known] if parts["more"] else "") + new[:end]}
        for part, content in parts.items():
            (folder / f"{part}.txt").write_text(content, "utf-8")
        file = {part: folder / f"{part}.txt" for part in parts}
        valid = ("--valid", file["valid"])
        trained(folder / "old", file["old"], "--minutes", options.before)
        minutes, all_minutes = options.minutes, options.before + options.minutes
        runs: dict[str, tuple[object, ...]] = {
            f"--init-from, {minutes:g} minutes": (file["grown"], "--init-from", folder / "old", "--minutes", minutes, *valid),
            f"anew, {minutes:g} minutes": (file["anew"], "--minutes", minutes, *valid),
            f"anew, {all_minutes:g} minutes": (file["anew"], "--minutes", all_minutes, *valid),
        }
        before = {what: bits(folder / "old", file[what]) for what in ("valid", "held")}
        rows = [(f"the old run, {options.before:g} minutes", f"{before['valid']:.3f}", f"{before['held']:.3f}")]
        for number, (what, how) in enumerate(runs.items()):
            run = folder / f"run{number}"
            scores = trained(run, *how)
            rows.append((what, f"{scores['valid']['bits_per_char']:.3f}", f"{bits(run, file['held']):.3f}"))
            if "earlier_before" in scores:
                found = (f"{scores[name]['bits_per_char']:.3f}" for name in ("earlier_before", "earlier_after"))
                print("as the run says of the old held-out text: {} before, {} after".format(*found))
    table(("run", "new held-out text, bits a character", "old held-out text"), rows)


if __name__ == "__main__":
    main()
