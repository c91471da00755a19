"""What clients of LibreTranslate send, and what they expect back."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Seqgen
from tests.serve.conftest import Server

TEXT, WORDS = "3 4 5 1", "three four five one"


def multipart(name: str, data: bytes, **fields: str) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return b"".join([*parts, head, data, f"\r\n--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


@pytest.mark.parametrize("how", ["json", "form", "get", "json that says it is a form's", "plain text"])
def test_one_text_in_every_way_of_asking(server: Server, how: str) -> None:
    fields = {"q": TEXT, "source": "en", "target": "de"}
    if how == "json":
        reply = server.ask("/translate", fields)
    elif how == "form":
        reply = server.ask("/translate", tuple(fields.items()))
    elif how == "get":
        reply = server.ask(f"/translate?q={TEXT.replace(' ', '+')}&source=en&target=de")
    else:
        # Some clients send JSON and say nothing of it, curl among them.
        kind = "text/plain" if how == "plain text" else "application/x-www-form-urlencoded"
        reply = server.ask("/translate", json.dumps(fields).encode(), Content_Type=kind)
    assert reply.status == 200 and reply.json == {"translatedText": WORDS}


def test_a_list_comes_back_as_one_of_the_same_length(server: Server) -> None:
    texts = [TEXT, "", "   ", "1 2 3", TEXT, "7 7 7\n8 8 8\n", "☃", "2\u00a02 2"]
    reply = server.ask("/translate", {"q": texts, "source": "en", "target": "de", "format": "text"})
    found = reply.json["translatedText"]
    assert len(found) == len(texts) and found[0] == found[4] == WORDS
    assert found[1] == "" and found[2] == "   " and found[6] == "☃"
    assert [line.count(" ") for line in found[5].split("\n")] == [2, 2, 0]
    assert server.ask("/translate", {"q": [], "source": "en", "target": "de"}).json == {"translatedText": []}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\r\n"])
def test_line_ends_stay_what_they_are(server: Server, end: str) -> None:
    reply = server.ask("/translate", {"q": end.join([TEXT, TEXT, ""]), "source": "en", "target": "de", "alternatives": 1})
    assert reply.json["translatedText"] == end.join([WORDS, WORDS, ""])
    assert all(end in other for other in reply.json["alternatives"])


def test_it_is_what_the_command_line_writes(server: Server, seqgen: Seqgen, translation_run: Path) -> None:
    lines = ["3 4 5 1", "9 9 9", "1 2 3 4 5 6", "0 0 7"]
    done = seqgen("translate", "-m", translation_run, stdin="\n".join(lines) + "\n")
    reply = server.ask("/translate", {"q": lines, "source": "en", "target": "de"})
    assert reply.json["translatedText"] == done.stdout.splitlines()


def test_alternatives_are_others_and_no_more_than_asked_for(server: Server) -> None:
    found = server.ask("/translate", {"q": TEXT, "source": "en", "target": "de", "alternatives": 3}).json
    assert found["translatedText"] == WORDS
    assert 1 <= len(found["alternatives"]) <= 3 and len({WORDS, *found["alternatives"]}) == 1 + len(found["alternatives"])
    found = server.ask("/translate", {"q": [TEXT, "1 2 3"], "source": "en", "target": "de", "alternatives": "2"}).json
    assert [len(one) <= 2 for one in found["alternatives"]] == [True, True]


def test_the_language_is_found_out_where_that_is_asked(server: Server) -> None:
    found = server.ask("/translate", {"q": "1 2 3", "source": "auto", "target": "de"}).json
    assert found["detectedLanguage"]["language"] == "en" and 0 <= found["detectedLanguage"]["confidence"] <= 100
    found = server.ask("/translate", {"q": ["1 2 3", "4 4 4"], "source": "auto", "target": "de"}).json
    assert [one["language"] for one in found["detectedLanguage"]] == ["en", "en"]


@pytest.mark.parametrize("codes", [("en-US", "de"), ("EN", "DE"), ("en_GB", "de-AT"), ("eng", "deu")])
def test_codes_are_taken_as_they_are_meant(server: Server, codes: tuple[str, str]) -> None:
    assert server.ask("/translate", {"q": TEXT, "source": codes[0], "target": codes[1]}).json["translatedText"] == WORDS


def test_markup_is_kept(server: Server) -> None:
    def translated(page: str) -> str:
        given = {"q": page, "source": "en", "target": "fr", "format": "html"}
        return str(server.ask("/translate", given).json["translatedText"])

    found = translated('<p class="a">A <b>small</b> dog runs.</p><ul><li>A cat &amp; a dog run.</li></ul><!-- A dog -->')
    assert found.startswith('<p class="a">Un ') and found.endswith("</li></ul><!-- A dog -->")
    assert "<b>petit</b>" in found and "&amp;" in found
    # An encoding that a page names is not that of the request.
    found = translated("<meta charset=euc-kr><p>\u201cHere\u201d, a small dog.</p>")
    assert "\u201c" in found and "chien" in found
    for same in ("", "<br>", "<p></p>", "&nbsp;"):
        assert translated(same) == same


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"source": "en", "target": "de"}, "q: expected a text"),
        ({"q": 5, "source": "en", "target": "de"}, "q: expected a text"),
        ({"q": ["a", None], "source": "en", "target": "de"}, "q: expected a text"),
        ({"q": "1", "source": "en"}, "target: expected a text"),
        ({"q": "1", "source": "ko", "target": "de"}, "ko to de is not served"),
        ({"q": "1", "source": "en", "target": "en"}, "en to en is not served; pairs: en-de, en-fr"),
        ({"q": "1", "source": "en", "target": "de", "format": "rtf"}, "format: expected text or html"),
        ({"q": "1", "source": "en", "target": "de", "alternatives": "x"}, "alternatives: expected a whole number"),
        ({"q": "1", "source": "en", "target": "de", "alternatives": 10_000}, "alternatives: expected 0 to"),
    ],
)
def test_what_cannot_be_answered_is_told_why(server: Server, fields: dict[str, Any], said: str) -> None:
    reply = server.ask("/translate", fields)
    assert reply.status == 400 and said in reply.json["error"] and set(reply.json) == {"error"}


def test_languages_health_and_settings(server: Server) -> None:
    assert server.ask("/languages").json == [
        {"code": "de", "name": "German", "targets": []},
        {"code": "en", "name": "English", "targets": ["de", "fr"]},
        {"code": "fr", "name": "French", "targets": []},
    ]
    assert server.ask("/health").json == {"status": "ok"}
    found = server.ask("/frontend/settings").json
    assert found["keyRequired"] is False and found["filesTranslation"] and ".po" in found["supportedFilesFormat"]
    assert found["language"]["source"] == {"code": "en", "name": "English"}


def test_detection_is_among_the_languages_that_are_served(server: Server) -> None:
    for text, code in (("Wo ist der Hafen, und wann fährt das Schiff?", "de"), ("Where is the harbour, and the ship?", "en")):
        found = server.ask("/detect", (("q", text),)).json
        assert found[0]["language"] == code and {one["language"] for one in found} == {"de", "en", "fr"}
        assert found[0]["confidence"] > 80


@pytest.mark.parametrize(("text", "expected"), [
    (f"{TEXT}\n\n  {TEXT}\n", f"{WORDS}\n\n  {WORDS}\n"),
    (f"\ufeff{TEXT}\r\n{TEXT}", f"\ufeff{WORDS}\r\n{WORDS}"),
    ("", ""), ("\n", "\n"),
    (f"{TEXT}\n" * 2_500, f"{WORDS}\n" * 2_500),
])  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_text_comes_back_line_by_line(server: Server, text: str, expected: str, encoding: str) -> None:
    body, kind = multipart("notes.TXT", text.encode(encoding), source="en", target="de")
    reply = server.ask("/translate_file", body, Content_Type=kind)
    fetched = server.ask(reply.json["translatedFileUrl"].removeprefix(server.url))
    assert fetched.body == expected.encode(encoding)


def test_a_file_comes_back_translated(server: Server) -> None:
    catalogue = b'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "3 4 5 1"\nmsgstr ""\n'
    body, kind = multipart("../../etc/a b.po", catalogue, source="en", target="de")
    reply = server.ask("/translate_file", body, Content_Type=kind)
    url = reply.json["translatedFileUrl"]
    assert reply.status == 200 and url.startswith(server.url + "/download_file/") and ".." not in url
    fetched = server.ask(url.removeprefix(server.url))
    assert fetched.status == 200 and f'msgstr "{WORDS}"'.encode() in fetched.body
    assert "attachment" in fetched.headers["content-disposition"]


def test_a_document_in_a_zip_comes_back_translated(server: Server) -> None:
    from docx import Document

    made = io.BytesIO()
    document = Document()
    document.add_paragraph("A small dog runs.")
    document.save(made)
    body, kind = multipart("a.docx", made.getvalue(), source="en", target="fr")
    url = server.ask("/translate_file", body, Content_Type=kind).json["translatedFileUrl"]
    data = server.ask(url.removeprefix(server.url)).body
    assert "petit chien" in zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.exe", b"MZ", "expected a file of one of"), ("a.txt.gz", b"1 2 3", "expected a file of one of"),
        ("a.tmx", b"<tmx", "a.tmx"), ("a.txt", b"caf\xe9 7", "a.txt"), ("", b"", "file"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_translated(server: Server, name: str, data: bytes, said: str) -> None:
    body, kind = multipart(name, data, source="en", target="de")
    reply = server.ask("/translate_file", body, Content_Type=kind)
    assert reply.status == 400 and said in reply.json["error"]
    assert server.ask("/download_file/..%2f..%2fetc%2fpasswd").status == 404
    assert server.ask("/translate_file", {"source": "en", "target": "de"}).status == 400
    assert server.ask("/translate_file", b"nothing", Content_Type="multipart/form-data; boundary=x").status == 400
    assert server.ask("/translate_file", b"nothing", Content_Type="multipart/form-data").status == 400
