"""`seqgen translate` in a pipe: how soon a warm one answers a line, and what memory a long stream takes.

python benchmarks/translation_stream.py --run checkpoints/multi30k --lines 60000
"""

from __future__ import annotations

import argparse
import queue
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

from report import header, table
from translation_common import SEQGEN, distinct, lines

from seqgen.run import Run

SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)


def started(run: Path, beam: int) -> subprocess.Popen[str]:
    """A process that waits for lines."""
    command = [*SEQGEN, "translate", "-q", "-m", str(run), "-b", str(beam)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def pipe(run: Path, lines_sent: int) -> None:
    """A line at a time through a process that runs already: from writing it to reading its translation."""
    content = sorted(distinct(lines("multi30k/test_2016_flickr.en"), 10**9), key=len)[: lines_sent + 1]
    taken = []
    with started(run, 5) as process:
        assert process.stdin and process.stdout
        for line in content:
            begin = time.perf_counter()
            process.stdin.write(line + "\n")
            process.stdin.flush()
            assert process.stdout.readline().strip(), "translate did not answer"
            taken.append(1000 * (time.perf_counter() - begin))
        process.stdin.close()
        process.wait()
    warm = taken[1:]
    row = [f"{taken[0]:,.0f}", f"{statistics.median(warm):.1f}", f"{max(warm):.1f}", len(warm)]
    table(["beam 5, ms: first line, start-up included", "each later line, median", "most", "lines"], [row])


def numbered(content: list[str]) -> Iterator[str]:
    """Lines, none of them twice: from the second pass on each ends with a number."""
    for number in count():
        for line in content:
            yield f"{line} {number}\n" if number else f"{line}\n"


def anonymous_megabytes(pid: int) -> float:
    """RssAnon of a process: what it holds itself, without pages of files."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.split("\n") if line.startswith("RssAnon")) / 1024


def memory(run: Path, wanted: int) -> None:
    """RssAnon while a long stream goes through; the input stays open until the last sample is taken."""
    content = distinct(lines("multi30k/train.en"), 10**9)
    marks: queue.Queue[float | None] = queue.Queue()
    measured = threading.Event()

    def feed(process: subprocess.Popen[str]) -> None:
        assert process.stdin
        with process.stdin as stream:
            stream.writelines(islice(numbered(content), wanted))
            stream.flush()
            measured.wait()

    def read(process: subprocess.Popen[str]) -> None:
        assert process.stdout
        ahead = [*SHARES]
        for answered, _ in enumerate(process.stdout, 1):
            while ahead and answered >= ahead[0] * wanted:
                marks.put(ahead.pop(0))
        marks.put(None)

    rows, most = [], 0.0
    with started(run, 1) as process:
        begin = time.perf_counter()
        for work in (feed, read):
            threading.Thread(target=work, args=(process,), daemon=True).start()
        while len(rows) < len(SHARES):
            try:
                share = marks.get(timeout=1)
            except queue.Empty:
                most = max(most, anonymous_megabytes(process.pid))
                continue
            assert share is not None, "translate ended too early"
            now = anonymous_megabytes(process.pid)
            most = max(most, now)
            rows.append([f"{share:.0%}", f"{now:.0f}", f"{time.perf_counter() - begin:.1f}"])
        measured.set()
        assert process.wait() == 0, "translate failed"
    rows.append(["the most seen", f"{most:.0f}", ""])
    table([f"of {wanted:,} distinct lines, greedy", "RssAnon, MB", "seconds"], rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--answers", type=int, default=20, help="lines sent one at a time")
    parser.add_argument("--lines", type=int, default=60_000, help="of the long stream")
    arguments = parser.parse_args()
    header(f"Translation in a pipe: {Run(arguments.run).info.name}")
    pipe(arguments.run, arguments.answers)
    memory(arguments.run, arguments.lines)


if __name__ == "__main__":
    main()
