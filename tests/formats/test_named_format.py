"""Formats of streams, and of files whose names do not say it: named by --format, else told by how they begin."""

from __future__ import annotations

import gzip
import json
import re
import shlex
from pathlib import Path

import pytest

from seqgen.errors import ConfigError, CorpusError
from seqgen.formats import FORMATS
from seqgen.formats.document import Wanted
from seqgen.formats.read import read_pairs, read_texts, read_two_files
from seqgen.run import Run
from seqgen.training.looking import Seen, seen
from tests.conftest import Seqgen
from tests.doctor.made import pairs_of
from tests.formats.test_table import EXAMPLES

# What no beginning tells: they are read as what stands in them, unless they are named.
UNTOLD = {"plain", "markdown", "html", "csv", "properties", "json", "tsv", "jsonl"}


def example(name: str) -> bytes:
    made = EXAMPLES[name]
    return made if isinstance(made, bytes) else made.replace("{}", "one", 1).replace("{}", "two", 1).encode()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("called", ["download", "download.gz", "wrong.txt"])
def test_each_format_is_read_where_it_is_named(name: str, called: str, tmp_path: Path) -> None:
    path, data = tmp_path / called, example(name)
    path.write_bytes(gzip.compress(data) if called.endswith(".gz") else data)
    wanted = Wanted(format=name)
    if FORMATS[name].kind == "pairs":
        assert read_pairs([str(path)], wanted=wanted).targets == ("un", "deux")
    else:
        assert read_texts([str(path)], wanted=wanted).text == "one\ntwo\n"
    found = seen([str(path)], {"format": name}, {})
    assert found == Seen(FORMATS[name].kind == "pairs", name, None)


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in UNTOLD])
def test_a_beginning_tells_the_format(name: str, tmp_path: Path) -> None:
    (tmp_path / "download").write_bytes(example(name).replace(b"[Events]", b"[Script Info]\n\n[Events]"))
    found = seen([str(tmp_path / "download")], {}, {})
    assert (found.is_pairs, found.format) == (FORMATS[name].kind == "pairs", name)
    assert found.note and f"is read as {'pairs' if found.is_pairs else 'such'}" in found.note


def test_names_and_formats_that_do_not_go_together(tmp_path: Path) -> None:
    for name in ("po", "tmx", "srt"):
        (tmp_path / f"a{name}").write_bytes(example(name))
    (tmp_path / "a.po").write_bytes(example("po"))
    with pytest.raises(ConfigError, match="--format tmx: the names of the files say what they are"):
        seen([str(tmp_path / "a.po")], {"format": "tmx"}, {})
    with pytest.raises(CorpusError, match="apo, .*atmx: files of several formats"):
        seen([str(tmp_path / "apo"), str(tmp_path / "atmx")], {}, {})
    with pytest.raises(CorpusError, match="apo looks like pairs, .*asrt like a text"):
        seen([str(tmp_path / "apo"), str(tmp_path / "asrt")], {}, {})
    assert seen([str(tmp_path / "a.po"), str(tmp_path / "apo")], {}, {}).format == "po"
    with pytest.raises(ConfigError, match="--format: expected one of plain, .*, found 'pdf'"):
        read_pairs([str(tmp_path / "apo")], wanted=Wanted(format="pdf"))
    for side in "ab":
        (tmp_path / side).write_bytes(b"a = " + side.encode())
    sides = (str(tmp_path / "a"), str(tmp_path / "b"))
    assert read_two_files(*sides, wanted=Wanted(format="properties")).targets == ("b",)


