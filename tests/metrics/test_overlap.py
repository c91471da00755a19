"""Figures of translations are sacreBLEU's, with the tokenizer that fits the script of the references."""

from __future__ import annotations

import pytest
import sacrebleu

from seqgen.errors import ConfigError
from seqgen.metrics.overlap import corpus_scores, fitting_tokenizer, is_installed, line_scores
from seqgen.metrics.script import CHINESE, JAPANESE, KOREAN, SPACED, UNSPACED, script_of

TEXTS = {
    "我喜欢在图书馆里学习中文。": CHINESE,
    "請在 configuration.yaml 中設置 database_url，然後重新啟動服務。": CHINESE,
    "他说“ありがとう”就走了,我们都不知道他为什么要这样离开这个城市。": CHINESE,
    "私は図書館で日本語を勉強しています。": JAPANESE,
    "コンピューターを再起動してください": JAPANESE,
    "나는 도서관에서 한국어를 공부합니다.": KOREAN,
    "Linux 서버를 다시 시작하십시오.": KOREAN,
    "ฉันชอบเรียนภาษาไทยที่ห้องสมุด": UNSPACED,
    "ကျွန်တော်မြန်မာစာလေ့လာတယ်": UNSPACED,
    "J’aime étudier à la bibliothèque, bien sûr !": SPACED,
    "Я люблю учиться в библиотеке.": SPACED,
    "मुझे हिंदी पसंद है": SPACED,
    "He wrote 我爱你 on the wall of the house and left for good.": SPACED,
    "12 345 — 😀": SPACED,
    "": SPACED,
}


@pytest.mark.parametrize("text", TEXTS)
def test_the_script_is_that_of_most_units(text: str) -> None:
    assert script_of([text]) == TEXTS[text]
    # Wherever it stands, and beside empty lines.
    assert script_of(["", text] * 7_000) == TEXTS[text]


def test_of_a_mixed_corpus_the_greater_part_decides() -> None:
    chinese, english = "我喜欢在图书馆里学习中文。", "I like to learn Chinese in the library."
    assert script_of([chinese] * 9 + [english]) == CHINESE and script_of([english] * 9 + [chinese]) == SPACED
    assert script_of([]) == SPACED


def test_each_script_has_a_tokenizer_that_works_here() -> None:
    assert fitting_tokenizer(SPACED) == ("13a", None)
    for script, wanted in ((CHINESE, "zh"), (JAPANESE, "ja-mecab"), (KOREAN, "ko-mecab"), (UNSPACED, "char")):
        name, note = fitting_tokenizer(script)
        assert name == (wanted if is_installed(wanted) else "char") and note and script in note and name in note
        assert ("pip install" in note) == (name != wanted)
        text = next(text for text, found in TEXTS.items() if found == script)
        assert corpus_scores([text], [text], metrics=("BLEU",), tokenize=name)[0].value > 99.9


@pytest.mark.parametrize(
    ("hypothesis", "reference", "tokenize"),
    [
        ("我喜欢在图书馆学中文。", "我喜欢在图书馆里学习中文。", "zh"),
        ("ฉันชอบเรียนไทยที่ห้องสมุด", "ฉันชอบเรียนภาษาไทยที่ห้องสมุด", "char"),
        ("나는 도서관에서 한국말을 공부합니다.", "나는 도서관에서 한국어를 공부합니다.", "char"),
        ("J'aime bien étudier à la maison.", "J'aime étudier à la maison, bien sûr.", "13a"),
        ("私は家で日本語を勉強しています。", "私は図書館で日本語を勉強しています。", "ja-mecab"),
        ("나는 집에서 한국어를 공부합니다.", "나는 도서관에서 한국어를 공부합니다.", "ko-mecab"),
        ("something", "", "zh"),
        ("", "something", "13a"),
    ],
)
def test_figures_are_those_of_sacrebleu(hypothesis: str, reference: str, tokenize: str) -> None:
    if not is_installed(tokenize):
        with pytest.raises(ConfigError, match=f"{tokenize} is not installed here") as error:
            corpus_scores([hypothesis], [reference], tokenize=tokenize)
        assert error.value.hint and "pip install 'sacrebleu[" in error.value.hint
        return
    bleu, chrf, ter = corpus_scores([hypothesis], [reference], tokenize=tokenize)
    assert bleu.value == pytest.approx(sacrebleu.corpus_bleu([hypothesis], [[reference]], tokenize=tokenize).score)
    assert chrf.value == pytest.approx(sacrebleu.corpus_chrf([hypothesis], [[reference]]).score)
    assert ter.value == pytest.approx(sacrebleu.corpus_ter([hypothesis], [[reference]]).score)
    assert f"tok:{tokenize}" in bleu.signature
    split = corpus_scores([hypothesis], [reference], metrics=("TER",), ideographs=True)[0]
    expected = sacrebleu.corpus_ter([hypothesis], [[reference]], normalized=True, asian_support=True).score
    assert split.value == pytest.approx(expected) and "asian:yes" in split.signature


def test_ter_leaves_out_what_would_take_minutes() -> None:
    long = " ".join(str(number) for number in range(2_000))
    hypotheses, references = ["a b c", long[::-1], "a"], ["a b d", long, "a"]
    *_, ter = corpus_scores(hypotheses, references)
    assert ter.left_out == 1 and ter.value == pytest.approx(25)
    assert [score.left_out for score in corpus_scores(hypotheses, references)] == [0, 0, 1]
    assert [line["TER"] is None for line in line_scores(hypotheses, references)] == [False, True, False]
    assert [score.metric for score in corpus_scores([long], [long])] == ["BLEU", "chrF"]
    # Without spaces a character is what is moved.
    assert corpus_scores(["字" * 300], ["字" * 300], metrics=("TER",), ideographs=True) == []
