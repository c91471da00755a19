"""A run: one folder that holds all of a model and of how it came to be.

    config.json           what the run is: settings and who set each, corpus facts, progress, scores, format number, and the
                          checksums of the files that belong to them
    tokenizer.json        the vocabulary
    tokenizer.model       its pieces, where they are SentencePiece's
    weights-*.safetensors the network's best weights (all except markov)
    markov-*.safetensors  the counts (markov, hybrid)
    state-*.safetensors   what training needs to continue bit for bit
    text-*.safetensors    the ids it was trained and validated on, up to 64 MB
    primers-*.safetensors stretches of that text, some KB, to be read before a short prompt
    hashes-*.safetensors  what stretches of that text are hashed to, where it is not kept itself
    origin-*.safetensors  held-out ids of the run that this one was begun from, and what they cost it
    metrics.jsonl         one row per report: step, seconds, losses, samples
    engine                the weights in a faster engine's format; may be deleted at any time
    lock                  held while a process trains

The big files are named by their content, and config.json, which says which of them the run consists of, is written last: it
names a complete set whatever happens. Each file is written beside its place, synced and renamed, so that a reader never
meets half of one. Nothing in the folder names a path of this machine: it works when copied elsewhere. Nothing in it leads
outside either: it may come from a stranger.
"""

from __future__ import annotations

from seqgen.run.folder import claim, clear, held, is_run
from seqgen.run.info import FORMAT, RunInfo
from seqgen.run.packaged import is_packaged, packaged
from seqgen.run.run import KEPT_TEXT_BYTES, Run
from seqgen.run.shelf import Damaged, all_runs, find, latest, opened, place_of, places, shelf

__all__ = ["FORMAT", "KEPT_TEXT_BYTES", "Damaged", "Run", "RunInfo", "all_runs", "claim", "clear", "find", "held",
           "is_packaged", "is_run", "latest", "opened", "packaged", "place_of", "places", "shelf"]  # fmt: skip
