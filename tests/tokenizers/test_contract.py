"""One contract for every tokenizer in the table: a new one is tested the moment it is listed."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen.errors import ConfigError, TokenizerError
from seqgen.tokenizers import TOKENIZERS, load_tokenizer, tokenizer_class
from seqgen.tokenizers.base import BOS, EOS, PAD, UNK, Tokenizer, normalise

PLANE = "".join(chr(point) for point in range(0x10000) if not 0xD800 <= point < 0xE000)
TEXTS = {
    "empty": "",
    "ascii": "The quick brown fox.\n",
    "hangul composed": "안녕하세요, 세계!",
    "hangul decomposed": unicodedata.normalize("NFD", "안녕하세요, 세계!"),
    "emoji with joiners": "👩‍👩‍👧‍👦 and 👍🏽",
    "control characters": "a\x00b\x07c\x1b[31md\x7f",
    "line separators": "a\u2028b\u0085c\x0bd\x0ce\rf",
    "the whole basic plane": PLANE,
    "astral": "𝒳𐍈𠜎",
    "U+2581 and ligatures": "▁ﬁ  two  spaces",
    "white space everywhere": "  a  \n\n \t\n\tb \n  ",
    "line ends of all kinds": "a\r\nb\rc\n\r\n",
    "right to left": "שלום \u200fعالم\u200e! ١٢٣",
    "marks on nothing": "\u0301a\n\u0301 \u0308▁\u0301",
    "U+2581 beside spaces": "▁ ▁\n▁▁ \n ▁",
    "a long line": "가나다라 마바" * 1500 + "x" * 5000,
}

pytestmark = pytest.mark.parametrize("name", TOKENIZERS)


def trained(name: str, *texts: str) -> Tokenizer:
    return tokenizer_class(name).train(texts)


@pytest.mark.parametrize("case", TEXTS)
def test_decode_undoes_encode(name: str, case: str) -> None:
    text = TEXTS[case]
    tokenizer = trained(name, text)
    ids = tokenizer.encode(text)
    assert ids.dtype == np.int32
    assert tokenizer.decode(ids) == unicodedata.normalize("NFC", text) == normalise(text)
    assert not tokenizer.unknown(text)
    assert len(ids) == 0 or (ids.min() >= 4 and ids.max() < len(tokenizer))


@pytest.mark.parametrize("case", TEXTS)
def test_what_was_never_seen_does_no_harm(name: str, case: str) -> None:
    tokenizer = trained(name, "ab\n")
    text = TEXTS[case]
    decoded = tokenizer.decode(tokenizer.encode(text))
    unknown = set(tokenizer.unknown(text))
    expected = "".join("�" if c in unknown else c for c in normalise(text))
    assert decoded == expected


@pytest.mark.parametrize("case", TEXTS)
def test_saved_and_loaded_it_is_the_same(name: str, case: str, tmp_path: Path) -> None:
    tokenizer = trained(name, TEXTS[case])
    tokenizer.save(tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert loaded.kind == name and len(loaded) == len(tokenizer)
    np.testing.assert_array_equal(loaded.encode(TEXTS[case] + "xyz"), tokenizer.encode(TEXTS[case] + "xyz"))


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60), ids=st.lists(st.integers(0, 400), max_size=30))
def test_one_id_at_a_time_is_the_same_as_all(name: str, text: str, ids: list[int]) -> None:
    tokenizer = trained(name, text, "abc가나다é")
    for sequence in (tokenizer.encode(text).tolist(), [i % len(tokenizer) for i in ids]):
        decoder = tokenizer.decoder()
        streamed = "".join(decoder.push(i) for i in sequence) + decoder.flush()
        assert streamed == tokenizer.decode(sequence)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=40))
def test_any_text_comes_back(name: str, text: str) -> None:
    tokenizer = trained(name, text)
    assert tokenizer.decode(tokenizer.encode(text)) == normalise(text)


def test_special_ids_are_silent_but_the_unknown(name: str) -> None:
    assert trained(name, "ab").decode([PAD, BOS, EOS]) == ""
    assert trained(name, "ab").decode([UNK]) == "�"


def test_ids_outside_the_vocabulary_are_errors(name: str) -> None:
    tokenizer = trained(name, "ab")
    for bad in (-1, len(tokenizer)):
        with pytest.raises(TokenizerError, match=f"id {bad} is outside"):
            tokenizer.decode([bad])


def test_symbols_can_be_printed(name: str) -> None:
    tokenizer = trained(name, PLANE)
    symbols = [tokenizer.symbol(i) for i in range(len(tokenizer))]
    assert all(symbol.isprintable() and symbol for symbol in symbols)
    assert symbols[:4] == ["<pad>", "<unk>", "<bos>", "<eos>"]


def test_a_newline_is_always_known(name: str) -> None:
    tokenizer = trained(name, "no line end")
    assert UNK not in tokenizer.encode("\n") and not tokenizer.unknown("\n")


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"format": 1, "kind": "no such"}', '{"format": 99, "kind": "char", "characters": "ab"}'],
)
def test_damaged_files_are_errors(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(content, encoding="utf-8")
    with pytest.raises(TokenizerError, match="tokenizer.json"):
        load_tokenizer(tmp_path)


def test_a_name_outside_the_table_is_an_error(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        tokenizer_class(name + "x")


def test_duplicated_characters_are_damage(name: str, tmp_path: Path) -> None:
    if name != "char":
        pytest.skip("only characters are listed in a file")
    trained(name, "ab").save(tmp_path)
    path = tmp_path / "tokenizer.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, "characters": "aab"}), encoding="utf-8")
    with pytest.raises(TokenizerError, match="distinct"):
        load_tokenizer(tmp_path)
