"""Files that are no texts, learnt byte for byte and written as bytes."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seqgen.run import Run
from seqgen.tokenizers.byte import FIRST, ByteTokenizer
from tests.conftest import Seqgen


def content() -> bytes:
    """All that a text would not keep: zeros, line ends of all kinds, marks, no UTF-8, letters that NFC would compose."""
    rng = random.Random(1)
    odd = [b"\x00\x01\x02\x03", b"\r\n", b"\r", b"\xef\xbb\xbf", b"e\xcc\x81", b"\xff\xfe", bytes(range(256)), b"\x1a"]
    return b"".join(rng.choice(odd) + b"\x7fELF\x00\x00" for _ in range(300))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, seqgen: Seqgen) -> Path:
    folder = tmp_path_factory.mktemp("binary")
    (folder / "program.bin").write_bytes(content())
    call = ("train", folder / "program.bin", "--tokenizer", "byte", "--arch", "markov", "-o", folder / "run")
    done = seqgen(*call)
    assert done.returncode == 0 and "program.bin: read as bytes, not as text" in done.stderr
    assert "has finished" in seqgen(*call).stderr, "the same command goes on with the same run"
    return folder / "run"


def raw(*arguments: object, stdin: bytes = b"") -> bytes:
    command = [sys.executable, "-m", "seqgen", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=True, env=os.environ).stdout


def test_each_byte_is_a_symbol_and_comes_back() -> None:
    tokenizer, text = ByteTokenizer(is_binary=True), bytes(range(256)).decode("latin-1")
    assert (
        tokenizer.encode(text).tolist() == list(range(FIRST, FIRST + 256)) and tokenizer.decode(tokenizer.encode(text)) == text
    )
    assert tokenizer.bytes_of(text) == 256 and ByteTokenizer().bytes_of("é한") == 5
    assert ByteTokenizer.from_json(tokenizer.to_json(), Path()).is_binary and not ByteTokenizer.from_json({}, Path()).is_binary


def test_what_is_learnt_is_the_file(run: Path) -> None:
    opened = Run(run)
    assert opened.info.config.encoding == "binary" and opened.info.config.set_by.get("encoding") != "command line"
    text = opened.arrays("text")
    ids = np.concatenate([text["train"], text["valid"][1:]])
    assert bytes((ids - FIRST).astype(np.uint8)) == content()


def test_bytes_are_written_and_read(run: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    written = raw("generate", "-m", run, "-n", 300, "--seed", 1, "-q")
    record = json.loads(raw("generate", "-m", run, "-n", 300, "--seed", 1, "-q", "--json"))
    assert len(written) == 300 and written == record["text"].encode("latin-1")
    assert written == bytes(token["id"] - FIRST for token in record["tokens"]) and b"\x00" in written
    begun = raw("generate", "-m", run, "-n", 4, "-q", "-p", "\\x7fELF\\x00", "--greedy")
    assert begun[:5] == b"\x7fELF\x00" and len(begun) == 9
    assert raw("generate", "-m", run, "-n", 4, "-q", "--greedy", stdin=b"\x7fELF\x00") == begun
    assert len(raw("generate", "-m", run, "-n", 5, "--num-samples", 3, "-q")) == 15
    (tmp_path / "other").write_bytes(content()[:500])
    found = json.loads(seqgen("evaluate", "-m", run, tmp_path / "other", "--json").stdout)
    assert found["bytes"] == found["chars"] == found["tokens"] == 500
    assert math.isclose(found["bits_per_byte"], found["nats"] / 500 / math.log(2), rel_tol=1e-6)


def test_what_is_no_text_is_not_learnt_as_one(run: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    """The hint works; a text of another encoding is not taken for bytes; records are no bytes."""
    file = run.parent / "program.bin"
    done = seqgen("train", file, "-o", tmp_path / "a")
    assert done.returncode == 1 and "train --tokenizer byte --encoding binary" in done.stderr
    call = ("train", "-", "--tokenizer", "byte", "--encoding", "binary", "--arch", "markov", "-o", tmp_path / "b")
    assert seqgen(*call, stdin=content()).returncode == 0
    assert Run(tmp_path / "b").info.corpus["sha256"] == Run(run).info.corpus["sha256"]
    (tmp_path / "korean.txt").write_bytes("안녕하세요. 만나서 반갑습니다.\n".encode("cp949") * 20)
    done = seqgen("train", tmp_path / "korean.txt", "--tokenizer", "byte", "-o", tmp_path / "c")
    assert done.returncode == 1 and "--encoding cp949" in done.stderr
    for options in (["--encoding", "binary"], ["--encoding", "binary", "--tokenizer", "byte", "--records", "lines"]):
        done = seqgen("train", file, *options, "-o", tmp_path / "d")
        assert done.returncode == 1 and "--encoding binary is for texts of bytes" in done.stderr
