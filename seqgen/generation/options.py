"""From a prompt to text, piece by piece as it comes; knows models only as Scorers."""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from seqgen.data.primers import PRIMER, primers_for
from seqgen.decode.choices import Choices
from seqgen.decode.healing import spelling
from seqgen.decode.ranges import check_number, shown
from seqgen.decode.rules import RULES, Rule, banned, check_rules, check_samplers, forbidden, logit_bias, rules_of
from seqgen.decode.sampling import Sampling
from seqgen.decode.scorer import Ids, Scorer
from seqgen.errors import ConfigError
from seqgen.formats.given import as_read
from seqgen.tokenizers.base import BOS, EOS, PAD, UNK, Tokenizer
from seqgen.tokenizers.certain import Beginning, CertainText

if TYPE_CHECKING:
    from seqgen.copies.never import Never

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


@dataclass(frozen=True)
class Piece:
    """Text that has become certain, and the id that was drawn for it.

    `text` is empty while a character is incomplete or may begin a stop text; it then comes with a later piece. The last
    piece of a sample has no id: it is what was held back. `ended` says that nothing was allowed to follow.
    """

    sample: int
    text: str
    id: int | None
    log_prob: float
    ended: bool = False


def generate_text(
    scorer: Scorer,
    tokenizer: Tokenizer,
    prompt: str,
    options: GenerateOptions,
    rng: np.random.Generator,
    is_over: Callable[[], bool] = lambda: False,
    stretches: Sequence[Ids] = (),
    choices: Choices | None = None,
    never: Never | None = None,
) -> Iterator[Piece]:
    """Continue a prompt, `num_samples` times side by side; of `best_of` texts those come that the model finds likeliest.

    `stretches` of the training text give what each sample reads silently before a short prompt (data/primers.py): nothing
    counts it as written. Without them an empty prompt is continued as if after a newline. `is_over` is asked before each
    symbol whether to end here, as if the length were reached. `choices` are told what stood to choose. `never` is the training
    text, as `no_copy` needs it.
    """
    # Made here, not at the first piece: errors are raised by this call.
    begin = Beginning.of(tokenizer, prompt)
    rules = _rules(options, choices, tokenizer, begin, rng, never)
    pieces = _written(scorer, tokenizer, begin, options, rng, is_over, stretches, choices, rules)
    return pieces if options.best_of == 1 else _likeliest(pieces, options)


def _likeliest(pieces: Iterable[Piece], options: GenerateOptions) -> Iterator[Piece]:
    """The pieces of the samples with the highest mean log-probability of a symbol under the model, before rules; the best
    first."""
    of: list[list[Piece]] = [[] for _ in range(options.best_of)]
    for piece in pieces:
        of[piece.sample].append(piece)
    scores = [_mean([piece.log_prob for piece in sample if piece.id is not None]) for sample in of]
    for number, best in enumerate(sorted(range(len(of)), key=lambda sample: -scores[sample])[: options.num_samples]):
        yield from (replace(piece, sample=number) for piece in of[best])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else -math.inf


def _written(
    scorer: Scorer,
    tokenizer: Tokenizer,
    begin: Beginning,
    options: GenerateOptions,
    rng: np.random.Generator,
    is_over: Callable[[], bool],
    stretches: Sequence[Ids],
    choices: Choices | None,
    rules: Sequence[Rule],
) -> Iterator[Piece]:
    """The pieces of all samples, as they come."""
    ids = begin.ids
    before = _primers(ids, stretches, tokenizer, options, rng)
    if not before and not len(ids):
        ids = tokenizer.encode("\n")
    sampling = Sampling(scorer, [ids] * options.drawn, rules, rng, greedy=options.greedy, before=before)
    rows = [CertainText(tokenizer, options.stops, begin) for _ in range(options.drawn)]
    alive = list(range(options.drawn))
    columns = iter(sampling)
    made, has_ended = 0, False
    while alive and made != options.length and not is_over():
        drawn, log_probs = next(columns)
        made += 1
        if choices is not None:
            choices.took(alive, drawn)
        for sample, id_, log_prob in zip(alive, drawn.tolist(), log_probs.tolist(), strict=True):
            if id_ < 0:
                rows[sample].done = has_ended = True
                yield Piece(sample, rows[sample].rest(), None, 0.0, ended=True)
            else:
                yield Piece(sample, rows[sample].push(id_), id_, log_prob)
        if (options.stops or has_ended) and any(rows[sample].done for sample in alive):
            kept = [place for place, sample in enumerate(alive) if not rows[sample].done]
            alive = [alive[place] for place in kept]
            if alive:
                sampling.keep(np.array(kept))
    yield from (Piece(sample, rest, None, 0.0) for sample, row in enumerate(rows) if (rest := row.flush()))


def _rules(
    options: GenerateOptions,
    choices: Choices | None,
    tokenizer: Tokenizer,
    begin: Beginning,
    rng: np.random.Generator,
    never: Never | None,
) -> list[Rule]:
    """The rules of all samples, watched where somebody wants to know what they do; the first symbols spell again what was taken
    back of the prompt."""
    rules = [forbidden((PAD, UNK, BOS, EOS))]
    if begin.taken_back:
        rules.append(spelling(begin.taken_back, tokenizer.spellings(), options.drawn))
    if options.logit_bias:
        rules.append(logit_bias({_symbol(tokenizer, name): bias for name, bias in options.logit_bias.items()}))
    if options.ban:
        rules.append(banned(options.ban, tokenizer.spellings(), begin.prompt, tokenizer.first_spellings()))
    if options.no_copy:
        assert never is not None and never.most == options.no_copy
        prompt = as_read(begin.prompt)
        cut = len(prompt) - begin.given
        rules.append(never.rule(prompt[:cut], prompt[cut:]))
    rules += rules_of(options.rules, greedy=options.greedy, rng=rng, samplers=options.samplers)
    return rules if choices is None else choices.watched(rules)


def _symbol(tokenizer: Tokenizer, name: int | str) -> int:
    """The id that a bias is for. Raises ConfigError where there is none, or where a text is not one symbol."""
    if isinstance(name, int):
        if not 0 <= name < len(tokenizer):
            last = len(tokenizer) - 1
            raise ConfigError(f"--logit-bias: expected an id of 0 to {last}, found {name}", "--json shows the ids")
        return name
    ids = [id_ for id_, spelt in enumerate(tokenizer.spellings()) if spelt == name.encode("utf-8", "surrogatepass")]
    if not ids or ids[-1] == UNK:
        raise ConfigError(f"--logit-bias: the model has no symbol {name!r}", "name one symbol, or an id as --json shows them")
    return ids[-1]


def _primers(
    prompt: Ids, stretches: Sequence[Ids], tokenizer: Tokenizer, options: GenerateOptions, rng: np.random.Generator
) -> list[Ids]:
    """What each sample reads before the prompt; nothing where that is long enough. All samples have a primer of their own as
    long as there are as many."""
    if not stretches or len(prompt) >= PRIMER:
        return []
    found = primers_for(prompt, stretches, tokenizer.encode(" \n\t"))
    order = range(len(found)) if options.greedy else rng.permutation(len(found)).tolist()
    return [found[order[sample % len(found)]] for sample in range(options.drawn)]
