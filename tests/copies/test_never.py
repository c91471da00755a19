"""What may not be written so that nothing is copied: exactly what an exhaustive search finds, for symbols of any kind."""

from __future__ import annotations

import codecs
import json
import random
from pathlib import Path

import numpy as np
import pytest

from seqgen.copies.hashed import HashedText, NeverHashed
from seqgen.copies.index import small_codes
from seqgen.copies.never import NeverCopied
from seqgen.run import Run
from tests.conftest import POEM, Seqgen


def decoded(data: bytes) -> str:
    """Without an unfinished character at the end."""
    return codecs.getincrementaldecoder("utf-8")("replace").decode(data)


def searched(before: str, given: str, ids: list[int], spellings: list[bytes], source: str, most: int) -> set[int]:
    """The ids that would copy too much, by looking."""
    written = before.encode() + b"".join(spellings[id_] for id_ in ids)
    done = max(len(decoded(written)), len(before) + len(given))
    found = set()
    for id_, spelt in enumerate(spellings):
        text = decoded(written + spelt)
        ends = range(done + 1, len(text) + 1)
        if any(end > most and text[end - most - 1 : end] in source for end in ends):
            found.add(id_)
    return found


def vocabulary(rng: random.Random, alphabet: str, source: str, pieces: int) -> list[bytes]:
    """Special symbols, characters, bytes, parts of the source and other strings."""
    cut = [source[place : place + rng.randrange(2, 17)] for place in (rng.randrange(len(source)) for _ in range(pieces))]
    made = ["".join(rng.choices(alphabet, k=rng.randrange(2, 12))) for _ in range(pieces)]
    odd = [bytes([byte]) for byte in sorted(set("한é".encode()))] if "한" in alphabet else []
    texts = dict.fromkeys([*alphabet, *(text for text in cut + made if len(text) > 1)])
    return [b"", b"", b"", b"", *(text.encode() for text in texts), *odd]


@pytest.mark.parametrize("most", [8, 9, 12, 20, 31])
@pytest.mark.parametrize(("alphabet", "pieces"), [("ab", 0), ("ab", 6), ("abcé한", 8), ("abcdefgh ", 20)])
def test_exactly_what_would_copy_is_forbidden(alphabet: str, pieces: int, most: int) -> None:
    """Texts are led along the source, so that there is something to forbid; some rows go on from a copy of others."""
    rng = random.Random(most)
    forbidden = 0
    for _ in range(12):
        source = "".join(rng.choices(alphabet, k=rng.randrange(30, 300)))
        spellings = vocabulary(rng, alphabet, source, pieces)
        begin = rng.randrange(len(source))
        before = source[begin : begin + rng.randrange(40)]
        rule = NeverCopied(small_codes([source]), spellings, most).rule(before)
        ids: list[int] = []
        for _ in range(30):
            history = np.array([ids[-1:]], dtype=np.int64)
            banned = set(np.flatnonzero(rule.apply(np.zeros((1, len(spellings)), np.float32), history)[0] == -np.inf).tolist())
            assert banned == searched(before, "", ids, spellings, source, most)
            forbidden += len(banned)
            free = [id_ for id_ in range(4, len(spellings)) if id_ not in banned]
            if not free:
                break
            text = before + decoded(b"".join(spellings[id_] for id_ in ids))
            along = [id_ for id_ in free if decoded(text.encode() + spellings[id_])[-7:] in source]
            ids.append(rng.choice(along if along and rng.random() < 0.8 else free))
            rule.reorder(np.array([0]))
    assert forbidden


def test_the_rest_of_a_prompt_may_be_spelt_again() -> None:
    source, spellings = "the rain went on till nine", [b"", b" till", b" ti", b" to", b" t", b"a"]
    never = NeverCopied(small_codes([source]), spellings, 8)
    for given, banned in ((" t", {1, 2}), (" till", set()), ("", {1, 2, 4, 3})):
        rule = never.rule("rain went on", given)
        found = np.flatnonzero(rule.apply(np.zeros((1, 6), np.float32), np.zeros((1, 0), np.int64))[0] == -np.inf)
        assert set(found.tolist()) == banned == searched("rain went on", given, [], spellings, source, 8)


