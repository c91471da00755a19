"""The server under load: many requests over all endpoints, some malformed, some cut off; then kill -9, again and again.

    python benchmarks/serve_load.py --requests 100000

Two tiny models that come with seqgen answer, so that it is the server that works. Each answer is compared with what the same
request got when it was alone. Of each kill the corrections that were acknowledged are looked for in the run's file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from http_client import Client, Server
from report import header, table

ROOT = Path(__file__).parent.parent
PAIRS, TEXT = "tiny-english-french", "tiny-english"
CLIENTS = 32
LINES = (
    "A dog runs.",
    "The old sailor sees 3 boats.",
    "We made a boat.",
    "Two dogs run.",
    "Where is the harbour?",
    "",
    "The sad cook sees 3 boats.",
    "The girl sees the boy. The boy sees the girl.",
    "He paid $5 at http://a.example.",
)


class Asked(NamedTuple):
    """A request, and what its answer has to be: a status; its text is known once it was asked for alone."""

    path: str
    given: Any = None
    raw: bytes | None = None
    status: int = 200


def right() -> list[Asked]:
    """Requests that are answered."""
    pair = {"source": "en", "target": "fr"}
    made = [Asked("/translate", {"q": line, **pair}) for line in LINES]
    made += [Asked("/translate", {"q": [line, *LINES[:3]], **pair, "alternatives": 2}) for line in LINES[:4]]
    made += [
        Asked("/translate", {"q": f"<p>{line}</p><p><b>A dog</b> runs.</p>", **pair, "format": "html"}) for line in LINES[:4]
    ]
    made += [Asked("/v2/translate", {"text": [line], "target_lang": "FR", "source_lang": "EN"}) for line in LINES[:4]]
    made += [Asked("/omegat?source=en&target=fr&text=A%20dog%20runs."), Asked("/languages"), Asked("/health")]
    made += [
        Asked("/MTRestService/TranslateJson?srcLangCode=en&trgLangCode=fr&input=Two%20dogs%20run."),
        Asked("/detect", {"q": LINES[1]}),
    ]
    made += [Asked("/v2/languages"), Asked("/v1/models"), Asked("/frontend/settings"), Asked("/openapi.json"), Asked("/")]
    for seed in range(6):
        asked = {"prompt": "TOBY: ", "max_tokens": 10 + 5 * seed, "seed": seed, "logprobs": 0 if seed % 2 else None}
        made += [Asked("/v1/completions", asked), Asked("/v1/completions", {**asked, "n": 2, "stop": "\n"})]
    return made


def wrong() -> list[Asked]:
    """Requests that are refused."""
    return [
        Asked("/translate", raw=b"{", status=400),
        Asked("/translate", {"q": 3, "source": "en", "target": "fr"}, status=400),
        Asked("/translate", {"q": "a", "source": "xx", "target": "fr"}, status=400),
        Asked("/nothing", status=404),
        Asked("/v1/completions", {"prompt": "a", "frogs": 1}, status=400),
        Asked("/v1/completions", {"model": "no"}, status=404),
        Asked("/v1/completions", {"temperature": -1}, status=400),
        Asked("/v2/translate", {"text": "a"}, status=400),
        Asked("/v2/translate", {"text": "a", "target_lang": "FR", "glossary_id": "x"}, status=404),
        Asked("/suggest", {"q": "", "s": "", "source": "en", "target": "fr"}, status=400),
        Asked("/download_file/x", status=404),
        Asked("/translate", raw=b"\xff\xfe\x00", status=400),
        Asked("/page/file/x", status=404),
        Asked("/omegat", status=400),
    ]


def comparable(body: bytes) -> Any:
    """An answer without what differs from time to time."""
    try:
        found = json.loads(body)
    except ValueError:
        return body
    if isinstance(found, dict):
        for name in ("id", "created"):
            found.pop(name, None)
        for choice in found.get("choices", []):
            # Within the rounding of products over several rows.
            choice.pop("logprobs")
    return found


async def load(server: Server, count: int) -> tuple[Counter[str], list[float], float]:
    """Send `count` requests; what came of them, the memory after each tenth, and requests a second."""
    alone = Client(server.port)
    good = [(asked, comparable((await alone.ask(asked.path, asked.given, raw=asked.raw))[1])) for asked in right()]
    bad, rng, told, memory = wrong(), random.Random(1), Counter[str](), []
    left = count

    async def work() -> None:
        nonlocal left
        client = Client(server.port)
        while left > 0:
            left -= 1
            if left % (count // 10) == 0:
                memory.append(server.memory())
            chance = rng.random()
            asked, expected = rng.choice(good) if chance >= 0.1 else (rng.choice(bad), None)
            cut = 0.1 <= chance < 0.12
            try:
                status, body = await client.ask(asked.path, asked.given, raw=asked.raw, cut=cut)
            except (OSError, asyncio.IncompleteReadError, ValueError, IndexError):
                told["missing"] += 1
                client.close()
                continue
            if cut:
                told["cut off"] += 1
            elif status != asked.status or (expected is not None and comparable(body) != expected):
                told["wrong"] += 1
            else:
                told["refused" if asked.status >= 400 else "right"] += 1

    begin = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(CLIENTS)))
    return told, memory, count / (time.perf_counter() - begin)


async def correct(server: Server, run: Path, first: int) -> list[int]:
    """Send corrections from eight clients until the server is killed; the numbers of those that were acknowledged."""
    acknowledged: list[int] = []
    number = first

    async def work() -> None:
        nonlocal number
        client = Client(server.port)
        while True:
            number += 1
            mine = number
            try:
                status, _ = await client.ask("/suggest", {"q": f"{mine}", "s": "x" * 300, "source": "en", "target": "fr"})
            except (OSError, asyncio.IncompleteReadError, ValueError, IndexError):
                return
            if status == 200:
                acknowledged.append(mine)

    working = asyncio.gather(*(work() for _ in range(8)))
    await asyncio.sleep(1)
    server.process.kill()
    await working
    server.process.wait()
    return acknowledged


def kills(pairs: Path, rounds: int) -> list[object]:
    """Kill and start again; corrections lost, halves of them in the file, seconds until it answers."""
    acknowledged: list[int] = []
    ready = []
    words = ("-m", pairs)
    server = Server(*words)
    for number in range(rounds):
        acknowledged += asyncio.run(correct(server, pairs, 1_000_000 * number))
        server = Server(*words, port=server.port)
        status, _ = asyncio.run(Client(server.port).ask("/translate", {"q": "A dog runs.", "source": "en", "target": "fr"}))
        assert status == 200
        ready.append(time.perf_counter() - server.began)
    asyncio.run(Client(server.port).ask("/suggest", {"q": "last", "s": "last", "source": "en", "target": "fr"}))
    server.stop()
    kept, halves = set(), 0
    for line in (pairs / "corrections.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            kept.add(json.loads(line)["source"])
        except ValueError:
            halves += 1
    lost = sum(str(one) not in kept for one in acknowledged)
    return [rounds, f"{len(acknowledged):,}", lost, halves, f"{max(ready):.2f}"]


def main() -> None:
    """Load, kill, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=10)
    arguments = parser.parse_args()
    header(f"The server under load: {arguments.requests:,} requests")
    with tempfile.TemporaryDirectory() as name:
        for run in (PAIRS, TEXT):
            shutil.copytree(ROOT / "checkpoints" / run, Path(name, run))
        server = Server("-m", Path(name, PAIRS), "-m", Path(name, TEXT))
        told, memory, rate = asyncio.run(load(server, arguments.requests))
        server.stop()
        growth = memory[-1] / memory[0] - 1
        row = [f"{told[kind]:,}" for kind in ("right", "refused", "cut off", "wrong", "missing")]
        columns = [
            "right",
            "refused as they should be",
            "cut off by the client",
            "wrong",
            "missing",
            "requests/s",
            "memory after a tenth, MB",
            "growth since",
        ]
        table(columns, [[*row, f"{rate:,.0f}", f"{memory[0]:.0f}", f"{growth:+.1%}"]])
        columns = ["kill -9", "corrections acknowledged", "of these lost", "halves in the file", "first answer, s: most"]
        table(columns, [kills(Path(name, PAIRS), arguments.kills)])


if __name__ == "__main__":
    main()
