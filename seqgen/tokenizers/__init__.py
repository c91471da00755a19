"""Tokenizers: text to ids and back, behind one Protocol and one table."""

from __future__ import annotations

import importlib
from pathlib import Path

from seqgen.errors import ConfigError, TokenizerError
from seqgen.files import parse_json, read_inside
from seqgen.tokenizers.base import FORMAT, Tokenizer

# A vocabulary of all Unicode characters takes less.
MOST_BYTES = 16_000_000

# name -> "module:Class", imported on use
TOKENIZERS: dict[str, str] = {
    "char": "seqgen.tokenizers.char:CharTokenizer",
    "byte": "seqgen.tokenizers.byte:ByteTokenizer",
    "bpe": "seqgen.tokenizers.pieces:BytePairTokenizer",
    "unigram": "seqgen.tokenizers.pieces:UnigramTokenizer",
    # What translation runs have by default: byte pairs, without lines of their own.
    "sentencepiece": "seqgen.tokenizers.sentencepiece:SentencePieceTokenizer",
}


def tokenizer_class(name: str) -> type[Tokenizer]:
    """The class of a tokenizer by its name. Raises ConfigError for a name that is not in the table."""
    if name not in TOKENIZERS:
        raise ConfigError(f"--tokenizer: expected one of {', '.join(TOKENIZERS)}, found {name!r}")
    module, _, attribute = TOKENIZERS[name].partition(":")
    found: type[Tokenizer] = getattr(importlib.import_module(module), attribute)
    return found


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer that was saved in a folder. Raises TokenizerError where its file is missing or damaged."""
    path = folder / "tokenizer.json"
    try:
        content = parse_json(read_inside(path, MOST_BYTES))
    except (OSError, ValueError) as error:
        raise TokenizerError(f"{path}: cannot be read: {error}", "restore the file or train anew") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT or str(content.get("kind")) not in TOKENIZERS:
        raise TokenizerError(
            f"{path}: expected format {FORMAT} and one of the kinds {', '.join(TOKENIZERS)}",
            "was it written by another version of seqgen?",
        )
    return tokenizer_class(content["kind"]).from_json(content, folder)
