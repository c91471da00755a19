"""How well translation is learnt in so many minutes: the embedded toy corpora, and Multi30k English-German.

    python benchmarks/translation_quality.py --toys
    python benchmarks/translation_quality.py --multi30k 20

Multi30k's test_2016_flickr is scored in two ways. Cased BLEU by sacreBLEU, of translations as they are. And, to compare
with what has been published, BLEU of translations lower-cased, normalised and tokenised as the data set's own reference
was made by Moses' scripts; for this install sacremoses: pip install sacremoses.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from report import data_file, header, table
from sacrebleu.metrics import BLEU
from translation_common import SEQGEN, lines, read_lines, train_multi30k

from seqgen.metrics.overlap import corpus_scores
from seqgen.run import Run

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
TOYS = ("english-french", "english-korean")
TEST = "multi30k/test_2016_flickr"


def toys(folder: Path, minutes: float, seeds: int) -> None:
    """Train on each embedded corpus of pairs, evaluate on its held-out part."""
    rows = []
    for name in TOYS:
        for seed in range(1, seeds + 1):
            run = folder / f"{name}.{seed}"
            options = ["-o", str(run), "--minutes", str(minutes), "--seed", str(seed), "--quiet"]
            begin = time.perf_counter()
            subprocess.run([*SEQGEN, "train", str(CORPORA / f"{name}.train.tsv"), *options], check=True)
            taken = time.perf_counter() - begin
            command = [*SEQGEN, "evaluate", "-m", str(run), str(CORPORA / f"{name}.heldout.tsv"), "--json"]
            found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            rows.append([name, seed, f"{found['bleu']:.2f}", f"{found['chrf']:.2f}", f"{found['nats_per_token']:.4f}",
                         f"{found['pairs']:,}", f"{taken:.1f} of {60 * minutes:.0f}", Run(run).info.plan])  # fmt: skip
            print(f"{name}, seed {seed}: BLEU {found['bleu']:.2f}, {taken:.1f} s", file=sys.stderr)
    columns = ["corpus", "seed", "BLEU, held-out", "chrF", "nats a token", "pairs", "seconds of the budget", "plan"]
    table(columns, rows)
    print(f"{found['signatures']['BLEU']}, beam 5\n")


def moses() -> Callable[[str], str] | None:
    """Lower-case, normalise and tokenise German as the data set's script does; None without sacremoses."""
    try:
        from sacremoses import MosesPunctNormalizer, MosesTokenizer
    except ImportError:
        return None
    normaliser, tokenizer = MosesPunctNormalizer("de", perl_parity=True), MosesTokenizer("de")
    return lambda line: tokenizer.tokenize(
        normaliser.normalize(line.lower()), aggressive_dash_splits=False, escape=True, return_str=True
    )


def multi30k(folder: Path, minutes: float, seeds: int) -> None:
    """Train, translate the test set greedily and with a beam, score in both ways."""
    runs = []
    for seed in range(1, seeds + 1):
        runs.append(folder / f"multi30k.{seed}")
        taken = train_multi30k(runs[-1], ["--minutes", str(minutes), "--seed", str(seed)])
        run = Run(runs[-1])
        print(f"seed {seed}: {taken:.1f} s of {60 * minutes:.0f}, {run.info.step:,} steps; {run.info.plan}  ", flush=True)
    print()
    score_multi30k(runs)


def score_multi30k(runs: list[Path]) -> None:
    """BLEU and chrF of runs on test_2016_flickr."""
    references, prepared, prepare = lines(f"{TEST}.de"), lines(f"{TEST}.lc.norm.tok.de"), moses()
    if prepare:
        same = sum(prepare(line) == reference for line, reference in zip(references, prepared, strict=True))
        print(f"the raw reference, prepared here, is the prepared one in {same:,} of {len(prepared):,} lines\n")
    else:
        print("no BLEU as published: sacremoses is missing (pip install sacremoses)\n")
    rows, signatures = [], {}
    for run in runs:
        for beam in (1, 5):
            for precision in ("float32", "int8"):
                found = translated(run, beam, precision)
                scores = {s.metric: s for s in corpus_scores(found, references, metrics=("BLEU", "chrF"))}
                signatures |= {f"{name}, cased": score.signature for name, score in scores.items()}
                published = "-"
                if prepare:
                    # force: it is meant that the texts are tokenised already.
                    bleu = BLEU(tokenize="none", force=True)
                    published = f"{bleu.corpus_score([prepare(line) for line in found], [prepared]).score:.2f}"
                    signatures["BLEU, lower-cased, Moses"] = str(bleu.get_signature())
                words = sum(len(line.split()) for line in found) / sum(len(line.split()) for line in references)
                figures = [f"{scores['BLEU'].value:.2f}", published, f"{scores['chrF'].value:.2f}", f"{words:.3f}"]
                rows.append([run.name, beam, precision, *figures])
    columns = ["run", "beam", "precision", "BLEU, cased, 13a", "BLEU, lower-cased, Moses", "chrF", "words, of the reference's"]
    table(columns, rows)
    print("  \n".join(f"{name}: {signature}" for name, signature in signatures.items()) + "\n")


def translated(run: Path, beam: int, precision: str) -> list[str]:
    """What `seqgen translate` makes of the test set."""
    source = data_file(f"{TEST}.en")
    command = [*SEQGEN, "translate", "-q", "-m", str(run), str(source), "-b", str(beam), "--precision", precision]
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(command, stdout=out, check=True)
        return read_lines(Path(out.name))


def main() -> None:
    """Train, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--toys", action="store_true", help="train on the embedded corpora")
    parser.add_argument("--minutes", type=float, default=3, help="for each of --toys")
    parser.add_argument("--multi30k", type=float, metavar="MINUTES", help="train on Multi30k")
    parser.add_argument("--run", type=Path, nargs="+", help="score runs that have been trained on Multi30k")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the runs there")
    arguments = parser.parse_args()
    if not (arguments.toys or arguments.multi30k or arguments.run):
        parser.error("name --toys, --multi30k MINUTES or --run")
    header("Quality of translation")
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        if arguments.toys:
            toys(folder, arguments.minutes, arguments.seeds)
        if arguments.multi30k:
            multi30k(folder, arguments.multi30k, arguments.seeds)
        if arguments.run:
            score_multi30k(arguments.run)


if __name__ == "__main__":
    main()
