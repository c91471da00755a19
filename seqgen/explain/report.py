"""A report: one page about a run, from its records and from looks inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from seqgen.draw.human import count, duration
from seqgen.draw.page.document import beginning, page
from seqgen.draw.panels import Exhibit, Table
from seqgen.errors import ConfigError
from seqgen.explain.attention import View, attention_of
from seqgen.explain.exhibits import context, surprise
from seqgen.explain.exhibits.recurrent import gates
from seqgen.explain.exhibits.run import curves, spread
from seqgen.explain.exhibits.transformer import attention
from seqgen.explain.figures import verdict_of
from seqgen.explain.heads import heads_of
from seqgen.explain.history import History, command_given, command_planned, history_of, last_pair
from seqgen.explain.subjects import has_counts, has_gates
from seqgen.explain.surprise import surprise_of_target
from seqgen.families import family_of
from seqgen.opening import open_reader, pair_encoder
from seqgen.run import Run

# How much of a text is looked at, so that it fits a page; gates and contexts have a column for each symbol.
TEXT_LENGTH, CLOSE_LENGTH = 600, 60
# Simpler ways to write the held-out text down, as a reader would name them.
BASELINES = {"counting": "to compare: counting", "xz": "to compare: the file packer xz"}
# Maps grow with the square of this.
MOST_PIECES = 100

TITLE = "seqgen: "
# What every report begins with, and hardly anything else.
BEGINNING = beginning(TITLE).encode()


def page_of(run: Run, prompt: str | None, target: str | None, progress: Callable[[float], None]) -> str:
    """The whole page."""
    history = history_of(run)
    exhibits = [learning(run, history), samples(history), scores(run)]
    if run.info.kind == "translation":
        exhibits += looks_at_pair(run, history, prompt, target)
    else:
        for part in looks_at_text(run, history, prompt):
            exhibits.append(part)
            progress(len(exhibits) / 7)
    exhibits.append(about(run))
    code = [command_given(run)]
    if run.info.config.timed and run.info.config.arch != "markov":
        code.append("# the same choices without the clock: repeats bit for bit on one machine")
        code.append(command_planned(run))
    shown = [exhibit for exhibit in exhibits if exhibit.panels]
    if sentences := verdict_of(run):
        shown.insert(0, Exhibit("In short", (), sentences))
    return page(TITLE + run.info.name, shown, lead=run.info.plan.removeprefix("plan: "), code=code)


def about(run: Run) -> Exhibit:
    """What the run is."""
    info = run.info
    unit = "pairs" if info.kind == "translation" else "symbols"
    size = family_of(info.config).parameters(info.config, info.vocab_size)
    rows = [
        ("model", info.config.arch),
        ("corpus", ", ".join(info.corpus.get("names", ()))),
        ("sha256 of the corpus", str(info.corpus.get("sha256", ""))[:16]),
        ("learnt from, held out", f"{info.corpus.get('train', 0):,} {unit}, {info.corpus.get('valid', 0):,} {unit}"),
        *([("begun from", str(info.origin["name"]))] if info.origin else []),
        ("vocabulary", f"{info.vocab_size:,} ({info.config.tokenizer})"),
        ("parameters", count(size) if size else "none: it counts"),
        ("steps", f"{info.step:,}"),
        ("time", duration(info.elapsed)),
        ("finished", (info.finished or "not yet")[:16].replace("T", " ") + (" UTC" if info.finished else "")),
        ("made with", f"seqgen {info.version}"),
    ]
    # Pairs have a signature for each measure, which `seqgen evaluate` prints.
    if isinstance(signature := info.scores.get("signature"), str):
        rows.append(("how it was scored", signature))
    return Exhibit("The run", (Table("", ("", ""), rows),))


def learning(run: Run, history: History) -> Exhibit:
    """Losses and scores over time."""
    sentence = (
        "Bits are what the model needs to write the text down: fewer are better. Where the held-out line rises while the other "
        "falls, it learns by heart."
    )
    return Exhibit("Learning", tuple(curves(run, history)), (sentence,))


def scores(run: Run) -> Exhibit:
    """The figures of the last exact scoring, beside those of simpler methods."""
    info, rows = run.info, []
    valid = info.scores.get("valid", {})
    if info.kind == "translation":
        rows = [(name, f"{valid[key]:.2f}") for name, key in (("BLEU", "bleu"), ("chrF", "chrf")) if key in valid]
        rows += [("perplexity a target token", f"{valid['perplexity']:.3f}")] if "perplexity" in valid else []
        return Exhibit("Scores", (Table("on the held-out pairs", ("measure", "value"), rows),) if rows else ())
    names = (("network", "the network alone"), ("markov", "counting alone"), ("mix", "both, mixed"))
    rows = [(label, f"{info.scores[key]['bits_per_char']:.3f}") for key, label in names if key in info.scores]
    # Counting is a baseline where it is no part of the model.
    simpler = {name: bits for name, bits in info.baselines.items() if name != "counting" or "markov" not in info.scores}
    rows += [(BASELINES.get(name, f"baseline: {name}"), f"{bits:.3f}") for name, bits in simpler.items()]
    sentence = "Every character that was held out, scored once after the training: fewer bits are better."
    return Exhibit("Scores", (Table("bits a held-out character", ("model", "bits"), rows),) if rows else (), (sentence,))


def samples(history: History) -> Exhibit:
    """What the model wrote during training, from the first report to the last."""
    rows = [(duration(seconds), text) for seconds, text in spread(history)]
    return Exhibit("Samples over time", (Table("", ("after", "what it said"), rows),) if rows else ())


def looks_at_text(run: Run, history: History, prompt: str | None) -> Iterator[Exhibit]:
    """Surprise; then gates or contexts, whichever the model has."""
    text = text_at_hand(run, history) if prompt is None else prompt
    if not text:
        return
    yield _said(surprise.see_text(run, text[:TEXT_LENGTH], 5, _unheard)[0], text, TEXT_LENGTH)
    close = text[:CLOSE_LENGTH]
    if has_gates(run.info):
        yield _said(gates.see(run, close, _unheard, _unheard)[0], text, CLOSE_LENGTH)
    # Without counts a context has no column for each symbol, and reads as much as it can.
    most = CLOSE_LENGTH if has_counts(run.info) else context.LONGEST
    yield _said(context.see(run, text[:most], _unheard)[0], text, most)


def _unheard(_: object) -> None:
    """A page has no place for notes, and its parts report no progress of their own."""


def _said(exhibit: Exhibit, text: str, most: int) -> Exhibit:
    """The exhibit, with a sentence on how much of the text was read where that was not all of it."""
    if len(text) <= most:
        return exhibit
    return replace(exhibit, sentences=(*exhibit.sentences, f"Only the first {most} of {len(text):,} characters are looked at."))


def looks_at_pair(run: Run, history: History, prompt: str | None, target: str | None) -> list[Exhibit]:
    """Surprise and attention of a pair: the one asked for, or the last one shown in training."""
    source, wanted = last_pair(history) if prompt is None else (prompt, target)
    if not source:
        return []
    tokenizer, reader = run.tokenizer(), open_reader(run)
    encoder = pair_encoder(run)
    ids = encoder.sources([source])[0]
    # Where no translation is given, the model's own.
    ids, chosen = (ids, attention.translated(run, ids)) if wanted is None else encoder.pair(source, wanted)
    text = tokenizer.decode(chosen)
    if max(len(ids), len(chosen)) > MOST_PIECES:
        raise ConfigError(
            f"the pair has {max(len(ids), len(chosen))} pieces, expected at most {MOST_PIECES}", "give a shorter -p"
        )
    log_probs = reader.read(ids, chosen).log_probs
    found = surprise_of_target(log_probs, tokenizer, chosen, text, surprise.ALTERNATIVES)
    maps = attention_of(reader, tokenizer, ids, chosen, pieces=False)
    looked = attention.exhibit_of(f"{source} → {text}", maps, View(), heads_of(maps), [])
    return [surprise.exhibit_of(found, tokenizer, 3), looked]


def text_at_hand(run: Run, history: History) -> str:
    """The beginning of the held-out text where it was kept, of the training text where nothing was held out, else the last
    sample."""
    if run.has("text"):
        arrays = run.arrays("text")
        kept = next((arrays[name] for name in ("valid", "train") if len(arrays.get(name, ())) > 1), None)
        if kept is not None:
            return run.tokenizer().decode(kept[: 2 * TEXT_LENGTH])
    return next((sample for sample in reversed(history.samples) if sample), "")
