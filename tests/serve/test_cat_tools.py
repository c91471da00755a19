"""DeepL's shape, OmegaT's generic plugin, OPUS-CAT, and Weblate's requests as it sends them."""

from __future__ import annotations

import pytest

from tests.serve.conftest import Server

TEXT, WORDS = "3 4 5 1", "three four five one"


def test_deepl_texts_as_a_form_and_as_json(server: Server) -> None:
    form = (("text", TEXT), ("text", "1 2 3"), ("target_lang", "DE"), ("source_lang", "EN"))
    for given in (form, {"text": [TEXT, "1 2 3"], "target_lang": "DE", "source_lang": "EN"}):
        reply = server.ask("/v2/translate", given, Authorization="DeepL-Auth-Key k:fx")
        found = reply.json["translations"]
        assert [one["text"] for one in found] == [WORDS, "one two three"]
        assert [one["detected_source_language"] for one in found] == ["EN", "EN"]
    assert server.ask("/v2/translate", {"text": TEXT, "target_lang": "DE"}).json["translations"][0]["text"] == WORDS


def test_deepl_keeps_what_weblate_wraps(server: Server) -> None:
    given = {
        "text": ['1 2 <x id="7"></x> 3'],
        "source_lang": "EN",
        "target_lang": "DE",
        "tag_handling": "xml",
        "ignore_tags": "x",
    }
    assert '<x id="7"></x>' in server.ask("/v2/translate", given).json["translations"][0]["text"]


@pytest.mark.parametrize(
    ("more", "status"),
    [({"glossary_id": "a"}, 404), ({"formality": "more"}, 400), ({"formality": "prefer_more"}, 200),
     ({"tag_handling": "rtf"}, 400), ({"target_lang": "KO"}, 400)],
)  # fmt: skip
def test_deepl_refuses_what_there_is_not_in_its_own_shape(server: Server, more: dict[str, str], status: int) -> None:
    reply = server.ask("/v2/translate", {"text": [TEXT], "source_lang": "EN", "target_lang": "DE", **more})
    assert reply.status == status and (status == 200 or set(reply.json) == {"message"})


def test_deepl_languages_and_usage(server: Server) -> None:
    assert server.ask("/v2/languages").json == [{"language": "EN", "name": "English"}]
    assert server.ask("/v2/languages?type=target").json == [
        {"language": "DE", "name": "German", "supports_formality": False},
        {"language": "FR", "name": "French", "supports_formality": False},
    ]
    before = server.ask("/v2/usage").json["character_count"]
    server.ask("/v2/translate", {"text": [TEXT], "target_lang": "DE"})
    assert server.ask("/v2/usage").json["character_count"] >= before + len(TEXT)


def test_omegat_and_opus_cat(server: Server) -> None:
    path = f"/omegat?source=en&target=de&text={TEXT.replace(' ', '%20')}"
    assert server.ask(path).json == {"translation": WORDS}
    path = f"/MTRestService/TranslateJson?tokenCode=0&input={TEXT.replace(' ', '%20')}&srcLangCode=en&trgLangCode=de&modelTag="
    assert server.ask(path).json == {"translation": WORDS}


def test_weblate_asks_for_a_list_of_units(server: Server) -> None:
    # Weblate's LibreTranslate service posts JSON with an empty key where none is set.
    given = {
        "api_key": "",
        "q": ["A dog runs.", "A small cat &amp; a dog run."],
        "source": "en",
        "target": "fr",
        "format": "html",
    }
    found = server.ask("/translate", given).json["translatedText"]
    assert found[0].startswith("Un chien") and "&amp;" in found[1]
