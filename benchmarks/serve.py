"""The server against the command line: start, one client, 32 clients, 32 streams, all on this machine.

    python benchmarks/serve.py
    python benchmarks/serve.py --pairs RUN --text RUN      models that are there already

The models: Multi30k English-German and tinyshakespeare, trained for some minutes. Short lines are those of Multi30k's test
set. What stands beside: `seqgen translate` in a pipe that is warm, and of the same lines as one file; the same model asked for
one line at a time, as a server without batches does, but without HTTP; `seqgen generate --num-samples 32`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from http_client import SEQGEN, Client, Server, percentile
from report import data_file, header, table
from translation_common import distinct, lines, train_multi30k, write_lines

CLIENTS = 32
PARTS = ("start", "line", "many", "streams")


def start(pairs: Path, rounds: int) -> list[tuple[float, float]]:
    """Seconds from the start of a process until it listens, and until the first translation has come."""

    async def once(server: Server) -> float:
        status, _ = await Client(server.port).ask("/translate", {"q": "A dog runs.", "source": "en", "target": "de"})
        assert status == 200
        return time.perf_counter() - server.began

    found = []
    for _ in range(rounds):
        server = Server("-m", f"{pairs}=en-de")
        found.append((server.ready, asyncio.run(once(server))))
        server.stop()
    return found


def in_a_pipe(pairs: Path, content: Sequence[str]) -> list[float]:
    """Milliseconds for each line, one after another, through a process that runs already."""
    command = [*SEQGEN, "translate", "-q", "-m", str(pairs)]
    taken = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdin and process.stdout
        for line in content:
            begin = time.perf_counter()
            process.stdin.write(line + "\n")
            process.stdin.flush()
            assert process.stdout.readline().strip()
            taken.append(1_000 * (time.perf_counter() - begin))
        process.stdin.close()
        process.wait()
    return taken[1:]


async def one_client(server: Server, content: Sequence[str]) -> list[float]:
    """The same through the server."""
    client, taken = Client(server.port), []
    for line in content:
        begin = time.perf_counter()
        status, _ = await client.ask("/translate", {"q": line, "source": "en", "target": "de"})
        assert status == 200
        taken.append(1_000 * (time.perf_counter() - begin))
    return taken[1:]


async def many_clients(server: Server, content: Sequence[str]) -> tuple[float, list[str]]:
    """Seconds that CLIENTS clients need for all lines, each asking for the next one when it has its answer; the answers."""
    waiting, found = list(enumerate(content))[::-1], [""] * len(content)

    async def work() -> None:
        client = Client(server.port)
        while waiting:
            place, line = waiting.pop()
            status, body = await client.ask("/translate", {"q": line, "source": "en", "target": "de"})
            assert status == 200
            found[place] = json.loads(body)["translatedText"]

    begin = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(CLIENTS)))
    return time.perf_counter() - begin, found


async def open_loop(server: Server, content: Sequence[str], rate: float) -> list[float]:
    """Milliseconds until each answer where lines arrive at random, `rate` a second, whether or not others were answered."""
    rng, free, taken = random.Random(1), [], []

    async def ask(line: str) -> None:
        begin = time.perf_counter()
        client = free.pop() if free else Client(server.port)
        status, _ = await client.ask("/translate", {"q": line, "source": "en", "target": "de"})
        assert status == 200
        taken.append(1_000 * (time.perf_counter() - begin))
        free.append(client)

    asking = []
    for line in content:
        asking.append(asyncio.create_task(ask(line)))
        await asyncio.sleep(rng.expovariate(rate))
    await asyncio.gather(*asking)
    return taken


ONE_AT_A_TIME = """
import json, sys, time
from seqgen.threads import limit_threads
limit_threads(2)
from pathlib import Path
from seqgen.opening import open_lines
from seqgen.run import Run
lines = open_lines(Run(Path(sys.argv[1])), {}, threads=2)
content = Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()
lines.translate(content[:1])
begin = time.perf_counter()
for line in content: lines.translate([line])
print(time.perf_counter() - begin)
"""


def throughput(pairs: Path, server: Server, content: list[str], folder: Path, rounds: int) -> list[list[object]]:
    """Lines a second in each way, in turns."""
    file = folder / "lines.txt"
    write_lines(file, content)
    ways: dict[str, list[float]] = {"translate FILE": [], "one at a time, no HTTP": [], f"{CLIENTS} clients": []}
    script = [*SEQGEN[:1], "-c", ONE_AT_A_TIME, str(pairs), str(file)]
    for _ in range(rounds):
        timed = subprocess.run([*SEQGEN[:1], "-c", WHOLE, str(pairs), str(file)], check=True, capture_output=True, text=True)
        expected = json.loads(timed.stdout)
        ways["translate FILE"].append(expected["seconds"])
        ways["one at a time, no HTTP"].append(float(subprocess.run(script, check=True, capture_output=True).stdout))
        seconds, found = asyncio.run(many_clients(server, content))
        assert found == expected["lines"], "an answer differs from that of `translate`"
        ways[f"{CLIENTS} clients"].append(seconds)
    rates = {name: len(content) / statistics.median(taken) for name, taken in ways.items()}
    return [[name, f"{rate:,.0f}", f"{rates[f'{CLIENTS} clients'] / rate:.2f}"] for name, rate in rates.items()]


# As `seqgen translate FILE` reads and translates, without its start.
WHOLE = """
import json, sys, time
from seqgen.threads import limit_threads
limit_threads(2)
from pathlib import Path
from seqgen.data.lines import LineReader
from seqgen.opening import open_lines
from seqgen.run import Run
lines = open_lines(Run(Path(sys.argv[1])), {}, threads=2)
lines.translate(["A dog runs."])
begin = time.perf_counter()
source = LineReader([(sys.argv[2], open(sys.argv[2], "rb", buffering=0))])
done = [found.text for part in lines.stream(source) for _, found in part]
print(json.dumps({"seconds": time.perf_counter() - begin, "lines": done}))
"""


def streams(text: Path, server: Server, length: int, rounds: int) -> list[list[object]]:
    """Characters a second of CLIENTS streams, against as many samples of one command; milliseconds until each first one."""

    async def all_at_once() -> tuple[float, int, list[float]]:
        clients = [Client(server.port) for _ in range(CLIENTS)]
        asked = {"prompt": "", "max_tokens": length, "stream": True}
        begin = time.perf_counter()
        found = await asyncio.gather(*(client.stream("/v1/completions", asked) for client in clients))
        return time.perf_counter() - begin, sum(count for _, count in found), [1_000 * first for first, _ in found]

    asyncio.run(all_at_once())
    ours, theirs, firsts = [], [], []
    for _ in range(rounds):
        done = subprocess.run(
            [*SEQGEN[:1], "-c", SAMPLES, str(text), str(length), str(CLIENTS)], check=True, capture_output=True
        )
        theirs.append(float(done.stdout))
        seconds, count, first = asyncio.run(all_at_once())
        ours.append(count / seconds)
        firsts += first
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    return [[f"{statistics.median(theirs):,.0f}", f"{statistics.median(ours):,.0f}", f"{ratio:.2f}",
             f"{statistics.median(firsts):.0f}", f"{percentile(firsts, 0.99):.0f}"]]  # fmt: skip


# As `seqgen generate --num-samples`, without its start.
SAMPLES = """
import sys, time, numpy as np
from seqgen.threads import limit_threads
limit_threads(2)
from pathlib import Path
from seqgen.generation import GenerateOptions, generate_text
from seqgen.opening import enough_threads, open_scorer, open_stretches
from seqgen.run import Run
run, length, samples = Run(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
scorer, tokenizer, stretches = open_scorer(run), run.tokenizer(), open_stretches(run)
def go(length):
    options = GenerateOptions(length=length, num_samples=samples)
    pieces = generate_text(scorer, tokenizer, "", options, np.random.default_rng(1), stretches=stretches)
    return sum(len(piece.text) for piece in pieces)
with enough_threads(run, samples):
    go(20)
    begin = time.perf_counter()
    count = go(length)
print(count / (time.perf_counter() - begin))
"""


def show_start(pairs: Path) -> None:
    """How long a server takes to start."""
    moments = zip(("it listens", "the first translation has come"), zip(*start(pairs, 7), strict=True), strict=True)
    rows = [[what, f"{statistics.median(taken):.2f}", f"{max(taken):.2f}"] for what, taken in moments]
    table(["seconds from the start of a process until", "median", "most"], rows)


def show_one_line(pairs: Path, server: Server, short: Sequence[str], rounds: int) -> None:
    """A short line alone, in a pipe and through the server, in turns."""
    asyncio.run(one_client(server, short))
    beside, through = [], []
    for _ in range(rounds):
        beside += in_a_pipe(pairs, short)
        through += asyncio.run(one_client(server, short))
    rows = []
    for share in (0.5, 0.99):
        one, other = percentile(beside, share), percentile(through, share)
        rows.append([f"p{100 * share:.0f}", f"{one:.1f}", f"{other:.1f}", f"{other - one:+.1f}"])
    table(["one short line, ms", "warm pipe", "server", "more"], rows)


def show_many(pairs: Path, server: Server, content: list[str], folder: Path, rounds: int) -> None:
    """Many clients that wait for their answers, then lines that arrive at random."""
    found = throughput(pairs, server, content, folder, rounds)
    table(["short lines", "lines/s", "server over this"], found)
    rows = []
    for share in (0.25, 0.5, 0.75):
        rate = share * float(str(found[-1][1]).replace(",", ""))
        taken = asyncio.run(open_loop(server, content[: len(content) // 2], rate))
        rows.append([f"{rate:.0f}", f"{statistics.median(taken):.0f}", f"{percentile(taken, 0.99):.0f}"])
    table(["lines that arrive in a second, at random", "answer, ms: median", "p99"], rows)


def main() -> None:
    """Train what is missing, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, help="a run of English to German")
    parser.add_argument("--text", type=Path, help="a run of a text")
    parser.add_argument("--minutes", type=float, default=5, help="of training, for each that is missing")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=1_000)
    parser.add_argument("--length", type=int, default=1_000)
    arguments = parser.parse_args()
    header("The server against the command line")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs, text = arguments.pairs or folder / "multi30k", arguments.text or folder / "tinyshakespeare"
        if arguments.pairs is None:
            train_multi30k(pairs, ["--minutes", str(arguments.minutes)])
        if arguments.text is None and "streams" in arguments.only:
            file = str(data_file("tinyshakespeare.txt"))
            subprocess.run([*SEQGEN, "train", file, "-o", str(text), "-q", "--minutes", str(arguments.minutes)], check=True)
        content = distinct(lines("multi30k/test_2016_flickr.en"), arguments.lines)
        if "start" in arguments.only:
            show_start(pairs)
        server = Server("-m", f"{pairs}=en-de", *(["-m", text] if text.exists() else []))
        if "line" in arguments.only:
            show_one_line(pairs, server, sorted(content, key=len)[:201], arguments.rounds)
        if "many" in arguments.only:
            show_many(pairs, server, content, folder, arguments.rounds)
        if "streams" in arguments.only:
            columns = [f"{CLIENTS} samples in one command, characters/s", f"{CLIENTS} streams", "ratio"]
            columns += ["first character, ms: median", "p99"]
            table(columns, streams(text, server, arguments.length, arguments.rounds))
        server.stop()


if __name__ == "__main__":
    main()
