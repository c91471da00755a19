"""`seqgen translate --explain-cuts`: the pieces that lines are cut into, and why there; nothing is translated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from seqgen.console import Console
from seqgen.visible import in_a_row

if TYPE_CHECKING:
    from seqgen.data.lines import Line, LineSource

LINES, CHARACTERS = 4_096, 1_000_000


def write_cuts(console: Console, run: Any, source: LineSource, as_json: bool) -> None:
    """For each piece a row: the number of its line, the piece, why it ends there, and which marks inside it end none.

    A tab inside a piece is shown as a symbol; in JSON it stays.
    """
    from seqgen.opening import limits_of, pair_encoder

    encoder, limits = pair_encoder(run), limits_of(run.info.corpus)
    while lines := source.take(LINES, CHARACTERS):
        for line in lines:
            console.write("".join(_rows(line, limits, encoder, as_json)), flush=True)


def _rows(line: Line, limits: Any, encoder: Any, as_json: bool) -> list[str]:
    """The rows of a line."""
    from seqgen.data.sentence.segments import Segment, reasons
    from seqgen.translation.cut import Cut

    cut = Cut.of(line.text, limits, encoder)
    text = "".join(piece.text + piece.space for piece in cut.pieces)
    rows = []
    for piece, reason in zip(
        cut.pieces, reasons(text, [Segment(piece.text, piece.space) for piece in cut.pieces]), strict=True
    ):
        if as_json:
            kept = [{"after": word, "rule": rule} for word, rule in reason.kept]
            record = {"line": line.number, "piece": piece.text, "ends": reason.why, "kept": kept}
            rows.append(json.dumps(record, ensure_ascii=False) + "\n")
            continue
        kept_words = "; ".join(f"not after {word}: {rule}" for word, rule in reason.kept)
        columns = [str(line.number), piece.text, reason.why, *([kept_words] if kept_words else [])]
        rows.append("\t".join(map(in_a_row, columns)) + "\n")
    return rows
