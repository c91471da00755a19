"""Runs every command of README.md and README.ko.md, in order, over small files of the names that stand there; ends with 1 where
one fails.

    python docs/run_readme.py

Commands stand in indented blocks, shell and Python. Trainings are cut down to a few steps: what is tried here is that the
commands are right, not what they learn. `make` is left to those who read, and so is `jq` where it is not installed.
"""

from __future__ import annotations

import gzip
import re
import shutil
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

from run_tour import ROOT, run

PAGES = ("README.md", "README.ko.md")
BLOCK = re.compile(r"(?:^    .*\n|^\n(?=    ))+", re.MULTILINE)
BEFORE_COMMENT = re.compile(r"""(?:"[^"]*"|'[^']*'|[^"'#]|(?<=\S)#)*""")
STEPS = 2
# What begins a command of the shell, rather than what it prints.
WORDS = ("seqgen", "cat", "zcat", "echo", "printf")


def commands_of(text: str) -> list[str]:
    """The commands of a page; a block of Python is one, which begins with an import."""
    return [command for block in BLOCK.findall(text) for command in _commands(textwrap.dedent(block).strip("\n"))]


def _commands(block: str) -> Iterator[str]:
    if block.startswith("import "):
        yield "\n".join(re.sub(r"\s+#.*", "", line) for line in block.split("\n"))
        return
    for line in block.split("\n"):
        found = BEFORE_COMMENT.match(line.removeprefix("$ "))
        command = found.group().strip() if found else ""
        if command.startswith(WORDS):
            yield command


def cut_down(command: str) -> str:
    """The same with a few steps of training, or a few seconds of serving."""
    if command.startswith("import "):
        return re.sub(r"minutes=\d+", f"steps={STEPS}", command)
    if shutil.which("jq") is None:
        command = command.partition("| jq")[0]
    if command.startswith("seqgen serve"):
        # It would serve for ever; it ends with 0 where it could serve. tests/serve asks it what the pages say.
        return f"timeout --preserve-status 5 {command} --port 0"
    if "seqgen compare" in command:
        # One comparison after another of the same text.
        return re.sub(r" --steps \d+", "", command) + f" --steps {STEPS} --overwrite"
    trains = "seqgen train" in command or "explain gradients" in command
    if not trains or "--arch markov" in command or "--steps" in command:
        return command
    return re.sub(r" --minutes \d+", "", command) + f" --steps {STEPS}"


def prepare(folder: Path) -> None:
    """Files of the names that the commands have, and the tiny runs."""
    text = (ROOT / "corpora/english.txt").read_text(encoding="utf-8")
    pairs = (ROOT / "corpora/english-french.train.tsv").read_text(encoding="utf-8").split("\n")[:400]
    sides = [line.split("\t") for line in pairs]
    for name in ("corpus.txt", "book1.txt", "other.txt", "chapter.txt", "poems/first.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text[:20_000], encoding="utf-8")
    (folder / "book2.txt.gz").write_bytes(gzip.compress(text[20_000:40_000].encode()))
    (folder / "pairs.tsv").write_text("\n".join(pairs) + "\n", encoding="utf-8")
    (folder / "test.tsv").write_text("\n".join(pairs[:20]) + "\n", encoding="utf-8")
    for name, rows in (("train", sides), ("dev", sides[:20])):
        for side, suffix in enumerate(("en", "de")):
            (folder / f"{name}.{suffix}").write_text("".join(row[side] + "\n" for row in rows), encoding="utf-8")
    (folder / "in.txt").write_text("".join(row[0] + "\n" for row in sides[:3]), encoding="utf-8")
    (folder / "records.jsonl").write_text('{"source": "The sea is blue."}\n', encoding="utf-8")
    for path in (ROOT / "checkpoints").glob("tiny-*"):
        shutil.copytree(path, folder / "checkpoints" / path.name)


def main() -> None:
    """Run and report."""
    done: set[str] = set()
    failed, start = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        for page in PAGES:
            for command in commands_of((ROOT / page).read_text(encoding="utf-8")):
                if command in done:
                    continue
                done.add(command)
                tried = cut_down(command)
                if tried.startswith("import "):
                    (folder / "example.py").write_text(tried + "\n", encoding="utf-8")
                    tried = f"{sys.executable} example.py"
                began = time.monotonic()
                code, output = run(tried, folder)
                failed += code != 0
                print(f"{'ok' if code == 0 else f'exit code {code}'}  {time.monotonic() - began:5.1f} s  {tried}", flush=True)
                if code:
                    print(output, flush=True)
    print(f"{len(done)} commands, {failed} failed, {time.monotonic() - start:.0f} seconds")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
