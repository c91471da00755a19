"""Bytes that are not UTF-8: the encoding that is guessed makes the same text of them."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from seqgen.data.encodings import guessed
from seqgen.data.lines import LineReader
from seqgen.errors import CorpusError

TEXTS = {
    "cp949 euc_kr": "오늘은 날씨가 정말 좋네요.\n내일 저녁에 같이 밥을 먹을까요?\n저는 그 책을 아직 읽지 않았어요.\n",
    "cp932 euc_jp iso2022_jp utf-16-le utf-16-be utf-32-le": "今日はとても良い天気です。\n明日一緒にコーヒーを飲みますか。\n",
    "gb18030 gb2312 utf-16-be": "今天天气很好，我们一起去公园吧。\n这本书我还没有看过，你能借给我吗？\n",
    "big5 utf-16-le": "今天天氣很好，我們一起去公園吧。\n這本書我還沒有看過，你能借給我嗎？\n",
    "latin-1 cp1252 mac_roman cp850": "Le café était très bon, la forêt est à côté.\nÇa, c'est où déjà ? Élise a été là.\n",
    "cp1252": "It\u2019s a \u201cquote\u201d \u2013 isn\u2019t it\u2026\n",
    "latin-1 utf-16-le": "Die Bäume grünen schön über den Straßen.\n",
    "cp1250 iso8859-2": "Všichni lidé se rodí svobodní a sobě rovní co do důstojnosti a práv. Příliš žluťoučký kůň.\n",
    "cp1250": "Wszyscy ludzie rodzą się wolni i równi. Zażółć gęślą jaźń, świat.\n",
    "cp1251 koi8_r cp866 iso8859-5 utf-16-le": "Все счастливые семьи похожи друг на друга.\nКаждая несчастлива по-своему.\n",
    "cp1253 iso8859-7": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι.\n",
    "cp1254": "Bütün insanlar hür ve eşit doğarlar; akıl ve vicdana sahiptirler.\n",
    "cp1255": "כל בני האדם נולדו בני חורין ושווים בערכם\n",
    "cp1256": "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق\n",
}
CASES = [(encoding, text) for encodings, text in TEXTS.items() for encoding in encodings.split()]


@pytest.mark.parametrize(("encoding", "text"), CASES)
def test_the_guess_makes_the_same_text(encoding: str, text: str) -> None:
    data = text.encode(encoding)
    found = guessed(data)
    assert found is not None and data.decode(found) == text, found
    # What is not said in words of the language does not mislead.
    noisy = ("id;2024-01-01;http://example.org/a?b=c\n" * 20 + text * 2).encode(encoding)
    found = guessed(noisy)
    assert found is not None and noisy.decode(found) == noisy.decode(encoding), found


def test_noise_is_no_text_and_utf8_is_utf8() -> None:
    rng = random.Random(1)
    assert all(guessed(rng.randbytes(size)) is None for size in (100, 1_000, 10_000))
    assert guessed("naïve 안녕".encode()) == "utf-8"


@pytest.mark.skipif(shutil.which("iconv") is None, reason="no iconv here")
@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "mac_roman", "cp949", "cp932", "euc_jp", "gb18030", "koi8_r", "cp1250"]
)
def test_lines_in_another_encoding_say_how_to_convert_them(encoding: str, tmp_path: Path) -> None:
    text = next(text for encodings, text in TEXTS.items() if encoding in encodings.split())
    path = tmp_path / "in.txt"
    path.write_bytes(text.encode(encoding))
    with path.open("rb") as file, pytest.raises(CorpusError) as error:
        LineReader([("in.txt", file)]).take(10, 1_000)
    assert error.value.hint is not None
    command = error.value.hint.partition("convert it: ")[2]
    assert subprocess.run([*command.split(), str(path)], capture_output=True, check=True).stdout.decode() == text
