"""What a new run learns where no name says it: pairs are never learnt as a text without a word."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from seqgen.cli import main
from seqgen.formats import FORMATS
from seqgen.run import Run

ROWS = [(f"Sentence number {n}", f"Phrase numéro {n}") for n in range(20)]
TSV = "".join(f"{source}\t{target}\n" for source, target in ROWS)
JSONL = "".join(json.dumps({"source": source, "target": target}) + "\n" for source, target in ROWS)
TEXTS = "".join(json.dumps({"text": source, "id": 3}) + "\n" for source, _ in ROWS)
SMALL = ["--steps", "1", "--layers", "1", "--hidden", "8", "--ffn", "8", "--heads", "1", "--tokenizer", "char"]
PO = '# A header\nmsgid ""\nmsgstr ""\n"Language: ko\\n"\n\nmsgid "Hello"\nmsgstr "안녕"\n\nmsgid "Bye"\nmsgstr "잘 가"\n'
SRT = "1\n00:00:01,000 --> 00:00:02,000\nHello there.\n\n2\n00:00:03,000 --> 00:00:04,000\nBye.\n"
Said = Callable[..., tuple[int, str]]


@pytest.fixture
def train(capsys: pytest.CaptureFixture[str]) -> Said:
    """`seqgen train` in this process: its exit status and what it said."""

    def run(*words: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as done:
            main(["train", *map(str, words)])
        assert isinstance(done.value.code, int)
        return done.value.code, capsys.readouterr().err

    return run


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def as_csv(delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([*ROWS, ("Well, yes", 'He said "oui"; twice')])
    return out.getvalue()


@pytest.mark.parametrize("text", [TSV, JSONL, "\ufeff" + TSV.replace("\n", "\r\n")], ids=["tsv", "jsonl", "dos"])
def test_what_looks_like_pairs_is_read_as_pairs_and_goes_on(text: str, tmp_path: Path, train: Said) -> None:
    path, run = written(tmp_path / "a.txt", text), tmp_path / "run"
    status, said = train(path, "-o", run, *SMALL)
    assert status == 0 and "is read as pairs; --task language learns it as it is" in said
    assert Run(run).info.kind == "translation" and Run(run).info.corpus["train"] == len(ROWS)
    status, said = train(path, "-o", run, "--steps", 2)
    assert status == 0 and Run(run).info.step == 2, said


def test_who_insists_gets_a_language_model_that_goes_on(tmp_path: Path, train: Said) -> None:
    path, run = written(tmp_path / "a.txt", TSV), tmp_path / "run"
    small = ["--arch", "lstm", "--hidden", 8, "--batch-size", 2, "--bptt", 8]
    status, said = train(path, "-o", run, *small, "--steps", 1)
    assert status == 1 and "--arch lstm learns texts, but" in said and "add --task language" in said
    assert train(path, "-o", run, *small, "--steps", 1, "--task", "language")[0] == 0
    status, said = train(path, "-o", run, "--steps", 2)
    assert status == 0 and Run(run).info.kind == "language" and Run(run).info.step == 2, said


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (as_csv(","), "CSV"),
        (as_csv(";"), "CSV"),
        (TEXTS, "JSON lines"),
        ("[" + JSONL.strip().replace("\n", ",").replace("source", "en").replace("target", "de") + "]", "a list in JSON"),
        (PO, "a PO catalogue"),
        (SRT, "SRT subtitles"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHello there.\n\n00:03.000 --> 00:04.000\nBye.\n", "WebVTT"),
        ('<?xml version="1.0"?>\n<!DOCTYPE tmx SYSTEM "tmx11.dtd">\n<tmx version="1.1">', "TMX"),
        ('<?xml version="1.0"?>\n<!-- x -->\n<xliff version="1.2">', "XLIFF"),
        ("".join(f"{n}\t{n * n}\n" for n in range(20)), "a table"),
    ],
)  # fmt: skip
def test_what_has_no_reader_is_said_and_the_hint_helps(text: str, what: str, tmp_path: Path, train: Said) -> None:
    path, run = written(tmp_path / "a b.txt", text), tmp_path / "run"
    status, said = train(path, "-o", run, "--arch", "markov")
    assert status == 1 and f"this looks like {what}" in said and said.count("\n") == 2 and not run.exists()
    command = said.partition(": ")[2].partition("hint: ")[2].rstrip("\n").removesuffix("; --task language learns it as it is")
    if found := re.match(r"--format (\w+) reads it", command):
        kind = SMALL if FORMATS[found[1]].kind == "pairs" else ["--arch", "markov"]
        status, said = train(path, "-o", tmp_path / "named", "--format", found[1], *kind)
        # Of some there is no more than a beginning.
        assert "this looks like" not in said and (status == 0 or "not XML: no element found" in said)
    for start in ("as a table with tabs: ", "its texts: "):
        if command.startswith(start):
            command = command.removeprefix(start).partition("; as pairs")[0].removesuffix(" | seqgen ... -")
            done = subprocess.run(command.replace("python3", shlex.quote(sys.executable)), shell=True, capture_output=True)
            assert done.returncode == 0, done.stderr
            made = next((place for place in tmp_path.glob("a b.txt.*")), None)
            if made is not None:
                assert train(made, "-o", tmp_path / "pairs", *SMALL)[0] == 0
                count = Run(tmp_path / "pairs").info.corpus["train"]
                assert count == len(ROWS) + (what == "CSV")
            else:
                assert done.stdout.decode().split("\n")[:2] == ["Sentence number 0", "Sentence number 1"]
    assert train(path, "-o", run, "--arch", "markov", "--task", "language")[0] == 0


@pytest.mark.parametrize(
    "text",
    [
        "\tindented\n\tas code is\n" * 9,
        "Well, yes.\nNo, never.\n" * 9,
        "a = b;\nc = d;\n" * 9,
        "[1] A note.\n" * 9,
        "{x}\n{y}\n" * 9,
    ],
)
def test_a_text_is_a_text(text: str, tmp_path: Path, train: Said) -> None:
    status, said = train(written(tmp_path / "a.txt", text), "-o", tmp_path / "run", "--arch", "markov")
    assert status == 0 and "looks like" not in said


def test_texts_and_pairs_together_are_an_error(tmp_path: Path, train: Said) -> None:
    text, pairs = written(tmp_path / "a.txt", "A text.\n" * 9), written(tmp_path / "b.txt", TSV)
    assert "b.txt looks like pairs, " in train(text, pairs, "-o", tmp_path / "run")[1]
    (tmp_path / "in").mkdir()
    written(tmp_path / "in" / "b.txt", TSV)
    assert "name the files themselves" in train(tmp_path / "in", "-o", tmp_path / "run")[1]


@pytest.mark.parametrize("text", [TSV, TSV * 4_000], ids=["short", "long"])
@pytest.mark.parametrize("name", ["stdin", "pipe"])
def test_pipes_are_looked_into_and_have_one_name(name: str, text: str, tmp_path: Path, train: Said) -> None:
    """What a shell makes of "| seqgen train -" and of <(...)."""
    reading, writing = os.pipe()
    kept = os.dup(0)

    def write() -> None:
        with os.fdopen(writing, "w", encoding="utf-8") as file:
            file.write(text)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        os.dup2(reading, 0)
        given = "-" if name == "stdin" else f"/dev/fd/{reading}"
        status, said = train(given, "--runs-dir", tmp_path, "--max-size", 5, *SMALL)
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(reading)
        thread.join()
    assert status == 0 and "is read as pairs" in said, said
    assert Run(tmp_path / name).info.corpus["names"] == [name] and Run(tmp_path / name).info.corpus["train"] == len(ROWS)


def test_cleaning_that_leaves_nothing_says_why(tmp_path: Path, train: Said) -> None:
    status, said = train(written(tmp_path / "a.tsv", "same words\tsame words\n" * 9 + "empty\t\n"), "-o", tmp_path / "run")
    assert status == 1 and "found 0 of 10" in said
    assert "cleaning left out 10 of 10 pairs: 8 exact duplicates, 1 with equal sides, 1 with an empty side (--no-clean" in said


def test_a_run_reads_its_corpus_as_it_did(tmp_path: Path, train: Said) -> None:
    """Runs of older versions did not mend, and --no-clean does not: both go on with what they read."""
    dirty = tmp_path / "a.txt"
    dirty.write_bytes("a\ufeffb\r\nc\rd\n".encode() * 9)
    for options in ([], ["--no-clean"]):
        run = tmp_path / f"run{len(options)}"
        words = ["-o", run, "--arch", "lstm", "--hidden", 8, "--batch-size", 2, "--bptt", 4]
        assert train(dirty, *words, "--steps", 1, *options)[0] == 0
        assert Run(run).info.corpus["bytes"] == (10 * 9 if options else 7 * 9)
        assert train(dirty, "-o", run, "--steps", 2)[0] == 0
    # The second one as an older version would have left it.
    config = run / "config.json"
    content = json.loads(config.read_text())
    del content["corpus"]["reading"]
    content["settings"]["clean"]["value"] = True
    config.write_text(json.dumps(content))
    status, said = train(dirty, "-o", run, "--steps", 3)
    assert status == 0 and Run(run).info.step == 3, said


def test_a_transformer_learns_what_the_files_hold(train: Said, tmp_path: Path) -> None:
    """A text, or pairs; whoever names columns means pairs."""
    text, pairs = tmp_path / "book.txt", tmp_path / "pairs.dat"
    text.write_text("One line.\nAnother.\nA third.\n", encoding="utf-8")
    pairs.write_text(TSV, encoding="utf-8")
    code, said = train(text, "--arch", "transformer", "--steps", 2, "-o", tmp_path / "a")
    assert code == 0 and Run(tmp_path / "a").info.kind == "language", said
    code, said = train(text, "--arch", "transformer", "--columns", "1,2", "-o", tmp_path / "b")
    assert code == 1 and "expected 2 tab-separated columns" in said
    assert train(pairs, "--arch", "transformer", "-o", tmp_path / "b", *SMALL)[0] == 0
    assert Run(tmp_path / "b").info.kind == "translation"
