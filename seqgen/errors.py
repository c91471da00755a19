"""What can go wrong for a user, as one tree.

    SeqgenError(message, hint)     exit 1
    ├── ConfigError                an option, a value or a combination of them
    ├── CorpusError                a text that cannot be read or is too short
    ├── TokenizerError             a symbol or an id outside the vocabulary, a broken tokenizer file
    ├── CheckpointError            a run folder that is missing, damaged, locked or of another kind
    └── EngineError                a device or an engine that is not available

A message says where, what was expected and what was found; the hint says what to do. Usage errors are click's (exit 2),
Ctrl-C exits with 130, a closed pipe ends a command quietly. `assert` is for our own bugs only.
"""

from __future__ import annotations

EXIT_ERROR = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


class SeqgenError(Exception):
    """A failure the user can do something about: `message` states it, `hint` names the way out."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class ConfigError(SeqgenError):
    """An option, a value or a combination of them that cannot work."""


class CorpusError(SeqgenError):
    """A text that cannot be read, or is too short to learn from."""


class NoTextError(CorpusError):
    """A file that is no text in any encoding."""


class TokenizerError(SeqgenError):
    """An id outside the vocabulary, or a tokenizer file that is damaged."""


class CheckpointError(SeqgenError):
    """A run folder that is missing, damaged, in use, or of another kind."""


class EngineError(SeqgenError):
    """A device or a decoding engine that is not available here."""
