"""`seqgen translate` in real pipes: one line out for each line in, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from seqgen.cli import main
from tests.conftest import ROOT, Seqgen


def test_as_many_lines_out_as_in_and_blank_ones_stay_blank(translation_run: Path, seqgen: Seqgen) -> None:
    text = "1 2 3 4\n\n   \n5 6 7 8\n\n"
    done = seqgen("translate", "-m", translation_run, stdin=text)
    lines = done.stdout.split("\n")
    assert done.returncode == 0 and not done.stderr
    assert len(lines) == 6 and lines[-1] == ""
    assert [bool(line.strip()) for line in lines] == [True, False, False, True, False, False]
    assert seqgen("translate", "-m", translation_run, stdin="").stdout == ""
    # A last line without an end, and line ends of another system.
    assert seqgen("translate", "-m", translation_run, stdin="1 2 3 4\r\n5 6 7 8").stdout.split("\n")[0] == lines[0]


def test_order_is_kept_over_many_lines(translation_run: Path, seqgen: Seqgen) -> None:
    lines = [" ".join(str(number)) for number in range(1000, 1300)]
    whole = seqgen("translate", "-m", translation_run, "-b", 1, stdin="\n".join(lines)).stdout.splitlines()
    turned = seqgen("translate", "-m", translation_run, "-b", 1, stdin="\n".join(reversed(lines))).stdout.splitlines()
    assert len(whole) == 300 and whole == turned[::-1] and len(set(whole)) > 50


def test_each_line_is_answered_before_the_next_is_asked(translation_run: Path) -> None:
    command = [sys.executable, "-m", "seqgen", "translate", "-m", str(translation_run)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdin and process.stdout
        for line in ("1 2 3 4", "", "9 8 7 6"):
            process.stdin.write(line + "\n")
            process.stdin.flush()
            begin = time.monotonic()
            answer = process.stdout.readline()
            assert answer.endswith("\n") and bool(answer.strip()) == bool(line) and time.monotonic() - begin < 20
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.mark.parametrize("form", ["%s", '{"source": "%s"}'])
def test_a_closed_pipe_ends_it_quietly(form: str, translation_run: Path) -> None:
    lines = "\n".join(form % " ".join(str(number)) for number in range(100_000, 104_000))
    command = [sys.executable, "-m", "seqgen", "translate", "-b", "1", "-m", str(translation_run)]
    command += ["--jsonl"] * form.startswith("{")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr

        import contextlib
        import threading

        def feed() -> None:
            assert process.stdin
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(lines.encode())
                process.stdin.close()

        thread = threading.Thread(target=feed)
        thread.start()
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0 and not process.stderr.read()
        thread.join()


def test_ctrl_c_while_waiting_for_input(translation_run: Path) -> None:
    command = [sys.executable, "-m", "seqgen", "translate", "-m", str(translation_run)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(b"1 2 3 4\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130 and not process.stderr.read().strip()


def test_what_is_no_utf8_names_its_line_and_the_lines_before_are_answered(translation_run: Path, seqgen: Seqgen) -> None:
    done = seqgen("translate", "-m", translation_run, stdin=b"1 2 3 4\n5 6\xff\n7\n")
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 1
    assert "stdin:2: byte 4 of the line, 0xFF, is not UTF-8" in done.stderr and "hint:" in done.stderr


def test_a_long_line_is_translated_in_parts(translation_run: Path, seqgen: Seqgen) -> None:
    words = "one two three four five six seven eight nine".split()
    done = seqgen("translate", "-m", translation_run, "--json", stdin="1 2 3 4 5 6 7 8 9 " * 5 + "\n")
    found = json.loads(done.stdout)["translation"].split()
    # The model has never seen more than six digits: as one piece this would be lost.
    assert abs(len(found) - 45) < 3 and sum((Counter(words * 5) & Counter(found)).values()) > 34


def test_cuts_are_explained_without_translating(translation_run: Path, seqgen: Seqgen) -> None:
    text = "Mr. 1 2 3. 4 5 6!\n\n  7\t8\u200d9  \n"
    done = seqgen("translate", "-m", translation_run, "--explain-cuts", stdin=text)
    assert done.stdout.splitlines() == [
        "1\tMr. 1 2 3.\tsentence mark\tnot after Mr.: abbreviation", "1\t4 5 6!\tend of line", "3\t7␉8\u200d9\tend of line",
    ]  # fmt: skip
    records = seqgen("translate", "-m", translation_run, "--explain-cuts", "--json", stdin=text).stdout.splitlines()
    assert json.loads(records[0])["kept"] == [{"after": "Mr.", "rule": "abbreviation"}] and len(records) == 3
    assert json.loads(records[2])["piece"] == "7\t8\u200d9"
    assert seqgen("translate", "-m", translation_run, "--explain-cuts", "--scores", stdin=text).returncode == 2


def test_forms_of_output(translation_run: Path, seqgen: Seqgen) -> None:
    run = ("translate", "-m", translation_run)
    plain = seqgen(*run, stdin="1 2 3 4\n5 6 7 8\n").stdout.splitlines()
    scored = [line.split("\t") for line in seqgen(*run, "--scores", stdin="1 2 3 4\n5 6 7 8\n").stdout.splitlines()]
    assert [text for _, text in scored] == plain and all(float(score) < 0 for score, _ in scored)
    best = [line.split("\t") for line in seqgen(*run, "--nbest", 3, stdin="1 2 3 4\n5 6 7 8\n").stdout.splitlines()]
    assert [number for number, _ in best] == ["1"] * 3 + ["2"] * 3 and [best[0][1], best[3][1]] == plain
    text, links = seqgen(*run, "--alignment", stdin="1 2 3 4\n").stdout.rstrip("\n").split("\t")
    assert text == plain[0]
    for link in links.split():
        source, target = map(int, link.split("-"))
        assert 0 <= source < 4 and 0 <= target < len(text.split())
    record = json.loads(seqgen(*run, "--json", "--nbest", 2, stdin="1 2 3 4\n").stdout)
    assert record["source"] == "1 2 3 4" and record["translation"] == plain[0] and len(record["nbest"]) == 2


def test_json_lines_keep_their_fields(translation_run: Path, seqgen: Seqgen) -> None:
    records = [{"id": 7, "source": "1 2 3 4", "tags": ["a", None]}, {"source": "5 6 7 8", "ü": "한"}]
    stdin = "\n".join(json.dumps(record) for record in records) + "\n"
    done = seqgen("translate", "-m", translation_run, "--jsonl", stdin=stdin)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for record, translated in zip(records, found, strict=True):
        assert record.items() <= translated.items() and translated["translation"]
    done = seqgen("translate", "-m", translation_run, "--jsonl", stdin=stdin + '{"text": "x"}\n')
    assert (
        done.returncode == 1 and len(done.stdout.splitlines()) == 2 and "stdin:3: expected a string in the field" in done.stderr
    )


def test_each_record_is_answered_before_the_next_is_asked(translation_run: Path) -> None:
    command = [sys.executable, "-m", "seqgen", "translate", "--jsonl", "-m", str(translation_run)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdin and process.stdout
        for record in ('{"source": "1 2 3 4"}', "", '{"source": "9 8"}'):
            process.stdin.write(record + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            assert answer.startswith(record.removesuffix("}")) and ("translation" in answer) == bool(record)
        process.stdin.close()
        assert process.wait(20) == 0


def test_what_is_added_to_records_has_names_that_can_be_chosen(translation_run: Path, seqgen: Seqgen) -> None:
    run = ("translate", "-m", translation_run, "--jsonl")
    record = '{"source": "1 2 3 4",  "score": 1e400, "translation":"\\ud800", "n": 12345678901234567890.10}'
    done = seqgen(*run, "--into", "en", "--scores", "--nbest", 2, "--alignment", stdin=record + "\n")
    assert done.stdout.startswith(record[:-1] + ', "en": "') and done.returncode == 0
    added = list(json.loads(done.stdout))[4:]
    assert added == ["en", "en_score", "en_alignment", "en_nbest"]
    # A second translation of the same records stands beside the first.
    again = seqgen(*run, "--into", "de", "--scores", stdin=done.stdout)
    assert again.stdout.startswith(done.stdout[:-2]) and list(json.loads(again.stdout))[8:] == ["de", "de_score"]
    # Only what was asked for is added; what is there already is never overwritten, and the lines before are answered.
    plain = '{"source": "1 2", "score": 3}\n'
    done = seqgen(*run, stdin=plain + "\n" + record + "\n" + plain)
    assert done.returncode == 1 and "stdin:3: the record already has a field 'translation'" in done.stderr
    assert "--into" in done.stderr and done.stdout.startswith(plain[:-2]) and done.stdout.count("\n") == 2
    assert seqgen(*run, "--scores", stdin=plain).stderr.count("the record already has a field 'score'") == 1


def test_a_non_blocking_pipe_is_read_to_its_end(translation_run: Path) -> None:
    for form, text in (([], "1 2 3\n"), (["--jsonl"], '{"source": "1 2 3"}\n')):
        read, write = os.pipe()
        os.set_blocking(read, False)
        command = [sys.executable, "-m", "seqgen", "translate", *form, "-m", str(translation_run)]
        with subprocess.Popen(command, stdin=read, stdout=subprocess.PIPE) as process:
            assert process.stdout
            os.close(read)
            for number in range(4):
                os.write(write, text.encode())
                # The first wait is longer than the start, the second is a whole answer.
                if number == 1:
                    assert process.stdout.readline()
            os.close(write)
            assert len(process.stdout.readlines()) == 3 and process.wait(20) == 0


def test_what_is_drawn_does_not_depend_on_how_lines_come(translation_run: Path, tmp_path: Path) -> None:
    """Through real pipes: all at once, line by line, a few bytes at a time; and as files."""
    texts = ["1 2 3 4\n", "\n", "5 6 7 8 9\n", "1 2 3 4\n", "1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9\n", "1 2 3 4\n"]
    whole = "".join(texts).encode()
    command = [sys.executable, "-m", "seqgen", "translate", "-m", str(translation_run), "--sample", "-T", "3", "--seed", "5"]
    results = []
    for pieces in ([whole], [text.encode() for text in texts], [whole[i : i + 5] for i in range(0, len(whole), 5)]):
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
            assert process.stdin and process.stdout
            for piece in pieces:
                process.stdin.write(piece)
                if len(pieces) == len(texts):
                    results.append(process.stdout.readline())
            process.stdin.close()
            results.append(process.stdout.read())
    (tmp_path / "a").write_text("".join(texts[:2]), encoding="utf-8")
    (tmp_path / "b").write_text("".join(texts[2:]), encoding="utf-8")
    done = subprocess.run([*command, tmp_path / "a", tmp_path / "b"], capture_output=True, check=True)
    at_once, line_by_line, in_bytes = results[0], b"".join(results[1:-1]), results[-1]
    assert at_once == line_by_line == in_bytes == done.stdout
    lines = at_once.splitlines()
    assert len(lines) == 6 and lines[1] == b"" and len({lines[0], lines[3], lines[5]}) == 3


def test_a_prefix_stands_in_front_and_sampling_repeats(translation_run: Path, seqgen: Seqgen) -> None:
    run = ("translate", "-m", translation_run, "--max-length", 12)
    assert seqgen(*run, "--prefix", "nine nine", stdin="1 2 3 4\n").stdout.startswith("nine nine")
    first, second, third = (seqgen(*run, "--sample", "--seed", seed, stdin="1 2 3 4\n" * 5).stdout for seed in (1, 1, 2))
    assert first == second != third and len(set(first.splitlines())) > 1


def test_a_translation_that_was_cut_is_said(translation_run: Path, seqgen: Seqgen) -> None:
    done = seqgen("translate", "-m", translation_run, "--max-length", 2, stdin="1 2 3 4\n")
    assert done.returncode == 0 and done.stderr == "stdin:1: the translation was cut at 2 tokens\n"


def test_notes_about_lines_are_summed_up(translation_run: Path, seqgen: Seqgen) -> None:
    run = ("translate", "-m", translation_run, "--max-length", 2)
    text = "1 2 3 4\n\nПривет, как дела?\n" * 40
    done = seqgen(*run, stdin=text)
    foreign = "in Cyrillic letters, which this run has not learnt"
    assert done.returncode == 0 and done.stderr.splitlines() == [
        "stdin:1: the translation was cut at 2 tokens",
        f"stdin:3: {foreign}: it has learnt Latin letters",
        "40 of 120 lines: the translation was cut (lines 1, 4, 7, 10, 13, 16, 19, 22, ...)",
        f"40 of 120 lines: {foreign} (lines 3, 6, 9, 12, 15, 18, 21, 24, ...)",
    ]
    assert seqgen(*run, "--quiet", stdin=text).stderr == ""
    records = [json.loads(line) for line in seqgen(*run, "--json", "-q", stdin=text).stdout.splitlines()]
    assert [record.get("notes") for record in records] == 40 * [
        ["the translation was cut at 2 tokens"], None, [f"{foreign}: it has learnt Latin letters"]
    ]  # fmt: skip
    # A line that is broken ends it, and what came before is summed up before the error.
    done = seqgen(*run, stdin=text.encode() + b"\xff\n")
    assert done.returncode == 1 and "40 of 120 lines" in done.stderr.split("error:")[0]


def test_ctrl_c_sums_the_notes_up(translation_run: Path) -> None:
    command = [sys.executable, "-m", "seqgen", "translate", "-m", str(translation_run), "--max-length", "2"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        for _ in range(3):
            process.stdin.write(b"1 2 3 4\n")
            process.stdin.flush()
            assert process.stdout.readline(), "each line is answered at once"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        told = process.stderr.read().decode().strip().splitlines()
        assert len(told) == 2 and told[1] == "3 of 3 lines: the translation was cut (lines 1, 2, 3)"


def test_strict_names_every_line_that_came_back(seqgen: Seqgen) -> None:
    text = "The cat 12345 sees 67890.\n" * 12
    done = seqgen(
        "translate", "-m", ROOT / "checkpoints" / "tiny-english-french", "-b", 1, "--max-length", 3, "--strict", stdin=text
    )
    told = done.stderr.splitlines()
    assert done.returncode == 1 and done.stdout == text and told[0].startswith("stdin:1: the translation loses")
    assert told[1].startswith("12 of 12 lines: ") and told[1].endswith("(lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)")
    assert told[2].startswith("error: --strict: 12 lines")


def test_pairs_and_prompts_in_another_script_are_noted_once(tmp_path: Path, seqgen: Seqgen) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("The sea\tLa mer\nПривет, мир\tSalut\nHi\tДобрый день\n", encoding="utf-8")
    cyrillic = "in Cyrillic letters, which this run has not learnt"
    for command in ("score", "evaluate"):
        done = seqgen(command, "-m", ROOT / "checkpoints" / "tiny-english-french", pairs)
        assert done.returncode == 0 and done.stderr.splitlines() == [
            f"pair 2: {cyrillic}: it has learnt Latin letters", f"2 of 3 pairs: {cyrillic} (pairs 2, 3)"
        ]  # fmt: skip
    run = ("generate", "-m", ROOT / "checkpoints" / "tiny-english", "-n", 2, "--seed", 1)
    done = seqgen(*run, "-p", "안녕하세요")
    assert done.stderr == "the prompt is in Hangul, which this run has not learnt: it has learnt Latin letters\n"
    done = seqgen(*run, "-i", stdin="On\n안녕하세요\nOn π\n안녕\nOn σ\n")
    assert done.stderr.splitlines() == [
        "prompt 2: in Hangul, which this run has not learnt: it has learnt Latin letters",
        "prompt 3: not in the model's vocabulary, read as <unk>: 'π'",
        "2 of 5 prompts: in Hangul, which this run has not learnt (prompts 2, 4)",
        "2 of 5 prompts: not in the model's vocabulary, read as <unk> (prompts 3, 5)",
    ]
    done = seqgen("evaluate", "-m", ROOT / "checkpoints" / "tiny-english-french", "-q", pairs)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seed", "1"], "--seed belongs to --sample"),
        (["--nbest", "9"], "--nbest 9 needs a beam at least as wide"),
        (["--beam-size", "0"], "--beam-size: expected 1 to 100"),
        (["--engine", "reference", "--sample"], "--sample and --engine reference exclude each other"),
        (["no-such-file.txt"], "no such file"),
        (["--max-length", "0"], "--max-length: expected 1 to 100,000, found 0"),
        (["--no-repeat-ngram", str(2**64)], "--no-repeat-ngram: expected 0 to 1,000, found 18446744073709551616"),
        (["--sample", "-T", "nan"], "--temperature: expected 0.001 to 1,000, found nan"),
        (["--max-length", "2", "--prefix", "nine nine"], "leaves no room after a --prefix of"),
        (["--into", "x"], "--into belongs to --jsonl"),
        (["--field", "text"], "--field belongs to --jsonl"),
        (["-i", "--jsonl"], "--interactive asks for lines"),
        (["--engine", "reference", "--precision", "int8"], "--precision and --engine reference exclude each other"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(arguments: list, message: str, translation_run: Path, seqgen: Seqgen) -> None:
    done = seqgen("translate", "-m", translation_run, *arguments, stdin="1 2\n")
    assert done.returncode in (1, 2) and message in done.stderr and "Traceback" not in done.stderr and not done.stdout


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What is said about arguments that fail before anything is loaded."""
    with pytest.raises(SystemExit) as ended:
        main(["translate", *arguments])
    out, err = capsys.readouterr()
    assert ended.value.code == 1 and not out and "Traceback" not in err
    assert all(line.isprintable() for line in err.splitlines())
    return err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["The boat"], "error: The boat: no such file\nhint: if it is text, pipe it in: echo 'The boat' | seqgen translate"),
        (["The", "boat's"], """echo 'The boat'"'"'s' | seqgen translate"""),
        (["Hello!"], "echo 'Hello!' | seqgen translate"),
        (["x" * 5_000], "File name too long\nhint: if it is text, pipe it in: echo xxx"),
        (["in.txt"], "in.txt: no such file\nhint: check the path; - reads stdin"),
        (["texts/in"], "texts/in: no such file\nhint: check the path; - reads stdin"),
        (
            ["~/no such"],
            "~/no such: no such file\nhint: inside quotes the shell leaves \"~\" as it is: write '/somewhere/no such'",
        ),
        (["."], ".: a folder, expected a file"),
        (["caf\udce9.txt"], "caf\ufffd.txt: no such file"),
        (["\x1b[31m.txt"], "\ufffd[31m.txt: no such file"),
    ],
)
def test_what_is_no_file_may_be_something_else(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert said in told(arguments, capsys)


def test_files_whose_names_are_no_utf8_are_read_and_named(translation_run: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    Path(os.fsdecode(path)).write_bytes(b"1 2 3\n\xff\n")
    command = [os.fsencode(sys.executable), b"-m", b"seqgen", b"translate", b"-m", os.fsencode(translation_run), path]
    done = subprocess.run(command, capture_output=True)
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 1
    assert "caf\ufffd.txt:2: byte 1 of the line".encode() in done.stderr and b"Traceback" not in done.stderr


def test_a_closed_stdin_is_said_in_a_line(translation_run: Path) -> None:
    for arguments, code in (([], 2), (["-"], 1), (["-i"], 1)):
        command = [
            "sh",
            "-c",
            '"$0" "$@" <&-',
            sys.executable,
            "-m",
            "seqgen",
            "translate",
            "-m",
            str(translation_run),
            *arguments,
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == code and not done.stdout and "Traceback" not in done.stderr
        assert ("nothing to translate" if code == 2 else "error: stdin is closed") in done.stderr


def test_a_run_of_the_other_kind_is_refused(runs: Path, translation_run: Path, seqgen: Seqgen) -> None:
    done = seqgen("translate", "-m", runs / "lstm", stdin="x\n")
    assert done.returncode == 1 and "expected a translation model" in done.stderr
    done = seqgen("generate", "-m", translation_run, "-p", "x")
    assert done.returncode == 1 and "expected a language model" in done.stderr


def test_evaluate_and_score(translation_run: Path, digits: Path, seqgen: Seqgen) -> None:
    done = seqgen("evaluate", "-m", translation_run, digits, "--json", "--per-line")
    record = json.loads(done.stdout)
    assert {"bleu", "chrf", "ter", "nats_per_token", "signatures"} <= set(record) and len(record["lines"]) == 400
    shown = seqgen("evaluate", "-m", translation_run, digits, "--lowercase", "--tokenize", "char").stdout
    assert "BLEU" in shown and "case:lc" in shown and "tok:char" in shown and "TER" in shown
    scores = seqgen("score", "-m", translation_run, digits).stdout.splitlines()
    assert len(scores) == 400 and all(float(score) <= 0 for score in scores)
    tokens = [
        len(json.loads(line)["tokens"]) for line in seqgen("score", "-m", translation_run, digits, "--json").stdout.splitlines()
    ]
    mean = -sum(float(score) * count for score, count in zip(scores, tokens, strict=True)) / sum(tokens)
    assert abs(mean - record["nats_per_token"]) < 1e-3


def test_a_readers_folder_is_not_needed_to_be_writable(translation_run: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    """Converted in memory where nothing can be kept: a file stands where the folder would be made."""
    import shutil

    copy = tmp_path / "run"
    shutil.copytree(translation_run, copy, ignore=shutil.ignore_patterns("engine"))
    (copy / "engine").write_text("in the way", encoding="utf-8")
    done = seqgen("translate", "-m", copy, stdin="1 2 3 4\n")
    assert done.returncode == 0 and done.stdout == seqgen("translate", "-m", translation_run, stdin="1 2 3 4\n").stdout


def test_training_on_pairs_from_the_command_line(digits: Path, tmp_path: Path, seqgen: Seqgen) -> None:
    options = ("--layers", 1, "--hidden", 16, "--ffn", 16, "--steps", 6)
    rows = [line.split("\t") for line in digits.read_text(encoding="utf-8").splitlines()]
    for side, name in ((0, "a.num"), (1, "a.en")):
        (tmp_path / name).write_text("".join(row[side] + "\n" for row in rows), encoding="utf-8")
    sides = ("--src", tmp_path / "a.num", "--tgt", tmp_path / "a.en")
    planned = seqgen("train", *sides, "--dry-run", *options, "-o", tmp_path / "none")
    assert planned.returncode == 0 and "plan: transformer 1 + 1 layers of 16" in planned.stderr and "6 steps" in planned.stderr
    assert not (tmp_path / "none").exists()
    done = seqgen("train", *sides, *options, "-o", tmp_path / "run")
    assert done.returncode == 0 and "BLEU" in done.stderr and "cat FILE | seqgen translate" in done.stderr and not done.stdout
    assert "has finished" in seqgen("train", *sides, *options, "-o", tmp_path / "run").stderr
    again = seqgen("train", digits, "--reverse", *options, "-o", tmp_path / "run")
    assert again.returncode == 1 and "--reverse: is off, asked for on" in again.stderr and "--overwrite" in again.stderr
    assert (
        seqgen("train", "-", "--task", "translation", *options, "-o", tmp_path / "stdin", stdin="1\tone\n" * 3).returncode == 1
    )
    listed = seqgen("runs", "--runs-dir", tmp_path).stdout
    assert "transformer" in listed and "BLEU" in listed


def test_sides_belong_to_translation(seqgen: Seqgen, tmp_path: Path) -> None:
    done = seqgen("train", "a.txt", "--valid-src", "c", "--valid-tgt", "d", "-o", tmp_path / "run")
    assert done.returncode == 1 and "belong to translation models" in done.stderr and not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to learn from"),
        (["--src", "a"], "--src and --tgt go together"),
        (["a.tsv", "--valid", "b", "--valid-src", "c", "--valid-tgt", "d"], "exclude each other"),
    ],
)
def test_mistakes_in_what_to_train_on_are_usage_errors(arguments: list, message: str, seqgen: Seqgen) -> None:
    done = seqgen("train", *arguments)
    assert done.returncode == 2 and message in done.stderr
