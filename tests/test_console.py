"""Streams that are closed, full or gone, and signals: real processes where a shell or the system is part of it."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqgen.cli import explained
from seqgen.console import Console
from seqgen.draw.training.screen import LiveScreen, TrainingView
from seqgen.errors import CorpusError, SeqgenError
from seqgen.interrupts import SAME_REQUEST, Interrupts
from seqgen.paths import expanded
from seqgen.streams import ClosedPipeError, Messages, Results
from seqgen.visible import unobeyed, visible

ROOT = Path(__file__).parent.parent
SEQGEN = [sys.executable, "-m", "seqgen"]
COMMANDS = {
    "help": ["--help"],
    "runs": ["runs", "--runs-dir", str(ROOT / "checkpoints")],
    "generate": ["generate", "-m", str(ROOT / "checkpoints/tiny-english"), "-n", "20", "--seed", "1"],
    "translate": ["translate", "-m", str(ROOT / "checkpoints/tiny-english-french"), "{line}"],
}
UNWRITABLE = {
    ">/dev/full": "error: stdout: cannot be written: No space left on device\n",
    ">&-": "error: stdout: cannot be written: it is not open for writing\n",
    "<&- >&- 2>&-": "",
}
HARMLESS = ("2>/dev/full", "<&- 2>&-")


def shell(arguments: list[str], redirections: str = "") -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command with redirections that only a shell can make."""
    command = f"exec {shlex.join([*SEQGEN, *arguments])} {redirections}"
    done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """COMMANDS with a file to translate."""
    line = tmp_path_factory.mktemp("line") / "line.txt"
    line.write_text("The old sailor sees 3 boats.\n", encoding="utf-8")
    return {name: [word.replace("{line}", str(line)) for word in words] for name, words in COMMANDS.items()}


@pytest.mark.parametrize("name", COMMANDS)
def test_results_that_cannot_be_written_are_one_line_and_exit_1(name: str, commands: dict[str, list[str]]) -> None:
    for redirections, message in UNWRITABLE.items():
        assert shell(commands[name], redirections) == (1, "", message), redirections


@pytest.mark.parametrize("name", COMMANDS)
def test_messages_that_cannot_be_written_change_nothing(name: str, commands: dict[str, list[str]]) -> None:
    expected = shell(commands[name])
    assert expected[0] == 0 and expected[1]
    for redirections in HARMLESS:
        assert shell(commands[name], redirections) == expected, redirections


@pytest.mark.parametrize("arguments", [["traing"], ["evaluate", "-m", "no-such-run", "x"]])
def test_errors_keep_their_exit_code_where_nobody_reads_them(arguments: list[str]) -> None:
    expected = shell(arguments)[0]
    assert expected in (1, 2)
    assert all(shell(arguments, stream) == (expected, "", "") for stream in ("2>/dev/full", "2>&-"))


def test_a_pipe_that_nobody_reads_ends_help_quietly() -> None:
    command = f"{shlex.join([*SEQGEN, 'train', '--help'])} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.parametrize("redirections", [">/dev/full 2>/dev/full", "<&- >&- 2>&-"])
def test_counting_goes_on_without_streams(redirections: str, poem: Path, tmp_path: Path) -> None:
    assert shell(["train", str(poem), "--arch", "markov", "-o", str(tmp_path / "run")], redirections) == (0, "", "")
    assert (tmp_path / "run" / "lock").read_bytes() == b""
    assert shell(["generate", "-m", str(tmp_path / "run"), "-n", "5"])[0] == 0


def test_messages_say_once_that_some_are_missing() -> None:
    reading, writing = os.pipe()
    full = os.open("/dev/full", os.O_WRONLY)
    descriptor = os.dup(full)
    console = Console(io.StringIO(), Messages(descriptor))  # type: ignore[arg-type]
    console.note("one")
    console.note("two")
    os.dup2(writing, descriptor)
    console.note("three")
    console.note("four")
    missing = f"2 messages could not be written: {os.strerror(errno.ENOSPC)}\n"
    assert os.read(reading, 1000).decode() == f"{missing}three\nfour\n"
    for number in (reading, writing, full, descriptor):
        os.close(number)


def test_the_screen_outlives_its_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    master, terminal = pty.openpty()
    console = Console(io.StringIO(), Messages(terminal))  # type: ignore[arg-type]
    assert console.is_live
    with LiveScreen(console) as screen:
        screen.show(TrainingView("a run", plan="x" * 200))
        os.close(master)
        for step in range(3):
            screen.show(TrainingView("a run", step=step))
        with console.progress("reading") as tell:
            tell(0.5)
    os.close(terminal)


def test_results_wait_for_a_pipe_that_does_not_block() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    text = "0123456789" * 50_000
    found: list[bytes] = []

    def read() -> None:
        while data := os.read(reading, 10_000):
            found.append(data)

    reader = threading.Thread(target=read)
    reader.start()
    out = Results(writing)
    out.write(text)
    out.finish()
    os.close(writing)
    reader.join(10)
    os.close(reading)
    assert b"".join(found).decode() == text