def test_what_goes_on_from_a_copied_prompt_is_forbidden() -> None:
    """Also where the end of the prompt, in which more is copied than may be written, was spelt again."""
    source, spellings = "the rain went on till nine", [b"", b" t", b"i", b"o", b"ll"]
    rule = NeverCopied(small_codes([source]), spellings, 8).rule("the rain went on", " t")
    for last, banned in ((-1, set()), (1, {2}), (3, set())):
        found = rule.apply(np.zeros((1, 5), np.float32), np.array([[last]]) if last >= 0 else np.zeros((1, 0), np.int64))
        assert set(np.flatnonzero(found[0] == -np.inf).tolist()) == banned


def test_rows_do_not_mix() -> None:
    source, spellings = "abcdefghijklmnop", [bytes([letter]) for letter in b"abcdefghijklmnop?"]
    rule = NeverCopied(small_codes([source]), spellings, 8).rule("abcdefg")
    logits = np.zeros((2, 17), np.float32)
    assert not np.isinf(rule.apply(logits.copy(), np.zeros((2, 0), np.int64))).any()
    found = rule.apply(logits.copy(), np.array([[7], [16]]))  # "h" and "?"
    assert np.flatnonzero(np.isinf(found[0])).tolist() == [8] and not np.isinf(found[1]).any()
    rule.reorder(np.array([1, 0, 0]))
    found = rule.apply(np.zeros((3, 17), np.float32), np.array([[0], [16], [9]]))
    assert not np.isinf(found).any(), "a ? and a j that does not follow have ended the copy"


@pytest.mark.parametrize("tokenizer", ["char", "byte", "bpe"])
@pytest.mark.parametrize(
    "how", [["--greedy"], ["--num-samples", "3"], ["-T", "0.3"], ["--best-of", "3"]], ids=lambda how: how[0]
)
def test_no_text_copies_more(tokenizer: str, how: list[str], learnt: dict[str, Path], seqgen: Seqgen) -> None:
    """Short order and a small text: without the option nearly all is copied."""
    run = learnt[tokenizer]
    source = Run(run).tokenizer().decode(Run(run).arrays("text")["train"])
    call = ("generate", "-m", run, "-p", "The rain began at six", "-n", 120, "--json", "-q", "--seed", 3, *how)
    for options, most in (((), None), (("--no-copy", 10), 10)):
        longest = 0
        for line in seqgen(*call, *options).stdout.splitlines():
            text = "The rain began at six" + json.loads(line)["text"]
            windows = {text[end - 11 : end] for end in range(len("The rain began at six") + 1, len(text) + 1)}
            longest = max([longest, *(len(one) for one in windows if one in source)])
        assert longest == (11 if most is None else 0)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory, seqgen: Seqgen) -> dict[str, Path]:
    """Models that count, over symbols of each kind."""
    folder = tmp_path_factory.mktemp("learnt")
    (folder / "poem.txt").write_text("비가 와요. 오늘은 학교에 가요.\n" * 4 + POEM * 6, encoding="utf-8")
    for tokenizer in ("char", "byte", "bpe"):
        size = ["--vocab-size", "400"] if tokenizer == "bpe" else []
        call = ("train", folder / "poem.txt", "--arch", "markov", "--order", 8, "--tokenizer", tokenizer)
        done = seqgen(*call, *size, "-o", folder / tokenizer)
        assert done.returncode == 0, done.stderr
    return {tokenizer: folder / tokenizer for tokenizer in ("char", "byte", "bpe")}


def test_what_copies_is_told(learnt: dict[str, Path], seqgen: Seqgen) -> None:
    """By the command, by generate, and to programs; the examples of its help."""
    run = learnt["char"]
    written = seqgen("generate", "-m", run, "-n", 300, "--seed", 1, "-T", "0.2", "--copies")
    said = [line for line in written.stderr.splitlines() if "stand in the training text" in line]
    assert len(said) == 1 and said[0][:3] != "0.0"
    done = seqgen("copies", "-m", run, "-", stdin=written.stdout)
    assert done.returncode == 0 and done.stdout.splitlines()[-1].partition(" of")[0] != "0.0%"
    assert all(len(line.split("\t")) == 4 for line in done.stdout.splitlines()[:-1])
    record = json.loads(seqgen("copies", "-m", run, "--json", stdin=written.stdout).stdout)
    assert record["longest"] in record["stretches"] and 0 < record["share"] <= 1
    record = json.loads(seqgen("generate", "-m", run, "-n", 100, "--seed", 1, "--greedy", "--copies", "--json").stdout)
    assert record["copies"]["copied"] > 0
    assert seqgen("copies", "-m", run, stdin="비가 와요. 오늘은 바다에 가요.").stdout.startswith("nothing is copied")
    assert "1:1\t11\t" in seqgen("copies", "-m", run, "--least", 8, stdin="비가 와요. 오늘은 바다에 가요.").stdout


