"""`seqgen completion`: a script that makes a shell complete commands, options, files and the names of runs."""

from __future__ import annotations

import click

from seqgen.commands.options import common
from seqgen.console import Console

HELP = """Print a script that makes a shell complete seqgen's commands, options, files and the names of your runs when you
press Tab. No file is changed; these lines install it, for shells that are opened from then on.

\b
Examples:
  seqgen completion bash >> ~/.bashrc
  seqgen completion zsh >> ~/.zshrc
  seqgen completion fish >> ~/.config/fish/config.fish

It needs bash 4.4 or later. In zsh, compinit has to come before it in ~/.zshrc.
"""


@click.command("completion", help=HELP, short_help="Print a script for completion in a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common
@click.pass_obj
def command(console: Console, /, shell: str, quiet: bool) -> None:
    """Print the script."""
    from seqgen.commands.completing import script

    console.quiet = quiet
    console.write(script(click.get_current_context().find_root().command, shell))