def test_results_fail_with_an_error_of_their_own_and_keep_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    out = Results(writing)
    out.write("x")
    with pytest.raises(ClosedPipeError):
        out.flush()
    out.flush()
    os.close(writing)
    with open("/dev/full", "wb", buffering=0) as full:
        out = Results(full.fileno())
        with pytest.raises(SeqgenError, match="stdout: cannot be written: No space left"):
            out.write("x" * 100_000)
        out.finish()


def test_what_has_no_utf8_form_is_an_escape(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb", buffering=0) as file:
        out = Results(file.fileno())
        out.write(json.dumps({"text": "a\ud800é"}, ensure_ascii=False))
        out.finish()
    assert json.loads((tmp_path / "out").read_bytes()) == {"text": "a\ud800é"}
    assert visible("name\udcff\x1b[31m\n\ud800") == "name\\xff␛[31m\n\\ud800"
    assert unobeyed("\x1b]0;x\x07\x9b1m\ta\u00a0b\u200dc\n") == "␛]0;x␇·1m\ta\u00a0b\u200dc\n"


def test_no_name_reaches_the_terminal_as_an_escape_sequence(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\x1b[31m\x9b.txt"
    for words in (
        ["train", name],
        ["generate", "-m", name],
        ["train", "--" + "\x1b[31m"],
        [name],
        ["evaluate", "-f\x1b[2J", name],
    ):
        done = subprocess.run([*SEQGEN, *words], capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
        assert done.returncode in (1, 2) and done.stderr and b"\x1b" not in done.stderr and b"Traceback" not in done.stderr
        done.stderr.decode("utf-8")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (CorpusError("a file: is empty"), "a file: is empty"),
        (KeyError("layers"), "internal error: KeyError: 'layers'"),
        (AssertionError(), "internal error: AssertionError"),
        (
            RecursionError("maximum recursion\ndepth exceeded"),
            "internal error: RecursionError: maximum recursion depth exceeded",
        ),
        (MemoryError(), "out of memory"),
        (ImportError("libtorch_cpu.so: failed to map segment from shared object"), "out of memory"),
        (OSError(errno.ENOSPC, "No space left on device", "run/x"), "run/x: No space left on device"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
        (OSError("odd"), "internal error: OSError: odd"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_exception_is_one_line(error: Exception, message: str) -> None:
    assert explained(error).message == message


BROKEN = """
import sys, threading, click, seqgen.cli

class Broken(BaseException):
    pass

@click.command()
def command():
    if case == "eof":
        raise EOFError("half a file")
    if case == "library":
        raise Broken("in a library")
    thread = threading.Thread(target=lambda: {}["layers"])
    thread.start()
    thread.join()

case = sys.argv[1]
seqgen.cli.COMMANDS["broken"] = ("__main__", "")
sys.argv = ["seqgen", "broken"]
seqgen.cli.main()
"""


@pytest.mark.parametrize(
    ("case", "code", "message"),
    [
        ("library", 1, "internal error: Broken: in a library"),
        ("eof", 1, "internal error: EOFError: half a file"),
        ("thread", 0, "internal error: KeyError: 'layers'"),
    ],
)
def test_our_own_bugs_show_no_traceback(case: str, code: int, message: str) -> None:
    done = subprocess.run([sys.executable, "-c", BROKEN, case], capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == f"error: {message}\nhint: please report it; --debug shows where it happened"
    assert done.returncode == code


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["help"], "Usage: seqgen [OPTIONS] COMMAND"),
        (["help", "runs"], "Usage: seqgen runs"),
        (["help", "explain", "gates"], "Usage: seqgen explain gates"),
        (["explain", "help"], "Usage: seqgen explain [OPTIONS]"),
    ],
)
def test_help_is_a_command_too(arguments: list[str], shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert in_process(arguments) == 0
    assert capsys.readouterr().out.startswith(shown)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["traing"], "did you mean 'train'?"),
        (["Train"], "did you mean 'train'?"),
        (["translate The boat", "x"], "leave the quotes out: seqgen translate The boat x"),
        (["{file}", "--minutes", "3"], "name a command first: seqgen train '{file}' --minutes 3"),
        (
            ["-m", "x y", "generate", "-n", "5"],
            "-m comes before the command; it belongs after it: seqgen generate -m 'x y' -n 5",
        ),
        (["explain", "-m", "x", "gates"], "it belongs after it: seqgen explain gates -m x"),
        (["--versoin"], "--version"),
        (["-p", "x"], "The command comes first: train, "),
        (["frobnicate"], "the commands are train, check, compare, generate"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_may_have_been_meant(arguments: list[str], hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a corpus.txt"
    file.touch()
    assert in_process([word.replace("{file}", str(file)) for word in arguments]) == 2
    assert hint.replace("{file}", str(file)) in capsys.readouterr().err


def in_process(arguments: list[str]) -> int:
    """The command line in this process; its exit code."""
    from seqgen.cli import main

    with pytest.raises(SystemExit) as end:
        main(arguments)
    return int(end.value.code or 0)


def test_a_tilde_in_quotes_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert expanded("~/models") == tmp_path / "models" and expanded(Path("~")) == tmp_path
    for same in ("models/~", "-", ".", "~no-such-user/x", "a~"):
        assert expanded(same) == Path(same)
    (tmp_path / "~").mkdir()
    assert expanded("~/models") == Path("~/models"), "a folder of that name is meant where there is one"


@pytest.fixture
def heard() -> Iterator[None]:
    """SIGINT as a terminal would deliver it: whoever starts the tests in the background may have it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_first_signal_is_a_flag_and_the_handlers_come_back(heard: None) -> None:
    said: list[str] = []
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with Interrupts() as interrupts:
        interrupts.say = said.append
        assert not interrupts.asked()
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)  # so soon it is the same request
        assert interrupts.asked() and len(said) == 1
        time.sleep(2 * SAME_REQUEST)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        interrupts.deliver()
    with Interrupts() as interrupts:
        pass
    interrupts.deliver()


def test_an_ignored_signal_stays_ignored_and_other_threads_are_left_alone(heard: None) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            signal.raise_signal(signal.SIGHUP)
            assert not interrupts.asked() and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    found: list[object] = []

    def elsewhere() -> None:
        with Interrupts(ends_program=True) as interrupts:
            found.extend([signal.getsignal(signal.SIGINT), interrupts.asked()])

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler, False]


BUSY = """
import lzma, os, sys, time
from concurrent.futures import ThreadPoolExecutor
from seqgen.interrupts import Interrupts
data = os.urandom(60_000_000)
with Interrupts(ends_program=True) as interrupts:
    interrupts.say = lambda text: print("asked", flush=True)
    print("ready", flush=True)
    if sys.argv[1] == "threads":
        with ThreadPoolExecutor() as pool:
            pool.submit(lzma.compress, data).result()
    lzma.compress(data)
"""


@pytest.mark.parametrize("where", ["threads", "library"])
def test_a_second_signal_ends_at_once_whatever_is_being_done(where: str, heard: None) -> None:
    process = subprocess.Popen([sys.executable, "-c", BUSY, where], stdout=subprocess.PIPE, text=True)
    with ended(process):
        assert process.stdout and process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 130


# Before this line it is Python that starts, and Python that says what it says about an interrupt.
LOADED = "import sys, seqgen.cli, seqgen.__main__ as program; print('loaded', file=sys.stderr, flush=True); program.main()"


@pytest.mark.parametrize("delay", [0.03, 0.15, 0.5])
def test_ctrl_c_ends_a_command_at_once_and_quietly(delay: float, commands: dict[str, list[str]], heard: None) -> None:
    """While it loads libraries, while it writes, while it waits for its input."""
    for words in ([*commands["generate"][:3], "-n", "-1"], commands["translate"][:3]):
        process = subprocess.Popen(
            [sys.executable, "-c", LOADED, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        with ended(process):
            assert process.stderr and process.stderr.readline() == "loaded\n"
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            assert process.wait(5) == 130
            assert not process.stderr.read().strip()


def test_hanging_up_saves_but_not_under_nohup(poem: Path, tmp_path: Path) -> None:
    """Two trainings at once: a closed terminal stops the first; the second ignores it, as nohup has it do, and goes on
    without any stream until it is asked to end."""
    train = shlex.join([*SEQGEN, "train", str(poem), "--arch", "lstm", "--hidden", "8", "--batch-size", "4", "--bptt", "16",
                        "--threads", "1", "--steps", "100000"])  # fmt: skip
    runs = [tmp_path / "plain", tmp_path / "nohup"]
    plain = subprocess.Popen(["bash", "-c", f"exec {train} -o {runs[0]}"], stderr=subprocess.PIPE, text=True)
    nohup = subprocess.Popen(["bash", "-c", f"trap '' HUP; exec {train} -o {runs[1]} <&- >&- 2>&-"], text=True)
    with ended(plain), ended(nohup):
        deadline = time.monotonic() + 60
        while not all((run / "config.json").exists() for run in runs) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1)
        plain.send_signal(signal.SIGHUP)
        nohup.send_signal(signal.SIGHUP)
        assert plain.wait(20) == 130 and plain.stderr and "goes on from there" in plain.stderr.read()
        time.sleep(0.3)
        assert nohup.poll() is None
        nohup.send_signal(signal.SIGTERM)
        assert nohup.wait(20) == 130
    for run in runs:
        assert json.loads((run / "config.json").read_text(encoding="utf-8"))["step"] > 0
        assert (run / "lock").read_bytes() == b"", "nothing meant for a stream got into a file"


@contextlib.contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[None]:
    """Leave no process behind, and no stream open, whatever fails."""
    with process:
        try:
            yield
        finally:
            process.kill()
