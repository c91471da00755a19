"""What the page of the server asks: itself, translations word by word, looks inside, and how trainings go.

What the page writes it asks for as any client does, over /v1/completions.
"""

from __future__ import annotations

from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from starlette.responses import JSONResponse, Response

from seqgen.serve.models import Model
from seqgen.serve.protocols.base import Call, Endpoint, Protocol
from seqgen.serve.refused import Refused
from seqgen.serve.work.translating import Asked

if TYPE_CHECKING:
    from seqgen.translation.lines import Translated

INDEX = "index.html"
KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
# Only what the server itself sends is loaded; a look inside is a page in a frame, whose styles stand in it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
# Alternatives of each line.
OTHERS = 4
MOST_CHARACTERS = 2_000


@cache
def _files() -> dict[str, bytes]:
    """The files of the page, by name."""
    return {one.name: one.read_bytes() for one in files("seqgen.serve.page").iterdir() if one.name.rpartition(".")[2] in KINDS}


def _file(name: str) -> Response:
    if name not in _files():
        raise Refused(404, f"the page has no file {name!r}")
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
    return Response(_files()[name], media_type=KINDS[name.rpartition(".")[2]], headers=headers)


async def index(call: Call) -> Response:
    """The page."""
    return _file(INDEX)


async def part(call: Call) -> Response:
    """One of its files."""
    return _file(call.request.path_params["name"])


async def models(call: Call) -> Response:
    """All runs, with what each can do."""
    return JSONResponse({
        "models": [
            {"name": model.name, "translates": model.is_translation, "languages": model.languages}
            for model in call.service.models.all()
        ],
        "trainings": await to_thread.run_sync(call.service.models.trainings),
    })  # fmt: skip


def _model(call: Call, translates: bool | None = None) -> Model:
    name = call.fields.text("model")
    for model in call.service.models.all():
        if model.name == name and translates in (None, model.is_translation):
            return model
    raise Refused(404, f"no such model: {name!r}")


def _text(call: Call, name: str) -> str:
    text = call.fields.text(name)
    if len(text) > MOST_CHARACTERS:
        raise Refused(413, f"{name}: {len(text):,} characters, the page takes {MOST_CHARACTERS:,}")
    return text


async def translate(call: Call) -> Response:
    """Each line: its words, those of the translation with their probabilities, which came from which, other translations."""
    model, service = _model(call, translates=True), call.service
    done = await service.lines(model, _text(call, "text").split("\n"), Asked(1 + OTHERS, attention=True), call.gone)
    from seqgen.serve.words import word_probabilities

    lines = model.translating(service.threads, service.precision).lines
    likely = await to_thread.run_sync(word_probabilities, lines, done)
    return JSONResponse({"lines": [_line(one, found) for one, found in zip(done, likely, strict=True)]})


def _line(one: Translated, likely: list[float | None]) -> dict[str, Any]:
    best, others = one.candidates[0], dict.fromkeys(candidate.text for candidate in one.candidates[1:])
    others.pop(best.text, None)
    words = zip(best.text.split(), likely, strict=True)
    return {
        "source": one.source.split(),
        "words": [{"text": text, "p": None if p is None else round(p, 4)} for text, p in words],
        "links": best.alignment,
        "text": best.text,
        "others": list(others),
    }


async def look(call: Call) -> Response:
    """What goes on inside a model where a text is read, as a page."""
    from seqgen.serve import watching  # a third of the server's start, for what few ask

    model, text = _model(call), _text(call, "text")
    target = call.fields.optional("target") or None
    if not text.strip():
        raise Refused(400, "there is nothing to look at")
    return JSONResponse({"page": await to_thread.run_sync(partial(watching.look, model.run, text, target))})


async def training(call: Call) -> Response:
    """How a training goes."""
    from seqgen.serve import watching

    run = call.service.models.training(call.fields.text("name"))
    if run is None:
        raise Refused(404, "no such training, or no longer")
    return JSONResponse(await to_thread.run_sync(watching.training, run))


_TEXT = {"model": "Name of a run.", "text": "The text."}
PROTOCOL = Protocol(
    "page",
    (
        Endpoint("/", ("GET",), index, "The page.", needs_no_key=True),
        Endpoint("/page/file/{name}", ("GET",), part, "A file of the page.", needs_no_key=True),
        Endpoint("/page/models", ("GET",), models, "All runs."),
        Endpoint("/page/translate", ("POST",), translate, "Translate lines, with all about each word.", _TEXT),
        Endpoint("/page/look", ("POST",), look, "Look inside a model.", {**_TEXT, "target": "A translation of the text."}),
        Endpoint("/page/training", ("GET",), training, "How a training goes.", {"name": "Name of a run."}),
    ),
    lambda status, message: {"error": message},
    keyless=401,
)
