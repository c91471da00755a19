"""The Korean of the toy translation sets: particles by the last consonant, counters, and the conjugation of every stem.

One level of politeness (합니다). Whom a sentence is about has 은/는; who is new in it, or the subject of a clause within it,
has 이/가. A relative clause comes before its noun and ends in -는 or -ㄴ/은; because and when become -기 때문에 and -ㄹ 때.
"""

from __future__ import annotations

from dataclasses import dataclass

from pairs_grammar import Clause, Phrase, Place, Sentence, Time
from pairs_words import Adjective

LEADS, VOWELS = 19, "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
# How a stem's last vowel takes in the 아 or 어 of the past; the others keep it apart.
MERGED = {"ㅏ": "ㅏ", "ㅓ": "ㅓ", "ㅗ": "ㅘ", "ㅜ": "ㅝ", "ㅣ": "ㅕ", "ㅐ": "ㅐ", "ㅔ": "ㅔ"}
OWNERS = {"my": "제", "our": "우리", "his": "그의", "her": "그녀의", "their": "그들의", "this": "이", "every": "모든"}
OFTEN = {"often": "자주", "always": "항상", "sometimes": "가끔", "": ""}
HOW = {"slowly": "천천히", "quickly": "빠르게", "quietly": "조용히", "carefully": "조심스럽게", "happily": "즐겁게", "": ""}
MEANS = {"by boat": "배를 타고", "by car": "자동차를 타고", "by train": "기차를 타고", "by bicycle": "자전거를 타고",
         "on foot": "걸어서", "": ""}  # fmt: skip
RELATIONS = {"near": "근처", "behind": "뒤", "in front of": "앞", "under": "아래"}
DAYS = {"Monday": "월요일", "Tuesday": "화요일", "Wednesday": "수요일", "Thursday": "목요일", "Friday": "금요일",
        "Saturday": "토요일", "Sunday": "일요일"}  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
TIMES = {
    "every morning": "매일 아침", "every evening": "매일 저녁", "every night": "매일 밤", "every day": "매일",
    "every week": "매주", "every summer": "매년 여름", "every winter": "매년 겨울", "in spring": "봄에", "in autumn": "가을에",
    "in winter": "겨울에", "in summer": "여름에", "at noon": "정오에", "at midnight": "자정에", "today": "오늘",
    "yesterday": "어제", "this morning": "오늘 아침", "last night": "어젯밤", "last week": "지난주에",
    "last month": "지난달에", "last year": "작년에", "last winter": "지난겨울에", "last summer": "지난여름에",
    **{f"on {day}s": f"{korean}마다" for day, korean in DAYS.items()},
    **{f"last {day}": f"지난 {korean}에" for day, korean in DAYS.items()},
    **{f"in {month}": f"{number}월에" for number, month in enumerate(MONTHS, 1)},
    "at N o'clock": "N시에", "in N": "N년에", "N days ago": "N일 전에", "N weeks ago": "N주 전에",
    "N months ago": "N개월 전에", "N years ago": "N년 전에", "for N hours": "N시간 동안", "for N minutes": "N분 동안",
    "for N days": "N일 동안",
}  # fmt: skip


@dataclass(frozen=True)
class Stem:
    """What is conjugated: `kind` is verb, adjective, or exist (있다, 없다), which shares forms with both."""

    text: str
    irregular: str = ""
    kind: str = "verb"

    def denied(self) -> Stem:
        """Its negation, which is a stem again."""
        return Stem("없", "", "exist") if self.text == "있" else Stem(self.text + "지 않", "", self.kind)


def letters(text: str) -> tuple[int, str, str]:
    """Lead, vowel and final of the last syllable (Unicode: 가 + lead * 588 + vowel * 28 + final)."""
    code = ord(text[-1]) - 0xAC00
    return code // 588, VOWELS[code // 28 % 21], FINALS[code % 28]


def last(text: str, vowel: str = "", final: str = "") -> str:
    """A text whose last syllable has another vowel or final."""
    lead, old, _ = letters(text)
    return text[:-1] + chr(0xAC00 + lead * 588 + VOWELS.index(vowel or old) * 28 + FINALS.index(final or " "))


