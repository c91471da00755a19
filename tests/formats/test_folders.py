"""Folders: what was read is said, and what was passed over."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from seqgen.errors import CorpusError
from seqgen.formats.document import BEFORE
from seqgen.formats.names import looks_like_pairs
from seqgen.formats.read import read_pairs, read_texts


def test_what_editors_and_systems_leave_behind_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / "a.txt").write_text("one\n")
    (tmp_path / "chapter 2.MD").write_text("two\n")
    for name in (".hidden.txt", "._a.txt", "a.txt~", ".a.txt.swp", "#a.txt#", "a.bak.txt~", "b-checkpoint.txt",
                 ".ipynb_checkpoints/a-checkpoint.txt", ".ipynb_checkpoints/b.txt", "book.pdf"):  # fmt: skip
        (tmp_path / name).write_text(f"not {name}\n")
    (tmp_path / "sub" / "copy.txt.gz").write_bytes(gzip.compress(b"one\n"))
    corpus = read_texts([str(tmp_path)])
    assert corpus.text == "one\ntwo\n" and corpus.names == ("a.txt", "chapter 2.MD")
    (note,) = corpus.notes
    assert note.startswith(
        f"{tmp_path}: read 2 files, 8 characters; passed over: book.pdf, sub/copy.txt.gz (the same as another), "
    )
    assert note.endswith(" and 5 more")
    # As runs of older versions read it.
    assert (
        "not .hidden.txt" in read_texts([str(tmp_path)], way=BEFORE).text
        and "two" not in read_texts([str(tmp_path)], way=BEFORE).text
    )


def test_a_readme_beside_pairs_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.TSV").write_text("one\tun\n")
    (tmp_path / "README.md").write_text("What is here.\n")
    (tmp_path / ".notes.txt").write_text("not to be read\n")
    assert looks_like_pairs([str(tmp_path)])
    assert "passed over: README.md, .notes.txt" in read_pairs([str(tmp_path)]).notes[0]


def test_a_folder_with_nothing_to_read_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_text("x")
    with pytest.raises(CorpusError, match=r"a folder without \*\.txt .*; it holds a\.doc"):
        read_texts([str(tmp_path)])
