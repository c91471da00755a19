"""From a prompt to text, piece by piece as it comes; knows models only as Scorers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from seqgen.data.primers import PRIMER, primers_for
from seqgen.decode.choices import Choices
from seqgen.decode.healing import spelling
from seqgen.decode.ranges import check_number, shown
from seqgen.decode.rules import RULES, Rule, check_rules, forbidden, rules_of
from seqgen.decode.sampling import Sampling
from seqgen.decode.scorer import Ids, Scorer
from seqgen.errors import ConfigError
from seqgen.formats.given import as_read
from seqgen.tokenizers.base import BOS, EOS, PAD, UNK, Tokenizer, normalise

Options = TypeVar("Options")

# Written side by side, each with a row of logits and a text of its own.
MOST_SAMPLES = 10_000
# More than anybody waits for; -1 is without end.
MOST_SYMBOLS = 10**12
MOST_SEED = 2**64 - 1


class GenerateOptions:
    """How to continue a prompt; the defaults leave the model's distribution unchanged.

    `length` counts symbols, -1 is without end. `stop` is a text, or texts, to end before. `rules` are the settings that
    decode/rules.py declares (temperature, top_k, ...), by name. Raises ConfigError for an unknown name or an invalid value.
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
        **rules: float,
    ) -> None:
        self.length, self.greedy, self.line, self.num_samples, self.seed = length, greedy, line, num_samples, seed
        # A text is iterable too, letter by letter, which nobody wants. What is written is in the form of the corpus.
        self.stop = tuple(as_read(s) if isinstance(s, str) else s for s in ((stop,) if isinstance(stop, str) else stop))
        known = {row.name: row.off for row in RULES if row.option}
        own = ("length", "greedy", "stop", "line", "num_samples", "seed")
        for name in rules:
            if name not in known:
                raise _unknown(name, (*own, *known))
        check_rules(rules)
        self.rules: dict[str, float] = {**known, **rules}
        check_number("length", length, int, -1, MOST_SYMBOLS)
        check_number("num_samples", num_samples, int, 1, MOST_SAMPLES)
        if seed is not None:
            check_number("seed", seed, int, 0, MOST_SEED)
        if not all(isinstance(text, str) and text for text in self.stop):
            raise ConfigError(f"--stop: expected texts that are not empty, found {shown(self.stop)}")

    @property
    def stops(self) -> tuple[str, ...]:
        """Every text that ends a sample."""
        return (*self.stop, "\n") if self.line else self.stop

    @property
    def settings(self) -> dict[str, Any]:
        """Name -> value of all but the seed."""
        own = {"length": self.length, "greedy": self.greedy, **self.rules}
        return {**own, "stop": self.stop, "line": self.line, "num_samples": self.num_samples}


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


@dataclass(frozen=True)
class Piece:
    """Text that has become certain, and the id that was drawn for it.

    `text` is empty while a character is incomplete or may begin a stop text; it then comes with a later piece. The last
    piece of a sample has no id: it is what was held back.
    """

    sample: int
    text: str
    id: int | None
    log_prob: float


class _Row:
    """Turns the ids of one sample into certain text."""

    def __init__(self, tokenizer: Tokenizer, stops: tuple[str, ...], begun: Ids, given: int) -> None:
        """`begun` are the ids that it goes on from, and the first `given` characters of what follows are the prompt's."""
        self.decoder = tokenizer.decoder()
        # What stands last decides how a decoder goes on: at the beginning of a line, or within it.
        for id_ in begun[-1:].tolist():
            self.decoder.push(id_)
        self.given = given
        self.stops = stops
        self.held = ""
        self.done = False

    def push(self, id_: int) -> str:
        """The text that is certain now; sets `done` where a stop text is complete."""
        text = self.decoder.push(id_)
        if self.given:
            text, self.given = text[self.given :], max(0, self.given - len(text))
        if not self.stops:
            return text
        self.held += text
        found = [place for stop in self.stops if (place := self.held.find(stop)) >= 0]
        if found:
            self.done = True
            certain, self.held = self.held[: min(found)], ""
            return certain
        keep = max(_overlap(self.held, stop) for stop in self.stops)
        certain, self.held = self.held[: len(self.held) - keep], self.held[len(self.held) - keep :]
        return certain

    def flush(self) -> str:
        """What was held back, once nothing more comes."""
        if self.done:
            return ""
        rest, self.held = self.held + self.decoder.flush(), ""
        found = [place for stop in self.stops if (place := rest.find(stop)) >= 0]
        return rest[: min(found)] if found else rest


