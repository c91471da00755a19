"""`seqgen serve`: runs behind an HTTP server that existing clients speak to."""

from __future__ import annotations

import ipaddress
import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.commands.options import common, runs_dir_option, threads_option
from seqgen.console import Console
from seqgen.errors import ConfigError, SeqgenError

if TYPE_CHECKING:
    from seqgen.serve.models import Given
    from seqgen.serve.web.gate import Entry, Report, Reported

HELP = """Serve runs over HTTP, to the clients of LibreTranslate, OpenAI (completions), DeepL,
OmegaT and OPUS-CAT; on this machine alone, unless --host names another address.

\b
Examples:
  seqgen serve                                all runs there are
  seqgen serve -m en-ko -m books --port 5000
  seqgen serve -m my-memory=en-ko             where the run does not say its languages
  curl -d q="Good morning" -d source=en -d target=ko localhost:8080/translate
  curl localhost:8080/v1/completions -H "Content-Type: application/json" -d '{"prompt": "Once"}'

\b
docs/serve.md shows how to set up OmegaT, Weblate and others; /openapi.json says what
may be asked. A run that a training has finished is taken up by itself. Ctrl-C stops;
SIGTERM lets what was asked be answered first.
"""
_CODES = re.compile(r"(?P<source>[A-Za-z]{2,3}(?:_[A-Za-z]{2,4})?)-(?P<target>[A-Za-z]{2,3}(?:_[A-Za-z]{2,4})?)")
_HOST = re.compile(r"[\w.-]+")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s]+")


