"""What stood to choose while a translation was written, read afterwards from the network's weights: for each written piece
how likely it was, given the source and the pieces before it, and what would have been likelier.

A search for the likeliest whole sentence keeps several beginnings, so what it took need not be the likeliest piece. The network
is read in float32; an engine in int8 may see slightly other figures.
"""

from __future__ import annotations

from seqgen.data.sentence.encoder import PairEncoder
from seqgen.decode.choices import Choice, choice_of
from seqgen.infer.transformer import TransformerReader
from seqgen.tokenizers.base import EOS
from seqgen.translation.kept import Answer


def choices_of(reader: TransformerReader, encoder: PairEncoder, answer: Answer, most: int, prefix: int = 0) -> list[Choice]:
    """The choice at each piece of a translation, and at its end unless the longest length cut it off.

    `most` candidates are kept of each. The first `prefix` pieces were given where the translation had to begin with them.
    """
    source = encoder.ids([answer.read])[0]
    written = answer.ids.tolist() + [EOS] * (not answer.cut_at)
    log_probs = reader.read(source, answer.ids).log_probs  # [T + 1, V]
    given = prefix if answer.fixed else 0
    rows = enumerate(zip(log_probs[: len(written)], written, strict=True))
    return [choice_of(row, most, id_, given=place < given) for place, (row, id_) in rows]
