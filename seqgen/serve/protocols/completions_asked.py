"""What a request for completions asks: OpenAI's fields, and the sampler fields of llama.cpp by their names there."""

from __future__ import annotations

import math
import re
import secrets
from dataclasses import dataclass
from typing import Any

from seqgen.decode.rules import RULES
from seqgen.errors import ConfigError
from seqgen.generation import GenerateOptions
from seqgen.serve.refused import Refused
from seqgen.serve.web.fields import Fields

# Names that llama.cpp has for settings of ours; ours are understood as well.
ALSO = {
    "repeat_penalty": "repetition_penalty",
    "repeat_last_n": "repetition_window",
    "typical_p": "typical",
    "mirostat_tau": "mirostat_ent",
    "mirostat_eta": "mirostat_lr",
}
# What says something about the client, or how a server might work, and changes no text.
SAYS_NOTHING = frozenset("user metadata store service_tier cache_prompt id_slot safety_identifier".split())
MOST_CHOICES, MOST_TOPS = 128, 20
_OPTION = re.compile(r"--([a-z][a-z-]*)")


@dataclass(frozen=True)
class CompletionsAsked:
    """One request: `count` texts of each prompt are wanted, the best of `drawn`."""

    model: str | None
    prompts: tuple[str, ...]
    options: GenerateOptions
    seed: int
    count: int
    drawn: int
    tops: int | None
    echo: bool
    stream: bool
    with_usage: bool
    label: str | None

    @staticmethod
    def of(fields: Fields, most: int) -> CompletionsAsked:
        """From a request's fields. Raises Refused for one that is not known, and for values out of range; `most` symbols may be
        asked for."""
        count, stream = fields.number("n", 1), fields.flag("stream")
        drawn = fields.number("best_of", count)
        prompts = tuple(fields.texts("prompt", [""]))
        if not 1 <= count <= drawn or len(prompts) * drawn > MOST_CHOICES:
            raise Refused(
                400, f"n, best_of: expected 1 or more texts, {MOST_CHOICES} at most in all, best_of as many as n or more"
            )
        if stream and drawn > count:
            raise Refused(400, "best_of: which text is best is known at its end; it cannot be streamed")
        tops = fields.number("logprobs", 0) if "logprobs" in fields else None
        if tops is not None and not 0 <= tops <= MOST_TOPS:
            raise Refused(400, f"logprobs: expected 0 to {MOST_TOPS}, found {tops}")
        length = fields.number("max_tokens", fields.number("n_predict", 16))
        if not 0 <= length <= most:
            raise Refused(400, f"max_tokens: expected 0 to {most:,}, found {length:,}")
        seed = fields.number("seed", -1)
        usage = fields.any("stream_options") or {}
        asked = CompletionsAsked(
            fields.optional("model"), prompts, _options(fields, length), secrets.randbits(32) if seed == -1 else seed, count,
            drawn, tops, fields.flag("echo"), stream, isinstance(usage, dict) and bool(usage.get("include_usage")),
            fields.optional("label"),
        )  # fmt: skip
        if asked.seed < 0:
            raise Refused(400, f"seed: expected 0 or more, found {seed}")
        if unknown := sorted(name for name in fields.names - fields.taken - SAYS_NOTHING if name in fields):
            raise Refused(400, f"unknown field: {', '.join(unknown)}")
        return asked


def _options(fields: Fields, length: int) -> GenerateOptions:
    """The settings of the samplers. Raises Refused for what cannot be."""
    rules: dict[str, Any] = {}
    called: dict[str, str] = {}
    for row in RULES:
        if row.option:
            spellings = [row.name, *(theirs for theirs, ours in ALSO.items() if ours == row.name)]
            given = next((name for name in spellings if name in fields), None)
            if given is not None:
                called[row.name] = given
                rules[row.name] = fields.number(given, row.off)
    greedy = fields.flag("greedy") or rules.get("temperature") == 0
    if rules.get("temperature") == 0:
        del rules["temperature"]
    try:
        return GenerateOptions(
            length=length,
            greedy=greedy,
            stop=fields.texts("stop", []),
            samplers=fields.texts("samplers", []),
            logit_bias=_biases(fields.any("logit_bias")),
            no_copy=fields.number("no_copy", 0),
            **rules,
        )
    except ConfigError as error:
        # Names of the command line, as the request spells them.
        said = _OPTION.sub(lambda found: called.get(name := found[1].replace("-", "_"), name), str(error))
        raise Refused(400, said) from None


def _biases(given: Any) -> dict[int | str, float]:
    """From an object of ids, or from pairs as llama.cpp takes them, where false forbids a symbol."""
    if given is None:
        return {}
    pairs = list(given.items()) if isinstance(given, dict) else given
    try:
        return {
            int(id_) if str(id_).lstrip("-").isdigit() else str(id_): -math.inf if bias is False else float(bias)
            for id_, bias in pairs
        }
    except (TypeError, ValueError):
        raise Refused(400, "logit_bias: expected an object of ids and numbers") from None