def test_a_run_without_its_text_says_so(poem: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    assert seqgen("train", poem, "--arch", "markov", "--no-keep-text", "-o", tmp_path / "run").returncode == 0
    for call in (("generate", "--no-copy", "20"), ("generate", "--copies"), ("copies",)):
        done = seqgen(*call, "-m", tmp_path / "run", stdin="a")
        assert done.returncode == 1 and "keeps no training text" in done.stderr and len(done.stderr.splitlines()) == 2
        assert not done.stdout


def test_hashes_are_enough(poem: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    """A run that keeps them tells copies and writes none, without the text; what it cannot do it says."""
    for tokenizer in ("char", "byte"):
        call = ("train", poem, "--arch", "markov", "--order", 8, "--tokenizer", tokenizer, "--no-keep-text", "--keep-hashes")
        run = tmp_path / tokenizer
        assert seqgen(*call, "-o", run).returncode == 0 and Run(run).has("hashes") and not Run(run).has("text")
        record = json.loads(seqgen("copies", "-m", run, "--json", stdin=POEM).stdout)
        assert record["copied"] == record["characters"] and "training" not in record["longest"]
        done = seqgen("copies", "-m", run, stdin="Nobody wrote this, " * 9 + POEM[5:60])
        assert "about 1 in" in done.stderr and done.stdout.count("\t-\t") == 1
        written = seqgen(
            "generate", "-m", run, "-n", 300, "--seed", 1, "-T", "0.3", "-p", POEM[:40], "--no-copy", 25, "-q"
        ).stdout
        text = POEM * 6
        assert not any(written[end - 26 : end] in text for end in range(41, len(written)))
        assert any(written[end - 20 : end] in text for end in range(61, len(written))), "25 in a row are allowed"
        done = seqgen("generate", "-m", run, "--no-copy", 12)
        assert done.returncode == 1 and "expected 20 or more, found 12" in done.stderr
    assert seqgen("train", poem, "-o", tmp_path / "both", "--arch", "markov", "--keep-hashes").returncode == 0
    assert Run(tmp_path / "both").has("text") and not Run(tmp_path / "both").has("hashes")


@pytest.mark.parametrize("most", [20, 27])
def test_hashes_forbid_what_would_copy(most: int) -> None:
    """All of it, and next to nothing else."""
    rng = random.Random(most)
    source = "".join(rng.choices("abcdé한 ", k=4_000))
    hashed = HashedText.of(small_codes([source]))
    spellings = [b"", b"", b"", b"", *(character.encode() for character in sorted(set(source)))]
    never, wrong = NeverHashed(hashed, spellings, most), 0
    for _ in range(10):
        begin = rng.randrange(3_900)
        before = source[begin : begin + rng.randrange(30)]
        rule, ids = never.rule(before), list[int]()
        for _ in range(60):
            left = rule.apply(np.zeros((1, len(spellings)), np.float32), np.array([ids[-1:]], dtype=np.int64))[0]
            banned = set(np.flatnonzero(left == -np.inf).tolist())
            expected = searched(before, "", ids, spellings, source, most)
            assert expected <= banned
            wrong += len(banned - expected)
            text = before + decoded(b"".join(spellings[id_] for id_ in ids))
            free = [id_ for id_ in range(4, len(spellings)) if id_ not in banned]
            along = [id_ for id_ in free if (text + spellings[id_].decode())[-9:] in source]
            ids.append(rng.choice(along or free))
    assert wrong <= 3 and 0 < hashed.mistaken < 0.001


def test_where_all_is_banned_writing_ends(tmp_path: Path, seqgen: Seqgen) -> None:
    (tmp_path / "a.txt").write_text("a" * 200, encoding="utf-8")
    run = tmp_path / "run"
    assert seqgen("train", tmp_path / "a.txt", "--arch", "markov", "-o", run).returncode == 0
    done = seqgen("generate", "-m", run, "-p", "a", "-n", 50, "--no-copy", 8, "--ban", "-", stdin="\n")
    assert done.returncode in (0, 1)
    (tmp_path / "ban").write_text("\\n\n", encoding="utf-8")
    done = seqgen("generate", "-m", run, "-p", "a", "-n", 50, "--no-copy", 8, "--logit-bias", "0-inf", "--logit-bias", "4-inf")
    assert done.returncode == 0 and done.stdout == "a" * 8 + "\n" and "each symbol that could follow is banned" in done.stderr
