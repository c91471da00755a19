"""What has to stand before the first symbol of a text is drawn: the prompt as ids, what is read before it, the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqgen.data.primers import PRIMER, primers_for
from seqgen.decode.choices import Choices
from seqgen.decode.healing import spelling
from seqgen.decode.rules import Rule, banned, forbidden, logit_bias, rules_of
from seqgen.decode.scorer import Ids
from seqgen.errors import ConfigError
from seqgen.formats.given import as_read
from seqgen.generation.options import GenerateOptions
from seqgen.tokenizers.base import BOS, EOS, PAD, UNK, Tokenizer
from seqgen.tokenizers.certain import Beginning

if TYPE_CHECKING:
    from seqgen.copies.never import Never


# Ids that stand for nothing that could be written.
NEVER_WRITTEN = (PAD, UNK, BOS, EOS)


class Prepared(NamedTuple):
    """A prompt that is ready to be continued: its `ids` (a newline where it is empty and nothing stands before it), `before` of
    each text (or nothing), and the rules of all of them, of which the first forbids NEVER_WRITTEN."""

    begin: Beginning
    rules: list[Rule]
    before: list[Ids]
    ids: Ids

    @staticmethod
    def of(
        tokenizer: Tokenizer,
        prompt: str,
        options: GenerateOptions,
        rng: np.random.Generator,
        stretches: Sequence[Ids] = (),
        never: Never | None = None,
        choices: Choices | None = None,
    ) -> Prepared:
        """For as many texts as the options draw. Raises ConfigError for a setting that does not fit the vocabulary."""
        begin = Beginning.of(tokenizer, prompt)
        rules = _rules(options, choices, tokenizer, begin, rng, never)
        before = _primers(begin.ids, stretches, tokenizer, options, rng)
        ids = begin.ids if before or len(begin.ids) else tokenizer.encode("\n")
        return Prepared(begin, rules, before, ids)


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
    rules = [forbidden(NEVER_WRITTEN)]
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