def _overlap(text: str, stop: str) -> int:
    """The length of the longest end of `text` that `stop` begins with."""
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0


def generate_text(
    scorer: Scorer,
    tokenizer: Tokenizer,
    prompt: str,
    options: GenerateOptions,
    rng: np.random.Generator,
    is_over: Callable[[], bool] = lambda: False,
    stretches: Sequence[Ids] = (),
    choices: Choices | None = None,
) -> Iterator[Piece]:
    """Continue a prompt, `num_samples` times side by side.

    `stretches` of the training text give what each sample reads silently before a short prompt (data/primers.py): nothing
    counts it as written. Without them an empty prompt is continued as if after a newline. `is_over` is asked before each
    symbol whether to end here, as if the length were reached. `choices` are told what stood to choose.
    """
    ids, taken_back = gone_on_from(tokenizer, prompt)
    begun, given = ids, len(normalise(prompt)) - len(tokenizer.decode(ids)) if len(taken_back) else 0
    before = _primers(ids, stretches, tokenizer, options, rng)
    if not before and not len(ids):
        ids = tokenizer.encode("\n")
    rules = _rules(options, choices, tokenizer, taken_back)
    sampling = Sampling(scorer, [ids] * options.num_samples, rules, rng, greedy=options.greedy, before=before)
    rows = [_Row(tokenizer, options.stops, begun, given) for _ in range(options.num_samples)]
    alive = list(range(options.num_samples))
    columns = iter(sampling)
    made = 0
    while alive and made != options.length and not is_over():
        drawn, log_probs = next(columns)
        made += 1
        if choices is not None:
            choices.took(alive, drawn)
        for sample, id_, log_prob in zip(alive, drawn.tolist(), log_probs.tolist(), strict=True):
            yield Piece(sample, rows[sample].push(id_), id_, log_prob)
        if options.stops and any(rows[sample].done for sample in alive):
            kept = [place for place, sample in enumerate(alive) if not rows[sample].done]
            alive = [alive[place] for place in kept]
            if alive:
                sampling.keep(np.array(kept))
    yield from (Piece(sample, rest, None, 0.0) for sample, row in enumerate(rows) if (rest := row.flush()))


def gone_on_from(tokenizer: Tokenizer, prompt: str) -> tuple[Ids, Ids]:
    """The ids of a prompt that are gone on from, and those at its end that may be the beginning of one symbol: these are taken
    back, and whatever is written has to spell them first."""
    ids = tokenizer.encode(prompt)
    cut = len(ids) - tokenizer.open_end(ids)
    return ids[:cut], ids[cut:]


def _rules(options: GenerateOptions, choices: Choices | None, tokenizer: Tokenizer, taken_back: Ids) -> list[Rule]:
    """The rules of all samples, watched where somebody wants to know what they do; the first symbols spell again what was
    `taken_back` of the prompt."""
    rules = [forbidden((PAD, UNK, BOS, EOS))]
    if len(taken_back):
        table = tokenizer.spellings()
        rules.append(spelling(b"".join(table[id_] for id_ in taken_back.tolist()), table, options.num_samples))
    rules += rules_of(options.rules, greedy=options.greedy)
    return rules if choices is None else choices.watched(rules)


def _primers(
    prompt: Ids, stretches: Sequence[Ids], tokenizer: Tokenizer, options: GenerateOptions, rng: np.random.Generator
) -> list[Ids]:
    """What each sample reads before the prompt; nothing where that is long enough. All samples have a primer of their own as
    long as there are as many."""
    if not stretches or len(prompt) >= PRIMER:
        return []
    found = primers_for(prompt, stretches, tokenizer.encode(" \n\t"))
    order = range(len(found)) if options.greedy else rng.permutation(len(found)).tolist()
    return [found[order[sample % len(found)]] for sample in range(options.num_samples)]
