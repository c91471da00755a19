"""How a prompt is to be continued: every setting with its range, checked where it is given."""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from seqgen.decode.ranges import check_number, shown
from seqgen.decode.rules import RULES, check_rules, check_samplers
from seqgen.errors import ConfigError
from seqgen.formats.given import as_read

Options = TypeVar("Options")

# Written side by side, each with a row of logits and a text of its own.
MOST_SAMPLES = 10_000
# More than anybody waits for; -1 is without end.
MOST_SYMBOLS = 10**12
MOST_SEED = 2**64 - 1
# Fewer characters in a row stand in any text.
LEAST_COPY = 8
# A bias beyond this decides alone; -inf forbids.
MOST_BIAS = 10_000


class GenerateOptions:
    """How to continue a prompt; the defaults leave the model's distribution unchanged.

    `length` counts symbols, -1 is without end. `stop` is a text, or texts, to end before. `rules` are the settings that
    decode/rules declares (temperature, top_k, ...), by name; `samplers` is another order of them, names with ";" between.
    `logit_bias` adds to the logits of symbols (ids, or texts of one symbol). `ban` are texts that may not be written.
    `best_of` texts are written and the `num_samples` likeliest of them kept. No more than `no_copy` characters in a row may
    stand in the training text, 0 is off. Raises ConfigError for an unknown name or an invalid value.
    """

    def __init__(
        self,
        *,
        length: int = 500,
        greedy: bool = False,
        stop: str | Iterable[str] = (),
        line: bool = False,
        num_samples: int = 1,
        seed: int | None = None,
        best_of: int = 1,
        samplers: str | Iterable[str] = (),
        logit_bias: Mapping[int | str, float] | None = None,
        ban: str | Iterable[str] = (),
        no_copy: int = 0,
        **rules: float,
    ) -> None:
        self.length, self.greedy, self.line, self.num_samples, self.seed = length, greedy, line, num_samples, seed
        # A text is iterable too, letter by letter, which nobody wants. What is written is in the form of the corpus.
        self.stop, self.ban = _texts("--stop", stop), _texts("--ban", ban)
        known = {row.name: row.off for row in RULES if row.option}
        own = ("length", "greedy", "stop", "line", "num_samples", "seed", "best_of", "samplers", "logit_bias", "ban",
               "no_copy")  # fmt: skip
        for name in rules:
            if name not in known:
                raise _unknown(name, (*own, *known))
        check_rules(rules)
        self.rules: dict[str, float] = {**known, **rules}
        check_number("length", length, int, -1, MOST_SYMBOLS)
        check_number("num_samples", num_samples, int, 1, MOST_SAMPLES)
        if seed is not None:
            check_number("seed", seed, int, 0, MOST_SEED)
        check_number("best_of", best_of, int, 1, MOST_SAMPLES)
        if 1 < best_of < num_samples:
            raise ConfigError(f"--best-of {best_of} are fewer than --num-samples {num_samples}", "the best of more are wanted")
        if no_copy:
            check_number("no_copy", no_copy, int, LEAST_COPY, MOST_SYMBOLS)
        self.best_of, self.no_copy = best_of, no_copy
        names = samplers.replace(",", ";").split(";") if isinstance(samplers, str) else samplers
        self.samplers = tuple(name.strip() for name in names if name.strip())
        check_samplers(self.samplers, self.rules)
        self.logit_bias = _biases(logit_bias or {})

    @property
    def drawn(self) -> int:
        """How many texts are written side by side."""
        return max(self.num_samples, self.best_of)

    @property
    def stops(self) -> tuple[str, ...]:
        """Every text that ends a sample."""
        return (*self.stop, "\n") if self.line else self.stop

    @property
    def settings(self) -> dict[str, Any]:
        """Name -> value of all but the seed."""
        own = {"length": self.length, "greedy": self.greedy, **self.rules}
        return {
            **own,
            "samplers": self.samplers,
            "logit_bias": {str(name): bias if math.isfinite(bias) else str(bias) for name, bias in self.logit_bias.items()},
            "ban": self.ban,
            "no_copy": self.no_copy,
            "stop": self.stop,
            "line": self.line,
            "num_samples": self.num_samples,
            "best_of": self.best_of,
        }


def _texts(name: str, given: str | Iterable[str]) -> tuple[str, ...]:
    """One text or several, as the corpus was read. Raises ConfigError for what is none, or empty."""
    found = tuple(as_read(text) if isinstance(text, str) else text for text in ((given,) if isinstance(given, str) else given))
    if not all(isinstance(text, str) and text for text in found):
        raise ConfigError(f"{name}: expected texts that are not empty, found {shown(found)}")
    return found


def _biases(given: Mapping[int | str, float]) -> dict[int | str, float]:
    """Biases, checked. Raises ConfigError for one that is not finite, but for -inf, or too large."""
    for name, bias in given.items():
        if bias != -math.inf or not isinstance(bias, numbers.Real):
            check_number("logit_bias", bias, float, -MOST_BIAS, MOST_BIAS, hint=f"of {name!r}; -inf forbids it")
    return {as_read(name) if isinstance(name, str) else int(name): float(bias) for name, bias in given.items()}


def options_of(cls: Callable[..., Options], **given: Any) -> Options:
    """The options of a search from a program's keywords. Raises ConfigError for an unknown name, with the nearest known."""
    parameters = inspect.signature(cls).parameters
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        for name in given:
            if name not in parameters:
                raise _unknown(name, tuple(parameters))
    return cls(**given)


def _unknown(name: str, known: Sequence[str]) -> ConfigError:
    """The error for an unknown option."""
    import difflib

    close = difflib.get_close_matches(name, known, n=1)
    return ConfigError(f"no option {name!r}", f"did you mean {close[0]!r}?" if close else f"the options are {', '.join(known)}")
