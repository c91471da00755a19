"""A run that begins with another one: its weights, vocabulary and counts; nothing is changed, counted twice or lost."""

from __future__ import annotations

import hashlib
import json
import random
import re
import shlex
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgen import train
from seqgen.errors import SeqgenError
from seqgen.markov import Markov
from seqgen.markov.add import counts_of
from seqgen.run import Run
from tests.conftest import Seqgen

WORDS = "the a cat dog rain sun red old sat ran fell saw and or but if on in by house river".split()


def words(seed: int, count: int = 900, extra: str = "") -> str:
    """Lines of words, which differ with the seed."""
    rng = random.Random(seed)
    return "".join(
        " ".join(rng.choices([*WORDS, *extra.split()], k=6)) + f" {rng.randrange(10**6)}\n" for _ in range(count // 6)
    )


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    """Content and time of each file of a folder."""
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in sorted(folder.iterdir())
    }


def ngrams(run: Run) -> list[Counter[str]]:
    """How often a run has counted each text of one character, of two, ..."""
    counts, tokenizer = counts_of(Markov.from_arrays(run.arrays("markov"), run.info.vocab_size)), run.tokenizer()
    assert counts is not None
    before, found = [""], []
    for level in counts.levels:
        names = [before[p] + tokenizer.decode([s]) for p, s in zip(level.prefix.tolist(), level.symbol.tolist(), strict=True)]
        found.append(Counter(dict(zip(names, level.count.tolist(), strict=True))))
        before = names
    return found


def counted(order: int, *texts: str) -> list[Counter[str]]:
    """The same from the definition: no n-gram reaches from one text into another."""
    return [Counter(text[i : i + n] for text in texts for i in range(len(text) - n + 1)) for n in range(1, order + 2)]


