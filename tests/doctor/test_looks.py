"""What each look of the doctor finds, and that it finds nothing in what is good."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.data.clean import clean
from seqgen.data.pairs import Pairs
from seqgen.doctor.findings import Findings
from seqgen.doctor.kinds import CLEANED, KINDS
from seqgen.doctor.looks import near
from seqgen.doctor.sample import warnings
from seqgen.doctor.spool import PIECE, Kept, Spool
from seqgen.formats.document import Record
from seqgen.formats.read import read_pairs
from tests.doctor.made import counts, examination, pairs_of

LANGUAGES = ("english-french", "english-korean")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("count", [1, 2, 29, 300, 2_000])
def test_nothing_is_wrong_with_good_pairs(name: str, count: int) -> None:
    with examination(pairs_of(name, count), deep=True) as found:
        assert len(found) == count
        assert {kind: number for kind, number in counts(found).items() if not KINDS[kind].deep} == {}
        assert found.kept.all()


@pytest.mark.parametrize("name", LANGUAGES)
def test_sides_that_are_swapped_or_not_translated(name: str) -> None:
    pairs, good = pairs_of(name, 1_500), pairs_of(name, 1_500)
    rng = random.Random(1)
    places = rng.sample(range(len(pairs)), 60)
    swapped, not_translated = set(places[:30]), set(places[30:])
    for place in places:
        source, target = pairs[place]
        pairs[place] = (target, source) if place in swapped else (source, good[place - 1][0])
    with examination(pairs) as found:
        assert set(np.flatnonzero(found.findings.of("swapped"))) == swapped
        assert set(np.flatnonzero(found.findings.of("language"))) >= not_translated - swapped
        assert found.findings.worst("swapped")[0].detail == "each side looks like the other's language"
    said = warnings(*zip(*pairs, strict=True), "seqgen check a.tsv")
    assert said[0].startswith("30 pairs with swapped sides among 1,500: ") and said[0].endswith(
        "to see them: seqgen check a.tsv"
    )


def test_another_script_stands_out() -> None:
    pairs = pairs_of("english-french", 600)
    pairs[17] = (pairs[17][0], "Мой брат живёт в Москве уже пять лет.")
    with examination(pairs) as found:
        assert np.flatnonzero(found.findings.of("language")).tolist() == [17]
        assert found.findings.worst("language")[0].detail == "the target is like none of the other targets"


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("by_length", [False, True])
@pytest.mark.parametrize("lost", [-2, 1, 3])
def test_lines_that_were_lost(name: str, by_length: bool, lost: int) -> None:
    pairs = pairs_of(name, 1_200)
    if by_length:
        pairs.sort(key=lambda pair: len(pair[0]))
    sources, targets = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    shortened = targets if lost > 0 else sources
    del shortened[500 : 500 + abs(lost)]
    with examination(zip(sources, targets, strict=False)) as found:
        assert [stretch.shift for stretch in found.shifted] == [-lost]
        assert 500 <= found.shifted[0].first <= 600 and found.shifted[0].stop == len(found)
        assert found.findings.count("shifted") == found.shifted[0].stop - found.shifted[0].first


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("It was 1,000.5 m in 3/4/2026.", "C'était 1 000,5 m le 4.3.2026.", ""),
        ("It costs 2.00 euros.", "Es kostet 2 Euro.", ""),
        ("2 boats", "deux bateaux", ""),
        ("12 boats", "douze bateaux", "12 only in the source"),
        ("In 1,051 days", "1,050일 뒤에", "1,051 only in the source, 1,050 only in the target"),
    ],
)
def test_numbers(source: str, target: str, expected: str) -> None:
    with examination([(source, target)]) as found:
        assert [example.detail for example in found.findings.worst("numbers")] == [expected] * bool(expected)


@pytest.mark.parametrize(
    ("source", "target", "kind", "detail"),
    [
        ("Hello %s", "Bonjour", "placeholders", "%s only in the source"),
        ("Hello {name}", "안녕 {nmae}", "placeholders", "{name} only in the source, {nmae} only in the target"),
        ("See https://a.example/x now", "보세요", "placeholders", "https://a.example/x only in the source"),
        ("<b>x</b> y", "<b>x y", "tags", "</b> only in the source"),
        ("Q&amp;A", "Q&A", "tags", "&amp; only in the source"),
        ("cafÃ© au lait", "coffee", "mojibake", "source: 'cafÃ©', which may be 'café'"),
        ("hello", "ì•ˆë…• ì„¸ìƒ", "mojibake", "target: 'ì•ˆë…•', which may be '안녕'"),
        ("it\ufffds", "es", "mojibake", "source: U+FFFD, where a character was lost"),
        ("a\u200bb", "c", "invisible", "source: U+200B"),
        ("ab", "c\u202ed\x07", "invisible", "target: U+202E, U+0007"),
    ],
)
def test_what_shows_in_a_pair(source: str, target: str, kind: str, detail: str) -> None:
    pairs = [*pairs_of("english-korean", 40), (source, target)]
    with examination(pairs) as found:
        assert np.flatnonzero(found.findings.of(kind)).tolist() == [40]
        assert [example.detail for example in found.findings.worst(kind)] == [detail]


@pytest.mark.parametrize(
    "text", ["São Paulo", "Ã la carte", "façade «à»", "über alles €", "„Ärger“ – naïve", "ÎΩ Ÿ", "5 % & more"]
)
def test_what_is_no_fault(text: str) -> None:
    with examination([("plain", text)]) as found:
        assert counts(found) == {}


def test_repeats_conflicts_and_what_is_held_out() -> None:
    pairs = [("one", "un"), ("two", "deux"), ("one", "un"), ("one", "une"), ("three", "trois"), ("two", "deux")]
    with examination(pairs, held=["three", "four"]) as found:
        assert np.flatnonzero(found.findings.of("duplicate")).tolist() == [2, 5]
        assert np.flatnonzero(found.findings.of("conflict")).tolist() == [0, 2, 3]
        assert np.flatnonzero(found.findings.of("known")).tolist() == [4]
        assert found.findings.worst("conflict")[0].detail == "2 targets"


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=40))
def test_cleaning_and_the_doctor_agree(pairs: list[tuple[str, str]]) -> None:
    tidy = [(source.strip(" "), target.strip(" ")) for source, target in pairs]
    with examination(pairs) as found:
        read = [found.spool[place].record[:2] for place in range(len(pairs))]
        made = Pairs(tuple(one for one, _ in read), tuple(other for _, other in read), (), 0, "", ())
        kept, reasons = clean(made)
        assert sum(reasons.values()) == sum(found.findings.count(kind) for kind in CLEANED)
        assert len(kept) == len(tidy) - sum(reasons.values())


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, st.sampled_from(["a", "b"])), max_size=20), st.integers(1, 5))
def test_what_is_spooled_comes_back(rows: list[tuple[str, str, str, str]], size: int) -> None:
    kept = [Kept(file, Record(one, two, place, name)) for place, (one, two, name, file) in enumerate(rows, 1)]
    with Spool(in_memory=True) as spool:
        for start in range(0, len(kept), size):
            spool.extend(kept[start : start + size])
        assert [spool[place] for place in range(len(spool))] == kept
        sides = [list(zip(piece.texts(0), piece.texts(1), strict=True)) for piece in spool.pieces()]
        assert [pair for piece in sides for pair in piece] == [one.record[:2] for one in kept]
        assert spool.bytes == sum(len(text.encode()) for one in kept for text in (*one.record[:2], one.record.name))


def test_near_duplicates_against_all_pairs_of_texts() -> None:
    texts = [source for source, _ in pairs_of("english-french", 300)]
    rng = random.Random(2)
    for _ in range(80):
        words = rng.choice(sorted(texts[:300], key=len)[150:]).split()
        words[rng.randrange(len(words))] = "other"
        texts.append(" ".join(words))
    expected = {
        place
        for place, text in enumerate(texts)
        if any(before != text and near._alike(text, before) >= near.ALIKE for before in texts[:place])
    }
    with examination([(text, "x") for text in texts]) as found:
        near.look(found.findings, found.spool)
        hits = set(np.flatnonzero(found.findings.of("near")).tolist())
        assert hits <= expected and len(hits) >= 0.8 * len(expected) > 20


def test_terms_that_are_translated_in_two_ways() -> None:
    usual = [(f"The {word} is near the lighthouse.", f"{word} Leuchtturm.") for word in map(chr, range(97, 117))]
    rest = [(f"Number {place} is something else.", f"Nummer {place} ist etwas anderes.") for place in range(2_000)]
    with examination([*usual, ("A lighthouse by night", "Ein Turm bei Nacht"), *rest], deep=True) as found:
        assert np.flatnonzero(found.findings.of("terms")).tolist() == [20]
        assert found.findings.worst("terms")[0].detail == "lighthouse: 95.24 % of its pairs have leuchtturm"


def test_examples_are_the_worst_ones() -> None:
    findings = Findings(100, 3)
    for place, badness in enumerate([1.0, 5.0, 2.0, 5.0, 4.0]):
        findings.add("near", place, badness, str(place))
    assert [example.place for example in findings.worst("near")] == [1, 3, 4]
    findings.add_all("near", np.array([50, 60]), np.array([4.5, 0.0]), lambda at: "all")
    assert [example.place for example in findings.worst("near")] == [1, 3, 50] and findings.count("near") == 7


def test_pieces_make_no_difference() -> None:
    pairs = [*pairs_of("english-korean", 1_000)] * (PIECE // 1_000 + 1)
    pairs[-1] = pairs[-1][::-1]
    with examination(pairs) as found:
        assert counts(found) == {"duplicate": PIECE - 1, "swapped": 1}


def test_real_pairs(data_dir: Path) -> None:
    pairs = read_pairs([str(data_dir / "tatoeba.eng-kor.tsv")])
    with examination(zip(pairs.sources, pairs.targets, strict=True)) as found:
        assert not {"swapped", "shifted", "mojibake", "tags", "placeholders"} & counts(found).keys()
        assert found.findings.count("language") <= 3
