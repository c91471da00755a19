"""`seqgen check` as users run it: report, exit codes, JSON, page, what is written, and what training says by itself."""

from __future__ import annotations

import gzip
import json
import re
import shlex
from html.parser import HTMLParser
from pathlib import Path

import pytest

from seqgen.doctor.kinds import KINDS
from tests.conftest import POEM, Seqgen
from tests.doctor.made import Pair, pairs_of


def written(path: Path, pairs: list[Pair]) -> Path:
    path.write_text("".join(f"{source}\t{target}\n" for source, target in pairs), "utf-8")
    return path


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """500 pairs, 30 of them swapped, one empty, one twice, one without its placeholder."""
    pairs = pairs_of("english-french", 500)
    pairs[:30] = [(target, source) for source, target in pairs[:30]]
    pairs[40] = (pairs[40][0], "")
    pairs[50] = pairs[60]
    pairs[70] = ("Hello %s, how are you?", "Bonjour, comment allez-vous ?")
    return written(tmp_path_factory.mktemp("dirty") / "dirty pairs.tsv", pairs)


def test_the_report(seqgen: Seqgen, dirty: Path) -> None:
    done = seqgen("check", dirty, "--worst", 2)
    assert done.returncode == 1 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "dirty pairs.tsv: 500 pairs" and max(map(len, lines)) <= 80
    assert re.search(r"^with swapped sides +30 +6 % +would hurt$", done.stdout, re.M)
    assert re.search(r"^with an empty side +1 +0\.2 % +left out by training$", done.stdout, re.M)
    assert "30 pairs with swapped sides; the worst 2" in lines
    assert re.search(r"dirty pairs\.tsv:71  %s only in the source\n    Hello %s, how are you\?\n    Bonjour", done.stdout)
    assert lines[-1].startswith("Would hurt: 30 pairs with swapped sides") or lines[-2].startswith("Would hurt: 30 pairs")
    assert seqgen("check", dirty, "-q").stdout == seqgen("check", dirty).stdout


def test_numbers_add_up_and_what_is_clean_is_learnt(seqgen: Seqgen, dirty: Path, tmp_path: Path) -> None:
    folder, page = tmp_path / "new folder", tmp_path / "report.html"
    done = seqgen("check", dirty, "--json", "--write", folder, "--html", page)
    report = json.loads(done.stdout)
    assert done.returncode == 1 and report["hurts"]
    kinds = {kind["kind"]: kind for kind in report["kinds"]}
    assert kinds.keys() == {name for name, kind in KINDS.items() if kind.pairs and not kind.deep}
    assert {name: kind["count"] for name, kind in kinds.items() if kind["count"]} == {
        "empty": 1, "duplicate": 1, "swapped": 30, "placeholders": 1,
    }  # fmt: skip
    clean = (folder / "clean.tsv").read_text("utf-8").splitlines()
    removed = (folder / "removed.tsv").read_text("utf-8").splitlines()
    assert len(clean) == report["clean"] == 467 and len(removed) == 1 + 33
    rows = [line.split("\t") for line in removed[1:]]
    assert [row[0] for row in rows].count("swapped") == 30 and rows[-1][:3] == ["placeholders", "dirty pairs.tsv", "71"]
    read = dirty.read_text("utf-8").splitlines()
    assert sorted([*clean, *("\t".join(row[4:]) for row in rows)]) == sorted(read)
    assert all(read[int(row[2]) - 1] == "\t".join(row[4:]) for row in rows)
    # What it says to do next is done, and finds nothing more.
    command = shlex.split(done.stderr.splitlines()[0].partition("seqgen ")[2])
    assert command == ["train", str(folder / "clean.tsv")]
    trained = seqgen(*command, "--dry-run", "--steps", 1)
    assert trained.returncode == 0 and "seqgen check" not in trained.stderr
    again = seqgen("check", folder / "clean.tsv")
    assert again.returncode == 0 and again.stdout.rstrip().endswith("Nothing that would hurt a training was found.")
    assert seqgen("check", dirty, "--write", folder).stderr.startswith(f"error: {folder / 'clean.tsv'} is there already")
    text = page.read_text("utf-8")
    HTMLParser().feed(text)
    assert "30 pairs with swapped sides" in text and "http" not in text.replace("http://www.w3.org", "")


def test_training_says_what_would_hurt(seqgen: Seqgen, dirty: Path) -> None:
    done = seqgen("train", dirty, "--dry-run", "--steps", 1)
    found = re.search(r"^30 pairs with swapped sides among 498: .*; to see them: seqgen (.*)$", done.stderr, re.M)
    assert done.returncode == 0 and found
    assert "30 pairs with swapped sides" in seqgen(*shlex.split(found[1])).stdout


def test_two_files_of_unlike_length(seqgen: Seqgen, tmp_path: Path) -> None:
    pairs = pairs_of("english-korean", 900)
    left, right = tmp_path / "a.en", tmp_path / "a.ko"
    left.write_text("".join(f"{source}\n" for source, _ in pairs), "utf-8")
    right.write_text("".join(f"{target}\n" for _, target in pairs[:400] + pairs[401:]), "utf-8")
    trained = seqgen("train", "--src", left, "--tgt", right, "--dry-run")
    assert trained.returncode == 1 and "expected the same number" in trained.stderr
    done = seqgen(*shlex.split(trained.stderr.strip().rpartition("seqgen ")[2]))
    assert done.returncode == 1
    assert "a.en:401  its target seems to stand 1 line above" in done.stdout
    assert "".join(f"{left}has900lines,{right}has899:".split()) in "".join(done.stdout.split())


