"""`python -m seqgen`, and the installed command: Ctrl-C ends it quietly also while the command line is being loaded."""

from __future__ import annotations

import os


def main() -> None:
    """Load the command line and run it."""
    try:
        from seqgen.cli import main as run

        run()
    except KeyboardInterrupt:
        os._exit(130)


if __name__ == "__main__":
    main()
