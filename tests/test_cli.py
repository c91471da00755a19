"""The command line as users meet it: real processes, real pipes, real signals."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from seqgen import threads
from seqgen.api import open_run
from seqgen.cli import main
from seqgen.opening import enough_threads
from seqgen.run import Run
from tests.conftest import Seqgen

COMMANDS = ("train", "compare", "generate", "translate", "evaluate", "score", "report", "runs")
EXPLAINED = (
    "surprise", "attention", "layers", "shapes", "state", "gates", "gradients", "memory", "context", "positions"
)  # fmt: skip


@pytest.mark.parametrize("command", [*COMMANDS, *(f"explain {name}" for name in EXPLAINED)])
def test_help_leads_with_examples(command: str, seqgen: Seqgen) -> None:
    done = seqgen(*command.split(), "--help")
    assert done.returncode == 0 and not done.stderr
    assert done.stdout.index(f"seqgen {command}") < done.stdout.index("Options:")
    assert "Examples:" in done.stdout and "--quiet" in done.stdout


def test_the_lists_of_commands_are_whole(seqgen: Seqgen) -> None:
    assert all(f"\n  {command} " in seqgen("--help").stdout for command in (*COMMANDS, "explain"))
    assert all(f"\n  {command} " in seqgen("explain", "--help").stdout for command in EXPLAINED)
    done = seqgen("explain", "atention")
    assert done.returncode == 2 and "did you mean 'attention'" in done.stderr


def test_version_and_a_misspelt_command(seqgen: Seqgen) -> None:
    from seqgen import __version__

    assert seqgen("--version").stdout == f"seqgen {__version__}\n"
    done = seqgen("genrate")
    assert done.returncode == 2 and "did you mean 'generate'" in done.stderr and not done.stdout


def test_small_networks_write_with_one_thread(runs: Path) -> None:
    """What stands inside the block is what NumPy's library says itself; networks that gain from threads keep theirs."""
    found = threads._blas()
    if found is None:
        pytest.skip("NumPy's library does not say how many threads it uses")
    run, before = Run(runs / "lstm"), found[0]()
    try:
        found[1](2)
        for rows, expected in ((1, 1), (64, 1), (100_000, 2)):
            with enough_threads(run, rows):
                assert found[0]() == expected
            assert found[0]() == 2
        with enough_threads(Run(runs / "markov"), 100_000):
            assert found[0]() == 1
    finally:
        found[1](before)


def test_generate_writes_the_text_and_nothing_else(runs: Path, seqgen: Seqgen) -> None:
    done = seqgen("generate", "-m", runs / "lstm", "-p", "The rain", "-n", 30, "--seed", 1)
    assert done.returncode == 0 and not done.stderr
    assert done.stdout.startswith("The rain") and done.stdout.endswith("\n") and len(done.stdout) == len("The rain") + 31


@pytest.mark.parametrize("model", ["markov", "lstm", "hybrid"])
def test_the_same_seed_gives_the_same_text(model: str, runs: Path, seqgen: Seqgen) -> None:
    first, second, third = (seqgen("generate", "-m", runs / model, "-n", 60, "--seed", seed).stdout for seed in (3, 3, 4))
    assert first == second != third


