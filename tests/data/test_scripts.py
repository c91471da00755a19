"""Texts in scripts that a model has not learnt, and those that only look like it."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from seqgen.data.scripts import LearntScripts, called, script_of_letter
from seqgen.data.sentence.encoder import PairEncoder
from seqgen.tokenizers import load_tokenizer
from tests.conftest import ROOT

LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZéèêàçœ .,!?0123456789αβπ"
HANGUL = "가나다라마바사아자차카타파하을를이가은는도에서의로부터보기요다 니습합하고있없OKTV.,?"
RUNS = {
    "english-french": (LATIN, "LATIN"),
    "korean": (HANGUL, "HANGUL"),
    "korean-english": (HANGUL + LATIN, "HANGUL LATIN"),
    "japanese": ("日本語文章東京大学生人ですのはをがにカタナ", "CJK HIRAGANA KATAKANA"),
    "hihello": ("hielo", "LATIN"),
}


@pytest.mark.parametrize("run", RUNS)
def test_scripts_are_learnt_from_more_than_a_few_letters(run: str) -> None:
    characters, scripts = RUNS[run]
    assert set(LearntScripts(characters).learnt) == set(scripts.split())


@pytest.mark.parametrize(
    ("run", "text", "script"),
    [
        ("english-french", "Привет, как дела?", "CYRILLIC"),
        ("english-french", "안녕하세요 여러분", "HANGUL"),
        ("english-french", unicodedata.normalize("NFD", "안녕하세요"), "HANGUL"),
        ("english-french", "日本語の文章です。", "HIRAGANA"),
        ("english-french", "我喜欢大海", "CJK"),
        ("english-french", "नमस्ते दुनिया", "DEVANAGARI"),
        ("english-french", "สวัสดีครับ", "THAI"),
        ("english-french", "مرحبا بالعالم", "ARABIC"),
        ("english-french", "Καλημέρα σας 12", "GREEK"),
        ("english-french", "Я люблю очень сильно: Python", "CYRILLIC"),
        ("korean", "Once upon a time", "LATIN"),
        ("korean", "Привет", "CYRILLIC"),
        ("japanese", "안녕하세요", "HANGUL"),
        ("hihello", "привет", "CYRILLIC"),
    ],
)
def test_a_foreign_text_is_found(run: str, text: str, script: str) -> None:
    assert LearntScripts(RUNS[run][0]).foreign(text) == script


@pytest.mark.parametrize(
    ("run", "text"),
    [
        ("english-french", ""), ("english-french", " \t "),
        ("english-french", "12 + 34 = 46"), ("english-french", "!!! ... ???"),
        ("english-french", "😀😀 👩‍👩‍👧"), ("english-french", "I met Αλέξανδρος in town."), ("english-french", "α + β = γ"),
        ("english-french", "5 µm, 3 Ω, 20 Å, №, ª, º, ™"), ("english-french", "ＦＵＬＬ　ｗｉｄｔｈ"),
        ("english-french", "ﬁne ﬂag"),
        ("english-french", "Größe, ŵyddfa, źdźbło, Ðð Þþ"), ("english-french", "𝐛𝐨𝐥𝐝 text"), ("english-french", "Я"),
        ("english-french", "\ufdd0\ufdd1"), ("english-french", "\ud800"), ("english-french", "e\u0301\u0323 x"),
        ("english-french", "Tolstoy (Толстой) wrote it."), ("english-french", "The Korean word for sea is 바다."),
        ("korean", "Python 3.12 release notes 보기"), ("korean", "GitHub의 README 파일을 보기"), ("korean", "ㅋㅋㅋ 안녕"),
        ("korean", "①②③ 가나다"), ("korean-english", "hello"), ("korean-english", "안녕"),
        ("japanese", "東京"), ("japanese", "カタカナ"), ("japanese", "ﾊﾝｶｸ"), ("hihello", "hello world"),
    ],
)  # fmt: skip
def test_no_false_alarm(run: str, text: str) -> None:
    assert LearntScripts(RUNS[run][0]).foreign(text) == ""


@pytest.mark.parametrize("characters", [None, "", "0123456789 "])
def test_a_model_of_which_nothing_is_known_finds_nothing_foreign(characters: str | None) -> None:
    assert LearntScripts(characters).foreign("Привет, как дела? 안녕하세요") == ""


def test_the_answer_does_not_depend_on_what_was_asked_before() -> None:
    texts = ["plain", "Привет", "I met Анна", "안녕", "Привет", "plain", "Анна", "β"]
    once = LearntScripts(LATIN)
    assert [once.foreign(text) for text in texts] == [LearntScripts(LATIN).foreign(text) for text in texts]


def test_what_is_copied_is_no_part_of_a_line_to_translate() -> None:
    encoder = PairEncoder(load_tokenizer(ROOT / "checkpoints" / "tiny-english-french"), "nfc")
    scripts = LearntScripts(HANGUL)
    for line in ("https://example.com/some/page", "안녕 https://example.com/a/b?c=d&e=f", "name@example.org"):
        assert scripts.foreign_line(encoder, line) == ""
    assert scripts.foreign_line(encoder, "see https://example.com/ now") == "LATIN"


def test_words_for_people() -> None:
    scripts = LearntScripts(LATIN)
    assert scripts.told("CYRILLIC") == "in Cyrillic letters, which this run has not learnt"
    assert scripts.known() == "it has learnt Latin letters"
    assert LearntScripts(RUNS["japanese"][0]).known() == "it has learnt Chinese characters and Japanese letters"
    assert called("HANGUL") == "Hangul" and called("OLD ITALIC") == "Old italic letters"
    assert [script_of_letter(one) for one in "aéяª한ㅏ漢のｶ1 ー"] == [
        "LATIN", "LATIN", "CYRILLIC", "LATIN", "HANGUL", "HANGUL", "CJK", "HIRAGANA", "KATAKANA", "", "", ""
    ]  # fmt: skip


@pytest.mark.parametrize("run", sorted((ROOT / "tests" / "compat" / "runs").iterdir()), ids=lambda path: path.name)
def test_runs_of_older_versions_know_their_script(run: Path) -> None:
    seen = load_tokenizer(run).characters()
    assert LearntScripts(seen).learnt == (() if seen is None else ("LATIN",))
