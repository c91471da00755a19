"""All protocols."""

from __future__ import annotations

from seqgen.serve.protocols import deepl, libretranslate, omegat, openai, opuscat, page
from seqgen.serve.protocols.base import Protocol

PROTOCOLS: tuple[Protocol, ...] = (
    libretranslate.PROTOCOL,
    openai.PROTOCOL,
    deepl.PROTOCOL,
    omegat.PROTOCOL,
    opuscat.PROTOCOL,
    page.PROTOCOL,
)
