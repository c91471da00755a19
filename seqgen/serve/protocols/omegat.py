"""What OmegaT's generic plugin for machine translation asks: one text in the address, one in the answer."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from seqgen.serve.protocols.base import Call, Endpoint, Protocol


async def translate(call: Call) -> Response:
    """One text; tags in it (<x1/>) are kept."""
    fields = call.fields
    answers = await call.service.translate([fields.text("text")], fields.text("source"), fields.text("target"), call.gone)
    return JSONResponse({"translation": answers[0].texts[0]})


PROTOCOL = Protocol(
    "OmegaT",
    (
        Endpoint(
            "/omegat",
            ("GET",),
            translate,
            "Translate a text.",
            {"text": "The text.", "source": "Code of its language.", "target": "Code of the language to translate to."},
        ),
    ),
    lambda status, message: {"error": message},
)
