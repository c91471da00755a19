"""Where sentences end, in several languages, and where a mark only looks like an end."""

from __future__ import annotations

import time

import pytest

from seqgen.data.sentence.ends import RULES, places, sentences


@pytest.mark.parametrize("parts", [
    ["The boat is old.", "The cook sings."],
    ["Mr. Smith went to Washington.", "He saw J. R. Ewing.", "So do I.", "He left."],
    ["I live in the U.S.", "He does not."],
    ["We left at 5 p.m.", "The train was late."],
    ["It costs 3.14 euros.", "No. 5 is alive.", "No.", "He left."],
    ['"Go.', 'Now." he said.', '"Really?"', "She left."],
    ["'Stop!' he cried.", "(It was late.)", "We left."],
    ["« Bonjour. »", "Il part.", "Où est-il ?", "Ici !"],
    ["Am 3. Oktober war er da.", "Er ging, z.B. nach Bonn.", "Das gilt bzw. Es gilt."],
    ["1. Cook the rice.", "2. Eat it."],
    ["He was born in 1990.", "In 1991 he moved."],
    ["안녕하세요.", "저는 학생입니다.", "반갑습니다!", "네?"],
    ['"가자."라고 말했다.', "그는 갔다."],
    ["Wait...", "He came.", "What?!", "No way!!!", "Ok."],
    ["See http://a.b/c.d?e=f or example.com.", "Done."],
    ["Wait… he left"],
    ["the boat is old.", "the cook sings.", "e.g. this.", "he laughs!", "why?"],
    ["The captain never sleeps.", "the cook does.", "We saw the dept. of health."],
    ["..."], ["A. B. C. D."], [""], ["no mark"],
    ["¿Dónde está?", "¡Aquí!", "Él vino."],
    ["- Hi.", "- Hello.", "- Bye."],
])  # fmt: skip
def test_sentences(parts: list[str]) -> None:
    text = " ".join(parts)
    assert [text[start:stop] for start, stop in sentences(text)] == parts


@pytest.mark.parametrize("parts", [
    ["今日は晴れ。", "明日は雨。", "「行こう。」と言った。"],
    ["他走了。", "我也走了！", "真的？", "嗯。"],
    ["저는 학생입니다.", "반갑습니다!", "네?"],
])  # fmt: skip
def test_sentences_without_spaces_between_them(parts: list[str]) -> None:
    text = "".join(parts)
    assert [text[start:stop] for start, stop in sentences(text)] == parts


@pytest.mark.parametrize("unseen", ["\u200b", "\0", "\x01", "\u200e", "\ufeff", "\u00ad\u200b"])
@pytest.mark.parametrize("space", ["{} ", " {}", "{} {}"])
def test_what_nobody_sees_hides_no_end(unseen: str, space: str) -> None:
    gap = space.replace("{}", unseen)
    text = f"The boat is old.{gap}The cook sings.{gap}안녕하세요.{gap}Why?"
    expected = ["The boat is old.", "The cook sings.", "안녕하세요.", "Why?"]
    assert [text[start:stop] for start, stop in sentences(text)] == expected
    # It is no space by itself: where an address may be broken, for one.
    assert len(sentences(f"See example.{unseen}com or No.{unseen}5.")) == 1


def test_each_place_names_the_rule_that_decided() -> None:
    found = [(place.rule, place.ends) for place in places("Dr. No left... He, e.g. Bond, saw 3.5 km. The end")]
    assert found == [
        ("abbreviation", False), ("ellipsis", True), ("no space", False), ("abbreviation", False), ("no space", False),
        ("sentence mark", True),
    ]  # fmt: skip
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("shape", ["a. ", ".", '."', ". ", "。", ".»", "a.b", "!?", " . "])
def test_the_time_is_linear(shape: str) -> None:
    begin = time.process_time()
    spans = sentences(shape * 20_000)
    assert spans[-1][1] == 20_000 * len(shape) and time.process_time() - begin < 5
