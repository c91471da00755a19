"""Make the runs of this folder again, with seqgen 0.3.0 and no other: they stand for what users have on their disks.

    cd tests/compat && python make.py        rewrites corpora/, runs/ and expected.json

Every run has a seed and a budget in steps, so that it comes out alike but for its times; those with a budget in minutes
do not, and have been kept small by a few seconds. What the runs say is recorded in expected.json, greedily.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
RUNS = HERE / "runs"
VERSION = "0.3.0"

POEM = """The rain began at six o'clock,
the rain went on till nine;
it drummed upon the kitchen clock
and on the washing line.

"Who left the washing out?" said Ann.
"Not I," said Ben, "not I."
"Then bring it in," said Ann to Ben,
"before the end of July."
"""
WORDS = "zero one two three four five six seven eight nine".split()
SENTENCES = "1 2 3\n\n7 0 7 9\n5 5 5\n"

NETWORK = ["--hidden", "8", "--embedding", "6", "--layers", "1", "--batch-size", "4", "--bptt", "24", "--threads", "1"]
PAIRS = ["--layers", "1", "--hidden", "16", "--heads", "2", "--ffn", "16", "--max-tokens", "400", "--lr", "0.02",
         "--dropout", "0", "--threads", "1"]  # fmt: skip
TEXT_FILE, PAIR_FILE = "corpora/poem.txt", "corpora/digits.tsv"
LSTM = [TEXT_FILE, "--arch", "lstm"]
TWO_FILES = ["--src", "corpora/digits.src", "--tgt", "corpora/digits.tgt"]

# name -> options of `seqgen train`, one list a sitting.
SITTINGS: dict[str, list[list[str]]] = {
    "markov": [[TEXT_FILE, "--arch", "markov", "--order", "4"]],
    "markov-byte": [[TEXT_FILE, "--arch", "markov", "--tokenizer", "byte", "--order", "3"]],
    "rnn": [[TEXT_FILE, "--arch", "rnn", "--input", "one-hot", "--nonlinearity", "relu", "--steps", "40", "--hidden", "8",
             "--layers", "1", "--batch-size", "4", "--bptt", "24", "--threads", "1"]],
    "gru": [[TEXT_FILE, "--arch", "gru", "--steps", "40", "--no-keep-text", *NETWORK]],
    "lstm": [[TEXT_FILE, "--arch", "lstm", "--steps", "40", "--dropout", "0.2", "--accumulate", "2", "--average", "0.9",
              *NETWORK]],
    "lstm-byte": [[TEXT_FILE, "--arch", "lstm", "--tokenizer", "byte", "--steps", "40", "--no-keep-text", *NETWORK]],
    "hybrid": [[TEXT_FILE, "--order", "3", "--steps", "40", *NETWORK]],
    "hybrid-valid": [[TEXT_FILE, "--order", "2", "--valid", "corpora/held-out.txt", "--steps", "40", *NETWORK]],
    "pieces": [[PAIR_FILE, "--vocab-size", "320", "--steps", "250", *PAIRS]],
    "chars": [[PAIR_FILE, "--tokenizer", "char", "--steps", "250", *PAIRS]],
    "reversed": [[*TWO_FILES, "--reverse", "--tokenizer", "char", "--norm", "post", "--steps", "60", *PAIRS]],
    "unfinished": [[TEXT_FILE, "--order", "3", "--steps", "60", *NETWORK]],
    "unfinished-pairs": [[PAIR_FILE, "--tokenizer", "char", "--steps", "250", *PAIRS]],
    # The budget changes its kind: 0.3.0 notes both as given, and then refuses to read what it has written.
    "steps-to-minutes": [[*LSTM, "--steps", "40", *NETWORK], [*LSTM, "--minutes", "0.1"]],
    "epochs-to-minutes": [[*LSTM, "--epochs", "2", *NETWORK], [*LSTM, "--minutes", "0.1"]],
    "minutes-to-steps": [[*LSTM, "--minutes", "0.08", *NETWORK], [*LSTM, "--steps", "100000"]],
}  # fmt: skip
# After how many steps Ctrl-C is pressed, in the last sitting.
STOPPED = {"unfinished": 25, "unfinished-pairs": 200, "minutes-to-steps": None}
# What they need to go on is left out of the others to keep the folder small.
WITH_STATE = {"lstm", "unfinished", "unfinished-pairs", "steps-to-minutes", "minutes-to-steps"}

# Runs `seqgen train` and presses Ctrl-C after so many steps, or before the first one of this sitting.
STOPPER = """
import os, signal, sys
from seqgen.cli import main
from seqgen.training.schedule import Schedule
after, left = Schedule.validation_due, int(sys.argv[1])
def counted(self, step):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGINT)
    return after(self, step)
