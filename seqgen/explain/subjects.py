"""Which runs each look inside applies to.

`surprise` takes any run of the kind that its input asks for, `memory` and `shapes` none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqgen.families import family_of
from seqgen.families.decoder import DecoderOnly
from seqgen.families.recurrent import cell_of

if TYPE_CHECKING:
    from seqgen.run import RunInfo


@dataclass(frozen=True)
class Subject:
    """The runs that a look applies to: those of a `kind`, or of any, that `fits`; `wants` names them for who has none."""

    kind: str | None
    fits: Callable[[RunInfo], bool]
    wants: str


def translates(info: RunInfo) -> bool:
    """Whether it is a Transformer that translates, with an encoder and a decoder."""
    return info.kind == "translation"


def writes_with_attention(info: RunInfo) -> bool:
    """Whether a Transformer that writes text is inside, alone or in a hybrid."""
    return info.kind == "language" and isinstance(family_of(info.config).network, DecoderOnly)


def has_attention(info: RunInfo) -> bool:
    """Whether there is attention inside."""
    return translates(info) or writes_with_attention(info)


def has_gates(info: RunInfo) -> bool:
    """Whether a network with gates is inside, alone or in a hybrid."""
    return info.kind == "language" and cell_of(info.config) in ("lstm", "gru")


def has_state(info: RunInfo) -> bool:
    """Whether a recurrent network is inside, alone or in a hybrid."""
    return info.kind == "language" and cell_of(info.config) is not None


def is_language(info: RunInfo) -> bool:
    """Whether it predicts the next symbol of a text."""
    return info.kind == "language"


def has_counts(info: RunInfo) -> bool:
    """Whether something was counted, alone or in a hybrid."""
    return info.kind == "language" and family_of(info.config).counts


def has_text(info: RunInfo) -> bool:
    """Whether the run was asked to keep the text that it learnt from."""
    return info.kind == "language" and info.config.keep_text


SUBJECTS: dict[str, Subject] = {
    "attention": Subject(None, has_attention, "a Transformer"),
    "layers": Subject("translation", translates, "a Transformer that translates"),
    "positions": Subject(None, has_attention, "a Transformer"),
    "gates": Subject("language", has_gates, "an LSTM, a GRU or a hybrid"),
    "state": Subject("language", has_state, "an RNN, a GRU, an LSTM or a hybrid"),
    "context": Subject("language", is_language, "a language model"),
    "gradients": Subject("language", has_text, "a language model whose text was kept"),
}
