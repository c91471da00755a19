"""`seqgen explain`: a group of looks inside a model."""

from __future__ import annotations

import click

from seqgen.commands.lazy import LazyGroup

EXPLAINED: dict[str, tuple[str, str]] = {
    "surprise": ("seqgen.commands.explain.surprise", "Colour a text by how likely the model finds each symbol."),
    "attention": ("seqgen.commands.explain.attention", "What a Transformer looks at while it reads and translates."),
    "layers": ("seqgen.commands.explain.layers", "Stacked layers, and what one other word changes in them."),
    "shapes": ("seqgen.commands.explain.shapes", "Words to one-hot to hidden states: what shape everything has."),
    "state": ("seqgen.commands.explain.state", "The hidden state over a text, and what it is made of."),
    "gates": ("seqgen.commands.explain.gates", "What an LSTM or a GRU keeps and forgets over a text."),
    "gradients": ("seqgen.commands.explain.gradients", "Why a plain RNN forgets: gradients by distance in time."),
    "memory": ("seqgen.commands.explain.memory", "What attention over N positions costs, against a recurrent step."),
    "context": ("seqgen.commands.explain.context", "What counting knew at each place, and what the network added."),
    "positions": ("seqgen.commands.explain.positions", "The positional encoding, and what is confused without it."),
}

HELP = """Look inside a trained model. Each look is drawn in the terminal; -o FILE.png, .svg or .html keeps a picture.

\b
Examples:
  seqgen explain surprise -p "Once upon a time"
  seqgen explain attention "The old sailor sees 3 boats." --word sees
  seqgen explain gates "The door was open." -o gates.png
"""


@click.group("explain", cls=LazyGroup, table=EXPLAINED, help=HELP, short_help="Look inside a model.")
def command() -> None:
    """Products here are small: a second thread gains nothing, and on a busy machine the two wait for each other."""
    from seqgen.threads import limit_threads

    limit_threads(1)
