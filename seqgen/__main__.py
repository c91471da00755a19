"""`python -m seqgen`, and the installed command: Ctrl-C ends it quietly also while the command line is being loaded."""

from __future__ import annotations

import gc
import os

# Loading makes tens of thousands of objects that all stay: to look through them for garbage every 700 objects, as Python
# does by itself, is up to a tenth of start-up. Cycles are still found, only later.
OBJECTS_BETWEEN_COLLECTIONS = 100_000


def main() -> None:
    """Load the command line and run it."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    try:
        from seqgen.cli import main as run

        run()
    except KeyboardInterrupt:
        os._exit(130)


if __name__ == "__main__":
    main()
