"""Transformers in CTranslate2, a C++ engine with a key-value cache, packed products and int8.

The conversion only renames arrays and needs no torch. Tokens are passed as ids in decimal. By default the engine silently
cuts sources at 1,024 tokens and translations at 256: both limits are set here. Each of its threads has a random generator
that is seeded once, so each seeded source gets a worker of its own.

Shape legend: S source length, T target length, D width, V vocabulary.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.data.parallel import by_tokens
from seqgen.decode.scorer import Ids
from seqgen.decode.translator import LONGEST_SIDE, Hypothesis, TranslateOptions, seed_of
from seqgen.errors import EngineError
from seqgen.tokenizers.base import BOS, EOS, UNK
from seqgen.weights import TransformerShape, check_weights, sinusoids, transformer_weights

Files = dict[str, bytes]

# Positions that the engine can encode, of a side and its end; more would make its file large.
POSITIONS = LONGEST_SIDE + 1
# Sentences decoded side by side: more keep a core busier, but wait for the longest of them.
BATCH = 32
# Tokens scored side by side: the engine computes all their distributions at once, V numbers for each.
SCORED_TOKENS = 2_048
# Batches queued for each worker, so that none has to wait for the next.
AHEAD = 4
PRECISIONS = ("auto", "float32", "int8")


def engine_version() -> str:
    """What a converted model depends on beside the weights."""
    from ctranslate2 import __version__

    return f"ct2-{__version__}"


def convert(shape: TransformerShape, weights: Mapping[str, NDArray[np.float32]], where: str = "weights") -> Files:
    """The files of a CTranslate2 model. Raises CheckpointError where the weights do not fit the shape."""
    check_weights(transformer_weights(shape), {name: array.shape for name, array in weights.items()}, where)
    with _without_torch():
        from ctranslate2 import specs
    spec = specs.TransformerSpec.from_config(
        (shape.layers, shape.decoder_layers), shape.heads, pre_norm=shape.pre_norm, alignment_layer=-1, alignment_heads=0
    )  # fmt: skip
    spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = weights["embedding.weight"]
    spec.decoder.projection.weight, spec.decoder.projection.bias = weights["embedding.weight"], weights["output_bias"]
    table = sinusoids(POSITIONS, shape.hidden) if shape.positions else np.zeros((POSITIONS, shape.hidden), dtype=np.float32)
    for side, stack in (("encoder", spec.encoder), ("decoder", spec.decoder)):
        stack.position_encodings.encodings = table
        if shape.pre_norm:
            _norm(stack.layer_norm, weights, f"{side}_norm")
        for index, layer in enumerate(stack.layer):
            _layer(layer, weights, f"{side}.{index}", shape.hidden)
    names = [str(id_) for id_ in range(shape.vocab_size)]
    spec.register_source_vocabulary(names)
    spec.register_target_vocabulary(names)
    spec.config.unk_token, spec.config.bos_token, spec.config.eos_token = str(UNK), str(BOS), str(EOS)
    spec.config.decoder_start_token = str(BOS)
    spec.validate()
    spec.optimize()
    with tempfile.TemporaryDirectory() as folder:
        spec.save(folder)
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def _layer(layer: Any, weights: Mapping[str, NDArray[np.float32]], name: str, width: int) -> None:
    """One layer of either stack."""
    _norm(layer.self_attention.layer_norm, weights, f"{name}.self_attention_norm")
    _linear(layer.self_attention.linear[0], weights, f"{name}.self_attention.inputs")
    _linear(layer.self_attention.linear[1], weights, f"{name}.self_attention.outputs")
    if hasattr(layer, "attention"):
        _norm(layer.attention.layer_norm, weights, f"{name}.cross_attention_norm")
        queries, rest, outputs = layer.attention.linear
        _linear(queries, weights, f"{name}.cross_attention.inputs", slice(None, width))
        _linear(rest, weights, f"{name}.cross_attention.inputs", slice(width, None))
        _linear(outputs, weights, f"{name}.cross_attention.outputs")
    _norm(layer.ffn.layer_norm, weights, f"{name}.feed_forward_norm")
    _linear(layer.ffn.linear_0, weights, f"{name}.feed_forward.inner")
    _linear(layer.ffn.linear_1, weights, f"{name}.feed_forward.outer")


def _linear(spec: Any, weights: Mapping[str, NDArray[np.float32]], name: str, rows: slice = slice(None)) -> None:
    spec.weight, spec.bias = weights[f"{name}.weight"][rows], weights[f"{name}.bias"][rows]


def _norm(spec: Any, weights: Mapping[str, NDArray[np.float32]], name: str) -> None:
    spec.gamma, spec.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]


@contextmanager
def _without_torch() -> Iterator[None]:
    """The engine's specifications import torch, which takes seconds, if it is installed, and work without it if not."""
    if "torch" in sys.modules or "ctranslate2.specs" in sys.modules:
        yield
        return
    sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["torch"]


