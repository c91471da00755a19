"""What commands read from files: texts and pairs, with notes from their readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqgen.commands.summed import Kind, LineNotes
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.data.pairs import Pairs
    from seqgen.data.sentence.encoder import PairEncoder
    from seqgen.formats.read import Corpus
    from seqgen.run import Run


def read_text(
    console: Console, inputs: Sequence[str], encoding: str, max_size: int | None = None, run: Run | None = None
) -> Corpus:
    """The files, at most `max_size` megabytes, as one text, read as a run has read its own; "-" is stdin. Raises CorpusError
    where there is nothing to read."""
    from dataclasses import replace

    from seqgen.config import BINARY
    from seqgen.formats.document import ANYTHING
    from seqgen.formats.read import read_texts
    from seqgen.formats.records import read_records
    from seqgen.formats.sources import LIMIT, MEGABYTE, MENDING, Sources
    from seqgen.run.way import wanted_of, way_of

    if run is not None and run.info.config.encoding == BINARY:
        encoding = BINARY
    way = MENDING if run is None else way_of(run.info.config, run.info.corpus)
    wanted = ANYTHING if run is None else wanted_of(run.info.config)
    limit = max_size * MEGABYTE if max_size else LIMIT
    if run is not None and (records := run.info.config.records):
        sources = Sources(inputs, "text", encoding, wanted, limit, way)
        found, about = read_records(sources, records, run.info.config.label)
        corpus = replace(about, text="".join(found))
    else:
        corpus = read_texts(inputs, encoding=encoding, limit=limit, way=way, wanted=wanted)
    for note in corpus.notes:
        console.note(note)
    return corpus


def read_pairs_for(
    console: Console,
    run: Run,
    inputs: Sequence[str],
    columns: str | None,
    encoding: str,
    sides: tuple[str, str] | None = None,
    max_size: int | None = None,
) -> Pairs:
    """The pairs of files, or of two `sides`, in a run's direction, none of them left out; without `columns`, from the
    columns that it learnt from."""
    from seqgen.formats.read import read_pairs, read_two_files
    from seqgen.formats.sources import LIMIT, MEGABYTE
    from seqgen.run.way import wanted_of, way_of

    config = run.info.config
    limit = max_size * MEGABYTE if max_size else LIMIT
    way = way_of(config, run.info.corpus, every_row=True)
    if sides is not None:
        pairs = read_two_files(*sides, encoding=encoding, limit=limit, way=way)
    else:
        pairs = read_pairs(inputs, wanted=wanted_of(config, columns), encoding=encoding, limit=limit, way=way)
    for note in pairs.notes:
        console.note(note)
    return pairs.swapped() if config.reverse else pairs


def note_scripts(console: Console, encoder: PairEncoder, pairs: Pairs) -> None:
    """Say which pairs have a side in a script that the model has not learnt."""
    from seqgen.data.scripts import LearntScripts

    scripts = LearntScripts(encoder.tokenizer.characters())
    with LineNotes(console, "pair") as notes:
        notes.passed = len(pairs)
        for place, sides in enumerate(zip(pairs.sources, pairs.targets, strict=True), 1):
            for script in dict.fromkeys(filter(None, (scripts.foreign_line(encoder, side) for side in sides))):
                told = scripts.told(script)
                notes.add(Kind(told), "", place, f"{told}: {scripts.known()}")
