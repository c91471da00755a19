"""What clients of OPUS-CAT's engine ask (plugins of OmegaT, memoQ, Trados): a text in the address, its translation as JSON."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from seqgen.serve.protocols.base import Call, Endpoint, Protocol


async def translate(call: Call) -> Response:
    """One text."""
    fields = call.fields
    text, source, target = fields.text("input"), fields.text("srcLangCode"), fields.text("trgLangCode")
    answers = await call.service.translate([text], source, target, call.gone)
    return JSONResponse({"translation": answers[0].texts[0]})


PROTOCOL = Protocol(
    "OPUS-CAT",
    (
        Endpoint(
            "/MTRestService/TranslateJson",
            ("GET",),
            translate,
            "Translate a text.",
            {"input": "The text.", "srcLangCode": "Code of its language.", "trgLangCode": "Code of the one to translate to."},
        ),
    ),
    lambda status, message: {"error": message},
)