class CT2Translator:
    """A Translator; `model` is a folder, or the files themselves. `threads` workers of one thread each share the work.

    For sentences that is faster than one worker of many threads (benchmarks/RESULTS.md), and a sentence is computed in the
    same way whichever worker gets it. Raises EngineError where the engine refuses the model.
    """

    aligns = True

    def __init__(self, model: Path | Files, *, precision: str = "auto", threads: int = 1) -> None:
        self._model = model
        self._precision = ("int8" if _has_fast_int8() else "float32") if precision == "auto" else precision
        self.by_length = "int8" in self._precision
        self._ahead = AHEAD * threads
        self._translator = self._open(threads)

    def submit(
        self, sources: Sequence[Ids], options: TranslateOptions, seeds: Sequence[int] | None = None
    ) -> Callable[[], list[list[Hypothesis]]]:
        """Begin to translate; see the Protocol. With seeds the work is done in the thread that waits for it."""
        _check_lengths(sources)
        if options.rules:
            raise EngineError(f"{', '.join(options.rules)}: not a rule of this engine", "--engine reference applies it")
        if seeds is None and options.sample and options.seed is not None:
            seeds = [seed_of(options.seed, row) for row in range(len(sources))]
        if seeds is not None:
            return lambda: [self._drawn(source, options, seed) for source, seed in zip(sources, seeds, strict=True)]
        batches = iter(self._batches(sources))
        waiting: deque[tuple[list[int], Any]] = deque()
        found: list[list[Hypothesis]] = [[] for _ in sources]

        def hand_over(most: int) -> None:
            for rows in itertools.islice(batches, most):
                waiting.append((rows, self._begin(self._translator, [sources[row] for row in rows], options)))

        def finish() -> list[list[Hypothesis]]:
            while waiting:
                rows, results = waiting.popleft()
                for row, result in zip(rows, results, strict=True):
                    found[row] = self._hypotheses(result.result(), options)
                hand_over(1)
            return found

        # Submitted work is finished even if nobody needs it any more, as after Ctrl-C.
        hand_over(self._ahead)
        return finish

    def _drawn(self, source: Ids, options: TranslateOptions, seed: int) -> list[Hypothesis]:
        """One source drawn by a new worker with a fresh generator: earlier draws change nothing."""
        import ctranslate2

        ctranslate2.set_random_seed(seed)
        return self._hypotheses(self._begin(self._open(1), [source], options)[0].result(), options)

    def _batches(self, sources: Sequence[Ids]) -> Iterator[list[int]]:
        """Which sources to decode side by side, the longest first.

        Sentences of several lengths are padded to the longest, and sums over more numbers are rounded differently: in float32
        this was never seen to matter, but in int8 a sentence's neighbours change one translation in a thousand.
        """
        rows = sorted(range(len(sources)), key=lambda row: len(sources[row]), reverse=True)
        groups = _by_length(rows, sources) if self.by_length else [rows]
        return (group[start : start + BATCH] for group in groups for start in range(0, len(group), BATCH))

    def _begin(self, translator: Any, sources: Sequence[Ids], options: TranslateOptions) -> Any:
        """Submit sources in this order; the results come later."""
        prefix = [self._tokens(options.prefix, end=False)] * len(sources) if options.prefix else None
        return translator.translate_batch(
            [self._tokens(source) for source in sources],
            target_prefix=prefix,
            beam_size=1 if options.sample else options.beam_size,
            num_hypotheses=options.nbest,
            length_penalty=options.length_penalty,
            no_repeat_ngram_size=options.no_repeat_ngram,
            max_input_length=0,
            max_decoding_length=min(options.max_length, POSITIONS - 1),
            sampling_topk=(self._top_k(options.top_k) if options.sample else 1),
            sampling_topp=options.top_p,
            sampling_temperature=options.temperature,
            return_scores=True,
            return_attention=options.attention,
            max_batch_size=BATCH,
            asynchronous=True,
        )

    def _top_k(self, k: int) -> int:
        """`top_k`, or 0 (off) where it covers the whole vocabulary: the engine refuses more than that."""
        return k if k and k < self._vocab_size else 0

    @cached_property
    def _vocab_size(self) -> int:
        name = "shared_vocabulary.json"
        return len(json.loads((self._model / name).read_bytes() if isinstance(self._model, Path) else self._model[name]))

    def score(self, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[NDArray[np.float32]]:
        """Log-probabilities of given targets; see the Protocol."""
        _check_lengths([*sources, *targets])
        widths = np.array([1 + max(map(len, pair)) for pair in zip(sources, targets, strict=True)], dtype=np.int64)
        found: list[Any] = [None] * len(sources)
        waiting: deque[tuple[NDArray[np.int64], Any]] = deque()

        def collect(most: int) -> None:
            while len(waiting) > most:
                rows, results = waiting.popleft()
                for row, result in zip(rows, results, strict=True):
                    found[row] = np.array(result.result().log_probs, dtype=np.float32)

        # The longest first, so that no worker is left with them at the end.
        for rows in reversed(by_tokens(widths, SCORED_TOKENS)):
            sides = [self._tokens(sources[row]) for row in rows], [self._tokens(targets[row], end=False) for row in rows]
            waiting.append((rows, self._translator.score_batch(*sides, max_input_length=0, asynchronous=True)))
            collect(self._ahead)
        collect(0)
        return found

    def _hypotheses(self, result: Any, options: TranslateOptions) -> list[Hypothesis]:
        attention = result.attention or [None] * len(result.hypotheses)
        return [
            Hypothesis(
                np.array(list(map(int, tokens)), dtype=np.int64),
                score,
                whole=len(tokens) < min(options.max_length, POSITIONS - 1),
                attention=None if weights is None else np.array(weights, dtype=np.float32),
            )
            for tokens, score, weights in zip(result.hypotheses, result.scores, attention, strict=True)
        ]

    def _tokens(self, ids: Ids | Sequence[int], end: bool = True) -> list[str]:
        tokens = list(map(str, ids.tolist() if isinstance(ids, np.ndarray) else ids))
        return [*tokens, str(EOS)] if end else tokens

    def _open(self, workers: int) -> Any:
        import ctranslate2

        files = None if isinstance(self._model, Path) else self._model
        try:
            return ctranslate2.Translator(
                "model" if files else str(self._model), device="cpu", compute_type=self._precision, files=files,
                inter_threads=workers, intra_threads=1, max_queued_batches=-1,
            )  # fmt: skip
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"CTranslate2 cannot load the model: {error}", "--engine reference does without it") from None


def _by_length(rows: Sequence[int], sources: Sequence[Ids]) -> list[list[int]]:
    """Sorted rows, those of one length together."""
    return [list(group) for _, group in itertools.groupby(rows, key=lambda row: len(sources[row]))]


def _check_lengths(sentences: Sequence[Ids]) -> None:
    longest = max((len(ids) for ids in sentences), default=0)
    if longest >= POSITIONS:
        raise EngineError(f"a sentence has {longest:,} tokens, expected at most {POSITIONS - 1:,}", "split it into sentences")


def _has_fast_int8() -> bool:
    """Whether this processor multiplies bytes faster than float32 numbers."""
    import ctranslate2

    return "int8_float32" in ctranslate2.get_supported_compute_types("cpu")
