"""DeepL's way of asking for translations (API version 2). Codes of languages are in capitals there."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from seqgen.serve import languages
from seqgen.serve.protocols.base import Call, Endpoint, Protocol
from seqgen.serve.refused import Refused

# Characters a month that a contract would allow: there is none.
NO_LIMIT = 1_000_000_000_000
# What is asked for with these cannot be given; other values of `formality` are wishes.
FORMAL = ("more", "less")
GLOSSARIES = ("glossary_id", "glossary_ids", "style_id", "translation_memory_id", "custom_instructions")


async def translate(call: Call) -> Response:
    """Texts; those with tags keep them."""
    fields = call.fields
    for name in GLOSSARIES:
        if name in fields:
            raise Refused(404 if "glossary" in name else 400, f"{name}: there is none on this server")
    if fields.text("formality", "default") in FORMAL:
        raise Refused(400, "formality: this server's models know no such distinction")
    handling = fields.text("tag_handling", "")
    if handling not in ("", "html", "xml"):
        raise Refused(400, f"tag_handling: expected html or xml, found {handling!r}")
    texts = fields.texts("text")
    source = fields.optional("source_lang")
    answers = await call.service.translate(texts, source, fields.text("target_lang"), call.gone, html=handling == "html")
    return JSONResponse({
        "translations": [
            {
                "detected_source_language": (answer.detected.language if answer.detected else source or "").upper(),
                "text": answer.texts[0],
                "billed_characters": len(text),
            }
            for text, answer in zip(texts, answers, strict=True)
        ]
    })  # fmt: skip


async def known(call: Call) -> Response:
    """The languages of one side."""
    side = call.fields.text("type", "source")
    if side not in ("source", "target"):
        raise Refused(400, f"type: expected source or target, found {side!r}")
    codes = sorted({pair[side == "target"] for pair in call.service.pairs()})
    extra = {"supports_formality": False} if side == "target" else {}
    return JSONResponse([{"language": code.upper(), "name": languages.name_of(code), **extra} for code in codes])


async def usage(call: Call) -> Response:
    """Characters since the start."""
    return JSONResponse({"character_count": call.service.characters, "character_limit": NO_LIMIT})


PROTOCOL = Protocol(
    "DeepL",
    (
        Endpoint(
            "/v2/translate",
            ("POST",),
            translate,
            "Translate texts.",
            {
                "text": "A text, or several.",
                "source_lang": "Code of their language; it is found out where it is missing.",
                "target_lang": "Code of the language to translate to.",
                "tag_handling": "html: the texts are pieces of HTML. Tags of xml are kept in any case.",
                "formality": "more and less are refused.",
                "glossary_id": "Refused: there are none.",
            },
        ),
        Endpoint("/v2/languages", ("GET", "POST"), known, "The languages.", {"type": "source or target."}),
        Endpoint("/v2/usage", ("GET", "POST"), usage, "Characters translated since the start."),
    ),
    lambda status, message: {"message": message},
)
