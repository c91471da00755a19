"""Fetch the real corpora that benchmarks and some tests use, and check them.

    python benchmarks/get_data.py data && export SEQGEN_DATA=$PWD/data

Files that are there already are only checked. A name and an address of your own fetch one more file: NAME=URL#SHA256; a URL
that ends with .gz is unpacked where the name does not. Sums are of the files as they are kept.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import sys
import urllib.error
import urllib.request
import zlib
from pathlib import Path

# Captions of pictures, English and German. They are Flickr30k's, for research: do not pass them on.
MULTI30K = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1"
FILES = {
    "tinyshakespeare.txt": (
        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    ),
    "multi30k/train.en": (
        f"{MULTI30K}/raw/train.en.gz",
        "460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6",
    ),
    "multi30k/train.de": (
        f"{MULTI30K}/raw/train.de.gz",
        "2c2b73fd2b548fbcde3a875e0a78d6ee94d498bfdee6bd3eae3945779e9ddf72",
    ),
    "multi30k/val.en": (
        f"{MULTI30K}/raw/val.en.gz",
        "1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227",
    ),
    "multi30k/val.de": (
        f"{MULTI30K}/raw/val.de.gz",
        "660e09eb7e1da2f856ea13ee5ad3cf6d36b3d5b0b733c857e94c5747a3dfc660",
    ),
    "multi30k/test_2016_flickr.en": (
        f"{MULTI30K}/raw/test_2016_flickr.en.gz",
        "399a4382932c1aadd3ceb9bef1008d388a64c76d4ae4e9d4728c6f4301cac182",
    ),
    "multi30k/test_2016_flickr.de": (
        f"{MULTI30K}/raw/test_2016_flickr.de.gz",
        "4be6b5b3236b79c25475c6bb829800a7ce559e9ba7a1f6c2394fe4d40be46d16",
    ),
    "multi30k/test_2016_flickr.lc.norm.tok.de": (
        f"{MULTI30K}/tok/test_2016_flickr.lc.norm.tok.de",
        "c6a33d39d48f9f510de147651316cd9d918e09ad0219df734a2f16b6baccacc4",
    ),
}


def fetch(path: Path, url: str, sha256: str) -> str:
    """Make sure that `path` holds the file; return what was done. Raises SystemExit where it cannot be had or is another."""
    done = "is there"
    if not path.exists():
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                data = answer.read()
            if url.endswith(".gz") and path.suffix != ".gz":
                data = gzip.decompress(data)
        except (urllib.error.URLError, OSError, EOFError, zlib.error) as error:
            raise SystemExit(f"{path.name}: cannot be fetched from {url}: {error}") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise SystemExit(f"{path.name}: {url} has another file than expected (SHA-256 differs); nothing was written")
        path.parent.mkdir(parents=True, exist_ok=True)
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
