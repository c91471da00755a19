"""Pairs: read strictly, cleaned with reasons, split by source, batched so that each pass reads each pair once."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen.data.clean import clean
from seqgen.data.pairs import Pairs, looks_like_pairs, read_pairs, read_two_files
from seqgen.data.parallel import Batches, PairIds, batch_of
from seqgen.data.split import split_pairs
from seqgen.errors import ConfigError, CorpusError
from seqgen.tokenizers.base import BOS, EOS, PAD


def write(path: Path, text: str) -> str:
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return str(path)


def rows(pairs: Pairs) -> list[tuple[str, str]]:
    return list(zip(pairs.sources, pairs.targets, strict=True))


ROWS = [("one", "un"), ("two cats", "deux chats")]


@pytest.mark.parametrize(
    ("name", "text", "columns"),
    [
        ("a.tsv", "one\tun\ntwo cats\tdeux chats\n", None),
        ("a.tsv.gz", "one\tun\ntwo cats\tdeux chats", None),
        ("a.tsv", "7\tun\tone\n8\tdeux chats\ttwo cats\n", "3,2"),
        ("a.jsonl", '{"source": "one", "target": "un"}\n{"target": "deux chats", "source": "two cats", "id": 4}\n', None),
        ("a.jsonl.gz", '{"src": "one", "tgt": "un"}\n{"src": "two cats", "tgt": "deux chats"}\n', None),
        ("a.jsonl", '{"en": "one", "fr": "un"}\n{"en": "two cats", "fr": "deux chats"}\n', "en,fr"),
        ("a.tsv", "\ufeffone\tun\r\ntwo cats\tdeux chats\r\n", None),
    ],
)
def test_formats(name: str, text: str, columns: str | None, tmp_path: Path) -> None:
    path = write(tmp_path / name, text)
    assert looks_like_pairs([path])
    assert rows(read_pairs([path], columns=columns)) == ROWS


def test_two_files_and_a_folder(tmp_path: Path) -> None:
    source, target = write(tmp_path / "a.en", "one\ntwo cats\n"), write(tmp_path / "a.fr", "un\ndeux chats")
    assert rows(read_two_files(source, target)) == ROWS
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder" / "b.tsv", "two cats\tdeux chats\n")
    write(tmp_path / "folder" / "a.jsonl", '{"source": "one", "target": "un"}\n')
    assert rows(read_pairs([str(tmp_path / "folder")])) == ROWS


def test_only_a_newline_ends_a_line(tmp_path: Path) -> None:
    """Others split at U+2028, U+0085 and vertical tabs, and shift every pair behind one."""
    odd = "a\u2028b\u0085c\x0bd\x0ce\x1cf"
    source, target = write(tmp_path / "a.en", f"{odd}\nnext\n"), write(tmp_path / "a.fr", "x\ny\n")
    assert rows(read_two_files(source, target)) == [(odd, "x"), ("next", "y")]
    assert rows(read_pairs([write(tmp_path / "a.tsv", f"{odd}\tx\nnext\ty\n")])) == [(odd, "x"), ("next", "y")]


def test_unequal_files_name_both_counts(tmp_path: Path) -> None:
    source, target = write(tmp_path / "a.en", "1\n2\n3\n"), write(tmp_path / "a.fr", "1\n2\n")
    with pytest.raises(CorpusError, match=r"a.en has 3 lines, .*a.fr has 2"):
        read_two_files(source, target)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.tsv", "one\tun\nalone\n", r"a.tsv:2: expected 2 tab-separated columns, found 1"),
        ("a.jsonl", '{"source": "one", "target": "un"}\n{"source": "x"}\n', r"a.jsonl:2: expected texts in the fields"),
        ("a.jsonl", '{"source": "one", "target": 3}\n', r"a.jsonl:1: expected texts"),
        ("a.jsonl", "nonsense\n", r"a.jsonl:1: not JSON"),
        ("a.tsv", "", r"no pairs"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(name: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=message):
        read_pairs([write(tmp_path / name, text)])


def test_columns_and_extra_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "a\tb\tc\n")
    assert any("columns 1 and 2 are used" in note for note in read_pairs([path]).notes)
    assert not read_pairs([path], columns="1,3").notes
    for columns in ("1", "0,1", "2,2", "a,b"):
        with pytest.raises(ConfigError, match="--columns"):
            read_pairs([path], columns=columns)


def pairs_of(*found: tuple[str, str]) -> Pairs:
    left, right = zip(*found, strict=True)
    return Pairs(left, right, ("x",), 0, "", ())


def test_cleaning_counts_by_reason() -> None:
    good = [(f"a sentence with {n} words", f"une phrase de {n} mots") for n in range(20)]
    bad = [good[3], ("", "vide"), ("the very same line", "the very same line"), ("x" * 1001, "y" * 1001),
           ("short", "beaucoup beaucoup beaucoup beaucoup beaucoup trop de mots pour si peu de choses à dire")]  # fmt: skip
    kept, reasons = clean(pairs_of(*good, *bad, ("Paris", "Paris")))
    assert rows(kept) == [*good, ("Paris", "Paris")]
    assert reasons == {
        "exact duplicates": 1, "with an empty side": 1, "with equal sides": 1, "over 1,000 characters": 1,
        "of unlike length": 1,
    }  # fmt: skip


def test_a_language_that_says_it_shorter_is_not_cleaned_away() -> None:
    korean = pairs_of(*[(f"this is sentence number {n} of the harbour town", f"{n}번째 문장이다") for n in range(30)])
    assert len(clean(korean)[0]) == 30


@given(st.lists(st.text(), min_size=1, max_size=50), st.floats(0, 1))
def test_a_source_stands_on_one_side_only(sources: list[str], fraction: float) -> None:
    doubled = [*sources, *(f" {source.upper()} " for source in sources if source.upper().casefold() == source.casefold())]
    held = split_pairs(doubled, fraction)
    sides: dict[str, bool] = {}
    for source, side in zip(doubled, held, strict=True):
        assert sides.setdefault(" ".join(source.casefold().split()), side) == side
    assert split_pairs(sources, fraction) == held[: len(sources)]


def test_the_share_held_out_is_the_share_asked_for() -> None:
    held = split_pairs([f"sentence {n}" for n in range(20_000)], 0.1)
    assert abs(sum(held) / len(held) - 0.1) < 0.01


ids = st.lists(st.integers(4, 99), max_size=20).map(lambda values: np.array(values, dtype=np.int32))


@given(st.lists(st.tuples(ids, ids), min_size=1, max_size=60), st.integers(1, 200), st.integers(0, 9))
@settings(max_examples=50, deadline=None)
def test_a_pass_reads_each_pair_once(found: list, most: int, seed: int) -> None:
    pairs = PairIds.of([a for a, _ in found], [b for _, b in found])
    batches = Batches(pairs, most, seed)
    again = Batches(pairs, most, seed)
    for epoch in range(2):
        steps = range(epoch * len(batches), (epoch + 1) * len(batches))
        seen = np.concatenate([batches.rows(k) for k in steps])
        assert sorted(seen.tolist()) == list(range(len(found)))
        for k in reversed(steps):
            np.testing.assert_array_equal(batches.rows(k), again.rows(k))
            batch = batches.batch(k)
            size = len(batch.source) * max(batch.source.shape[1], batch.outputs.shape[1])
            assert size <= most or len(batch.source) == 1


def test_a_batch_is_framed_and_filled_up() -> None:
    pairs = PairIds.of([np.array([5, 6]), np.array([7])], [np.array([8]), np.array([9, 10, 11])])
    batch = batch_of(pairs, [0, 1])
    assert batch.source.tolist() == [[5, 6, EOS], [7, EOS, PAD]]
    assert batch.inputs.tolist() == [[BOS, 8, PAD, PAD], [BOS, 9, 10, 11]]
    assert batch.outputs.tolist() == [[8, EOS, PAD, PAD], [9, 10, 11, EOS]]
