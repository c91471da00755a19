"""`seqgen generate`: a prompt to text, as it comes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.options import chosen_run, common, model_option, runs_dir_option, stdin_is_terminal, threads_option
from seqgen.console import Console

if TYPE_CHECKING:
    from seqgen.generation import GenerateOptions

HELP = """Write text with a trained model; nothing but the text goes to stdout.

\b
Examples:
  seqgen generate -p "Once upon a time" -n 500
  echo "KING:" | seqgen generate --temperature 0.8 --stop "\\n\\n"
  seqgen generate -p "I " --line --num-samples 5 --seed 7
  seqgen generate -m checkpoints/books --json -n 50
  seqgen generate -i                           a prompt after the other

Without --prompt, --prompt-file or anything piped in, the text begins as after a newline.
"""


@click.command("generate", help=HELP, short_help="Write text with a trained model.")
@model_option
@click.option("-p", "--prompt", help="Text to continue.")
@click.option("--prompt-file", type=click.File("r", encoding="utf-8"), help="Text to continue, from a file; - is stdin.")
@click.option("-n", "--length", "--max-new-tokens", "length", type=int, default=500, show_default=True,
              help="Symbols to write; -1 goes on until Ctrl-C or a stop string.")  # fmt: skip
@click.option("--greedy", is_flag=True, help="Always the likeliest symbol.")
@click.option("-T", "--temperature", "--temp", "temperature", type=float, default=1.0, show_default=True,
              help="Below 1 sharper, above 1 wilder.")  # fmt: skip
@click.option("--top-k", type=int, default=0, show_default=True, help="Only the k likeliest symbols; 0 is off.")
@click.option("--top-p", type=float, default=1.0, show_default=True, help="Only the likeliest that reach this share; 1 is off.")
@click.option("--min-p", type=float, default=0.0, show_default=True, help="Only those this near to the likeliest; 0 is off.")
@click.option("--repetition-penalty", "--repeat-penalty", "repetition_penalty", type=float, default=1.0, show_default=True,
              help="Above 1: against symbols of the last 64; 1 is off.")  # fmt: skip
@click.option("--stop", multiple=True, metavar="TEXT", help="End before this text (repeatable).")
@click.option("--line", is_flag=True, help="End at the end of the line.")
@click.option("--num-samples", type=int, default=1, show_default=True, help="Texts to write, side by side.")
@click.option("--seed", type=click.IntRange(0), help="The same seed gives the same text.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a sample: text, settings, log-probabilities.")
@click.option("-i", "--interactive", is_flag=True, help="Ask for prompts.")
@click.option("--engine", type=click.Choice(["numpy", "reference"]), default="numpy", show_default=True,
              help="reference: the network as trained, by torch.")  # fmt: skip
@threads_option
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    model: str | None,
    prompt: str | None,
    prompt_file: Any,
    seed: int | None,
    as_json: bool,
    interactive: bool,
    engine: str,
    threads: int | None,
    runs_dir: Path,
    quiet: bool,
    **settings: Any,
) -> None:
    """Parse, generate, stream."""
    import secrets

    from seqgen.generation import GenerateOptions
    from seqgen.opening import open_scorer

    console.quiet = quiet
    seed = secrets.randbits(32) if seed is None else seed
    options = GenerateOptions(seed=seed, **settings)
    text = _prompt(prompt, prompt_file, interactive)
    run = chosen_run(console, model, runs_dir)
    writer = Writer(console, run.tokenizer(), open_scorer(run, engine=engine), options, as_json, run.info.name)
    if interactive:
        writer.converse()
    else:
        writer.write(text)


def _prompt(prompt: str | None, prompt_file: Any, interactive: bool) -> str:
    """The text to continue; one trailing newline of a file or a pipe is the shell's, not the prompt's."""
    if prompt is not None and prompt_file is not None:
        raise click.UsageError("--prompt and --prompt-file exclude each other: name one")
    if prompt is not None or interactive:
        return prompt or ""
    if prompt_file is not None:
        text: str = prompt_file.read()
    elif not stdin_is_terminal():
        text = sys.stdin.buffer.read().decode("utf-8", errors="replace")
    else:
        return ""
    return text.removesuffix("\n")


class Writer:
    """Writes samples of one model in the way that was asked for."""

    def __init__(
        self, console: Console, tokenizer: Any, scorer: Any, options: GenerateOptions, as_json: bool, name: str
    ) -> None:
        import numpy as np

        self.console, self.tokenizer, self.scorer, self.options = console, tokenizer, scorer, options
        self.as_json, self.name = as_json, name
        self.rng = np.random.default_rng(options.seed)

    def write(self, prompt: str) -> None:
        """Continue one prompt."""
        from seqgen.generation import generate_text

        unknown = self.tokenizer.unknown(prompt)
        if unknown:
            shown = " ".join(repr(c) for c in unknown[:8])
            self.console.note(f"not in the model's vocabulary, read as <unk>: {shown}{' ...' if len(unknown) > 8 else ''}")
        pieces = generate_text(self.scorer, self.tokenizer, prompt, self.options, self.rng)
        if self.as_json:
            self._write_json(prompt, pieces)
        elif self.options.num_samples > 1:
            self._write_samples(prompt, pieces)
        else:
            self.console.write(prompt)
            for piece in pieces:
                self.console.write(piece.text, flush=True)
            self.console.write("\n")

    def converse(self) -> None:
        """Continue prompt after prompt until the input ends."""
        while True:
            try:
                line = input("> " if stdin_is_terminal() else "")
            except EOFError:
                return
            try:
                self.write(line)
            except KeyboardInterrupt:
                self.console.write("\n")

    def _write_samples(self, prompt: str, pieces: Any) -> None:
        """Whole samples, in order, an empty line between two: streaming several at once would mix them up."""
        texts = [prompt] * self.options.num_samples
        for piece in pieces:
            texts[piece.sample] += piece.text
        self.console.write("\n\n".join(texts) + "\n")

    def _write_json(self, prompt: str, pieces: Any) -> None:
        texts = [""] * self.options.num_samples
        tokens: list[list[dict[str, Any]]] = [[] for _ in texts]
        for piece in pieces:
            texts[piece.sample] += piece.text
            if piece.id is not None:
                symbol = self.tokenizer.symbol(piece.id)
                tokens[piece.sample].append({"id": piece.id, "symbol": symbol, "log_prob": piece.log_prob})
        settings = {key: value for key, value in vars(self.options).items() if key != "seed"}
        for number, (text, chosen) in enumerate(zip(texts, tokens, strict=True)):
            record = {"model": self.name, "prompt": prompt, "sample": number, "text": text, "seed": self.options.seed,
                      "settings": settings, "tokens": chosen}  # fmt: skip
            self.console.write(json.dumps(record, ensure_ascii=False) + "\n")
