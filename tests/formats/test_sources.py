"""Where content comes from: files, folders, .gz, pipes and stdin, no more of it than memory holds."""

from __future__ import annotations

import gzip
import os
import shlex
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from seqgen.errors import ConfigError, CorpusError
from seqgen.formats.names import default_name
from seqgen.formats.read import read_pairs, read_texts, read_two_files
from seqgen.run import Run
from tests.conftest import Seqgen


def write(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def test_a_folder_is_all_its_texts_sorted(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", b"b\n")
    write(tmp_path, "sub/a.txt.gz", gzip.compress(b"a\n"))
    write(tmp_path, "a.txt", b"0\n")
    write(tmp_path, "notes.MD", b"yes\n")
    write(tmp_path, "notes.doc", b"no\n")
    assert read_texts([str(tmp_path)]).text == "0\nb\nyes\na\n"


@pytest.mark.parametrize("data", [gzip.compress(b"hello " * 100_000), b"hello " * 100_000], ids=["gzip", "plain"])
def test_reading_stops_at_a_limit_that_is_said(tmp_path: Path, data: bytes) -> None:
    """A small file may be large when it is unpacked; and many files are as much as one."""
    bomb = write(tmp_path, "bomb.txt.gz" if data.startswith(b"\x1f") else "big.txt", data)
    with pytest.raises(CorpusError, match=r"reading stopped at 0\.5 MB, the limit") as error:
        read_texts([bomb], limit=500_000)
    assert "--max-size" in (error.value.hint or "")
    assert len(read_texts([bomb], limit=600_000).text) == 600_000
    with pytest.raises(CorpusError, match="the limit"):
        read_texts([bomb, bomb], limit=1_100_000)
    with pytest.raises(CorpusError, match="the limit"):
        read_two_files(bomb, bomb, limit=1_100_000)


def test_the_limit_is_an_option(tmp_path: Path, seqgen: Seqgen) -> None:
    bomb = write(tmp_path, "bomb.txt.gz", gzip.compress(b"abcabcabc\n" * 150_000))
    for words in (["train", "--arch", "markov", "-o", tmp_path / "run"], ["evaluate", "-m", tmp_path / "run"]):
        stopped = seqgen(*words, bomb, "--max-size", 1)
        assert stopped.returncode == 1 and "reading stopped at 1 MB, the limit" in stopped.stderr, stopped.stderr
        done = seqgen(*words, bomb, "--max-size", 2)
        assert done.returncode == 0, done.stderr


def test_a_bomb_takes_no_more_memory_than_the_limit(tmp_path: Path) -> None:
    bomb = write(tmp_path, "bomb.txt.gz", gzip.compress(bytes(1 << 26)))
    tracemalloc.start()
    with pytest.raises(CorpusError, match="the limit"):
        read_texts([bomb], limit=1 << 22)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 << 22


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless device here")
def test_what_never_ends_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="the limit"):
        read_texts(["/dev/zero"], limit=1 << 22)


def test_missing_files_empty_folders_unknown_encodings(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        read_texts([str(tmp_path / "nothing.txt")])
    with pytest.raises(CorpusError, match="a folder without"):
        read_texts([str(tmp_path)])
    for path in ("", "a\0b", "a\ud800b"):
        assert default_name([path])
        with pytest.raises(CorpusError, match="no such file|not the name of a file"):
            read_texts([path])


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_unreadable(tmp_path: Path) -> None:
    name = write(tmp_path, "secret.txt", b"x\n")
    os.chmod(name, 0)
    with pytest.raises(CorpusError, match="cannot be read"):
        read_texts([name])


def test_names_that_are_no_utf8(tmp_path: Path, seqgen: Seqgen) -> None:
    """They are read, shown and stored, as the bytes that they are."""
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")
    try:
        Path(name).write_text("abcabcabc\n" * 20, encoding="utf-8")
    except OSError:
        pytest.skip("this file system has no such names")
    assert read_texts([name]).names == ("caf\\xe9.txt",)
    Path(name + "x").write_bytes(b"\xff")
    with pytest.raises(CorpusError, match=r"caf\\xe9.txtx:1: byte offset 0"):
        read_texts([name + "x"])
    done = seqgen("train", name, "--arch", "markov", "--runs-dir", tmp_path)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    assert Run(tmp_path / "caf").info.corpus["names"] == ["caf\\xe9.txt"]


def test_what_in_a_folder_is_no_file_is_passed_over_and_said(tmp_path: Path) -> None:
    write(tmp_path, "in/a.txt", b"a\n")
    write(tmp_path, "in/B.TXT", b"b\n")
    for link, target in (("loop.txt", "loop.txt"), ("gone.txt", "nowhere"), ("up", ".."), ("same.txt", "a.txt")):
        (tmp_path / "in" / link).symlink_to(target)
    os.mkfifo(tmp_path / "in" / "pipe.txt")
    corpus = read_texts([str(tmp_path / "in")])
    assert corpus.text == "b\na\n" and corpus.names == ("B.TXT", "a.txt")
    folder, files, read = corpus.notes
    assert read.endswith("in: read 2 files, 4 characters; passed over: same.txt (the same as another)")
    assert "in/up: a link to a folder, not followed" in folder
    assert all(name in files for name in ("loop.txt", "gone.txt", "pipe.txt")) and files.endswith("skipped")
    with pytest.raises(CorpusError, match=r"loop.txt: cannot be read: Too many levels"):
        read_texts([str(tmp_path / "in" / "loop.txt")])


def test_what_a_shell_makes_of_a_command(tmp_path: Path) -> None:
    """<(cat FILE) is a pipe without a name."""
    reading, writing = os.pipe()
    os.write(writing, b"abc\n")
    os.close(writing)
    path = f"/dev/fd/{reading}"
    if not Path(path).exists():
        pytest.skip("no /dev/fd here")
    assert default_name([path]) == "pipe"
    assert read_texts([path]).names == ("pipe",)
    os.close(reading)


def test_stdin_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    code = "from seqgen.formats.read import read_texts; print(len(read_texts(['-']).text))"
    with subprocess.Popen([sys.executable, "-c", code], stdin=reading, stdout=subprocess.PIPE) as process:
        os.close(reading)
        time.sleep(0.5)
        for _ in range(3):
            os.write(writing, b"abc\n" * 100)
            time.sleep(0.1)
        os.close(writing)
        assert process.communicate()[0] == b"1200\n"


def test_stdin_can_be_read_once() -> None:
    for read in (lambda: read_texts(["-", "a.txt", "-"]), lambda: read_two_files("-", "-"), lambda: read_pairs(["-", "-"])):
        with pytest.raises(ConfigError, match="stdin .* is named twice"):
            read()


@pytest.mark.parametrize("closing", ["<&-", "</dev/null", "0>/dev/null"])
def test_stdin_without_anything_is_an_error_of_one_line(closing: str, tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m seqgen train - --arch markov -o {shlex.quote(str(tmp_path / 'run'))} {closing}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("error: stdin") and done.stderr.count("\n") <= 2, done.stderr


def test_stdin(seqgen: Seqgen, tmp_path: Path) -> None:
    done = seqgen("train", "-", "--arch", "markov", "-o", tmp_path / "run", stdin="abcabcabc\n" * 20)
    assert done.returncode == 0, done.stderr
    bad = seqgen("train", "-", "--arch", "markov", "-o", tmp_path / "bad", stdin=b"abc\xff")
    assert bad.returncode == 1 and "stdin:1: byte offset 3: 0xFF" in bad.stderr and not (tmp_path / "bad").exists()


@pytest.mark.parametrize(
    ("paths", "name"),
    [
        (["a/b/poems.txt"], "poems"),
        (["x.txt.gz", "y.txt"], "x"),
        (["-"], "stdin"),
        (["weird name!.txt"], "weird-name"),
        (["A.TXT.GZ"], "A"),
        (["pairs.jsonl"], "pairs"),
        (["x.md"], "x"),
        (["x.doc"], "x.doc"),
        (["/dev/fd/63"], "pipe"),
        (["/dev/stdin"], "stdin"),
    ],
)
def test_names(paths: list[str], name: str) -> None:
    assert default_name(paths) == name
