"""Runs every command of the tours, in order, in a folder of its own; ends with 1 where one fails.

    python docs/run_tour.py                 run what docs/tour.md and docs/tour.ko.md say
    python docs/run_tour.py --update        and write what it printed, and its pictures, into them, and docs/lecture.md

A command stands in a block marked ```console, behind "$ "; what follows it up to the next one is its output. A command that
stands in both tours runs once.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import ideas

ROOT = Path(__file__).parent.parent
TOURS = ("docs/tour.md", "docs/tour.ko.md")
BLOCK = re.compile(r"(```console\n)(.*?)(```)", re.DOTALL)
# More of an output than this is left out of the page, in its middle.
LINES = 80


def commands_of(text: str) -> Iterator[str]:
    """The commands of a page; one that ends in a backslash goes on in the next line."""
    for _, block, _ in BLOCK.findall(text):
        yield from (command for command, _ in _split(block))


def _split(block: str) -> list[tuple[str, str]]:
    """Command and output of each entry of a block."""
    entries: list[list[str]] = []
    continued = False
    for line in block.splitlines():
        if line.startswith("$ ") and not continued:
            entries.append([line[2:], ""])
        elif continued:
            entries[-1][0] += "\n" + line
        elif entries:
            entries[-1][1] += line + "\n"
        continued = line.endswith("\\") and not entries[-1][1]
    return [(command, output) for command, output in entries]


def run(command: str, folder: Path) -> tuple[int, str]:
    """Exit code and output, both streams as a terminal shows them."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    environment.pop("SEQGEN_RUNS", None)
    done = subprocess.run(["bash", "-ec", command], cwd=folder, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)  # fmt: skip
    return done.returncode, done.stdout.decode("utf-8")


def prepare(folder: Path) -> None:
    """A checkout as the tour needs it, which may be written to."""
    (folder / "docs" / "pictures").mkdir(parents=True)
    (folder / "corpora").symlink_to(ROOT / "corpora")
    for path in (ROOT / "checkpoints").glob("tiny-*"):
        shutil.copytree(path, folder / "checkpoints" / path.name)


def shortened(output: str) -> str:
    """At most LINES lines, the middle left out."""
    lines = [line.rstrip() for line in output.rstrip("\n").split("\n")]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 21], "...", *lines[-20:]]
    return "\n".join(lines) + "\n" if any(lines) else ""


def main() -> None:
    """Run, report, update."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write outputs and pictures into docs/")
    arguments = parser.parse_args()
    outputs: dict[str, str] = {}
    seconds: dict[str, float] = {}
    failed, start = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        for tour in TOURS:
            for command in commands_of((ROOT / tour).read_text(encoding="utf-8")):
                if command in outputs:
                    continue
                began = time.monotonic()
                code, outputs[command] = run(command, folder)
                seconds[command] = time.monotonic() - began
                failed += code != 0
                print(f"{'ok' if code == 0 else f'exit code {code}'}  {seconds[command]:5.1f} s  {command}", flush=True)
                if code:
                    print(outputs[command], flush=True)
        if arguments.update and not failed:
            shutil.copytree(folder / "docs" / "pictures", ROOT / "docs" / "pictures", dirs_exist_ok=True)
    if arguments.update and not failed:
        for tour in TOURS:
            update(ROOT / tour, outputs)
        commands = {tour: list(commands_of((ROOT / tour).read_text(encoding="utf-8"))) for tour in TOURS}
        (ROOT / "docs" / "lecture.md").write_text(ideas.page(commands, seconds), encoding="utf-8")
    print(f"{len(outputs)} commands, {failed} failed, {time.monotonic() - start:.0f} seconds")
    sys.exit(1 if failed else 0)


def update(path: Path, outputs: dict[str, str]) -> None:
    """Put what was printed behind each command of a page."""

    def renewed(match: re.Match[str]) -> str:
        entries = (f"$ {command}\n{shortened(outputs[command])}" for command, _ in _split(match[2]))
        return match[1] + "".join(entries) + match[3]

    path.write_text(BLOCK.sub(renewed, path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
