"""Against JoeyNMT 2.3, the teaching toolkit: training and translation speed at the same shape, in turns.

JoeyNMT pins old libraries, so it gets a virtual environment of its own, without the half of its requirements that only
its plots and tests use:

    python -m venv joey
    joey/bin/python -m pip install torch==2.13.0 sentencepiece==0.2.0 numpy sacrebleu subword-nmt tensorboard matplotlib \
pyyaml packaging tqdm importlib_metadata
    joey/bin/python -m pip install --no-deps joeynmt==2.3.0
    python benchmarks/translation_joeynmt.py --joeynmt joey/bin/python

Both train 4 + 4 layers of 128 with a tied joint SentencePiece vocabulary on Multi30k, in batches of so many tokens, padding
included, as each of them makes batches. Training speed is what JoeyNMT logs, without its first entry of five; ours is taken
behind as many steps. Translation is its "Generation took", without start and loading; ours is from text to text in a process
that has the model.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from report import data_file, header, table
from translation_common import (
    SHAPE,
    in_turns,
    lines,
    medians,
    multi30k_pairs,
    read_lines,
    seconds,
    shape_options,
    train_multi30k,
    write_lines,
)
from translation_train_speed import Loop, our_loop, task_of

from seqgen.decode.translator import TranslateOptions
from seqgen.opening import line_translator, longest_translation, open_translator
from seqgen.run import Run
from seqgen.translation.lines import LineTranslator

DROPOUT, SMOOTHING, RATE = 0.15, 0.1, 0.003
THREADS = (1, 2)
NEVER = 10**6


@dataclass
class Joey:
    """JoeyNMT in its own environment, with what it makes in a folder of ours."""

    python: Path
    folder: Path
    vocab: int
    max_tokens: int
    test_lines: int

    def prepare(self) -> None:
        """The joint vocabulary, made as JoeyNMT's own script makes it, and what is to be translated."""
        from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

        sides = ",".join(str(data_file(f"multi30k/train.{side}")) for side in ("en", "de"))
        SentencePieceTrainer.train(
            input=sides, model_prefix=str(self.folder / "pieces"), model_type="bpe", vocab_size=self.vocab,
            character_coverage=1.0, unk_id=0, pad_id=1, bos_id=2, eos_id=3, minloglevel=2,
        )  # fmt: skip
        self.pieces = SentencePieceProcessor(model_file=str(self.folder / "pieces.model"))
        names = (self.pieces.id_to_piece(id_) for id_ in range(len(self.pieces)))
        write_lines(self.folder / "pieces.txt", list(names))
        for side in ("en", "de"):
            write_lines(self.folder / f"test.{side}", lines(f"multi30k/test_2016_flickr.{side}")[: self.test_lines])

    def run(self, mode: str, name: str, threads: int, *, updates: int = 1, minutes: float = 0, logging: int = 20) -> str:
        """Run one mode of it with a configuration; return its log. After some minutes it is told to save and stop."""
        config = self.folder / f"{name}.{mode}.yaml"
        # JSON is YAML.
        config.write_text(json.dumps(self._config(name, mode, NEVER if minutes else updates, logging)), encoding="utf-8")
        command = [str(self.python), "-m", "joeynmt", mode, str(config)]
        command += ["--skip-test"] if mode == "train" else ["-o", str(self.folder / f"{name}.out")]
        # Its checkpoints hold more than weights, which newer versions of torch refuse to read by default.
        environment = os.environ | {"OMP_NUM_THREADS": str(threads), "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"}
        said = self.folder / f"{name}.{mode}.log"
        # A shell's background jobs ignore Ctrl-C, and so would what they start.
        heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        with (
            said.open("wb") as log,
            subprocess.Popen(command, stdout=log, stderr=log, env=environment, preexec_fn=heed) as process,
        ):
            if minutes:
                while "EPOCH 1" not in said.read_text(encoding="utf-8") and process.poll() is None:
                    time.sleep(0.5)
                time.sleep(60 * minutes)
                process.send_signal(signal.SIGINT)
        text = said.read_text(encoding="utf-8")
        if process.returncode:
            raise SystemExit(f"JoeyNMT ended with {process.returncode}:\n{text[-3000:]}")
        return text

    def train_rate(self, threads: int, updates: int) -> float:
        """Target tokens a second, as it logs them."""
        log = self.run("train", "speed", threads, updates=updates, logging=max(1, updates // 5))
        return statistics.median(float(found) for found in re.findall(r"Tokens per Sec:\s*(\d+)", log)[1:])

    def translate_rate(self, threads: int) -> float:
        """Sentences a second, as it logs them."""
        log = self.run("test", "long", threads)
        found = re.search(r"Generation took ([0-9.]+)\[sec\]", log)
        assert found, log[-2000:]
        return len(self.hypotheses()) / float(found[1])

    def hypotheses(self) -> list[str]:
        """What it wrote last."""
        return read_lines(self.folder / "long.out.test")

    def tokens(self, texts: list[str]) -> int:
        """Tokens of texts in the common vocabulary, ends included."""
        return sum(len(ids) + 1 for ids in self.pieces.encode(texts))

    def _config(self, name: str, mode: str, updates: int, logging: int) -> dict:
        side = {"level": "bpe", "tokenizer_type": "sentencepiece", "voc_file": str(self.folder / "pieces.txt"),
                "tokenizer_cfg": {"model_file": str(self.folder / "pieces.model")}}  # fmt: skip
        stack = {"type": "transformer", "num_heads": SHAPE["heads"], "hidden_size": SHAPE["hidden"], "ff_size": SHAPE["ffn"],
                 "embeddings": {"embedding_dim": SHAPE["hidden"], "scale": True}, "dropout": DROPOUT,
                 "layer_norm": "pre"}  # fmt: skip
        files = {"test": str(self.folder / "test")}
        if mode == "train":
            files = {
                name: str(data_file(f"multi30k/{file}.en").with_suffix(""))
                for name, file in (("train", "train"), ("dev", "val"))
            }
        return {
            "name": name, "joeynmt_version": "2.3.0", "model_dir": str(self.folder / name), "use_cuda": False, "random_seed": 1,
            "data": {**files, "dataset_type": "plain", "src": {"lang": "en", **side}, "trg": {"lang": "de", **side},
                     "special_symbols": {"unk_id": 0, "pad_id": 1, "bos_id": 2, "eos_id": 3}},
            "testing": {"beam_size": 5, "beam_alpha": 1.0, "batch_size": 64, "batch_type": "sentence", "eval_metrics": []},
            "training": {"optimizer": "adamw", "adam_betas": [0.9, 0.98], "learning_rate": RATE, "learning_rate_min": 0.0,
                         "scheduling": "warmupinversesquareroot", "learning_rate_warmup": 100, "clip_grad_norm": 1.0,
                         "normalization": "tokens", "label_smoothing": SMOOTHING, "batch_size": self.max_tokens,
                         "batch_type": "token", "epochs": NEVER, "updates": updates, "logging_freq": logging,
                         "validation_freq": logging * NEVER, "overwrite": True, "keep_best_ckpts": 1},
            "model": {"initializer": "xavier_uniform", "embed_initializer": "xavier_uniform", "bias_initializer": "zeros",
                      "tied_embeddings": True, "tied_softmax": True,
                      "encoder": {**stack, "num_layers": SHAPE["layers"]},
                      "decoder": {**stack, "num_layers": SHAPE["decoder_layers"]}},
        }  # fmt: skip


def warm_rate(loop: Loop, threads: int, updates: int) -> float:
    """Target tokens a second of our loop, its first steps left out like JoeyNMT's."""
    loop.rate(threads, updates // 5)
    return loop.rate(threads, updates // 2)


def training(joey: Joey, rounds: int, updates: int) -> int:
    """Target tokens a second in turns; return the better number of threads for JoeyNMT."""
    cases = {("JoeyNMT 2.3, fp32", threads): partial(joey.train_rate, threads, updates) for threads in THREADS}
    pairs, vocab = multi30k_pairs(joey.vocab)
    for precision in ("fp32", "bf16"):
        loop = our_loop(task_of(pairs, vocab, precision, joey.max_tokens, DROPOUT))
        cases |= {(f"seqgen {precision}", threads): partial(warm_rate, loop, threads, updates) for threads in THREADS}
    found = medians(in_turns(cases, rounds, warm_up=False))
    best = {name: max(found[name, threads] for threads in THREADS) for name, _ in cases}
    base = next(iter(best))
    rows = [[n, *(f"{found[n, threads]:,.0f}" for threads in THREADS), f"{v / best[base]:.2f} x"] for n, v in best.items()]
    table(["training", *(f"target tokens/s, {t} thread(s)" for t in THREADS), "best, against JoeyNMT"], rows)
    return max(THREADS, key=lambda threads: found[base, threads])


def translating(joey: Joey, run: Run, rounds: int, threads: int) -> None:
    """Sentences and target tokens a second in turns, beam 5."""
    content = read_lines(joey.folder / "test.en")
    texts: dict[str, list[str]] = {}

    def ours(name: str, translator: LineTranslator) -> float:
        taken = seconds(lambda: texts.update({name: [found.text for found in translator.translate(content)]}))
        return len(content) / taken

    base = f"JoeyNMT 2.3, {threads} thread(s)"
    cases = {base: partial(joey.translate_rate, threads)}
    options = TranslateOptions(beam_size=5, max_length=longest_translation(run))
    for precision in ("float32", "int8"):
        translator = line_translator(run, open_translator(run, precision=precision, threads=2), options)
        translator.translate(content[:50])
        cases[f"seqgen {precision}"] = partial(ours, f"seqgen {precision}", translator)
    found = medians(in_turns(cases, rounds, warm_up=False))
    texts[base] = joey.hypotheses()
    lengths = {name: joey.tokens(texts[name]) / len(texts[name]) for name in cases}
    rows = []
    for name, speed in found.items():
        tokens, theirs = speed * lengths[name], found[base] * lengths[base]
        rows.append([name, f"{speed:,.1f}", f"{speed / found[base]:.1f} x", f"{lengths[name]:.1f}", f"{tokens:,.0f}",
                     f"{tokens / theirs:.1f} x"])  # fmt: skip
    columns = ["beam 5", "sentences/s", "against JoeyNMT", "tokens a translation, on average", "tokens/s", "against JoeyNMT"]
    table(columns, rows)


def main() -> None:
    """Train and translate in turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--joeynmt", type=Path, required=True, metavar="PYTHON", help="of its virtual environment")
    parser.add_argument("--run", type=Path, help="a run of 4 + 4 x 128 to translate with; else one is trained as long")
    parser.add_argument("--folder", type=Path, help="keep what both have learnt here, and take it from here the next time")
    parser.add_argument("--parts", nargs="+", choices=["training", "translating"], default=["training", "translating"])
    parser.add_argument("--joey-minutes", type=float, default=3, help="of training before it translates")
    parser.add_argument("--lines", type=int, default=1_000, help="to translate")
    parser.add_argument("--vocab-size", type=int, default=4_000)
    parser.add_argument("--max-tokens", type=int, default=1_500)
    parser.add_argument("--updates", type=int, default=100, help="of a measurement")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    header(f"Against JoeyNMT: 4 + 4 x 128, {arguments.vocab_size:,} pieces, batches of {arguments.max_tokens:,} tokens")
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.folder or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        joey = Joey(arguments.joeynmt.absolute(), folder, arguments.vocab_size, arguments.max_tokens, arguments.lines)
        joey.prepare()
        threads = THREADS[-1]
        if "training" in arguments.parts:
            threads = training(joey, arguments.rounds, arguments.updates)
        if "translating" not in arguments.parts:
            return
        if not list((folder / "long").glob("*.ckpt")):
            joey.run("train", "long", threads, minutes=arguments.joey_minutes)
        path = arguments.run or folder / "run"
        if not path.is_dir():
            options = ["--vocab-size", arguments.vocab_size, "--max-tokens", arguments.max_tokens, "--dropout", DROPOUT,
                       "--minutes", arguments.joey_minutes]  # fmt: skip
            train_multi30k(path, [*shape_options(), *map(str, options)])
        translating(joey, Run(path), arguments.rounds, threads)


if __name__ == "__main__":
    main()
