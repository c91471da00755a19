"""Which parts of a text are spans; what is done with them; how numbers change their form."""

from __future__ import annotations

import re
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.data.sentence.edits import Edit, edited, moved_words
from seqgen.data.sentence.numerals import NumberForms, learnt_forms, marks_of
from seqgen.data.sentence.placeholders import SENTINEL, masked, masked_pair
from seqgen.data.sentence.spans import spans
from seqgen.tokenizers.base import SENTINELS

KNOWN = set(string.ascii_letters + string.digits + " .,'!?-:()\"가나다를에서")


def unseen(text: str) -> set[str]:
    return set(text) - KNOWN


def found(text: str) -> list[str]:
    return [text[span.start : span.stop] for span in spans(text, unseen)]


@pytest.mark.parametrize(("text", "expected"), [
    ("No spans here, none (at all).", []),
    ("See http://a.b/c?d=(x). Then", ["http://a.b/c?d=(x)"]),
    ("(see https://en.wikipedia.org/wiki/A_(b)), ok", ["https://en.wikipedia.org/wiki/A_(b)"]),
    ("in WWW.X.ORG.", ["WWW.X.ORG"]),
    ("https://a.b를 보", ["https://a.b", "보"]),
    ("https://ko.wikipedia.org/wiki/한국 가", ["https://ko.wikipedia.org/wiki/한국"]),
    ("to bob.smith@x-y.co.uk, or @bob_1!", ["bob.smith@x-y.co.uk", "@bob_1"]),
    ("%s {0} {name} ${x} %(n)d %1$s %5.2f {{ m }}", ["%s", "{0}", "{name}", "${x}", "%(n)d", "%1$s", "%5.2f", "{{ m }}"]),
    ("100% sure, 50%", ["100%", "50%"]),
    ("<b>Hi</b> a <br/> <a href=\"x, y\">l</a>", ["<b>", "</b>", "<br/>", '<a href="x, y">', "</a>"]),
    ("&amp; and &#39; are", ["&amp;", "&#39;"]),
    ("in /usr/bin/x or ~/a.txt or C:\\Users\\x.doc", ["/usr/bin/x", "~/a.txt", "C:\\Users\\x.doc"]),
    ("src/main.py config.json를 e.g. i.e. end.Next", ["src/main.py", "config.json"]),
    ("👨‍👩‍👧 👍🏽 ❤️ 1️⃣ 😀😀", ["👨‍👩‍👧", "👍🏽", "❤️", "1️⃣", "😀😀"]),
    ("18.10 1,000 1 000 000 12:30 2020-01-02 3", ["18.10", "1,000", "1 000 000", "12:30", "2020-01-02", "3"]),
    ("in 2010 300 people", ["2010", "300"]),
    ("A4 B-52 COVID-19 foo_bar MP3, well-known I", ["A4", "B-52", "COVID-19", "foo_bar", "MP3"]),
    ("$20 or 20€", ["$20", "20€"]),
    ("in Łódź Zürich, über", ["Łódź Zürich", "über"]),
    ("he said Привет мир!", ["Привет мир"]),
    ("a \ufdd0 b", ["\ufdd0"]),
])  # fmt: skip
def test_spans(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@given(st.text(st.sampled_from("ab1 .,</>{}%&;:@/\\_-é😀가\u200d\ufe0f\ufdd0()"), max_size=60))
def test_spans_are_in_order_and_nothing_unseen_is_outside(text: str) -> None:
    reached = 0
    outside = ""
    for span in spans(text, unseen):
        assert reached <= span.start < span.stop <= len(text)
        outside += text[reached : span.start]
        reached = span.stop
    assert not unseen(outside + text[reached:]) and not re.search(r"\d", outside + text[reached:])


@pytest.mark.parametrize("part", ["a", "/a", "<a ", "{", "1 ", "@", "%1", "_", "A-", "a.b", "😀\u200d", "http://", "www.", "1,",
                                  "(a)", "http://a(", "A", "&a", "<!--", "$", "a@", "1:"])  # fmt: skip
def test_odd_text_takes_linear_time(part: str) -> None:
    def seconds(count: int) -> float:
        text = part * (count // len(part))
        begin = time.perf_counter()
        spans(text, unseen)
        return time.perf_counter() - begin

    seconds(1_000)
    assert seconds(160_000) < 0.5 + 60 * seconds(8_000), "twenty times the text, not four hundred times the time"


@given(st.text(st.sampled_from("ab1 23.,<b>/{x}%s😀é "), max_size=50), st.booleans(), st.booleans())
def test_what_is_hidden_can_be_put_back(text: str, learnt: bool, all_: bool) -> None:
    also = {text[span.start : span.stop] for span in spans(text, unseen)} if all_ else set()
    hidden = masked(text, spans(text, unseen), NumberForms({}), learnt=learnt, also=also)
    assert edited(text, hidden.edits) == hidden.text
    assert len(SENTINEL.findall(hidden.text)) == len(hidden.carried)
    if not hidden.aside:
        assert SENTINEL.sub(lambda at: hidden.carried[SENTINELS.index(at.group())], hidden.text) == text
    if not learnt:
        assert not hidden.carried
    if all_:
        assert not hidden.literal


def test_numbers_that_grammar_depends_on_are_read_as_they_are() -> None:
    text = "3 boats, 33 boats, the 2nd, the 42nd, 10km"
    hidden = masked(text, spans(text, unseen), NumberForms({}), learnt=True)
    assert hidden.text == f"3 boats, {SENTINELS[0]} boats, the 2nd, the 42nd, 10km" and hidden.carried == ("33",)
    # A language has words for "2nd".
    assert hidden.literal == ("3", "42", "10")
    assert masked(text, spans(text, unseen), NumberForms({}, kept=False), learnt=True).text == text


def test_pairs_have_placeholders_where_a_span_stands_on_both_sides_and_no_tags() -> None:
    source, target = "<b>At 12:30</b> he has 1,000 boats, 5 cats and 77 dogs", "Il a 1 000 bateaux, 5 chats à <b>12:30</b>"
    forms = NumberForms({"group ,": " "})
    left, right = masked_pair(source, target, (spans(source, unseen), spans(target, unseen)), forms, [7, 3, 9])
    assert left == f"At {SENTINELS[7]} he has {SENTINELS[3]} boats, 5 cats and 77 dogs"
    assert right == f"Il a {SENTINELS[3]} bateaux, 5 chats à {SENTINELS[7]}"
    assert masked_pair("<b></b>", "<b></b>", (spans("<b></b>", unseen),) * 2, forms, [0]) == ("<b></b>", "<b></b>")


def test_the_form_of_numbers_is_learnt_and_their_digits_never_change() -> None:
    pairs = [(f"{n},500 or {n}.5", f"{n} 500 ou {n},5") for n in range(10, 20)]
    forms = learnt_forms(pairs)
    assert forms == NumberForms({"group ,": " ", "decimal .": ","})
    assert NumberForms.of(forms.facts()) == forms
    assert [forms.applied(n) for n in ("1,000,000.25", "3.5", "12:30", "7", "1.2.3")] == [
        "1 000 000,25",
        "3,5",
        "12:30",
        "7",
        "1.2.3",
    ]
    # Where one mark was learnt only, two marks do not become one.
    assert NumberForms({"group ,": "."}).applied("1,000.5") == "1,000.5"
    # Whether numbers stay numbers, and which words stand for digits.
    others = [("no cat", "keine Katze"), ("7 dogs", "7 Hunde"), ("a dog", "ein Hund")] * 40
    assert learnt_forms([("5 cats, 20 dogs", "Fünf Katzen, zwanzig Hunde")] * 9 + others)[1] is False
    assert learnt_forms([("5 cats, 20 dogs", "Fünf Katzen, 20 Hunde")] * 9 + others)[1] is True
    five = [("5 birds", "Fünf Vögel"), ("5 cats", "Fünf Katzen"), ("5 dogs", "fünf Hunde")] * 9
    assert learnt_forms(five + others)[2]["5"][0] == "fünf"
    assert learnt_forms(others)[1:] == (True, {})


MARKS = st.dictionaries(
    st.sampled_from(["group ,", "group .", "decimal .", "decimal ,"]), st.sampled_from([" ", ",", ".", "'"])
)


@given(st.text(st.sampled_from("0123,.' "), max_size=12), MARKS)
def test_digits_never_change(number: str, changes: dict[str, str]) -> None:
    new = NumberForms(changes).applied(number)
    assert re.sub(r"\D", "", new) == re.sub(r"\D", "", number)
    if marks_of(number) and marks_of(number)[-1].role == "group":  # type: ignore[index]
        assert len(new) == len(number)


def test_words_are_found_again_after_edits() -> None:
    old = "I saw \ufdd0 people (\ufdd1)."
    edits = [Edit(6, 7, "12 345"), Edit(8, 8, "<b>"), Edit(14, 14, "</b>"), Edit(16, 17, "X")]
    new = edited(old, edits)
    assert new == "I saw 12 345 <b>people</b> (X)."
    assert moved_words(old, new, edits) == [[0], [1], [2, 3], [4], [5]]
    new = edited("a b", [Edit(2, 2, "4 ")])
    assert new == "a 4 b" and moved_words("a b", new, [Edit(2, 2, "4 ")]) == [[0], [2]]
