"""Tables of pairs as spreadsheets and people write them: headers, quotes, rows that are unlike the others."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from seqgen.data.pairs import Pairs
from seqgen.errors import CorpusError
from seqgen.formats.document import BEFORE, Way
from seqgen.formats.read import read_pairs, read_two_files

ROWS = [(f"Sentence number {n}, it is.", f"Phrase numéro {n}.") for n in range(60)]


def rows(pairs: Pairs) -> list[tuple[str, str]]:
    return list(zip(pairs.sources, pairs.targets, strict=True))


def table(path: Path, found: list[tuple[str, ...]]) -> str:
    path.write_text("".join("\t".join(row) + "\n" for row in found), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    "header", [("source", "target"), ("EN", "fr-FR"), ('"English"', '"French"'), ("영어", "한국어"), ("src", "tgt")]
)
def test_headers_are_no_pairs(header: tuple[str, str], tmp_path: Path) -> None:
    path = table(tmp_path / "a.tsv", [header, *ROWS[:9], header, *ROWS[9:]])
    pairs = read_pairs([path])
    assert rows(pairs) == ROWS and "2 header rows" in pairs.notes[0]
    # A command that answers each row keeps it.
    kept = read_pairs([path], way=Way(rows=False))
    assert len(kept) == len(ROWS) + 2 and "looks like a header, and is read like a pair" in kept.notes[0]
    assert len(read_pairs([path], way=BEFORE)) == len(ROWS) + 2


@pytest.mark.parametrize("first", [("English", "Anglais"), ("de", "de"), ("A source", "Une source"), ("No", "Non")])
def test_words_are_no_headers(first: tuple[str, str], tmp_path: Path) -> None:
    assert rows(read_pairs([table(tmp_path / "a.tsv", [first, *ROWS])])) == [first, *ROWS]


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_quotes_of_a_table_go_and_those_of_a_sentence_stay(quoting: int, tmp_path: Path) -> None:
    found = [*ROWS, ('He said "no", twice.', "Il a dit « non »."), ('"Go!" "Stop!"', '"Va !"'), ('5" wide', "5 pouces")]
    path = tmp_path / "a.tsv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, "excel-tab", quoting=quoting).writerows(found)  # type: ignore[arg-type]
    pairs = read_pairs([str(path)])
    assert rows(pairs) == found and any("quotes around" in note for note in pairs.notes)
    assert rows(read_pairs([str(path)], way=Way(mend=False))) != found


def test_raw_quotes_stay_as_they_are(tmp_path: Path) -> None:
    found = [*ROWS, ('"Go."', '"Va."'), ('"Go," he said. "Now."', '"Va'), ('"', '""'), ('an "odd one', "un")]
    pairs = read_pairs([table(tmp_path / "a.tsv", found)])
    assert rows(pairs) == found and not pairs.notes


def test_a_spreadsheet_quotes_what_has_a_comma(tmp_path: Path) -> None:
    quoted = [(f'"{source}"', target) for source, target in ROWS]
    pairs = read_pairs([table(tmp_path / "a.tsv", [*quoted, ("No comma here.", "Rien.")])])
    assert rows(pairs) == [*ROWS, ("No comma here.", "Rien.")]


def test_rows_unlike_the_others_are_left_out_if_they_are_few(tmp_path: Path) -> None:
    path = table(
        tmp_path / "a.tsv", [*ROWS[:7], ("alone",), ("a", "b", "c"), ("nothing", ""), *ROWS[7:], ("tab", "behind", "")]
    )
    pairs = read_pairs([path])
    assert rows(pairs) == [*ROWS[:7], ("nothing", ""), *ROWS[7:], ("tab", "behind")]
    assert [note.partition(": ")[2] for note in pairs.notes] == [
        "1 row with fewer than 2 columns was left out, in line 8",
        "1 row with more than 2 columns was left out, in line 9",
    ]
    with pytest.raises(CorpusError, match="a.tsv:8: expected 2 tab-separated columns, found 1"):
        read_pairs([path], way=Way(rows=False))
    many = table(tmp_path / "many.tsv", [*ROWS[:9], *[("alone",)] * 9])
    with pytest.raises(CorpusError, match="many.tsv:10: .* found 1; so it is in 8 more of 18 rows"):
        read_pairs([many])


def test_characters_without_width_go_where_they_mean_nothing(tmp_path: Path) -> None:
    dirty = [("so\u00adft \ufeffwo\u200brd", "ca\u2060fé"), ("👩\u200d💻 می\u200cخواهم", "ภาษา\u200bไทย")]
    clean = [("soft word", "café"), dirty[1]]
    pairs = read_pairs([table(tmp_path / "a.tsv", dirty)])
    assert rows(pairs) == clean and "3 characters without width" in pairs.notes[-1]
    (tmp_path / "a.jsonl").write_text('{"source": "wo\\u200brd", "target": "\\ufeffmot"}\n')
    assert rows(read_pairs([str(tmp_path / "a.jsonl")])) == [("word", "mot")]
    for side in (0, 1):
        (tmp_path / f"{side}.txt").write_text("".join(row[side] + "\n" for row in dirty), encoding="utf-8")
    assert rows(read_two_files(str(tmp_path / "0.txt"), str(tmp_path / "1.txt"))) == clean