Schedule.validation_due = counted
main(sys.argv[2:])
"""


def write_corpora() -> None:
    """The texts and pairs, small enough to be kept."""
    folder = HERE / "corpora"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "poem.txt").write_text(POEM * 4, encoding="utf-8")
    (folder / "held-out.txt").write_text(POEM.replace("rain", "snow") * 2, encoding="utf-8")
    (folder / "sentences.txt").write_text(SENTENCES, encoding="utf-8")
    rng = random.Random(1)
    pairs: dict[str, str] = {}
    while len(pairs) < 150:
        row = [rng.randrange(10) for _ in range(rng.choice((2, 3, 4)))]
        pairs[" ".join(map(str, row))] = " ".join(WORDS[digit] for digit in row)
    (folder / "digits.tsv").write_text("".join(f"{s}\t{t}\n" for s, t in pairs.items()), encoding="utf-8")
    (folder / "digits.src").write_text("".join(f"{s}\n" for s in pairs), encoding="utf-8")
    (folder / "digits.tgt").write_text("".join(f"{t}\n" for t in pairs.values()), encoding="utf-8")


def run(command: list[str], expected: int = 0) -> str:
    """Run a command in this folder; return its output."""
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
    if done.returncode != expected:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def train(name: str) -> None:
    """Make one run, in all its sittings."""
    sittings = SITTINGS[name]
    for number, options in enumerate(sittings, start=1):
        arguments = ["train", "-o", f"runs/{name}", "--quiet", *options]
        if name in STOPPED and number == len(sittings):
            run([sys.executable, "-c", STOPPER, str(STOPPED[name] or 20), *arguments], expected=130)
        else:
            run([sys.executable, "-m", "seqgen", *arguments])
    (RUNS / name / "lock").unlink(missing_ok=True)
    shutil.rmtree(RUNS / name / "engine", ignore_errors=True)
    if name not in WITH_STATE:
        (RUNS / name / "state.safetensors").unlink(missing_ok=True)


def record(name: str) -> dict[str, object]:
    """What a run says; one that 0.3.0 cannot read is read from a copy in which only its last budget is noted as given."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / name
        shutil.copytree(RUNS / name, copy)
        content = json.loads((copy / "config.json").read_text(encoding="utf-8"))
        for budget in ("minutes", "steps", "epochs"):
            if content["settings"][budget]["value"] is None:
                content["settings"][budget]["by"] = "default"
        (copy / "config.json").write_text(json.dumps(content), encoding="utf-8")
        seqgen = [sys.executable, "-m", "seqgen"]
        said: dict[str, object] = {field: content[field] for field in ("kind", "step", "vocab_size")}
        said["finished"] = content["finished"] is not None
        if content["kind"] == "language":
            said["generate"] = run([*seqgen, "generate", "-m", str(copy), "--greedy", "-n", "60", "-p", "The rain"])
            said["evaluate"] = json.loads(run([*seqgen, "evaluate", "-m", str(copy), "--json", "corpora/held-out.txt"]))
        else:
            said["translate"] = run([*seqgen, "translate", "-m", str(copy), "--precision", "float32", "corpora/sentences.txt"])
            files = TWO_FILES if name == "reversed" else [PAIR_FILE]
            options = ["--precision", "float32", "--json", *files]
            said["evaluate"] = json.loads(run([*seqgen, "evaluate", "-m", str(copy), *options]))
    return said


def main() -> None:
    """Everything anew."""
    import seqgen

    if seqgen.__version__ != VERSION:
        sys.exit(f"these are runs of seqgen {VERSION}, found {seqgen.__version__}")
    write_corpora()
    shutil.rmtree(RUNS, ignore_errors=True)
    expected = {}
    for name in SITTINGS:
        train(name)
        expected[name] = record(name)
        print(f"{name}: {sum(path.stat().st_size for path in (RUNS / name).rglob('*')) // 1000} KB")
    text = json.dumps(expected, indent=1, ensure_ascii=False)
    (HERE / "expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    os.environ["PYTHONHASHSEED"] = "0"
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
