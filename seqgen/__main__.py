"""`python -m seqgen`: the same as the installed command."""

from __future__ import annotations

from seqgen.cli import main

if __name__ == "__main__":
    main()