@click.command("serve", help=HELP, short_help="Answer the clients of translation and completion servers.")
@click.option("-m", "--model", "models", metavar="RUN[=en-ko]", multiple=True,
              help="A run's name or folder (repeatable), with the codes of its languages where it does not know them; by "
                   "default all runs there are.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 is every one.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8080, show_default=True, help="0 is any that is free.")
@click.option("--api-key-file", metavar="FILE", help="Only clients that send one of these keys, one a line, are answered.")
@click.option("--without-key", is_flag=True, help="Another address than this machine's may be listened on without keys.")
@click.option("--allow-host", "hosts", metavar="NAME", multiple=True,
              help="A name by which clients call this server, besides localhost and numbers (repeatable).")  # fmt: skip
@click.option("--allow-origin", "origins", metavar="ORIGIN", multiple=True,
              help="Pages of this site may ask from a browser: https://example.org (repeatable).")  # fmt: skip
@click.option("--unload-after", type=click.FloatRange(0, min_open=True), metavar="MINUTES",
              help="Close a model that nobody has asked for so long.")  # fmt: skip
@click.option("--precision", type=click.Choice(["auto", "float32", "int8"]), default="auto", show_default=True,
              help="Precision of translation.")  # fmt: skip
@click.option("--log", type=click.Choice(["lines", "json"]), default="lines", show_default=True,
              help="A line for each request on stderr: method, path, status, milliseconds; no texts.")  # fmt: skip
@click.option("--log-texts", is_flag=True, help="With the texts and settings that were sent, but for keys.")
@threads_option
@runs_dir_option
@common
@click.pass_obj
def command(
    console: Console,
    /,
    models: tuple[str, ...],
    host: str,
    port: int,
    api_key_file: str | None,
    without_key: bool,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    unload_after: float | None,
    precision: str,
    log: str,
    log_texts: bool,
    threads: int | None,
    runs_dir: Path,
    quiet: bool,
) -> int:
    """Parse, serve."""
    console.quiet = quiet
    _check_installed()
    entry = _entry(host, api_key_file, without_key, hosts, origins)
    given = _all_given(models, runs_dir)

    from seqgen.serve.models import Models
    from seqgen.serve.service import Limits, Service
    from seqgen.serve.web.app import application
    from seqgen.serve.web.process import listen, run
    from seqgen.threads import default_threads

    served = Models(given, runs_dir, None if unload_after is None else 60 * unload_after)
    if not served.all():
        raise ConfigError(f"no run in {runs_dir} to serve", "train one: seqgen train FILE, or name one with -m")
    service = Service(served, Limits(), threads or default_threads(), precision)
    listening = listen(host, port)
    address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"

    def fault(error: BaseException) -> None:
        console.error(SeqgenError(f"internal error: {type(error).__name__}: {error}", "please report it"))

    def ready() -> None:
        for model in served.all():
            pair = model.languages
            what = "writes" if not model.is_translation else f"{pair.source}-{pair.target}" if pair else "languages not known"
            console.note(f"model: {model.name} ({what})")
        console.note(f"listening on {address} (Ctrl-C stops)")

    return run(application(service, entry, _reporter(console, log, log_texts), fault), listening, ready)


def _reporter(console: Console, log: str, log_texts: bool) -> Report:
    """What says a line for each request."""

    def report(told: Reported) -> None:
        texts = told.texts if log_texts and told.texts else {}
        ms = round(1_000 * told.seconds, 1)
        if log == "json":
            row: dict[str, Any] = {"time": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "method": told.method, "path": told.path}
            row |= {"status": told.status, "ms": ms, **({"texts": texts} if texts else {})}
            console.note(json.dumps(row, ensure_ascii=False))
        else:
            shown = f" {json.dumps(texts, ensure_ascii=False)}" if texts else ""
            console.note(f"{told.method} {told.path} {told.status or 'gone'} {ms} ms{shown}")

    return report


def _all_given(models: tuple[str, ...], runs_dir: Path) -> list[Given]:
    """The runs that were named. Raises ConfigError for two of one name, by which clients tell them apart."""
    given = [_given(one, runs_dir) for one in models]
    for number, one in enumerate(given):
        if one.name in (other.name for other in given[:number]):
            raise ConfigError(f"two runs are called {one.name}", "rename one: seqgen runs --rename OLD NEW")
    return given


def _check_installed() -> None:
    """Raise ConfigError where the extra is missing."""
    from importlib.util import find_spec

    missing = [name for name in ("starlette", "uvicorn", "python_multipart", "py3langid") if find_spec(name) is None]
    if missing:
        raise ConfigError(f"not installed: {', '.join(missing)}", "pip install 'seqgen[serve]'")


def _given(word: str, runs_dir: Path) -> Given:
    """A run and its languages from RUN or RUN=en-ko. Raises CheckpointError for no run, UsageError for no codes."""
    from seqgen.run import Run, place_of
    from seqgen.serve.models import Given, Languages

    name, sign, codes = word.rpartition("=")
    if not sign:
        name, codes = word, ""
    found = _CODES.fullmatch(codes)
    if sign and not found:
        raise click.BadParameter(f"expected RUN or RUN=en-ko, found {word!r}", param_hint="-m")
    run = Run(place_of(name, runs_dir))
    languages = Languages(*found.groups()) if found else None
    if languages and run.info.kind != "translation":
        raise ConfigError(f"{name}: writes texts, and translates from no language", f"-m {name}")
    return Given(run.path.name, run.path, languages)


def _entry(host: str, key_file: str | None, without_key: bool, hosts: tuple[str, ...], origins: tuple[str, ...]) -> Entry:
    """Who may ask. Raises ConfigError for an address that others reach, without keys and no word that none are wanted."""
    from seqgen.serve.web.gate import Entry

    keys = _keys(key_file) if key_file is not None else ()
    is_local = _is_loopback(host)
    if not is_local and not keys and not without_key:
        raise ConfigError(
            f"--host {host}: others can reach this address",
            "--api-key-file FILE asks them for a key, --without-key lets all in",
        )
    if odd := next((one for one in hosts if not _HOST.fullmatch(one)), None):
        raise click.BadParameter(f"expected a name without scheme and port, found {odd!r}", param_hint="--allow-host")
    sites = [one.lower().rstrip("/") for one in origins]
    if odd := next((one for one in sites if not _ORIGIN.fullmatch(one)), None):
        raise click.BadParameter(f"expected a site as https://example.org, found {odd!r}", param_hint="--allow-origin")
    return Entry(frozenset(map(str.lower, hosts)), frozenset(sites), keys, is_local)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _keys(name: str) -> tuple[str, ...]:
    """The lines of a file. Raises ConfigError where it cannot be read or holds none."""
    try:
        lines = Path(name).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise ConfigError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    keys = tuple(line.strip() for line in lines if line.strip())
    if not keys:
        raise ConfigError(f"{name}: holds no key", "write one a line, for example: openssl rand -hex 16")
    return keys