def parts(run: Run) -> tuple[str, str]:
    """What a run has learnt from, and what it holds out, as it keeps them."""
    text, tokenizer = run.arrays("text"), run.tokenizer()
    return tokenizer.decode(text["train"]), tokenizer.decode(text["valid"][1:])


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a text, a run that only counts it and one with a small network; both are only read."""
    folder = tmp_path_factory.mktemp("old")
    (folder / "old.txt").write_text(words(1))
    train(folder / "old.txt", output=folder / "counts", arch="markov", order=3)
    train(folder / "old.txt", output=folder / "net", arch="hybrid", hidden=12, steps=3, order=2)
    return folder


def begun(old: Path, tmp_path: Path, text: str, origin: str = "counts", **options: Any) -> Run:
    (tmp_path / "new.txt").write_text(text)
    train(tmp_path / "new.txt", output=tmp_path / "new", init_from=old / origin, **options)
    return Run(tmp_path / "new")


@pytest.mark.parametrize("text", [words(2), words(2, 200), "구름 🙂 구름\n" * 150, "ab"])
def test_counts_of_another_text_are_added(old: Path, tmp_path: Path, text: str) -> None:
    learnt, held_out = parts(Run(old / "counts"))
    run = begun(old, tmp_path, text)
    new = parts(run)
    assert "".join(new) == text and ngrams(run) == counted(3, learnt, new[0])
    before, after = run.info.retained or (0, 0)
    assert before == pytest.approx(Run(old / "counts").info.scores["valid"]["bits_per_char"], rel=1e-6)
    assert run.info.scores["earlier_after"]["chars"] == len(held_out) and after != before


@pytest.mark.parametrize("more", [words(3), words(3, 200), "x", "", "눈이 온다 ❄️\n" * 200])
def test_a_text_that_has_grown_counts_once_and_its_held_out_part_stays_held_out(old: Path, tmp_path: Path, more: str) -> None:
    learnt, held_out = parts(Run(old / "counts"))
    run = begun(old, tmp_path, learnt + held_out + more)
    new, out = parts(run)
    assert new.startswith(learnt) and held_out not in new
    assert ngrams(run) == counted(3, learnt, new[len(learnt) :])
    assert new[len(learnt) :] + out == more if len(more) >= 1000 else (new[len(learnt) :], out) == (more, held_out)
    assert run.info.retained is not None


def test_a_text_that_grows_twice(old: Path, tmp_path: Path) -> None:
    text = (old / "old.txt").read_text()
    one = begun(old, tmp_path, text + words(4))
    (tmp_path / "again.txt").write_text(text + words(4) + words(5))
    train(tmp_path / "again.txt", output=tmp_path / "again", init_from=one.path)
    two = Run(tmp_path / "again")
    a, b = parts(Run(old / "counts"))
    c, d = parts(one)
    e, f = parts(two)
    assert c.startswith(a) and e.startswith(c) and b not in e and d not in e and f not in e
    assert ngrams(two) == counted(3, a, c[len(a) :], e[len(c) :])
    assert a + b + c[len(a) :] + d + e[len(c) :] + f == text + words(4) + words(5)


def test_held_out_text_that_is_learnt_now_is_not_measured(old: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    (tmp_path / "new.txt").write_text(words(6) + (old / "old.txt").read_text() + words(7))
    done = seqgen("train", tmp_path / "new.txt", "--init-from", old / "counts", "-o", tmp_path / "new")
    assert done.returncode == 0 and "is learnt now" in done.stderr and "count twice; name its files first" in done.stderr
    assert Run(tmp_path / "new").info.retained is None and "before this training" not in done.stderr


def test_the_network_begins_where_the_other_ended(old: Path, tmp_path: Path) -> None:
    first = Run(old / "net")
    before = fingerprint(first.path)
    run = begun(old, tmp_path, words(8, extra="구름 눈 🙂"), "net", steps=1, lr=1e-9)
    assert fingerprint(first.path) == before
    tokenizer, known = run.tokenizer(), first.info.vocab_size
    assert run.info.vocab_size == known + 4 and tokenizer.decode(range(4, known)) == first.tokenizer().decode(range(4, known))
    weights, more = first.arrays("weights"), run.arrays("weights")
    for name, array in weights.items():
        same = more[name][:known] if name in ("embedding.weight", "output.weight", "output.bias") else more[name]
        assert np.allclose(same, array, atol=1e-5), name
    assert np.allclose(more["embedding.weight"][known:], weights["embedding.weight"].mean(0), atol=1e-5)
    # What is new is as unlikely as <unk> to begin with: what was known is known as well as before.
    before_bits, after_bits = run.info.retained or (0, 9)
    assert after_bits == pytest.approx(before_bits, abs=0.05)
    by = {name: run.info.config.set_by[name] for name in ("hidden", "arch", "embedding", "lr", "warmup")}
    assert by == {"hidden": "origin", "arch": "origin", "embedding": "origin", "lr": "command line", "warmup": "plan"}


def test_it_goes_on_without_the_other_run_and_says_where_it_began(old: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    shutil.copytree(old / "net", tmp_path / "first")
    (tmp_path / "new.txt").write_text(words(9))
    command = ["train", tmp_path / "new.txt", "--init-from", tmp_path / "first", "-o", tmp_path / "new", "--steps", "2"]
    assert "before this training" in seqgen(*command).stderr
    counts = ngrams(Run(tmp_path / "new"))
    assert "has finished" in seqgen(*command).stderr
    train(tmp_path / "new.txt", output=tmp_path / "new", init_from=tmp_path / "first", steps=4)
    shutil.rmtree(tmp_path / "first")
    train(tmp_path / "new.txt", output=tmp_path / "new", steps=6)
    assert Run(tmp_path / "new").info.step == 6 and ngrams(Run(tmp_path / "new")) == counts
    record = json.loads(seqgen("runs", "new", "--json", "--runs-dir", tmp_path).stdout)
    assert record["origin"]["name"] == "net" and {"earlier_before", "earlier_after"} <= set(record["scores"])
    assert re.search(r"begun from\s+net", seqgen("runs", "new", "--runs-dir", tmp_path).stdout)


def test_one_that_was_killed_as_it_was_created_begins_again(old: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    run = begun(old, tmp_path, words(10), "net", steps=2)
    whole = run.arrays("weights")
    content = json.loads((run.path / "config.json").read_text())
    content |= {"step": 0, "finished": None, "scores": {}}
    content["files"] = {name: found for name, found in content["files"].items() if name.startswith("tokenizer")}
    (run.path / "config.json").write_text(json.dumps(content))
    for path in run.path.glob("*.safetensors"):
        path.unlink()
    done = seqgen("train", tmp_path / "new.txt", "-o", run.path, "--steps", "2")
    assert done.returncode == 1 and "name --init-from net again" in done.stderr and done.stderr.count("\n") == 2
    train(tmp_path / "new.txt", output=run.path, init_from=old / "net", steps=2)
    again = Run(run.path).arrays("weights")
    assert all(np.array_equal(whole[name], again[name]) for name in whole)


def test_records_stay_on_their_side(tmp_path: Path) -> None:
    names = [f"{word} {number}" for number in range(60) for word in WORDS]
    random.Random(3).shuffle(names)
    (tmp_path / "old.txt").write_text("\n".join(names[:700]))
    (tmp_path / "new.txt").write_text("\n".join(names[200:]))
    train(tmp_path / "old.txt", output=tmp_path / "old", arch="markov", records="lines", order=2)
    train(tmp_path / "new.txt", output=tmp_path / "new", init_from=tmp_path / "old")
    old, new = Run(tmp_path / "old"), Run(tmp_path / "new")
    assert new.info.config.records == "lines" and new.info.retained is not None
    learnt, held_out = ({*text.split("\n")} - {""} for text in parts(old))
    more, out = ({*text.split("\n")} - {""} for text in parts(new))
    assert not held_out & more and not learnt & out and more - learnt
    total = ngrams(new)[0]
    assert total["\n"] == len(learnt) + len(more - learnt)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--hidden", "20"], "--hidden: is 12, asked for 20"),
        (["--hidden", "20", "--arch", "gru"], "--arch: is hybrid, asked for gru"),
        (["--tokenizer", "byte"], "--tokenizer: is char, asked for byte"),
        (["--order", "5"], "--order: is 2, asked for 5"),
        (["--task", "translation"], "--task translation exclude each other"),
    ],
)
def test_another_network_is_an_error(old: Path, tmp_path: Path, seqgen: Seqgen, options: list[str], said: str) -> None:
    done = seqgen("train", old / "old.txt", "--init-from", old / "net", "-o", tmp_path / "new", *options)
    assert done.returncode in (1, 2) and said in done.stderr and not (tmp_path / "new").exists()


def test_runs_that_nothing_can_begin_from(old: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    for name in ("lost", "damaged", "missing"):
        shutil.copytree(old / "net", tmp_path / name)
    next((tmp_path / "lost").glob("weights*")).unlink()
    next((tmp_path / "damaged").glob("weights*")).write_bytes(b"not weights")
    shutil.rmtree(tmp_path / "missing")
    (tmp_path / "pairs.tsv").write_text("".join(f"cat {i}\tKatze {i}\n" for i in range(40)))
    expected = {
        tmp_path / "lost": "no model yet",
        tmp_path / "damaged": "weights",
        tmp_path / "missing": "no run",
        Path("tiny-english-french"): "a run of pairs",
    }
    for name, said in expected.items():
        done = seqgen("train", old / "old.txt", "--init-from", name, "-o", tmp_path / "new")
        assert done.returncode == 1 and said in done.stderr and done.stderr.count("\n") <= 2, name
        assert not (tmp_path / "new" / "config.json").exists()
    for options in (["--init-from", old / "net"], ["--init-from", old / "net", "--overwrite"]):
        done = seqgen("train", old / "old.txt", *options, "-o", old / "net")
        assert done.returncode == 1 and "is the run that is to be made" in done.stderr
    with pytest.raises(SeqgenError, match="learns from texts"):
        train(tmp_path / "pairs.tsv", output=tmp_path / "new", init_from=old / "net")


def test_a_run_that_has_learnt_since_is_another_one(old: Path, tmp_path: Path) -> None:
    train(old / "old.txt", output=tmp_path / "net", arch="lstm", hidden=8, steps=2)
    (tmp_path / "new.txt").write_text(words(11))

    def begin(**options: bool) -> Run:
        train(tmp_path / "new.txt", output=tmp_path / "new", init_from=tmp_path / "net", steps=2, **options)
        return Run(tmp_path / "new")

    first = begin().info.origin
    train(old / "old.txt", output=tmp_path / "net", steps=5)
    with pytest.raises(SeqgenError, match="begun from net as it was before"):
        begin()
    second = begin(overwrite=True).info
    assert second.step == 2 and second.origin["content"] != first["content"]
    assert begin().info == second


def test_the_hint_for_a_run_of_another_text_is_a_command(
    old: Path, tmp_path: Path, seqgen: Seqgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(old / "net", "my run")
    Path("grown.txt").write_text((old / "old.txt").read_text() + words(12))
    done = seqgen("train", "grown.txt", "-o", "my run", "--steps", "2")
    hint = re.search(r"seqgen (train .*); or --overwrite", done.stderr)
    assert done.returncode == 1 and hint
    assert hint[1] == "train grown.txt --init-from 'my run' -o 'my run-2' --steps 2"
    assert seqgen(*shlex.split(hint[1])).returncode == 0
    assert Run(Path("my run-2")).info.origin["earlier"] == len((old / "old.txt").read_text())


def test_a_run_that_cannot_be_written_and_a_dry_run(old: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    (tmp_path / "new.txt").write_text(words(13))
    command = ["train", tmp_path / "new.txt", "--init-from", "tiny-english", "-o", tmp_path / "new", "--steps", "2"]
    done = seqgen(*command, "--dry-run")
    assert done.returncode == 0 and "plan: " in done.stderr + done.stdout and not (tmp_path / "new").exists()
    shutil.copytree(old / "net", tmp_path / "net")
    (tmp_path / "net").chmod(0o500)
    try:
        before = fingerprint(tmp_path / "net")
        train(tmp_path / "new.txt", output=tmp_path / "new", init_from=tmp_path / "net", steps=2)
        assert fingerprint(tmp_path / "net") == before
    finally:
        (tmp_path / "net").chmod(0o700)