def test_what_is_held_out_too(seqgen: Seqgen, tmp_path: Path) -> None:
    pairs = pairs_of("english-french", 300)
    train, valid = written(tmp_path / "train.tsv", pairs[:250]), written(tmp_path / "valid.tsv", pairs[240:])
    report = json.loads(seqgen("check", train, "--valid", valid, "--json").stdout)
    found = next(kind for kind in report["kinds"] if kind["kind"] == "known")
    assert (report["held_out"], found["count"], found["hurts"]) == (60, 10, True)
    assert [one["line"] for one in found["worst"]] == list(range(241, 251))


def test_files_of_the_trade_name_their_units(seqgen: Seqgen, tmp_path: Path) -> None:
    units = "".join(
        f'<tu tuid="u{n}"><tuv xml:lang="en"><seg>{s}</seg></tuv><tuv xml:lang="ko"><seg>{t}</seg></tuv></tu>\n'
        for n, (s, t) in enumerate([*pairs_of("english-korean", 40), ("Press %s", "누르세요"), ("Alone", "")])
    )
    header = '<header srclang="en" segtype="sentence" datatype="plaintext" o-tmf="x" adminlang="en" creationtool="x"/>'
    memory = tmp_path / "memory.tmx.gz"
    memory.write_bytes(gzip.compress(f'<tmx version="1.4">{header}<body>\n{units}</body></tmx>'.encode()))
    done = seqgen("check", memory, "--json")
    report = json.loads(done.stdout)
    assert report["read"] == 41 and done.returncode == 0
    assert "42 units: 41 translated; left out: 1 without a translation" in report["notes"][0]
    found = next(kind for kind in report["kinds"] if kind["kind"] == "placeholders")
    assert found["worst"][0] | {"detail": ""} == {
        "file": "memory.tmx.gz", "line": 42, "unit": "u40", "source": "Press %s", "target": "누르세요", "detail": "",
    }  # fmt: skip
    assert "memory.tmx.gz:42 (u40)  %s only in the source" in seqgen("check", memory).stdout


def test_the_next_command_reads_what_was_read(seqgen: Seqgen, tmp_path: Path) -> None:
    table = tmp_path / "my table.csv"
    rows = ["id,en,fr,ko", *(f'{n},"{s}","x","{t}"' for n, (s, t) in enumerate(pairs_of("english-korean", 40)))]
    table.write_text("\n".join(rows) + "\n", "cp949")
    for options in (("--columns", "en,ko"), ("--from", "en", "--to", "ko")):
        report = json.loads(seqgen("check", table, *options, "--encoding", "cp949", "--json").stdout)
        command = next(said for said in report["expected"] if said.startswith("Next: ")).removeprefix("Next: seqgen ")
        words = shlex.split(command.partition(" (")[0])
        assert report["read"] == 40 and words[0] == "train" and words[-1] == "--dry-run"
        done = seqgen(*words, "--steps", 1)
        assert done.returncode == 0 and "plan: " in done.stderr, done.stderr


def test_texts(seqgen: Seqgen, tmp_path: Path) -> None:
    text = tmp_path / "book.txt"
    line = "All rights reserved by whoever has them, wherever they are.\n"
    text.write_text(POEM * 3 + line * 4 + "cafÃ© au lait\n\n\n", "utf-8")
    done = seqgen("check", text, "--json")
    report = json.loads(done.stdout)
    found = {kind["kind"]: kind["count"] for kind in report["kinds"] if kind["count"]}
    assert report["kind"] == "text" and report["read"] == 3 * 9 + 5 + 2 and found == {"mojibake": 1, "repeated": 3}
    shown = seqgen("check", text, "--write", tmp_path / "out")
    assert "book.txt: 34 lines" in shown.stdout and "    cafÃ© au lait" in shown.stdout
    assert (tmp_path / "out" / "clean.txt").read_text("utf-8") == POEM * 3 + line + "\n\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.tsv", "", "error: a.tsv: no pairs"),
        ("a.txt", "", "error: a.txt: empty"),
        ("a.po", '#, fuzzy\nmsgid "b"\nmsgstr "c"\n', "hint: --review learns what is fuzzy"),
        ("b.tsv", "\n\n", "Would hurt: a model needs two pairs or more, and 0 would be left"),
        ("c.tsv", "one\tun\n", "Would hurt: a model needs two pairs or more, and 1 would be left"),
    ],
)
def test_next_to_nothing(seqgen: Seqgen, tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    done = seqgen("check", tmp_path / name)
    assert done.returncode == 1 and said in done.stdout + done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "nothing to check"),
        (("nowhere.tsv",), 1, "error: nowhere.tsv: no such file"),
        (("--src", "a.en"), 2, "--tgt"),
        (("a.tsv", "--html", "a.pdf"), 2, "expected a file that ends in .html, .htm"),
        (("a.tsv", "--encoding", "klingon"), 1, "error: --encoding: expected a text encoding"),
    ],
)
def test_usage(seqgen: Seqgen, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = seqgen("check", *arguments)
    assert done.returncode == code and said in done.stderr and "Traceback" not in done.stderr and not done.stdout


def test_no_torch_is_loaded(seqgen: Seqgen, dirty: Path) -> None:
    done = seqgen("check", dirty, PYTHONPROFILEIMPORTTIME="1")
    assert "numpy" in done.stderr and not re.search(r"\| +torch$", done.stderr, re.M)