def particle(word: str, pair: str) -> str:
    """A word with the particle of a pair that its last consonant asks for."""
    final = letters(word)[2]
    if pair == "으로":
        # A final ㄹ is like none here.
        return word + ("로" if final in " ㄹ" else "으로")
    return word + pair[final == " "]


def soft(stem: Stem) -> str:
    """The stem as it is before -ㄴ, -ㄹ and the like: with 으 after a consonant, without its own ㄹ."""
    final = letters(stem.text)[2]
    if stem.irregular == "ㅂ":
        return last(stem.text) + "우"
    if stem.irregular == "ㅅ":
        return last(stem.text) + "으"
    if stem.irregular == "ㄷ":
        return last(stem.text, final="ㄹ") + "으"
    if stem.irregular == "ㅎ" or final == "ㄹ":
        return last(stem.text)
    return stem.text if final == " " else stem.text + "으"


def past(stem: Stem) -> str:
    """The past's stem, in ㅆ."""
    text = stem.text
    lead, vowel, final = letters(text)
    if text.endswith("하"):
        return text[:-1] + "했"
    if stem.irregular == "ㅂ":
        return last(text) + ("왔" if text == "돕" else "웠")
    if stem.irregular == "ㅎ":
        return last(text, "ㅒ" if vowel == "ㅑ" else "ㅐ", "ㅆ")
    if stem.irregular == "르":
        return last(text[:-1], final="ㄹ") + ("랐" if letters(text[:-1])[1] in "ㅏㅗ" else "렀")
    if stem.irregular in ("ㄷ", "ㅅ"):
        text = last(text, final="ㄹ" if stem.irregular == "ㄷ" else "")
    elif final == " " and vowel == "ㅡ":
        open_ = len(text) > 1 and letters(text[:-1])[1] in "ㅏㅗ"
        return last(text, "ㅏ" if open_ else "ㅓ", "ㅆ")
    elif final == " " and vowel in MERGED:
        return last(text, MERGED[vowel], "ㅆ")
    return text + ("았" if vowel in "ㅏㅗ" else "었")


def ending(stem: Stem, before: bool, form: str) -> str:
    """The finished word: `form` is a key below; `before` says that it is past."""
    closed = letters(stem.text)[2] not in " ㄹ"
    if form in ("지만", "고", "기 때문에"):
        return (past(stem) if before else stem.text) + form
    if form == "때":
        return past(stem) + "을 때" if before else last(soft(stem), final="ㄹ") + " 때"
    if form == "다고":
        if before or stem.kind != "verb":
            return (past(stem) if before else stem.text) + "다고"
        return stem.text + "는다고" if closed else last(stem.text, final="ㄴ") + "다고"
    if form == "관형":
        if stem.kind == "exist":
            return stem.text + ("던" if before else "는")
        if before or stem.kind == "adjective":
            return last(soft(stem), final="ㄴ")
        return (last(stem.text) if letters(stem.text)[2] == "ㄹ" else stem.text) + "는"
    polite = "까" if form == "니까" else "다"
    if before or closed:
        return f"{past(stem) if before else stem.text}습니{polite}"
    return last(stem.text, final="ㅂ") + "니" + polite


def said(sentence: Sentence) -> str:
    """The sentence with its mark."""
    first, second = sentence.first, sentence.second
    if second is not None:
        if sentence.kind in ("but", "and"):
            text = f"{clause(first, '지만' if sentence.kind == 'but' else '고')} {clause(second)}"
        elif sentence.kind == "says":
            inner, outer = clause(second, "다고", mark="이가"), clause(first, mark="은는")
            subject, _, verb = outer.rpartition(" ")
            text = f"{subject} {inner} {verb}"
        else:
            text = f"{clause(second, '기 때문에' if sentence.kind == 'because' else '때', mark='이가')} {clause(first)}"
        return text + "."
    if sentence.kind == "there":
        assert first.subject is not None and first.place is not None
        there = ending(Stem("있", kind="exist"), first.past, "니다")
        return f"{place(first.place, still=True)} {particle(phrase(first.subject), '이가')} {there}."
    if sentence.kind == "plain":
        return clause(first) + "."
    asked = {"where": "어디에서", "why": "왜"}.get(sentence.kind, "")
    return clause(first, "니까", asked=asked) + "?"


