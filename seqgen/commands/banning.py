"""What `generate` may not write, or more or less likely: strings of a file, biases of symbols."""

from __future__ import annotations

import re

from seqgen.commands.texts import file_text, option_text
from seqgen.errors import ConfigError, CorpusError

_BIAS = re.compile(r"(.+?)([+-](?:\d+\.?\d*|\.\d+|inf))", re.DOTALL)


def strings_in(file: str) -> tuple[str, ...]:
    """The lines of a file that are not empty, "-" is stdin. Raises CorpusError where there is none."""
    found = tuple(line for line in file_text(file).split("\n") if line)
    if not found:
        raise CorpusError(f"--ban {file}: expected strings, one a line, found none", "or leave the option out")
    return found


def biases_of(given: tuple[str, ...]) -> dict[int | str, float]:
    """Symbols or ids and their biases, as SYMBOL+1.5 or 17-inf; a digit that is a symbol stands in quotes.

    Raises ConfigError."""
    found: dict[int | str, float] = {}
    for text in given:
        parts = _BIAS.fullmatch(text)
        if parts is None or parts[2] == "+inf":
            raise ConfigError(f"--logit-bias: expected a symbol or an id and what is added, found {text!r}",
                              "as e-2, 17+1.5 or \"'7'-inf\"")  # fmt: skip
        name, quoted = parts[1], re.fullmatch(r"(['\"])(.+)\1", parts[1], re.DOTALL)
        symbol = option_text(quoted[2] if quoted else name, "--logit-bias")
        found[int(name) if re.fullmatch("[0-9]{1,9}", name) else symbol] = float(parts[2])
    return found
