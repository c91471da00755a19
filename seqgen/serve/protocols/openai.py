"""OpenAI's interface for completions, which `llm`, editors and many scripts speak, streamed as server-sent events.

A token is a symbol of the model: a character, a byte or a piece.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from starlette.responses import JSONResponse, Response, StreamingResponse

from seqgen.errors import SeqgenError
from seqgen.serve.models import Model
from seqgen.serve.protocols.base import Call, Endpoint, Protocol
from seqgen.serve.refused import Refused

if TYPE_CHECKING:
    from seqgen.serve.work.completing import Choice, Completing, Token

TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


async def complete(call: Call) -> Response:
    """Texts that go on from prompts."""
    from seqgen.serve.protocols.completions_asked import CompletionsAsked
    from seqgen.serve.work.completing import Completing

    asked = CompletionsAsked.of(call.fields, call.service.limits.symbols)
    model = call.service.writer(asked.model)
    writing = model.writing() if model.is_open else await to_thread.run_sync(model.writing)
    completing = Completing(call.service, model, writing, asked)
    head = {
        "id": f"cmpl-{secrets.token_hex(12)}",
        "object": "text_completion",
        "created": int(time.time()),
        "model": model.name,
    }
    if asked.stream:
        # What is wrong with the request is said before the stream begins.
        first = await completing.begun()
        return StreamingResponse(_events(completing, head, first, asked.with_usage), media_type="text/event-stream",
                                 headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})  # fmt: skip
    chosen = await completing.finished(call.gone)
    choices = [_shaped(choice, completing) for choice in chosen]
    return JSONResponse({**head, "choices": choices, "usage": _usage(completing)})


async def _events(completing: Completing, head: dict[str, Any], first: list[Choice], with_usage: bool) -> AsyncIterator[str]:
    """The events of all choices, as they come."""
    try:
        new = first
        while True:
            for choice in new:
                if choice.has_news:
                    yield _event({**head, "choices": [_shaped(choice, completing)]})
            if completing.is_over:
                break
            new = await completing.more()
        if with_usage:
            yield _event({**head, "choices": [], "usage": _usage(completing)})
        yield "data: [DONE]\n\n"
    except (Refused, SeqgenError) as error:
        yield _event(PROTOCOL.error(getattr(error, "status", 400), str(error)))
    finally:
        completing.cancel()


def _event(content: Any) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n"


def _shaped(choice: Choice, completing: Completing) -> dict[str, Any]:
    """What is new of a choice."""
    text, tokens = choice.taken(completing.spellings)
    return {
        "text": text,
        "index": choice.index,
        "logprobs": _log_probs(tokens, completing) if completing.tops is not None else None,
        "finish_reason": choice.ended,
    }


def _log_probs(tokens: list[Token], completing: Completing) -> dict[str, Any]:
    return {
        "tokens": [token.text for token in tokens],
        "token_logprobs": [token.symbol.log_prob for token in tokens],
        "top_logprobs": [
            {completing.shown(id_): log_prob for id_, log_prob in token.symbol.tops} if token.symbol.tops else None
            for token in tokens
        ],
        "text_offset": [token.offset for token in tokens],
    }


def _usage(completing: Completing) -> dict[str, int]:
    read, drawn = completing.prompt_tokens, completing.drawn_tokens
    return {"prompt_tokens": read, "completion_tokens": drawn, "total_tokens": read + drawn}


async def models(call: Call) -> Response:
    """The language models."""
    return JSONResponse({"object": "list", "data": [_model(model) for model in call.service.models.writers()]})


async def model(call: Call) -> Response:
    """One of them."""
    return JSONResponse(_model(call.service.writer(call.request.path_params["name"])))


def _model(model: Model) -> dict[str, Any]:
    created = int(datetime.fromisoformat(model.run.info.created).timestamp())
    return {"id": model.name, "object": "model", "created": created, "owned_by": "seqgen"}


async def chat(call: Call) -> Response:
    """Models that were trained on a text go on with it; they do not talk."""
    raise Refused(404, "seqgen's models continue a text, they do not chat: use /v1/completions")


def _error(status: int, message: str) -> dict[str, Any]:
    kind = TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _fields() -> dict[str, str]:
    """Those of a request for completions, the samplers among them."""
    from seqgen.decode.rules import RULES
    from seqgen.serve.protocols.completions_asked import ALSO

    return {
        "model": "Name of the run; the first one where it is missing.",
        "prompt": "A text, or several.",
        "max_tokens": "Symbols to write: characters, bytes or pieces, as the model has them; 16.",
        "n": "Texts of each prompt.",
        "best_of": "So many are drawn, and the likeliest kept.",
        "stream": "As server-sent events.",
        "stream_options": "include_usage: the last event counts symbols.",
        "stop": "Texts to end before.",
        "seed": "The same seed and request give the same text.",
        "temperature": "0: always the likeliest symbol.",
        "logprobs": "The likeliest symbols of each step, so many.",
        "echo": "The prompt comes first.",
        "logit_bias": "Ids of symbols, and what is added to their logits.",
        "label": "Of a run of records: which kind.",
        "no_copy": "Characters in a row that may stand in the training text; 0: any.",
        **{row.name: row.help for row in RULES if row.option and row.name != "temperature"},
        **{theirs: f"The same as {ours}." for theirs, ours in ALSO.items()},
        "samplers": "Another order of the samplers, by names.",
    }


PROTOCOL = Protocol(
    "OpenAI",
    (
        Endpoint("/v1/completions", ("POST",), complete, "Go on from a prompt.", _fields),
        Endpoint("/v1/models", ("GET",), models, "The language models."),
        Endpoint("/v1/models/{name}", ("GET",), model, "One of them."),
        Endpoint("/v1/chat/completions", ("POST",), chat, "Refused: see /v1/completions."),
    ),
    _error,
    keyless=401,
)  # fmt: skip
