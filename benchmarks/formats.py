"""Files of the trade: a TMX of a gigabyte read with flat memory, how many bytes a round trip changes, what is kept of inline
elements and placeholders, and how soon `translate` answers a .txt.

The TMX is made as it is read, so that nothing waits for a disk; reading it is measured in a process of its own. Spans are those
of files that this script makes, translated by the tiny English-French run; round trips are of the real files of SEQGEN_DATA.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from report import header, table

from seqgen.formats import FORMATS, format_of, function
from seqgen.formats.document import Document, Wanted
from seqgen.translation.files import Choice, FileInHand

ROOT = Path(__file__).parent.parent
RUN = ROOT / "checkpoints" / "tiny-english-french"
UNIT = """<tu tuid="{n}" creationdate="20240101T000000Z"><prop type="domain">harbour</prop>
<tuv xml:lang="en-US"><seg>The old sailor sees the boat &amp; the dog that <bpt i="1">&lt;b&gt;</bpt>sings\
<ept i="1">&lt;/b&gt;</ept> in the harbour when the moon is out, line {n}.</seg></tuv>
<tuv xml:lang="ko-KR"><seg>늙은 선원이 배를 보고 달이 뜨면 항구에서 <bpt i="1">&lt;b&gt;</bpt>노래하는\
<ept i="1">&lt;/b&gt;</ept> 개를 봅니다, {n}번째 줄입니다.</seg></tuv>
</tu>
"""


def blocks(size: int) -> Iterator[bytes]:
    """A TMX of about `size` bytes, block by block."""
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4"><header srclang="en-US"/><body>\n'
    units = "".join(UNIT.replace("{n}", str(n)) for n in range(4_000)).encode()
    for _ in range(max(1, size // len(units))):
        yield units
    yield b"</body></tmx>\n"


def read(size: int) -> None:
    """Read such a TMX, and print its bytes, units, seconds and the most memory that the process had, in kilobytes."""
    count = 0

    def counted() -> Iterator[bytes]:
        nonlocal count
        for block in blocks(size):
            count += len(block)
            yield block

    began = time.perf_counter()
    document = Document("memory.tmx", counted(), wanted=Wanted(source="en", target="ko"))
    units = sum(1 for _ in function(FORMATS["tmx"].units)(document))
    # Not ru_maxrss, which begins with what the process had that began this one.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    print(count, units, time.perf_counter() - began, status.partition("VmHWM:")[2].split()[0])


def tmx(megabytes: int) -> None:
    """Memory and speed of reading."""
    rows = []
    for size in (1, megabytes):
        command = [sys.executable, __file__, "--read", str(size * 1_000_000)]
        done = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        count, units, seconds, kilobytes = int(done[0]), int(done[1]), float(done[2]), int(done[3])
        rows.append((f"{count / 1e6:,.0f} MB", f"{units:,}", f"{count / 1e6 / seconds:.1f}", f"{kilobytes / 1000:,.0f}"))
    table(("TMX", "units", "MB/s", "most memory, MB"), rows)


def round_trips() -> None:
    """Bytes that differ where nothing is translated, and where every target is written as itself, over the real files."""
    folder = Path(os.environ.get("SEQGEN_DATA", ".")) / "files"
    counts: dict[str, Counter[str]] = {}
    for path in sorted(folder.rglob("*")):
        found = format_of(path.name)
        if not path.is_file() or found is None or not found.edits:
            continue
        name = next(name for name, row in FORMATS.items() if row is found)
        count = counts.setdefault(name, Counter())
        count["files"] += 1
        data = path.read_bytes()
        try:
            file = FileInHand.of(path.name, data, found, Wanted(target="fr" if name == "tmx" else None))
        except Exception as error:  # what cannot be read is said so; it is counted
            count["not read: " + type(error).__name__] += 1
            continue
        edits = function(found.edits)
        # A file of one language has its translations in the place of its texts.
        said = [(unit, unit.source if found.kind == "text" else unit.target) for unit in file.units if unit.state != "kept"]
        again = [edit for unit, text in said if text for edit in edits(unit, text)]
        count["units"] += len(file.units)
        count["differ"] += file.rewritten(again) != data
    rows = [
        (
            name,
            count["files"],
            sum(n for key, n in count.items() if key.startswith("not read")),
            f"{count['units']:,}",
            count["differ"],
        )
        for name, count in counts.items()
    ]
    table(("format", "real files", "of them not read", "units", "files that differ"), rows)


def kept(most: int) -> None:
    """What is kept of inline elements and placeholders, by units of the corpora with some put in."""
    from seqgen.opening import open_lines
    from seqgen.run import Run

    lines = open_lines(Run(RUN), {})
    sentences = [
        line.split("\t")[0]
        for line in (ROOT / "corpora" / "english-french.heldout.tsv").read_text(encoding="utf-8").splitlines()
    ]
    rows = []
    for name, made in MADE.items():
        data = made(sentences[: most // len(MADE)])
        found = next(row for row in FORMATS.values() if name.endswith(row.suffixes))
        file = FileInHand.of(name, data.encode(), found, Wanted(target="fr"))
        file.translate(lines, Choice())
        left = sum(bool(one.why) for one in file.attempts)
        rows.append((name, f"{len(file.attempts):,}", left, f"{100 * left / len(file.attempts):.1f} %"))
    table(("file", "units with inline elements and placeholders", "left as they were", "share"), rows)


def _xml(sentence: str, number: int) -> str:
    words = sentence.split()
    middle = len(words) // 2
    inner = f'<g id="1">{" ".join(words[middle:-1])} <x id="2"/>{words[-1]}</g>'
    return f"{' '.join(words[:middle])} {inner} %{'sd'[number % 2]}"


def _xliff(sentences: list[str]) -> str:
    units = "".join(f'<trans-unit id="{n}"><source>{_xml(one, n)}</source></trans-unit>\n' for n, one in enumerate(sentences))
    return f'<xliff version="1.2"><file source-language="en"><body>{units}</body></file></xliff>'


def _tmx(sentences: list[str]) -> str:
    inner = [_xml(one, number).replace("<x id=", "<ph x=") for number, one in enumerate(sentences)]
    inner = [one.replace("<g id=", "<hi x=").replace("</g>", "</hi>") for one in inner]
    units = "".join(f'<tu><tuv xml:lang="en"><seg>{one}</seg></tuv></tu>\n' for one in inner)
    return f'<tmx version="1.4"><header srclang="en"/><body>{units}</body></tmx>'


def _po(sentences: list[str]) -> str:
    return "".join(
        f'msgctxt "{number}"\nmsgid "&{one[:-1]} <b>%{{n}}</b> {{name}}."\nmsgstr ""\n\n'
        for number, one in enumerate(sentences)
    )


def _srt(sentences: list[str]) -> str:
    return "".join(
        f"{n}\n00:{n // 60:02}:{n % 60:02},000 --> 00:{n // 60:02}:{n % 60:02},900\n{{\\an8}}<i>{one}</i>\n\n"
        for n, one in enumerate(sentences)
    )


def _html(sentences: list[str]) -> str:
    words = [one.split(" ", 2) for one in sentences]
    return "".join(f'<p>{a} <b>{b}</b> {rest} <img src="a.png"> {{x}}</p>\n' for a, b, rest in words)


MADE = {"a.xlf": _xliff, "a.tmx": _tmx, "a.po": _po, "a.srt": _srt, "a.html": _html}


def first_line(rounds: int, before: str) -> None:
    """From process start to the first line of a .txt, against another version of the package where one is named."""
    cases = {"this version": str(ROOT), **({"the version before": before} if before else {})}
    taken: dict[str, list[float]] = {case: [] for case in cases}
    for number in range(rounds + 1):
        for case, place in cases.items():
            env = {**os.environ, "PYTHONPATH": place}
            command = [sys.executable, "-m", "seqgen", "translate", "-m", str(RUN), "-q"]
            began = time.perf_counter()
            subprocess.run(command, input=b"The sailor sings.\n", stdout=subprocess.DEVNULL, check=True, env=env)
            if number:
                taken[case].append(time.perf_counter() - began)
    rows = [
        (
            case,
            f"{statistics.median(values):.3f}",
            f"{statistics.median(values) / statistics.median(taken['this version']):.2f}",
        )
        for case, values in taken.items()
    ]
    table(("`translate` of one line", "seconds", "ratio"), rows)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--read", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--megabytes", type=int, default=1_000, help="size of the large TMX")
    parser.add_argument("--units", type=int, default=2_000, help="units with spans, over all formats")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--before", default="", help="a checkout of another version, to compare the start with")
    arguments = parser.parse_args()
    if arguments.read:
        read(arguments.read)
        return
    header("Files of the trade")
    tmx(arguments.megabytes)
    round_trips()
    kept(arguments.units)
    first_line(arguments.rounds, arguments.before)


if __name__ == "__main__":
    main()