def test_a_memory_through_a_pipe(seqgen: Seqgen, tmp_path: Path) -> None:
    pairs = pairs_of("english-korean", 60)
    pairs[:5] = [pair[::-1] for pair in pairs[:5]]
    units = "".join(
        f'<tu><tuv xml:lang="en"><seg>{s}</seg></tuv><tuv xml:lang="fr"><seg>x</seg></tuv>'
        f'<tuv xml:lang="ko"><seg>{t}</seg></tuv></tu>\n'
        for s, t in pairs
    )
    memory = f'<?xml version="1.0"?>\n<!-- export -->\n<tmx version="1.4"><header srclang="en"/><body>\n{units}</body></tmx>'
    packed = gzip.compress(memory.encode())
    options = ("--from", "en", "--to", "ko", "-o", tmp_path / "run", "--steps", 2, "--tokenizer", "char", "--hidden", 8)
    done = seqgen("train", "-", *options, stdin=packed)
    assert done.returncode == 0, done.stderr
    assert "stdin looks like TMX, a translation memory, and is read as pairs" in done.stderr
    config = json.loads((tmp_path / "run" / "config.json").read_text("utf-8"))
    assert config["settings"]["format"] == {"value": "tmx", "by": "plan"}
    # It goes on with the same stream, read in the same way; and what it says to look at is there.
    again = seqgen("train", "-", "-o", tmp_path / "run", "--steps", 3, stdin=memory)
    info = Run(tmp_path / "run").info
    assert again.returncode == 0 and (info.step, info.corpus["train"] + info.corpus["valid"]) == (3, 60), again.stderr
    check = re.search(r"to see them: \.\.\. \| seqgen (check .*)", done.stderr)
    assert check and "5 pairs with swapped sides" in seqgen(*shlex.split(check[1]), stdin=memory).stdout


@pytest.mark.parametrize(
    ("data", "said", "hint"),
    [
        (b"%PDF-1.7\n", "this is a PDF", "pdftotext -enc UTF-8"),
        (b'<?xml version="1.0"?><martif type="TBX">', "this looks like TBX, terms in XML", "two columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "a document of an old Microsoft Office", "catdoc"),
    ],
)
def test_what_is_not_read_says_what_helps(seqgen: Seqgen, tmp_path: Path, data: bytes, said: str, hint: str) -> None:
    (tmp_path / "file").write_bytes(data)
    done = seqgen("train", tmp_path / "file", "--arch", "markov", "-o", tmp_path / "run")
    assert done.returncode == 1 and said in done.stderr and hint in done.stderr and not (tmp_path / "run").exists()


@pytest.mark.parametrize("called", ["a.txt", "a.tsv", "stdin"])
@pytest.mark.parametrize("name", ["po", "docx"])
def test_the_hint_for_a_wrong_name_helps(seqgen: Seqgen, tmp_path: Path, called: str, name: str) -> None:
    data = example("docx") if name == "docx" else example("po") * 4
    path = tmp_path / called
    path.write_bytes(data)
    given = "-" if called == "stdin" else path
    run = ("--steps", 1, "--dry-run") if name == "docx" else ("--steps", 1, "--tokenizer", "char", "--no-clean")
    stdin = data if called == "stdin" else b""
    done = seqgen("train", given, *run, "-o", tmp_path / "run", stdin=stdin)
    if called == "stdin":
        # It is read as what it is; what the note offers is there as well.
        assert done.returncode == 0 and "is read as" in done.stderr and ("--task language" in done.stderr) == (name == "po")
        return
    hint = done.stderr.rpartition("hint: ")[2]
    assert done.returncode == 1
    if found := re.search(r"a name that ends in (\.\w+)", hint):
        given = path.rename(path.with_suffix(found[1]))
        done = seqgen("train", given, *run, "-o", tmp_path / "run")
    else:
        done = seqgen("train", given, *run, "-o", tmp_path / "run", *hint.partition(" reads it")[0].split())
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("tmx", ("--task", "language"), "--format tmx holds pairs, expected a text"),
        ("srt", ("--task", "translation"), "--format srt holds a text, expected pairs"),
    ],
)
def test_a_format_that_holds_nothing_for_the_task(
    seqgen: Seqgen, tmp_path: Path, name: str, options: tuple[str, ...], said: str
) -> None:
    done = seqgen("train", "-", "--format", name, *options, "-o", tmp_path / "run", stdin=example(name))
    assert done.returncode == 1 and said in done.stderr
