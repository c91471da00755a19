"""Fetch the real corpora that benchmarks and some tests use, and check them.

    python benchmarks/get_data.py data && export SEQGEN_DATA=$PWD/data

Files that are there already are only checked. A name and an address of your own fetch one more file: NAME=URL#SHA256.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import urllib.error
import urllib.request
from pathlib import Path

FILES = {
    "tinyshakespeare.txt": (
        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    ),
}


def fetch(path: Path, url: str, sha256: str) -> str:
    """Make sure that `path` holds the file; return what was done. Raises SystemExit where it cannot be had or is another."""
    done = "is there"
    if not path.exists():
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                data = answer.read()
        except (urllib.error.URLError, OSError) as error:
            raise SystemExit(f"{path.name}: cannot be fetched from {url}: {error}") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise SystemExit(f"{path.name}: {url} has another file than expected (SHA-256 differs); nothing was written")
        path.write_bytes(data)
        done = "fetched"
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise SystemExit(f"{path}: not the file expected (SHA-256 differs); remove it and fetch again")
    return done


def main(arguments: list[str]) -> None:
    """Fetch and check every file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("more", nargs="*", metavar="NAME=URL#SHA256")
    options = parser.parse_args(arguments)
    files = dict(FILES) if not options.more else {}
    for entry in options.more:
        name, _, rest = entry.partition("=")
        url, _, sha256 = rest.rpartition("#")
        files[name] = (url, sha256)
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, (url, sha256) in files.items():
        print(f"{name}: {fetch(options.folder / name, url, sha256)}")


if __name__ == "__main__":
    main(sys.argv[1:])
