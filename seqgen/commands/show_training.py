"""The reports of a training, shown: a live screen on a terminal, plain lines elsewhere, a closing table."""

from __future__ import annotations

import math
import re
import shlex
import sys
import textwrap
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from seqgen.console import Console
from seqgen.draw.cells import aligned
from seqgen.draw.human import plural
from seqgen.draw.training.plain import shares
from seqgen.draw.training.screen import LiveScreen
from seqgen.errors import EXIT_INTERRUPTED
from seqgen.explain.figures import verdict_of
from seqgen.families import family_of
from seqgen.interrupts import Interrupts
from seqgen.run import Run
from seqgen.run.info import AFTER
from seqgen.training.again import again, larger
from seqgen.training.follower import Follower
from seqgen.training.progress import Finished
from seqgen.training.train import Request, Training


def show(console: Console, request: Request) -> None:
    """Train and show it; exits with 130 where the user stopped it."""
    interrupts = Interrupts(ends_program=True)
    training = Training(request, stop=interrupts.asked)
    finished = Finished(False, "")
    with ExitStack() as stack:
        screen = stack.enter_context(LiveScreen(console)) if console.is_live and not request.dry_run else None
        follower = Follower(
            console, screen, f"{request.path.name}: {', '.join(request.inputs or request.sides or ())}", training
        )
        interrupts.say = follower.say
        for told in training.tell():
            if isinstance(told, Finished):
                finished = told
            else:
                if told.phase == "planned":  # until there is a run there is nothing to save, and Ctrl-C ends it at once
                    stack.enter_context(interrupts)
                follower.take(told)
        follower.draw()
    if finished.done and training.run is not None and training.run.info.finished and not request.dry_run:
        console.note("\n".join((closing(training.run).rstrip("\n"), "", *in_words(training.run, console))))
    console.note(finished.message)
    if finished.done and training.run is not None and not request.dry_run:
        console.note(next_commands(training.run, request, finished.message))
    if not finished.done:
        sys.exit(EXIT_INTERRUPTED)


def in_words(run: Run, console: Console) -> list[str]:
    """What the figures mean; on a terminal in lines that fit it."""
    sentences = verdict_of(run)
    return [textwrap.fill(sentence, max(20, console.width)) for sentence in sentences] if console.is_live else [*sentences]


def closing(run: Run) -> str:
    """Where the time went, and the scores."""
    info = run.info
    parts = [shares(list(info.seconds.items()))]
    scores = info.scores
    if info.kind == "translation":
        return "\n".join([*parts, *([_translated(scores)] if scores else [])])
    names = {"network": "network alone", "markov": "counting alone", "mix": "mixed (cross-fitted weight)"}
    rows: list[tuple[str, ...]] = [(_measured_on(info.scores), "bits a character")]
    rows += [(name, f"{scores[key]['bits_per_char']:.4f}") for key, name in names.items() if key in scores]
    if len(rows) > 1:
        if "xz" in info.baselines:
            rows.append(("xz, given the training text first", f"{info.baselines['xz']:.4f}"))
        parts.append(aligned(rows))
        parts += _unseen(scores["valid"])
    if info.retained is not None:
        before, after = info.retained
        change = "better known" if after < before else "worse known" if after > before else "known as well"
        figures = f"{before:.4f} bits a character before this training, {after:.4f} after it"
        whose, size = info.origin["name"], scores[AFTER]["chars"]
        parts.append(f"held-out text of {whose}, {plural(size, 'character')}: {figures}: {change}")
    return "\n".join(parts)


def _unseen(valid: Mapping[str, Any]) -> list[str]:
    """A line on the characters that training has never seen, where there are any: they are part of all figures."""
    if not valid.get("unknown") or "unknown_nats" not in valid:
        return []
    part, whole = (round(valid[name] / math.log(2)) for name in ("unknown_nats", "nats"))
    return [
        f"{valid['unknown']:,} of {plural(valid['tokens'], 'held-out character')} {'was' if valid['unknown'] == 1 else 'were'} "
        f"never seen in training: {plural(part, 'bit')} of the {whole:,}"
    ]


def _measured_on(scores: Mapping[str, Any]) -> str:
    """What the figures of a text were measured on, and how."""
    valid, signature = scores.get("valid"), scores.get("signature")
    if not isinstance(valid, Mapping) or not isinstance(signature, str):
        return "held-out text"
    streams = re.search(r"\|state:(\d+)-streams", signature)
    how = f"{streams[1]} streams side by side" if streams else "one stream"
    what = f"{valid.get('tokens', 0):,} symbols of it" if ",part:" in signature else "every symbol"
    return f"held-out text, {what} in {how}"


def _translated(scores: Mapping[str, Any]) -> str:
    """The figures of a translation run."""
    valid, signature = scores["valid"], scores["signature"]
    rows = [(f"{plural(valid['pairs'], 'held-out pair')}, beam 5", "", "")]
    rows += [(name, f"{valid[name.lower()]:.2f}", signature[name]) for name in ("BLEU", "chrF")]
    bits = valid["nats_per_token"] / math.log(2)
    rows.append(("bits a token", f"{bits:.4f}", f"perplexity {valid['perplexity']:.3f}"))
    return aligned(rows, left=1)


def next_commands(run: Run, request: Request, said: str = "") -> str:
    """What to do with a run: commands that can be copied as they are, apart from the words in capitals; but for one that
    has been `said` already."""
    model = shlex.quote(str(run.path))
    if run.info.kind == "translation":
        lines = [f"cat FILE | seqgen translate -m {model}", f"seqgen evaluate -m {model} PAIRS.tsv"]
    else:
        write = "--records-out 10" if run.info.config.records else '-p "..." -n 500'
        lines = [f"seqgen generate -m {model} {write}", f"seqgen evaluate -m {model} FILE"]
    lines += [again(request, larger(run))] if family_of(run.info.config).network is not None else []
    return "\n".join(["next:", *(f"  {line}" for line in lines if line not in said)])
