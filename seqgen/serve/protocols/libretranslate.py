"""LibreTranslate's interface, which Weblate, subtitle editors, browser extensions and many scripts speak."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import JSONResponse, Response

from seqgen.serve import languages
from seqgen.serve.protocols.base import MOST_BYTES, Call, Endpoint, Protocol
from seqgen.serve.refused import Refused
from seqgen.serve.service import suffixes

AUTO = "auto"


def _source(call: Call) -> str | None:
    """The language of the texts; None where it is to be found out."""
    source = call.fields.text("source", AUTO)
    return None if source in (AUTO, "") else source


def _language(found: languages.Detected) -> dict[str, Any]:
    return {"confidence": found.confidence, "language": found.language}


async def translate(call: Call) -> Response:
    """A text or a list of texts: the answer has the same form."""
    fields = call.fields
    is_list, texts = isinstance(fields.any("q"), list), fields.texts("q")
    form, count = fields.text("format", "text"), fields.number("alternatives", 0)
    if form not in ("text", "html"):
        raise Refused(400, f"format: expected text or html, found {form!r}")
    answers = await call.service.translate(
        texts, _source(call), fields.text("target"), call.gone, html=form == "html", alternatives=count
    )

    def shaped(values: list[Any]) -> Any:
        return values if is_list else values[0]

    made: dict[str, Any] = {"translatedText": shaped([answer.texts[0] for answer in answers])}
    if _source(call) is None:
        made["detectedLanguage"] = shaped([_language(answer.detected) for answer in answers if answer.detected])
    if count:
        made["alternatives"] = shaped([list(answer.texts[1:]) for answer in answers])
    return JSONResponse(made)


async def known(call: Call) -> Response:
    """All languages, each with those that it is translated to."""
    pairs = call.service.pairs()
    return JSONResponse([
        {"code": code, "name": languages.name_of(code), "targets": [target for source, target in pairs if source == code]}
        for code in call.service.codes()
    ])  # fmt: skip


async def detect(call: Call) -> Response:
    """The languages that a text may be in."""
    texts = call.fields.texts("q")
    if not call.service.codes():
        raise Refused(400, "no languages are served")
    return JSONResponse([_language(found) for found in await call.service.detect("\n".join(texts))])


async def health(call: Call) -> Response:
    """The server answers."""
    return JSONResponse({"status": "ok"})


async def settings(call: Call) -> Response:
    """What a page in front of the server needs to know."""
    service = call.service
    source, target = next(iter(service.pairs()), ("", ""))
    return JSONResponse({
        "charLimit": service.limits.characters,
        "frontendTimeout": 500,
        "apiKeys": False,
        "keyRequired": False,
        "suggestions": True,
        "filesTranslation": True,
        "supportedFilesFormat": suffixes(),
        "language": {
            "source": {"code": source, "name": languages.name_of(source)},
            "target": {"code": target, "name": languages.name_of(target)},
        },
    })  # fmt: skip


async def translate_file(call: Call) -> Response:
    """A file of any format that `seqgen translate` writes; the answer says where the translated one is."""
    file = call.fields.file("file")
    name, target = file.filename or "", call.fields.text("target")
    data = await call.service.translate_file(name, await file.read(), _source(call), target, call.gone)
    kept = call.service.downloads.put(name, target, data)
    return JSONResponse({"translatedFileUrl": call.address(f"/download_file/{quote(kept)}")})


async def download(call: Call) -> Response:
    """A translated file."""
    name = call.request.path_params["name"]
    data = call.service.downloads.get(name)
    if data is None:
        raise Refused(404, "no such file, or no longer")
    told = f"attachment; filename*=UTF-8''{quote(name.partition('_')[2])}"
    return Response(data, media_type="application/octet-stream", headers={"Content-Disposition": told})


async def suggest(call: Call) -> Response:
    """A correction, which is kept beside the run."""
    fields = call.fields
    await call.service.suggest(fields.text("source"), fields.text("target"), fields.text("q"), fields.text("s"))
    return JSONResponse({"success": True})


_PAIR = {"source": "Code of the language of the text, or auto.", "target": "Code of the language to translate to."}
PROTOCOL = Protocol(
    "LibreTranslate",
    (
        Endpoint("/translate", ("GET", "POST"), translate, "Translate a text, or a list of texts.",
                 {"q": "The text or texts.", **_PAIR, "format": "text or html.",
                  "alternatives": "So many other translations of each, at most."}, is_open=True),
        Endpoint("/languages", ("GET",), known, "The languages, and what each is translated to.", is_open=True),
        Endpoint("/detect", ("GET", "POST"), detect, "Of the served languages, which a text is in.", {"q": "The text."},
                 is_open=True),
        Endpoint("/health", ("GET",), health, "Whether the server answers.", needs_no_key=True),
        Endpoint("/frontend/settings", ("GET",), settings, "Settings of a page."),
        Endpoint("/translate_file", ("POST",), translate_file, "Translate a file.", {"file": "The file.", **_PAIR},
                 most_bytes=21_000_000),
        Endpoint("/download_file/{name}", ("GET",), download, "Fetch a translated file."),
        Endpoint("/suggest", ("POST",), suggest, "Keep a correction.",
                 {"q": "A text.", "s": "How it should have been translated.", "source": "Code of the language of the text.",
                  "target": "Code of the language of the translation."}, most_bytes=MOST_BYTES),
    ),
    lambda status, message: {"error": message},
)  # fmt: skip
