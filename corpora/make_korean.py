"""korean.txt를 만든다: 작은 문법과 기억으로 쓴 바닷가 마을의 짧은 장면들.

Writes korean.txt: short scenes of a village by the sea. What there is to learn lies further apart than a few characters:
who is on stage and speaks in turn, at which level of politeness each of them always speaks, which thing is being looked
for, where and when the scene plays, whom to call because his turn is next, the gesture of the place, the verse that belongs to
the weather, which quotes and brackets are open, the refrain between the verse's lines; and close by, the particles that follow
the last consonant (은/는, 이/가, 을/를, 으로/로, 과/와). Deterministic: running it writes the same file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

SCENES = 520
SEED = 1446


@dataclass(frozen=True)
class Person:
    """등장인물: 이름, 말머리, 높임(합쇼체 · 해요체 · 해체 · 하오체)."""

    name: str
    opening: str
    level: str


CAST = (
    Person("할머니", "얘들아, ", "해"), Person("선장", "바다에 맹세코, ", "하오"), Person("지우", "있잖아요, ", "해요"),
    Person("민호", "아니, ", "해"), Person("선생님", "정확히 말하면, ", "합쇼"), Person("이장", "에헴, ", "하오"),
    Person("수아", "어머, ", "해요"), Person("우체부", "실례지만, ", "합쇼"), Person("도윤", "진짜로 ", "해"),
    Person("빵집 주인", "갓 구운 빵처럼 ", "해요"), Person("등대지기", "밤새 지켜본 바로는, ", "합쇼"), Person("어부", "허허, ", "하오"),
)  # fmt: skip
# 받침이 있는 것과 없는 것이 섞여 있다
THINGS = (
    "등불",
    "그물",
    "주전자",
    "편지",
    "열쇠",
    "바이올린",
    "장화",
    "나침반",
    "촛불",
    "닻",
    "사과",
    "망원경",
    "가위",
    "우산",
    "종",
    "지도",
)
PLACES = (("항구", "배 뒤"), ("방앗간", "물레방아 아래"), ("빵집", "화덕 옆"), ("등대", "계단 꼭대기"), ("시장", "나무통 사이"),
          ("교실", "책상 안"), ("과수원", "배나무 밑"), ("나루터", "노 곁"), ("도서관", "가장 높은 책장"), ("우물가", "돌담 틈"))  # fmt: skip
TIMES = (("이른 아침", "해가 막 떠올랐"), ("한낮", "해가 높이 떴"), ("저녁", "해가 졌"), ("한밤중", "달이 떴"))
WEATHER = (("비가 온다", "비가 오는데", "비"), ("눈이 온다", "눈이 오는데", "눈"), ("바람이 분다", "바람이 부는데", "바람"),
           ("안개가 꼈다", "안개가 꼈는데", "안개"))  # fmt: skip
VERSES = (
    ("갈매기도 잠이 든 바닷가에서", "잃어버린 것들을 찾아 나서면", "물결은 밀려와 발을 적시고", "달빛은 조용히 길을 비추네"),
    (
        "동전 하나 굴러서 문틈에 들어",
        "온 마을이 모여서 함께 찾았네",
        "찾고 보니 일곱 개 더 있었으니",
        "잃은 것보다 더 밝게 빛났네",
    ),
    ("방앗간 물레는 돌고 또 돌아", "남이 심은 곡식을 빻아 주는데", "겨울이 뼛속까지 스며들어도", "봄이 오면 다시 물이 흐르네"),
    (
        "먼바다에 나갔던 뱃사람 하나",
        "따뜻한 차 한 잔이 그리웠다네",
        "바람만이 자유롭다 말을 하면서",
        "잃은 것은 언젠가 돌아온다네",
    ),
)
GESTURES = (
    "고개를 젓는다",
    "모자를 벗는다",
    "손을 들여다본다",
    "바구니를 내려놓는다",
    "등을 돌린다",
    "눈가를 닦는다",
    "외투를 여민다",
)
COUNTS = ("첫", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
# 뜻마다 네 가지 높임의 맺음
ENDINGS = {
    "있다": {"합쇼": "있습니다", "해요": "있어요", "해": "있어", "하오": "있소"},
    "없다": {"합쇼": "없습니다", "해요": "없어요", "해": "없어", "하오": "없소"},
    "찾다": {"합쇼": "찾았습니다", "해요": "찾았어요", "해": "찾았어", "하오": "찾았소"},
    "보다": {"합쇼": "보았습니다", "해요": "봤어요", "해": "봤어", "하오": "보았소"},
    "모르다": {"합쇼": "모르겠습니다", "해요": "모르겠어요", "해": "모르겠어", "하오": "모르겠소"},
    "믿다": {"합쇼": "믿었습니다", "해요": "믿었어요", "해": "믿었어", "하오": "믿었소"},
    "것이다": {"합쇼": "것입니다", "해요": "거예요", "해": "거야", "하오": "것이오"},
    "있나": {"합쇼": "있습니까", "해요": "있나요", "해": "있니", "하오": "있소"},
    "했다": {"합쇼": "했습니다", "해요": "했어요", "해": "했어", "하오": "했소"},
    "과거": {"합쇼": "습니다", "해요": "어요", "해": "어", "하오": "소"},
}


def final(word: str) -> int:
    """마지막 글자의 받침 번호, 없으면 0 (유니코드 한글 음절: 가 + 초성 × 588 + 중성 × 28 + 종성)."""
    return (ord(word[-1]) - 0xAC00) % 28


def particle(word: str, pair: str) -> str:
    """낱말과 알맞은 조사: pair는 "은는", "이가", "을를", "과와", 또는 "으로"."""
    if pair == "으로":
        # ㄹ 받침(8번) 뒤에는 받침이 없을 때처럼 "로"가 온다.
        return word + ("로" if final(word) in (0, 8) else "으로")
    return word + (pair[0] if final(word) else pair[1])


class Scene:
    """한 장면: 막이 오를 때 정해진 것이 끝까지 간다."""

    def __init__(self, number: int, random: Random) -> None:
        self.number, self.random = number, random
        self.cast = random.sample(CAST, 3)
        self.thing = random.choice(THINGS)
        self.place, self.spot = random.choice(PLACES)
        self.gesture = GESTURES[[place for place, _ in PLACES].index(self.place) % len(GESTURES)]
        self.time, self.sky = random.choice(TIMES)
        self.weather, self.though, self.force = random.choice(WEATHER)
        self.owner = random.choice(self.cast)
        self.tries = 0

    def lines(self) -> list[str]:
        """제목, 차례대로 하는 말, 노래."""
        lines = [f"제{self.number}장. {self.time}, {self.place}. {self.weather}.", ""]
        turns = self.random.randint(7, 12)
        for turn in range(turns):
            speaker, other = self.cast[turn % len(self.cast)], self.cast[(turn + 1) % len(self.cast)]
            if turn == 0:
                words = f"{other.name}! {self.though} {particle(self.thing, '이가')} {self.end('없다', speaker)}!"
            elif turn == turns - 1:
                words = f"{self.spot}에서 {particle(self.thing, '을를')} {self.end('찾다', speaker)}! 역시 {self.place}에 있었던 {self.end('것이다', speaker)}."
            else:
                say = self.random.choice((self.ask, self.recall, self.quote, self.search, self.sky_says, self.doubt))
                # 다음 차례인 사람을 부른다: 누가 무대에 있고 누구 차례인지는 앞 장면을 기억해야 안다.
                words = f"{other.name}, {say(speaker, other)}"
            lines.append(f"{speaker.name}: {speaker.opening}{words}")
            if self.random.random() < 0.3:
                found = f"{self.spot}에서 {particle(self.thing, '을를')} 찾는다"
                lines.append(f"({particle(speaker.name, '이가')} {self.gesture}. {found}.)")
        return [*lines, "", *self.verse(), "", ""]

    def end(self, meaning: str, person: Person) -> str:
        """맺음말은 말하는 사람의 높임을 따른다."""
        return ENDINGS[meaning][person.level]

    def ask(self, speaker: Person, other: Person) -> str:
        return f"{self.owner.name}의 {particle(self.thing, '은는')} 어디에 {self.end('있나', speaker)}?"

    def recall(self, speaker: Person, other: Person) -> str:
        return f"어제 {self.place}에서 {particle(self.thing, '을를')} {self.end('보다', speaker)}."

    def quote(self, speaker: Person, other: Person) -> str:
        source = self.random.choice([person for person in self.cast if person is not speaker])
        inner = self.recall(source, speaker) if self.random.random() < 0.5 else self.doubt(source, speaker)
        return f'{particle(source.name, "이가")} "{inner}" 하기에 그 말을 {self.end("믿다", speaker)}.'

    def search(self, speaker: Person, other: Person) -> str:
        self.tries += 1
        count = COUNTS[(self.tries - 1) % len(COUNTS)]
        return f"{self.spot}까지 {count} 번째로 뒤졌지만 {particle(self.thing, '은는')} {self.end('없다', speaker)}."

    def sky_says(self, speaker: Person, other: Person) -> str:
        return f"{self.sky}{self.end('과거', speaker)}. {particle(self.force, '으로')} {particle(self.thing, '이가')} 상할까 걱정을 {self.end('했다', speaker)}."

    def doubt(self, speaker: Person, other: Person) -> str:
        return (
            f"{particle(self.thing, '과와')} {particle(self.owner.name, '이가')} 어디로 갔는지 {self.end('모르다', speaker)}."
        )

    def verse(self) -> list[str]:
        """그날 날씨의 노래 네 줄, 줄마다 받는 후렴."""
        refrain = f"  아아 {self.thing}, {self.time} {self.place}의 {particle(self.thing, '이가')} 그리워라"
        song = VERSES[[force for _, _, force in WEATHER].index(self.force)]
        return [line for verse in song for line in (f"  {verse}", refrain)]


def main() -> None:
    """이 파일 옆에 글을 쓴다."""
    random = Random(SEED)
    text = "\n".join(line for number in range(1, SCENES + 1) for line in Scene(number, random).lines())
    (Path(__file__).parent / "korean.txt").write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
