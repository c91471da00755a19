"""What a shell offers when the user presses Tab: names of runs and of files, by what the help calls a parameter.

Loaded only while a shell asks. A parameter that the usage calls RUN, or an argument NAME, is completed with names of runs,
one that is called FILE with files; a command that calls it otherwise declares `type=RunName()`.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Any, ClassVar

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from seqgen.commands.options import DEFAULT_RUNS_DIR
from seqgen.console import Console
from seqgen.errors import SeqgenError

VARIABLE = "_SEQGEN_COMPLETE"

# click's own script splits a name at its spaces, and gives errors to the terminal in the middle of a command line.
BASH = """\
%(complete_func)s() {
    local IFS=$' \\t\\n' line
    COMPREPLY=()
    while read -r line; do
        case ${line%%%%,*} in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("${line#*,}") ;;
        esac
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1" 2> /dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""
# What bash takes as it is, in a word without quotes.
PLAIN = re.compile(r"[^\w@%+=:,./-]")


class RunName(click.types.StringParamType):
    """A run's name or folder: the names in --runs-dir are offered, and files where none of them fits."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """The names that begin with what has been typed."""
        found = [name for name in run_names(_runs_dir(ctx)) if name.startswith(incomplete)]
        return [CompletionItem(name) for name in found] or [CompletionItem(incomplete, type="file")]


class FileName(click.types.StringParamType):
    """A file: the shell completes it."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """Files, by the shell itself."""
        return [CompletionItem(incomplete, type="file")]


def run_names(runs_dir: Path) -> list[str]:
    """The names of the folders with a config.json, damaged ones too; none where there is no such folder. Nothing is read.

    A name that a line cannot hold (with a line break, or not in the file system's encoding) is left out.
    """
    try:
        names = sorted(os.listdir(runs_dir))
    except (OSError, ValueError):
        return []
    return [name for name in names if name.isprintable() and os.path.lexists(runs_dir / name / "config.json")]


def _runs_dir(context: click.Context) -> Path:
    """As the command that is being typed would have it."""
    given = context.params.get("runs_dir") or os.environ.get("SEQGEN_RUNS") or DEFAULT_RUNS_DIR
    return Path(os.path.expanduser(given))


SHOWN_AS: dict[str, type[click.types.StringParamType]] = {"RUN": RunName, "NAME": RunName, "FILE": FileName}


def completed(command: click.Command) -> click.Command:
    """The command, with types that complete in the place of plain text, by what its usage calls a parameter.

    A NAME is that of a run only as an argument: an option may name anything.
    """
    for parameter in command.params:
        is_argument = isinstance(parameter, click.Argument)
        shown = (parameter.metavar or (parameter.human_readable_name if is_argument else "")).strip("[].")
        if shown in SHOWN_AS and parameter.type is click.STRING and (is_argument or shown != "NAME"):
            parameter.type = SHOWN_AS[shown]()
    return command


class Bash(BashComplete):
    """Completion for bash, with names that need quotes."""

    source_template: ClassVar[str] = BASH

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Special characters are escaped, but not within quotes that the user has opened, where bash does that itself."""
        if item.type != "plain" or _is_quoted(os.environ.get("COMP_WORDS", "")):
            return f"{item.type},{item.value}"
        return f"{item.type},{PLAIN.sub(lambda found: chr(92) + found.group(), item.value)}"


SHELLS: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": ZshComplete, "fish": FishComplete}


def _is_quoted(words: str) -> bool:
    """Whether a command line ends within quotes."""
    try:
        shlex.split(words.rstrip("\\"))
    except ValueError:
        return True
    return False


def script(root: click.Command, shell: str) -> str:
    """The script that makes a shell ask for completions."""
    asked = _shell(root, shell)
    # Not source(): for bash, it starts one to ask for its version.
    return (asked.source_template % asked.source_vars()).rstrip("\n") + "\n"


def answer(root: click.Command, asked: str, console: Console) -> int:
    """Write what may come next on the command line that a shell has left in COMP_WORDS; an exit code.

    `asked` is "bash_complete", or the same of another shell. A variable that is no such thing, or stands alone, is an error.
    """
    shell, _, what = asked.partition("_")
    if shell not in SHELLS or what != "complete" or not {"COMP_WORDS", "COMP_CWORD"} <= set(os.environ):
        console.error(SeqgenError(f"{VARIABLE} is set, by which shells ask for completions", f"unset {VARIABLE}"))
        return 1
    if text := _shell(root, shell).complete():
        console.write(text + "\n")
    return 0


def _shell(root: click.Command, shell: str) -> ShellComplete:
    return SHELLS[shell](root, {}, "seqgen", VARIABLE)
