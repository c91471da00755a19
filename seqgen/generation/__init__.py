"""From a prompt to text: options (what may be asked for), prepared (what stands before the first symbol), text (the loop)."""

from __future__ import annotations

from seqgen.generation.options import MOST_SAMPLES, GenerateOptions, options_of
from seqgen.generation.prepared import NEVER_WRITTEN, Prepared
from seqgen.generation.text import Piece, generate_text

__all__ = ["MOST_SAMPLES", "NEVER_WRITTEN", "GenerateOptions", "Piece", "Prepared", "generate_text", "options_of"]
