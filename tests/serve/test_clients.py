"""Real clients, each in a process of its own, against a real server."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.serve.conftest import Server

CLIENTS = ROOT / ".venv/clients/bin"


def client(code: str, server: Server) -> str:
    """What a script prints that speaks to the server."""
    if not (CLIENTS / "python").exists():
        pytest.skip("the clients are not installed: make test puts them into .venv/clients")
    done = subprocess.run([CLIENTS / "python", "-c", code, server.url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_openai(server: Server) -> None:
    said = client(
        """
import sys, openai
client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="none")
print([model.id for model in client.models.list()])
print(client.models.retrieve("markov").id)
given = dict(model="hybrid", prompt="The rain", max_tokens=30, seed=4)
found = client.completions.create(**given, n=2, logprobs=2, echo=True)
whole = client.completions.create(**given).choices[0].text
count = len(found.choices[1].logprobs.tokens)
print(found.choices[0].text == "The rain" + whole, len(found.choices), count, found.usage.completion_tokens)
parts = list(client.completions.create(**given, stream=True, stream_options={"include_usage": True}))
streamed = "".join(part.choices[0].text for part in parts if part.choices)
print(streamed == whole, parts[-1].usage.total_tokens, parts[-2].choices[0].finish_reason)
llama = client.completions.create(**given, temperature=0, extra_body={"top_k": 5, "repeat_penalty": 1.1, "dry_multiplier": 0.8})
print(len(llama.choices[0].text))
for wrong, error in ((dict(model="gone"), openai.NotFoundError), (dict(extra_body={"frogs": 1}), openai.BadRequestError)):
    try:
        client.completions.create(**{**given, **wrong})
    except error as found:
        print(found.status_code, found.body["message"])
try:
    client.chat.completions.create(model="hybrid", messages=[{"role": "user", "content": "hi"}])
except openai.NotFoundError as found:
    print(found.body["message"])
""",
        server,
    )
    assert said.splitlines() == [
        "['hybrid', 'markov']",
        "markov",
        "True 2 38 60",
        "True 38 length",
        "30",
        "404 no language model 'gone' is served here; there are: hybrid, markov",
        "400 unknown field: frogs",
        "seqgen's models continue a text, they do not chat: use /v1/completions",
    ]


def test_deepl(server: Server) -> None:
    said = client(
        """
import sys, deepl
client = deepl.DeepLClient("key", server_url=sys.argv[1], send_platform_info=False)
found = client.translate_text(["3 4 5 1", "1 2 3"], source_lang="EN", target_lang="DE")
print([one.text for one in found], found[0].detected_source_lang, found[0].billed_characters)
print(client.translate_text("3 4 5 1", target_lang="DE").text)
print(client.translate_text("A <b>small</b> dog.", source_lang="EN", target_lang="FR", tag_handling="html").text.count("<b>"))
print([one.code for one in client.get_source_languages()], [one.code for one in client.get_target_languages()])
print(client.get_usage().character.count > 0, client.get_usage().any_limit_reached)
try:
    client.translate_text("a", source_lang="EN", target_lang="DE", glossary="1234")
except deepl.DeepLException as error:
    print(type(error).__name__)
try:
    client.translate_text("a", source_lang="EN", target_lang="KO")
except deepl.DeepLException as error:
    print("en to ko" in str(error).lower())
""",
        server,
    )
    assert said.splitlines() == [
        "['three four five one', 'one two three'] EN 7",
        "three four five one",
        "1",
        "['EN'] ['DE', 'FR']",
        "True False",
        "DeepLException",
        "True",
    ]


def test_libretranslatepy(server: Server) -> None:
    said = client(
        """
import sys
from libretranslatepy import LibreTranslateAPI
client = LibreTranslateAPI(sys.argv[1])
print(client.translate("3 4 5 1", "en", "de"), client.detect("Where is the harbour?")[0]["language"])
print([one["code"] for one in client.languages()])
print(LibreTranslateAPI(sys.argv[1], api_key="not needed").translate("1 2", "auto", "de"))
""",
        server,
    )
    assert said.splitlines() == ["three four five one en", "['de', 'en', 'fr']", "one two"]


def test_llm(server: Server, tmp_path: Path) -> None:
    if not (CLIENTS / "llm").exists():
        pytest.skip("the clients are not installed: make test puts them into .venv/clients")
    (tmp_path / "extra-openai-models.yaml").write_text(
        f"- model_id: mine\n  model_name: hybrid\n  api_base: {server.url}/v1\n  completion: true\n", encoding="utf-8"
    )
    environment = {**os.environ, "LLM_USER_PATH": str(tmp_path), "OPENAI_API_KEY": "none"}
    said = set()
    for options in ([], ["--no-stream"]):
        command = [CLIENTS / "llm", "-m", "mine", "The rain", "-o", "max_tokens", "40", "-o", "seed", "7", *options]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
        said.add(done.stdout.rstrip("\n"))
    asked: dict[str, Any] = {"model": "hybrid", "prompt": "The rain", "max_tokens": 40, "seed": 7}
    assert said == {server.ask("/v1/completions", asked).json["choices"][0]["text"].rstrip("\n")}


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_curl(server: Server) -> None:
    def curl(*words: str) -> str:
        return subprocess.run(["curl", "-s", "-N", *words], capture_output=True, text=True, check=True, timeout=60).stdout

    assert curl("-d", "q=3 4 5 1", "-d", "source=en", "-d", "target=de", f"{server.url}/translate") == (
        '{"translatedText":"three four five one"}'
    )
    kind = ("-H", "Content-Type: application/json")
    assert curl(*kind, "-d", '{"prompt": "Once", "stream": true}', f"{server.url}/v1/completions").endswith("data: [DONE]\n\n")
    # Whoever goes away leaves nothing behind: the server answers others as before.
    for _ in range(20):
        command = ["curl", "-s", "--max-time", "0.1", *kind, "-d", '{"prompt": "a", "max_tokens": 90000, "stream": true}']
        subprocess.run([*command, f"{server.url}/v1/completions"], capture_output=True, timeout=60)
    assert curl(*kind, "-d", '{"prompt": "Once", "max_tokens": 5}', f"{server.url}/v1/completions").count('"text"') == 1
