"""From a run and options to a model that is ready for use: the one place that opens engines, for commands, the API and
looks inside alike.

On a CPU nothing here imports torch: what writes texts runs in NumPy, what translates in CTranslate2. The reference
engine (`engine="reference"`) is the network as it was trained, and the only engine on a GPU.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, cast

from seqgen.config import PIECES
from seqgen.data.primers import Ids, from_arrays, stretches_of
from seqgen.decode.mixture import MixtureScorer
from seqgen.decode.scorer import Joining, Scorer
from seqgen.errors import CheckpointError, ConfigError
from seqgen.families import family_of
from seqgen.families.base import Family
from seqgen.run import Run
from seqgen.threads import blas_threads, default_threads

if TYPE_CHECKING:
    from seqgen.adapting import Adapting
    from seqgen.config import Config
    from seqgen.copies.never import Never
    from seqgen.copies.report import Copies
    from seqgen.data.sentence.encoder import PairEncoder
    from seqgen.data.sentence.segments import Limits
    from seqgen.decode.translator import TranslateOptions, Translator
    from seqgen.infer.decoder import DecoderScorer
    from seqgen.infer.transformer import TransformerReader
    from seqgen.markov import Markov
    from seqgen.tokenizers.base import Tokenizer
    from seqgen.translation.lines import LineTranslator

ENGINES = ("numpy", "reference")
TRANSLATION_ENGINES = ("ctranslate2", "reference")
# A source longer than any that was learnt from has positions that the model never saw: it is cut, but not too short.
SHORTEST_LIMIT = 8
# Without a --mix fitted on held-out text, both halves of a hybrid are trusted alike.
UNFITTED = 0.5
# Weights of one matrix, and products of a step of all rows, up to which a second thread gains less than a twentieth.
SMALL_MATRIX, SMALL_STEP = 400_000, 30_000_000


def family_for(run: Run, task: str) -> Family:
    """The family of a run of a task. Raises CheckpointError where the run is of another one."""
    if run.info.kind != task:
        wanted = {"language": "a language model", "translation": "a translation model"}[task]
        raise CheckpointError(f"{run.path}: a {run.info.kind} run, expected {wanted}", "name another with -m")
    return family_of(run.info.config)


def open_scorer(run: Run, *, engine: str = "numpy", device: str = "cpu") -> Scorer:
    """The language model of a run. Raises CheckpointError where its arrays are missing or do not fit its config."""
    if engine not in ENGINES:
        raise ConfigError(f"--engine: expected one of {', '.join(ENGINES)}, found {engine!r}")
    family = family_for(run, "language")
    if family.network is None:
        return open_markov(run)
    if engine == "numpy" and device == "cpu":
        network: Scorer = family.network.opened(run)
    else:
        network = family.network.reference(family.shape(run.info.config, run.info.vocab_size), run.arrays("weights"), device)
    if not family.counts:
        return network
    weight = run.info.mix_weight
    return MixtureScorer(network, open_markov(run), UNFITTED if weight is None else weight)


def open_joining(run: Run) -> Joining:
    """The language model of a run, in NumPy, for texts that are begun at different times. Raises CheckpointError as open_scorer
    does."""
    return cast(Joining, open_scorer(run))


def enough_threads(run: Run, rows: int) -> AbstractContextManager[None]:
    """For writing `rows` texts side by side: inside the block NumPy's products use one thread, where more gain nothing.

    On a busy machine two threads wait for each other, and a text takes several times as long.
    """
    sizes = [math.prod(size) for size in family_for(run, "language").weights(run.info.config, run.info.vocab_size).values()]
    is_small = max(sizes, default=0) <= SMALL_MATRIX and rows * sum(sizes) <= SMALL_STEP
    return blas_threads(1) if is_small else nullcontext()


def open_markov(run: Run) -> Scorer:
    """The Markov model of a run."""
    from seqgen.markov import Markov, MarkovScorer

    return MarkovScorer(Markov.from_arrays(run.arrays("markov"), run.info.vocab_size))


def open_stretches(run: Run) -> list[Ids]:
    """The stretches of a run's training text that primers come from: kept ones, else from the text that older runs keep, else
    none. Raises CheckpointError where the file is damaged."""
    if run.has("primers"):
        return from_arrays(run.arrays("primers"))
    return stretches_of(run.arrays("text")["train"], run.tokenizer()) if run.has("text") else []


def open_adapting(run: Run) -> Adapting:
    """What reads a text and learns from it. Torch is loaded for a network. Raises CheckpointError for counts that an older
    version saved without what is needed to add to them."""
    from seqgen.adapting import Adapting
    from seqgen.markov.overlay import Overlay

    family = family_for(run, "language")
    counts = Overlay(_with_counts(run)) if family.counts else None
    weight = UNFITTED if run.info.mix_weight is None else run.info.mix_weight
    if family.network is None:
        return Adapting(None, counts)
    from seqgen.nn.dynamic import DynamicNetwork

    shape = family.shape(run.info.config, run.info.vocab_size)
    return Adapting(DynamicNetwork(family.network.reference(shape, run.arrays("weights"), "cpu").model), counts, weight)


def open_adapted(run: Run, adapting: Adapting, ids: Ids) -> Scorer:
    """The language model of a run as it is after `adapting` has read the text `ids`: as fast as any."""
    from seqgen.markov import MarkovScorer
    from seqgen.markov.add import added, counts_of
    from seqgen.markov.count import count
    from seqgen.markov.model import smooth

    family, counted = family_for(run, "language"), None
    if family.counts:
        model = _with_counts(run)
        before = counts_of(model)
        assert before is not None
        both = added(before, count(ids, model.vocab_size, model.order), model.vocab_size)
        counted = MarkovScorer(smooth(both, model.order))
    if family.network is None or adapting.network is None:
        assert counted is not None
        return counted
    network: Scorer = family.network.engine(family.shape(run.info.config, run.info.vocab_size), adapting.network.arrays())
    return network if counted is None else MixtureScorer(network, counted, adapting.mixed_by())


def _with_counts(run: Run) -> Markov:
    """The Markov model of a run, which can be added to."""
    from seqgen.markov import Markov

    model = Markov.from_arrays(run.arrays("markov"), run.info.vocab_size)
    if model.count is None:
        raise CheckpointError(f"{run.path}: counts of a version before 0.5 cannot be added to", "train anew")
    return model


def open_never(run: Run, most: int) -> Never:
    """What a run may not write so that no more than `most` characters in a row are copied. Raises CheckpointError where neither
    the training text nor what answers for it is kept, ConfigError where that cannot answer this."""
    from seqgen.copies.index import codes_of_ids
    from seqgen.copies.never import NeverCopied

    tokenizer = run.tokenizer()
    if _has_text(run, "--no-copy"):
        codes = codes_of_ids(run.arrays("text")["train"], tokenizer)
        return NeverCopied(codes, tokenizer.spellings(), most, tokenizer.first_spellings())
    from seqgen.copies.hashed import LENGTH, HashedText, NeverHashed

    if most < LENGTH or tokenizer.kind in PIECES:
        found = f"{LENGTH} or more, found {most}" if most < LENGTH else "symbols of one character, found pieces"
        raise ConfigError(f"--no-copy: {run.path} keeps only hashes of its text: expected {found}", "train with --keep-text")
    return NeverHashed(HashedText(run.arrays("hashes")["bits"]), tokenizer.spellings(), most)


def open_copies(run: Run, least: int, wanted_by: str) -> Copies:
    """What finds copies of `least` characters or more. Raises as open_never does."""
    from seqgen.copies.index import CopyIndex, codes_of_ids
    from seqgen.copies.report import Copies

    if _has_text(run, wanted_by):
        return Copies.of_index(CopyIndex(codes_of_ids(run.arrays("text")["train"], run.tokenizer()), least))
    from seqgen.copies.hashed import LENGTH, HashedText

    if least < LENGTH:
        raise ConfigError(f"{run.path} keeps only hashes of stretches of {LENGTH} characters", f"--least {LENGTH} or more")
    return Copies.of_hashes(HashedText(run.arrays("hashes")["bits"]), least)


def _has_text(run: Run, wanted_by: str) -> bool:
    """Whether a run keeps its training text, else its hashes. Raises CheckpointError where it keeps neither."""
    family_for(run, "language")
    if not run.has("text") and not run.has("hashes"):
        why = "it was made with --no-keep-text" if not run.info.config.keep_text else "the text takes more than 64 MB"
        raise CheckpointError(
            f"{run.path}: the run keeps no training text, which {wanted_by} looks into", f"{why}; --keep-hashes is enough"
        )
    return run.has("text")


def open_translator(
    run: Run, *, engine: str = "ctranslate2", precision: str = "auto", threads: int | None = None
) -> Translator:
    """The translation engine of a run; `threads` is OMP_NUM_THREADS, else all processors, where None is given.

    Raises CheckpointError where the run is of another kind or damaged.
    """
    if engine not in TRANSLATION_ENGINES:
        raise ConfigError(f"--engine: expected one of {', '.join(TRANSLATION_ENGINES)}, found {engine!r}")
    family = family_for(run, "translation")
    assert family.network is not None
    if engine == "reference":
        shape = family.shape(run.info.config, run.info.vocab_size)
        reference: Translator = family.network.reference(shape, run.arrays("weights"), "cpu")
        return reference
    opened: Translator = family.network.opened(run, precision=precision, threads=threads or default_threads())
    return opened


def open_lines(
    run: Run,
    options: Mapping[str, Any],
    *,
    engine: str = "ctranslate2",
    precision: str = "auto",
    threads: int | None = None,
) -> LineTranslator:
    """A translator of lines: a run's engine, tokenizer and limits, with the TranslateOptions that were asked for.

    `prefix` may be a text. Raises ConfigError for an option out of its range, CheckpointError as open_translator does.
    """
    family_for(run, "translation")
    checked = translate_options(run, options)
    return line_translator(run, open_translator(run, engine=engine, precision=precision, threads=threads), checked)


def translate_options(run: Run, given: Mapping[str, Any]) -> TranslateOptions:
    """TranslateOptions with the limits of a run; `prefix` may be a text. Raises ConfigError for what cannot be, or would be
    ignored."""
    from seqgen.decode.translator import TranslateOptions
    from seqgen.generation import options_of

    chosen = {"max_length": longest_translation(run), **given}
    for name in ("temperature", "top_k", "top_p", "seed"):
        if chosen.get(name) is not None and not chosen.get("sample"):
            raise ConfigError(f"{name} belongs to sampling", "add sample=True, or leave it out")
    if isinstance(chosen.get("prefix"), str):
        chosen["prefix"] = tuple(pair_encoder(run).targets([chosen["prefix"]])[0].tolist())
    return options_of(TranslateOptions, **chosen)


def open_reader(run: Run) -> TransformerReader:
    """The Transformer of a translation run, for looking inside: slow, but with nothing hidden.

    Raises CheckpointError where the run is of another kind or damaged.
    """
    from seqgen.infer.transformer import TransformerReader

    shape = family_for(run, "translation").shape(run.info.config, run.info.vocab_size)
    return TransformerReader(shape, run.arrays("weights"))


def open_decoder(run: Run) -> DecoderScorer:
    """The Transformer of a run of texts, for looking inside, without the counts that may stand beside it.

    Raises CheckpointError where the run is of another kind or damaged.
    """
    from seqgen.infer.decoder import DecoderScorer

    shape = family_for(run, "language").shape(run.info.config, run.info.vocab_size)
    return DecoderScorer(shape, run.arrays("weights"))


def line_translator(run: Run, translator: Translator, options: TranslateOptions) -> LineTranslator:
    """A translator of lines with the run's tokenizer and limits."""
    from seqgen.translation.lines import LineTranslator

    least = run.info.scores.get("lengths", {}).get("least", 0.0)
    return LineTranslator(translator, pair_encoder(run), options, limits_of(run.info.corpus), least)


def pair_encoder(run: Run) -> PairEncoder:
    """Both sides of pairs as ids, as the run was trained."""
    return encoder_of(run.tokenizer(), run.info.config, run.info.corpus)


def encoder_of(tokenizer: Tokenizer, config: Config, facts: Mapping[str, Any]) -> PairEncoder:
    """Both sides of pairs as ids, by a run's settings and the facts of its corpus."""
    from seqgen.data.sentence.encoder import PairEncoder
    from seqgen.data.sentence.numerals import NumberForms

    return PairEncoder(tokenizer, config.normalise, config.placeholder_frac > 0, NumberForms.of(facts))


def limits_of(facts: Mapping[str, Any]) -> Limits:
    """What a model takes as one piece, from the facts of its corpus."""
    from seqgen.data.sentence.segments import Limits

    return Limits(max(SHORTEST_LIMIT, int(facts.get("longest_source", 0))), int(facts.get("joined_source", 0)))


def longest_translation(run: Run) -> int:
    """Target tokens that no translation of one piece should need."""
    return max(64, 2 * int(run.info.corpus.get("longest_target", 0)))