def test_prompts_come_from_options_files_and_pipes(runs: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    path = tmp_path / "prompt.txt"
    path.write_text("The rain\n", encoding="utf-8")
    common = ("generate", "-m", runs / "markov", "-n", 20, "--seed", 2)
    expected = seqgen(*common, "-p", "The rain").stdout
    assert seqgen(*common, "--prompt-file", path).stdout == expected
    assert seqgen(*common, stdin="The rain\n").stdout == expected
    assert seqgen(*common, "-p", "x", "--prompt-file", path).returncode == 2


def test_a_prompt_that_cannot_be_read_is_one_line(runs: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    latin = tmp_path / "latin.txt"
    latin.write_bytes(b"caf\xe9\n")
    command = ("generate", "-m", runs / "markov", "-n", 5, "--seed", 1)
    for arguments, stdin, said in (
        (["--prompt-file", latin], b"", "latin.txt:1: byte 4 of the line, 0xE9, is not UTF-8"),
        (["--prompt-file", tmp_path], b"", "is a folder, expected a text file"),
        (["--prompt-file", tmp_path / "none"], b"", "none: no such file"),
        (["--prompt-file", "a\udcffb"], b"", "no such file"),
        (["--prompt-file", "-"], b"x\xff", "stdin:1: byte 2 of the line, 0xFF, is not UTF-8"),
        ([], b"x\n\xff", "stdin:2: byte 1 of the line, 0xFF, is not UTF-8"),
        ([], "x".encode("utf-16"), "this is UTF-16; convert it"),
        (["-i"], b"The\nx\xff\n", "stdin:2: byte 2 of the line, 0xFF, is not UTF-8"),
        (["-p", "caf\udce9"], b"", "--prompt: character 4, 0xE9, is not UTF-8"),
        (["-p", "x", "--stop", "\udcff"], b"", "--stop: character 1, 0xFF, is not UTF-8"),
    ):
        done = seqgen(*command, *arguments, stdin=stdin)
        assert done.returncode == 1 and said in done.stderr and done.stderr.count("\n") <= 2, done.stderr
    program = f"exec {sys.executable} -m seqgen generate -m {runs / 'markov'} -n 5"
    for end, code in (("<&-", 0), ("-i <&-", 1), ("--prompt-file - <&-", 1), ("-p x <&-", 0)):
        done = subprocess.run(["bash", "-c", f"{program} {end}"], capture_output=True, text=True)
        assert done.returncode == code and ("stdin is closed" in done.stderr) == bool(code), done.stderr


def test_a_pipe_that_has_nothing_yet_is_not_at_its_end(runs: Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    command = [sys.executable, "-m", "seqgen", "generate", "-m", str(runs / "markov"), "-n", "0"]
    with subprocess.Popen(command, stdin=reading, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        os.write(writing, b"The ")
        time.sleep(1)
        os.write(writing, b"rain\r\n")
        os.close(writing)
        assert process.stdout.read() == "The rain\n" and process.wait(20) == 0
    os.close(reading)


def test_ctrl_c_prints_what_there_is(runs: Path) -> None:
    for form in (["-n", "-1"], ["-n", "1000000000", "--json"], ["-n", "1000000000", "--num-samples", "2"]):
        command = [sys.executable, "-m", "seqgen", "generate", "-m", str(runs / "markov"), "-p", "The 漢", "--seed", "1", *form]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
            assert process.stderr and "<unk>" in process.stderr.readline(), "said just before the first symbol"
            time.sleep(0.7)
            process.send_signal(signal.SIGINT)
            out, errors = process.communicate(timeout=20)
        assert process.returncode == 130 and not errors.strip() and out.endswith("\n")
        if "--json" in form:
            record = json.loads(out)
            assert len(record["tokens"]) == len(record["text"]) > 20
        else:
            assert out.startswith("The 漢") and len(out) > 30


def test_an_unseen_character_is_said_once_and_does_no_harm(runs: Path, seqgen: Seqgen) -> None:
    done = seqgen("generate", "-m", runs / "hybrid", "-p", "The 漢字漢 rain", "-n", 10, "--seed", 1)
    assert done.returncode == 0 and done.stdout.startswith("The 漢字漢 rain")
    assert done.stderr.count("<unk>") == 1 and "'漢' '字'" in done.stderr
    assert not seqgen("generate", "-m", runs / "hybrid", "-p", "漢", "-n", 5, "-q").stderr


def test_without_a_model_the_last_one_finished_is_taken_and_named(runs: Path, seqgen: Seqgen) -> None:
    done = seqgen("generate", "-n", 5, SEQGEN_RUNS=str(runs))
    assert done.returncode == 0 and f"model: {runs / 'hybrid'}" in done.stderr
    # By what config.json says, not by the times of files.
    os.utime(runs / "markov" / "config.json")
    assert "hybrid" in seqgen("generate", "-n", 5, SEQGEN_RUNS=str(runs)).stderr
    assert seqgen("generate", "-m", "lstm", "-n", 5, "--runs-dir", runs).returncode == 0


def test_a_seed_that_was_drawn_is_said_and_draws_the_same_again(runs: Path, seqgen: Seqgen) -> None:
    for form in (["-n", 60], ["-n", 9, "--num-samples", 4], ["-n", 9, "-i"]):
        call, lines = ("generate", "-m", runs / "markov", *form), "The\nWho\n" if "-i" in form else ""
        done = seqgen(*call, stdin=lines)
        seed = re.fullmatch(r"seed: (\d+) \(--seed \1 draws the same again\)\n", done.stderr)
        assert seed and seqgen(*call, "--seed", seed[1], stdin=lines).stdout == done.stdout
    done = seqgen("generate", "-m", runs / "markov", "-n", 5, "--json")
    assert f"seed: {json.loads(done.stdout)['seed']} " in done.stderr
    for said in (["--seed", 3], ["--greedy"], ["-q"]):
        assert not seqgen("generate", "-m", runs / "markov", "-n", 5, *said).stderr


def test_without_the_prompt_only_what_is_new_is_written(runs: Path, seqgen: Seqgen) -> None:
    call = ("generate", "-m", runs / "markov", "-p", "The rain", "-n", 12, "--seed", 4)
    for form in ([], ["--num-samples", 3]):
        whole, new = seqgen(*call, *form).stdout, seqgen(*call, *form, "--no-prompt").stdout
        assert whole.count("The rain") >= 1 and new == whole.replace("The rain", "", 3 if form else 1)
    whole, new = (json.loads(seqgen(*call, "--json", *form).stdout) for form in ([], ["--no-prompt"]))
    assert whole.pop("prompt") == "The rain" and new == whole
    assert seqgen(*call[:3], "-i", "-n", 0, "--no-prompt", "-q", stdin="The\nWho\n").stdout == "\n\n"


def test_prompts_are_read_like_the_corpus_wherever_they_come_from(runs: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    """Escapes are for options; in a file, a pipe or a typed line a backslash is a backslash."""
    raw = "\ufeffcafe\u0301 \\n on\r\nnine"
    path = tmp_path / "prompt.txt"
    path.write_bytes(f"{raw}\r\n".encode())
    call, read = ("generate", "-m", runs / "markov", "-n", 0, "-q"), "caf\u00e9 \\n on\nnine\n"
    assert seqgen(*call, "-p", raw.replace("\\n", "\\\\n")).stdout == read
    assert seqgen(*call, "-p", r"\ufeffcafe\u0301 \\n on\r\nnine").stdout == read
    assert seqgen(*call, "--prompt-file", path).stdout == read
    assert seqgen(*call, stdin=path.read_bytes()).stdout == read
    assert seqgen(*call, "-i", stdin=path.read_bytes()).stdout == read


def test_a_stop_text_may_be_written_with_escapes(runs: Path, seqgen: Seqgen) -> None:
    call = ("generate", "-m", runs / "markov", "-p", r"nine;\n", "-n", 2000, "--seed", 1, "--no-prompt", "--json")
    whole = json.loads(seqgen(*call).stdout)["text"]
    for written, stop in ((r"\n\n", "\n\n"), (r"\r\n", "\n"), (r"\x2c\u000a", ",\n")):
        record = json.loads(seqgen(*call, "--stop", written).stdout)
        assert record["settings"]["stop"] == [stop] and stop in whole and record["text"] == whole[: whole.index(stop)]


def test_json_holds_what_a_program_needs(runs: Path, seqgen: Seqgen) -> None:
    arguments = ("generate", "-m", runs / "lstm", "-p", "The", "-n", 25, "--seed", 5)
    done = seqgen(*arguments, "--json", "--num-samples", 3, "--top-k", 4, "-T", 0.7)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["sample"] for record in records] == [0, 1, 2]
    for record in records:
        assert record["seed"] == 5 and record["settings"]["top_k"] == 4 and record["settings"]["temperature"] == 0.7
        assert len(record["tokens"]) == 25 and all(token["log_prob"] <= 0 for token in record["tokens"])
        assert "".join(token["symbol"] for token in record["tokens"]).replace("\\n", "\n") == record["text"]


def test_log_probabilities_are_those_that_evaluate_finds(runs: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    """A text generated after a newline, scored by `evaluate`: the same sum from another way round."""
    run = Run(shutil.copytree(runs / "hybrid", tmp_path / "hybrid"))
    for name in ("primers", "text"):
        run.forget(name)
    record = json.loads(seqgen("generate", "-m", run.path, "-n", 80, "--seed", 8, "--json", stdin="").stdout)
    path = tmp_path / "generated.txt"
    path.write_text(record["text"], encoding="utf-8")
    scored = json.loads(seqgen("evaluate", "-m", runs / "hybrid", path, "--json").stdout)
    assert np.isclose(scored["nats"], -sum(token["log_prob"] for token in record["tokens"]), atol=1e-2)


def test_a_primer_is_read_and_never_written(runs: Path, seqgen: Seqgen) -> None:
    """Whatever way a text is asked for, it is as long as was asked for and follows from the seed."""
    generate = ("generate", "-m", runs / "hybrid", "-n", 30, "--seed", 4)
    alone = seqgen(*generate).stdout
    assert len(alone) == 31 and alone == seqgen(*generate, "--no-prompt").stdout == seqgen(*generate, "--prompt", "").stdout
    assert alone == "".join(open_run(runs / "hybrid").generate(length=30, seed=4)) + "\n"
    behind = seqgen(*generate, "-p", "the ").stdout
    assert (
        behind.startswith("the ") and len(behind) == 35 and seqgen(*generate, "-p", "the ", "--no-prompt").stdout == behind[4:]
    )
    asked = seqgen(*generate, "-i", stdin="the \n\nthe \n").stdout
    assert asked.startswith(behind) and len(asked) == 2 * 35 + 31
    records = [json.loads(line) for line in seqgen(*generate, "--json", "--num-samples", 3).stdout.splitlines()]
    assert [record["prompt"] for record in records] == ["", "", ""] and len({record["text"] for record in records}) > 1
    greedy = [seqgen(*generate, "--greedy", "--engine", engine).stdout[:10] for engine in ("numpy", "reference")]
    assert greedy[0] == greedy[1]


def test_stop_and_line(runs: Path, seqgen: Seqgen) -> None:
    text = seqgen("generate", "-m", runs / "markov", "-p", "The", "-n", -1, "--line", "--seed", 1).stdout
    assert text.count("\n") == 1 and text.endswith("\n")
    stopped = seqgen("generate", "-m", runs / "markov", "-n", -1, "--stop", "a", "--stop", "e", "--seed", 1, stdin="").stdout
    assert "a" not in stopped and "e" not in stopped


def test_a_closed_pipe_ends_it_quietly(runs: Path) -> None:
    command = f"{sys.executable} -m seqgen generate -m {runs / 'markov'} -n -1 -p x --seed 1 | head -c 2000 | wc -c"
    shown = 'echo "${PIPESTATUS[@]}"'
    done = subprocess.run(["bash", "-c", f"{command}; {shown}"], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["2000", "0", "0", "0"] and not done.stderr


def test_interactive_goes_on_until_the_input_ends(runs: Path, seqgen: Seqgen) -> None:
    done = seqgen("generate", "-m", runs / "markov", "-i", "-n", 5, "-q", stdin="The\nWho\n")
    assert done.returncode == 0
    lines = done.stdout
    assert lines.startswith("The") and "Who" in lines


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["generate", "-m", "nothing"], "no run 'nothing'"),
        (["generate", "-m", "{markov}", "-T", "0"], "--temperature: expected above 0"),
        (["generate", "-m", "{markov}", "--top-p", "2"], "--top-p: expected"),
        (["generate", "-m", "{markov}", "-T", "inf"], "--temperature: expected above 0 to 1,000, found inf"),
        (["evaluate", "-m", "{markov}", "no-such-file.txt"], "no-such-file.txt: no such file"),
        (["train", "no-such-file.txt"], "no-such-file.txt: no such file"),
        (["train", "{poem}", "--hidden", "0"], "--hidden: expected from 1"),
        (["train", "{poem}", "--device", "cuda", "--steps", "1", "-o", "{tmp}/cuda"], "--device cuda: not available"),
        (["train", "{short}", "--steps", "1"], "two symbols or more"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, list) else "",
)
def test_errors_are_a_line_and_a_hint(
    arguments: list[str], message: str, runs: Path, poem: Path, tmp_path: Path, seqgen: Seqgen
) -> None:
    import torch

    if "cuda" in arguments and torch.cuda.is_available():
        pytest.skip("this machine has what the test wants missing")
    short = tmp_path / "short.txt"
    short.write_text("x", encoding="utf-8")
    values = {"markov": runs / "markov", "poem": poem, "short": short, "tmp": tmp_path}
    done = seqgen(*(argument.format(**values) for argument in arguments), SEQGEN_RUNS=str(tmp_path / "runs"))
    assert done.returncode == 1 and not done.stdout
    assert done.stderr.startswith("error: ") and message in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists(), "nothing is left behind"


def test_an_argument_without_bytes_is_an_error_of_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Only a program that calls us can give one."""
    with pytest.raises(SystemExit) as end:
        main(["generate", "-m", "x", "--runs-dir", "\ud800", "-n", "1"])
    said = capsys.readouterr().err
    assert end.value.code in (1, 2) and "internal" not in said and "\\ud800" in said


def test_debug_shows_where(seqgen: Seqgen) -> None:
    assert "Traceback" in seqgen("train", "no-such-file.txt", "--debug").stderr


def test_evaluate_prints_figures_with_their_settings(runs: Path, poem: Path, seqgen: Seqgen) -> None:
    record = json.loads(seqgen("evaluate", "-m", runs / "hybrid", poem, "--json", "--per-line").stdout)
    assert np.isclose(record["bits_per_char"], record["nats_per_char"] / np.log(2))
    assert np.isclose(record["perplexity"], np.exp(record["nats"] / record["tokens"]))
    assert record["signature"].startswith("arch:hybrid|tok:char|norm:nfc|")
    assert np.isclose(sum(line["nats"] for line in record["lines"]), record["nats"], rtol=1e-4)
    assert sum(line["chars"] for line in record["lines"]) == record["chars"] == len(poem.read_text(encoding="utf-8"))
    text = seqgen("evaluate", "-m", runs / "hybrid", poem, "--per-line").stdout
    assert f"{record['bits_per_char']:.4f} bits a character" in text and "on the washing" in text
    assert "on the washing line" in text.splitlines()[3], "each line of the text beside its own figure"


@pytest.mark.parametrize("model", ["lstm", "hybrid"])
def test_the_reference_engine_agrees(model: str, runs: Path, poem: Path, seqgen: Seqgen) -> None:
    ours, reference = (
        json.loads(seqgen("evaluate", "-m", runs / model, poem, "--json", "--engine", engine).stdout)
        for engine in ("numpy", "reference")
    )
    assert np.isclose(ours["nats_per_char"], reference["nats_per_char"], atol=1e-5)


def test_the_held_out_score_is_what_evaluate_finds(runs: Path, poem: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    config = json.loads((runs / "lstm" / "config.json").read_text(encoding="utf-8"))
    text = poem.read_text(encoding="utf-8")
    held_out = tmp_path / "held-out.txt"
    held_out.write_text(text[int(len(text) * 0.9) :], encoding="utf-8")
    record = json.loads(seqgen("evaluate", "-m", runs / "lstm", held_out, "--json").stdout)
    assert record["chars"] == config["corpus"]["valid"]
    assert np.isclose(record["nats_per_char"], config["scores"]["valid"]["nats_per_char"], atol=1e-5)


def test_runs_lists_them(runs: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    lines = seqgen("runs", "--runs-dir", runs).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["run", "markov", "lstm", "hybrid"]
    rows = [json.loads(line) for line in seqgen("runs", "--runs-dir", runs, "--json").stdout.splitlines()]
    assert rows[2]["steps"] == 30 and rows[2]["corpus"] == "poem.txt" and rows[2]["bits_per_char"] > 0
    assert "no runs in" in seqgen("runs", "--runs-dir", tmp_path).stderr


def test_a_run_works_when_copied_without_its_corpus(runs: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    shutil.copytree(runs / "hybrid", tmp_path / "copy")
    arguments = ("-n", 30, "--seed", 1, "-p", "The")
    here = seqgen("generate", "-m", runs / "hybrid", *arguments).stdout
    assert seqgen("generate", "-m", tmp_path / "copy", *arguments).stdout == here
    assert str(runs) not in (tmp_path / "copy" / "config.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("damage", ["weights", "config", "tokenizer"])
def test_a_damaged_run_is_an_error_with_its_file(damage: str, runs: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    shutil.copytree(runs / "lstm", tmp_path / "run")
    path = tmp_path / "run" / f"{damage}.json"
    if damage == "weights":
        path = Run(tmp_path / "run").file_of("weights")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    done = seqgen("generate", "-m", tmp_path / "run")
    assert done.returncode == 1 and path.name in done.stderr and "Traceback" not in done.stderr


def test_nothing_in_a_run_is_pickled(runs: Path) -> None:
    names = {path.name for path in (runs / "hybrid").iterdir()}
    arrays = {Run(runs / "hybrid").file_of(name).name for name in ("weights", "markov", "state", "text", "primers")}
    assert names == {"config.json", "tokenizer.json", "metrics.jsonl", "lock", *arrays}
    assert all(re.fullmatch(r"[a-z]+-[0-9a-f]{12}\.safetensors", name) for name in arrays)


def test_ctrl_c_saves_exits_130_and_the_same_command_goes_on(poem: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    path = tmp_path / "run"
    options = ["train", str(poem), "-o", str(path), "--arch", "lstm", "--hidden", "16", "--steps", "100000"]
    process = subprocess.Popen([sys.executable, "-m", "seqgen", *options], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (path / "config.json").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and "goes on from there" in errors, errors
    step = json.loads((path / "config.json").read_text(encoding="utf-8"))["step"]
    assert step > 0
    done = seqgen(*options[:-1], step + 5)
    assert done.returncode == 0 and f"continuing {path} at step {step:,}" in done.stderr
    assert json.loads((path / "config.json").read_text(encoding="utf-8"))["step"] == step + 5


def test_a_dry_run_says_and_does_nothing(poem: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    for options in (["--arch", "markov"], ["--steps", "50"], ["--minutes", "3"]):
        done = seqgen("train", poem, "-o", tmp_path / "run", "--dry-run", *options)
        assert done.returncode == 0 and "plan: " in done.stderr and not (tmp_path / "run").exists()


@pytest.mark.alone
def test_minutes_land_on_time(poem: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    begin = time.perf_counter()
    done = seqgen("train", poem, "-o", tmp_path / "run", "--minutes", 0.25)
    taken = time.perf_counter() - begin
    assert done.returncode == 0, done.stderr
    assert 11 < taken < 18, f"asked for 15 s, took {taken:.1f} s"
    assert "\x1b" not in done.stderr and "\r" not in done.stderr and not done.stdout
    assert "held-out text, every symbol" in done.stderr and "seqgen generate -m" in done.stderr


def test_the_textbook_exercise_can_be_watched(seqgen: Seqgen, tmp_path: Path) -> None:
    path = tmp_path / "hihello.txt"
    path.write_text("hihello", encoding="utf-8")
    done = seqgen("train", path, "--arch", "rnn", "--input", "one-hot", "--hidden", 8, "--steps", 60, "--lr", 0.05,
                  "--sample-every", 5, "-o", tmp_path / "run")  # fmt: skip
    shown = [line.split("-> ")[1] for line in done.stderr.splitlines() if "'ihello' -> " in line]
    assert len(shown) >= 12 and shown[0] != "'ihello'" and shown[-1] == "'ihello'"
    assert seqgen("generate", "-m", tmp_path / "run", "-p", "h", "-n", 6, "--greedy").stdout == "hihello\n"


def test_held_out_text_of_its_own_and_none(poem: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    held_out = tmp_path / "held-out.txt"
    held_out.write_text("The rain began again.\n", encoding="utf-8")
    seqgen("train", poem, "-o", tmp_path / "a", "--arch", "markov", "--valid", held_out)
    corpus = json.loads((tmp_path / "a" / "config.json").read_text(encoding="utf-8"))["corpus"]
    assert (corpus["train"], corpus["valid"]) == (len(poem.read_text(encoding="utf-8")), 22)
    done = seqgen("train", poem, "-o", tmp_path / "b", "--steps", 5, "--valid-frac", 0, "--no-keep-text", "--hidden", 8)
    config = json.loads((tmp_path / "b" / "config.json").read_text(encoding="utf-8"))
    assert done.returncode == 0 and config["scores"] == {} and config["mix_weight"] == 0.5
    assert not Run(tmp_path / "b").has("text") and not Run(tmp_path / "b").has("primers")


def test_epochs_are_passes_over_the_text(poem: Path, seqgen: Seqgen, tmp_path: Path) -> None:
    options = ("--batch-size", 4, "--bptt", 32, "--hidden", 8, "--arch", "gru")
    seqgen("train", poem, "-o", tmp_path / "run", "--epochs", 2, *options)
    config = json.loads((tmp_path / "run" / "config.json").read_text(encoding="utf-8"))
    assert config["step"] == 2 * ((config["corpus"]["train"] - 1) // 4 // 32)
