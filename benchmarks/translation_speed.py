"""Speed of `seqgen translate` with a run: whole files, thread layouts, start-up. For pipes see translation_stream.py.

    python benchmarks/translation_speed.py --run checkpoints/multi30k
    python benchmarks/translation_speed.py --run checkpoints/multi30k --parts layouts start

The baseline for files is a script of a few lines that only calls SentencePiece and CTranslate2, on the same model.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from report import header, table
from translation_common import SEQGEN, distinct, in_turns, lines, medians, read_lines, seconds, write_lines

from seqgen.opening import open_translator
from seqgen.run import Run
from seqgen.tokenizers.base import EOS

BARE = f"""
import sys, sentencepiece, ctranslate2
engine, pieces, source, target, precision, beam = sys.argv[1:]
pieces = sentencepiece.SentencePieceProcessor(model_file=pieces)
lines = open(source, encoding="utf-8").read().removesuffix("\\n").split("\\n")
tokens = [[*map(str, ids), "{EOS}"] for ids in pieces.encode([" " + line for line in lines])]
translator = ctranslate2.Translator(engine, compute_type=precision, inter_threads=2, intra_threads=1)
results = translator.translate_batch(tokens, beam_size=int(beam), max_batch_size=32)
texts = pieces.decode([list(map(int, result.hypotheses[0])) for result in results])
open(target, "w", encoding="utf-8").writelines(text.removeprefix(" ") + "\\n" for text in texts)
"""


def engine_of(run: Path) -> Path:
    """The folder of a run's converted model."""
    open_translator(Run(run))
    return next(folder for folder in (run / "engine").iterdir() if (folder / "model.bin").is_file())


def files(run: Path, arguments: argparse.Namespace) -> None:
    """Whole processes on a file of distinct lines, in turns."""
    content = distinct(lines("multi30k/train.en"), arguments.file_lines)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        source, ours, bare = (Path(folder) / name for name in ("source", "ours", "bare"))
        write_lines(source, content)
        engine, pieces = engine_of(run), run / "tokenizer.model"
        for beam, precision in ((5, "float32"), (5, "int8"), (1, "float32"), (1, "int8")):

            def translate(beam: int = beam, precision: str = precision) -> None:
                command = [*SEQGEN, "translate", "-q", "-m", run, source, "-b", beam, "--precision", precision]
                with ours.open("wb") as out:
                    subprocess.run(list(map(str, command)), stdout=out, check=True)

            command = [sys.executable, "-c", BARE, engine, pieces, source, bare, precision, beam]
            cases = {
                "seqgen translate": partial(seconds, translate),
                "bare": partial(seconds, partial(subprocess.run, list(map(str, command)), check=True)),
            }
            found = medians(in_turns(cases, arguments.rounds))
            same = sum(a == b for a, b in zip(read_lines(ours), read_lines(bare), strict=True))
            speeds = [len(content) / found[name] for name in cases]
            rows.append([f"beam {beam}, {precision}", *(f"{s:,.0f}" for s in speeds), f"{speeds[0] / speeds[1]:.2f} x",
                         f"{same:,} of {len(content):,}"])  # fmt: skip
            print(f"{rows[-1]}", file=sys.stderr)
    table(["whole processes", "seqgen translate, sentences/s", "bare script", "ratio", "same lines"], rows)


def layouts(run: Path, arguments: argparse.Namespace) -> None:
    """Workers x threads of CTranslate2, in one process, in turns."""
    import ctranslate2

    content = lines("multi30k/test_2016_flickr.en")
    sources = [[*map(str, ids.tolist()), str(EOS)] for ids in Run(run).tokenizer().encode_all(content)]
    cases: dict[tuple[str, str], Callable[[], float]] = {}
    names = ["1 x 1", "1 x 2", "2 x 1"]
    for precision in ("float32", "int8"):
        for name in names:
            workers, threads = map(int, name.split(" x "))
            translator = ctranslate2.Translator(
                str(engine_of(run)), compute_type=precision, inter_threads=workers, intra_threads=threads
            )
            for beam in (1, 5):
                work = partial(translator.translate_batch, sources, beam_size=beam, max_batch_size=32)
                cases[f"beam {beam}, {precision}", name] = lambda work=work: len(content) / seconds(work)
    found = medians(in_turns(cases, arguments.rounds))
    rows = [[case, *(f"{found[case, name]:,.0f}" for name in names)] for case in dict.fromkeys(case for case, _ in cases)]
    table(["sentences/s, workers x threads", *names], rows)


def start(run: Path, arguments: argparse.Namespace) -> None:
    """Process start to the first line, one line being piped, against importing torch."""
    line = lines("multi30k/test_2016_flickr.en")[0] + "\n"

    def wait(command: list[str], first_line: bool) -> float:
        begin = time.perf_counter()
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
            assert process.stdin and process.stdout
            if first_line:
                process.stdin.write(line)
            process.stdin.close()
            found = process.stdout.readline()
            taken = time.perf_counter() - begin if first_line else 0.0
            process.wait()
            assert not first_line or found.strip()
        return taken or time.perf_counter() - begin

    translate = [*SEQGEN, "translate", "-q", "-m", str(run)]
    cases = {
        'python -c "import torch"': partial(wait, [sys.executable, "-c", "import torch"], False),
        "seqgen translate -b 5, to the first line": partial(wait, [*translate, "-b", "5"], True),
        "seqgen translate -b 1, to the first line": partial(wait, [*translate, "-b", "1"], True),
        "python -c pass": partial(wait, [sys.executable, "-c", "pass"], False),
    }
    taken = in_turns(cases, arguments.rounds)
    found = medians(taken)
    base = next(iter(found.values()))
    rows = [[case, f"{value:.3f}", f"{min(taken[case]):.3f}", f"{value / base:.2f} x"] for case, value in found.items()]
    table(["what", "seconds, median", "least", "against importing torch"], rows)


PARTS: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "files": files, "layouts": layouts, "start": start
}  # fmt: skip


def main() -> None:
    """Measure part after part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--parts", nargs="+", choices=[*PARTS], default=[*PARTS])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--file-lines", type=int, default=5_000, help="of the part files")
    arguments = parser.parse_args()
    header(f"Speed of translation: {Run(arguments.run).info.name}")
    engine_of(arguments.run)
    for part in arguments.parts:
        PARTS[part](arguments.run, arguments)


if __name__ == "__main__":
    main()
