"""What each id writes, as bytes in UTF-8: for whoever looks at texts symbol by symbol, whatever the tokenizer."""

from __future__ import annotations

import re

from seqgen.tokenizers.base import REPLACEMENT, SPECIALS, Tokenizer

# How tokenizers show a byte that is not a character of its own.
_BYTE = re.compile(r"(?:<0x|\\x)([0-9A-Fa-f]{2})>?")


def spellings(tokenizer: Tokenizer) -> list[bytes]:
    """The bytes of each id [V]; <pad>, <bos> and <eos> have none."""
    # Something before each: decoders leave out a space at the very beginning.
    first = tokenizer.encode("e").tolist()
    return [_spelling(tokenizer, id_, first) for id_ in range(len(tokenizer))]


def _spelling(tokenizer: Tokenizer, id_: int, first: list[int]) -> bytes:
    decoder = tokenizer.decoder()
    for one in first:
        decoder.push(one)
    text = decoder.push(id_) + decoder.flush()
    found = _BYTE.fullmatch(tokenizer.symbol(id_)) if id_ >= len(SPECIALS) and REPLACEMENT in text else None
    return bytes.fromhex(found[1]) if found else text.encode("utf-8", "surrogatepass")