def topic(item: Phrase, mark: str) -> str:
    """The subject with its particle, by default that of what is known or new; 저 and 누 change before 가."""
    mark = mark or ("은는" if item.definite and item.pronoun != "who" else "이가")
    if mark == "이가":
        name = {"I": "제", "who": "누"}.get(item.pronoun)
        return name + "가" if name else particle(phrase(item), "이가")
    return particle(phrase(item), "은는")


def predicate(item: Clause) -> Stem:
    """The stem of the clause's verb, adjective or 있다."""
    if item.verb is not None:
        stem = Stem(item.verb.korean, item.verb.irregular)
    elif item.adjective is not None:
        stem = Stem(item.adjective.korean, item.adjective.irregular, "adjective")
    else:
        stem = Stem("있", kind="exist")
    return stem.denied() if item.negative else stem


def clause(item: Clause, form: str = "니다", mark: str = "", asked: str = "") -> str:
    """A clause that ends in `form`; `mark` is the subject's pair of particles; `asked` stands where its answer would."""
    subject = topic(item.subject, mark) if item.subject is not None else ""
    when = time(item.time) if item.time is not None else ""
    parts = [when, subject] if item.time is not None and item.time.front else [subject, when]
    parts.append(asked if asked == "왜" else "")
    if item.companion is not None:
        parts += [particle(phrase(item.companion), "과와"), "함께"]
    parts.append(MEANS[item.means])
    if item.place is not None:
        parts.append(place(item.place, still=item.verb is None))
    parts.append(asked if asked != "왜" else "")
    if item.to is not None:
        parts.append(phrase(item.to) + "에게")
    if item.object is not None:
        parts.append(particle(phrase(item.object, denied=item.negative), "을를"))
    parts += [OFTEN[item.often], HOW[item.how], ending(predicate(item), item.past, form)]
    return " ".join(part for part in parts if part)


def described(adjectives: tuple[Adjective, ...], kind: str) -> list[str]:
    """Adjectives before a noun of a kind: all but the last are joined to it by -고; 새, which has no endings, is next to it."""
    found, new = [], [adjective.korean.split("/")[0] for adjective in adjectives if adjective.english == "new"]
    conjugated = [adjective for adjective in adjectives if adjective.english != "new"]
    for number, adjective in enumerate(conjugated, 1):
        stem, _, living = adjective.korean.partition("/")
        form = "고" if number < len(conjugated) else "관형"
        stem = living if living and kind in ("person", "animal") else stem
        found.append(ending(Stem(stem, adjective.irregular, "adjective"), False, form))
    return found + new


def phrase(item: Phrase, denied: bool = False) -> str:
    """A noun phrase without its particle; a or a number counts after the noun, unless there is none (`denied`)."""
    parts = [clause(item.relative, "관형", mark="이가")] if item.relative is not None else []
    owner = OWNERS.get(item.det, "") if item.owner is None else phrase(item.owner) + "의"
    # 우리 is enough before a noun, not before what describes it.
    parts.append("우리의" if owner == "우리" and item.adjectives else owner)
    parts.append("많은" if item.det == "many" else "")
    parts += described(item.adjectives, item.noun.kind)
    parts.append(item.noun.korean + ("들" if item.plural and item.definite and not item.pronoun else ""))
    if item.det == "number":
        parts.append(f"{item.number}{item.noun.counter}")
    elif item.det in ("a", "some") and not denied:
        parts += ["한" if item.det == "a" else "몇", item.noun.counter]
    text = " ".join(part for part in parts if part)
    return f"{particle(text, '과와')} {phrase(item.also)}" if item.also is not None else text


def place(item: Place, still: bool) -> str:
    """Where something is (에) or is done (에서), or where somebody goes (으로), arrives or comes from."""
    text = phrase(item.phrase)
    if item.relation == "to":
        return particle(text, "으로")
    if item.relation in ("from", "at"):
        return text + ("에서" if item.relation == "from" else "에")
    relation = RELATIONS.get(item.relation, "")
    return f"{text} {relation}".strip() + ("에" if still else "에서")


def time(item: Time) -> str:
    """When."""
    return TIMES[item.english].replace("N", str(item.number))
