"""Subwords: byte-pair encoding (Sennrich et al. 2016) by the SentencePiece library, learnt from raw text.

What no piece covers is spelt in bytes, so nothing is unknown. The library would change texts in several ways (it folds
compatibility characters and white space, and takes U+2581 for a space); here its options turn that off, and where there is
no option the text is prepared around it, so that the law of tokenizers holds exactly.

A space belongs to the word that follows it. Each text is given one in front, so that its first word is the same piece as
elsewhere; decoding takes it off again.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import ConfigError, TokenizerError
from seqgen.files import read_inside, to_json, write_inside
from seqgen.tokenizers.base import (
    BOS,
    EOS,
    FORMAT,
    PAD,
    REPLACEMENT,
    SENTINELS,
    SPECIALS,
    UNK,
    Decoder,
    JsonTokenizer,
    checked_ids,
    normalise,
)

MODEL = "tokenizer.model"
MOST_BYTES = 64_000_000
DEFAULT_SIZE = 8_000
# Texts that are encoded faster one by one.
FEW = 24
# The pieces of the placeholders; as the library takes them, no text spells them.
PLACEHOLDERS = tuple(f"<placeholder{number}>" for number in range(len(SENTINELS)))
# The library's sign for a space, which a text may hold as a character of its own.
SPACE = "▁"
_ODD = re.compile(f"([{SPACE}{SENTINELS}])")
# Lines to learn from: more hardly improve the vocabulary, and learning gets slow.
LEARNT_LINES = 300_000


class SentencePieceTokenizer(JsonTokenizer):
    """A SentencePiece model and the bytes that each of its pieces stands for."""

    kind = "sentencepiece"

    def __init__(self, model: bytes) -> None:
        """`model` is SentencePiece's own file. Raises RuntimeError where it is not one."""
        from sentencepiece import SentencePieceProcessor

        self.model = model
        self._processor = SentencePieceProcessor(model_proto=model)
        self._bytes: list[bytes] = []

    @classmethod
    def train(cls, texts: Iterable[str], size: int | None = None) -> Self:
        """Learn at most `size` pieces from the lines of the texts: fewer where there are not that many.

        Raises ConfigError where the characters of the texts, the bytes and the special pieces alone exceed it.
        """
        lines = [line for text in texts for line in normalise(text).split("\n") if line]
        return cls(learnt(lines[:: max(1, len(lines) // LEARNT_LINES)], size, "bpe"))

    @classmethod
    def from_json(cls, content: dict[str, Any], folder: Path) -> Self:
        """The inverse of save."""
        path = folder / MODEL
        try:
            model = read_inside(path, MOST_BYTES)
            if hashlib.sha256(model).hexdigest() != content.get("sha256"):
                raise TokenizerError(f"{path}: not the file that tokenizer.json describes", "restore both, or train anew")
            return cls(model)
        except OSError as error:
            raise TokenizerError(f"{path}: cannot be read: {error.strerror}", "restore the file or train anew") from None
        except RuntimeError as error:
            raise TokenizerError(f"{path}: not a SentencePiece model: {error}", "restore the file or train anew") from None

    def save(self, folder: Path) -> None:
        """Write tokenizer.json, which identifies the model as ours, and the model."""
        content = {
            "format": FORMAT,
            "kind": self.kind,
            "normalisation": "NFC",
            "sha256": hashlib.sha256(self.model).hexdigest(),
        }
        write_inside(folder / "tokenizer.json", to_json(content) + b"\n")
        write_inside(folder / MODEL, self.model)

    def __len__(self) -> int:
        return int(self._processor.get_piece_size())

    def encode(self, text: str) -> NDArray[np.int32]:
        """The ids of a text."""
        prepared = " " + normalise(text) if text else ""
        if _ODD.search(prepared):
            return self._encode_around(prepared)
        # Not as a list: for lists the library starts threads, which takes as long as some dozens of texts.
        return np.array(self._processor.encode(prepared), dtype=np.int32)

    def encode_all(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """encode of many texts at once, which is several times faster; of a few it is not."""
        if len(texts) <= FEW:
            return [self.encode(text) for text in texts]
        prepared = [" " + normalise(text) if text else "" for text in texts]
        odd = {row for row, text in enumerate(prepared) if _ODD.search(text)}
        plain = iter(self._processor.encode([text for row, text in enumerate(prepared) if row not in odd]))
        return [
            self._encode_around(text) if row in odd else np.array(next(plain), dtype=np.int32)
            for row, text in enumerate(prepared)
        ]

    def _encode_around(self, text: str) -> NDArray[np.int32]:
        """Encode a text that holds placeholders, or the library's sign for a space, which is spelt in bytes."""
        ids: list[int] = []
        for part in _ODD.split(text):
            if part in self._odd_ids:
                ids += self._odd_ids[part]
            elif part:
                ids += self._processor.encode(part)
        return np.array(ids, dtype=np.int32)

    @cached_property
    def _odd_ids(self) -> dict[str, list[int]]:
        """The ids of placeholders and of the sign for a space."""
        table = self._table()
        first = table.index(b"\x00")

        def ids_of(character: str) -> list[int]:
            data = character.encode()
            return [table.index(data)] if data in table[:first] else [first + byte for byte in data]

        return {character: ids_of(character) for character in (SPACE, *SENTINELS)}

    def decode(self, ids: Iterable[int] | NDArray[Any]) -> str:
        """The text; U+FFFD for <unk> and where the bytes are not UTF-8, nothing for <pad>, <bos> and <eos>."""
        decoder = self.decoder()
        return "".join([decoder.push(i) for i in checked_ids(ids, len(self)).tolist()]) + decoder.flush()

    def decoder(self) -> Decoder:
        """Holds bytes back until they make a character."""
        return PieceDecoder(self._table())

    def characters(self) -> frozenset[str] | None:
        """Those that some piece has; all others are spelt in bytes."""
        return self._known

    @cached_property
    def _known(self) -> frozenset[str]:
        table = self._table()
        after = table.index(b"\x00") + 256
        return frozenset(b"".join(table[after:]).decode("utf-8", "replace")) | {" "}

    def unknown(self, text: str) -> list[str]:
        """No character is."""
        return []

    def symbol(self, id_: int) -> str:
        """The piece, a space shown as U+2581, what cannot be seen escaped."""
        piece = str(self._processor.id_to_piece(id_))
        return piece if piece.isprintable() else piece.encode("unicode_escape").decode("ascii")

    def _table(self) -> list[bytes]:
        """The bytes of each id, made on first use."""
        if not self._bytes:
            pieces: list[str] = self._processor.id_to_piece(list(range(len(self))))
            first = pieces.index("<0x00>") if "<0x00>" in pieces else len(pieces)
            if len(pieces) < first + 256:
                raise TokenizerError(f"{MODEL}: has no pieces for single bytes", "restore the file or train anew")
            # Special pieces come before the bytes; of them <unk> and placeholders leave something in a text.
            shown = {SPECIALS[UNK]: REPLACEMENT.encode()} | dict(zip(PLACEHOLDERS, map(str.encode, SENTINELS), strict=True))
            special = [shown.get(piece, b"") for piece in pieces[:first]]
            rest = [piece.replace(SPACE, " ").encode() for piece in pieces[first + 256 :]]
            self._bytes = [*special, *(bytes((byte,)) for byte in range(256)), *rest]
        return self._bytes


def learnt(lines: Sequence[str], size: int | None, model_type: str, **more: Any) -> bytes:
    """A SentencePiece model of at most `size` pieces from normalised lines; `more` are options of the library's trainer.

    Raises ConfigError where the characters of the lines, the bytes and the special pieces alone exceed the size.
    """
    from sentencepiece import SentencePieceTrainer

    lines = [" " + _ODD.sub(" ", line) for line in lines] or [" "]
    characters = Counter(character for line in lines for character in line.replace(" ", SPACE))
    # The library ends a line at a NUL; like all characters that are not learnt it is spelt in bytes.
    characters.pop("\0", None)
    least = len(SPECIALS) + len(PLACEHOLDERS) + 256 + len(characters) + 1
    size = max(DEFAULT_SIZE, least) if size is None else size
    if size < least:
        raise ConfigError(
            f"--vocab-size: expected {least} or more for the characters of this corpus, found {size}", "or leave it out"
        )
    written = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(line.replace("\0", "") for line in lines),
        model_writer=written,
        vocab_size=size,
        hard_vocab_limit=False,
        model_type=model_type,
        byte_fallback=True,
        character_coverage=1.0,
        split_digits=True,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        control_symbols=list(PLACEHOLDERS),
        max_sentence_length=2**20,
        pad_id=PAD, unk_id=UNK, bos_id=BOS, eos_id=EOS,
        pad_piece=SPECIALS[PAD], unk_piece=SPECIALS[UNK], bos_piece=SPECIALS[BOS], eos_piece=SPECIALS[EOS],
        minloglevel=2,
        **more,
    )  # fmt: skip
    return written.getvalue()


class PieceDecoder:
    """Ids to text, one at a time."""

    def __init__(self, table: list[bytes]) -> None:
        self._table = table
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = False

    def push(self, id_: int) -> str:
        """The characters that this piece completes."""
        text = self._decoder.decode(self._table[id_])
        if text and not self._begun:
            self._begun = True
            return text.removeprefix(" ")
        return text

    def flush(self) -> str:
        """U+FFFD for what was never completed."""
        rest = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return rest
