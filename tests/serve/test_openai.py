"""OpenAI's interface for completions: whole and streamed, with everything that may be asked."""

from __future__ import annotations

import json
import math
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgen.opening import open_scorer
from seqgen.run import Run
from tests.conftest import Seqgen
from tests.serve.conftest import Server


def complete(server: Server, **fields: Any) -> dict[str, Any]:
    reply = server.ask("/v1/completions", {"model": "hybrid", "prompt": "The rain", **fields})
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.json
    return found


def events(server: Server, **fields: Any) -> list[dict[str, Any]]:
    reply = server.ask("/v1/completions", {"model": "hybrid", "prompt": "The rain", "stream": True, **fields})
    assert reply.status == 200 and reply.headers["content-type"].startswith("text/event-stream")
    lines = [line for line in reply.body.decode().split("\n\n") if line]
    assert lines[-1] == "data: [DONE]" and all(line.startswith("data: ") for line in lines)
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]


def test_a_seed_gives_what_the_command_line_writes(server: Server, seqgen: Seqgen, runs: Path) -> None:
    for prompt in ("The rain", "", "Who"):
        done = seqgen("generate", "-m", runs / "hybrid", "-p", prompt, "--no-prompt", "-n", "60", "--seed", "5", "-T", "0.7")
        found = complete(server, prompt=prompt, max_tokens=60, seed=5, temperature=0.7)
        assert found["choices"][0]["text"] == done.stdout.removesuffix("\n") or found["choices"][0]["text"] == done.stdout


def test_the_shape(server: Server) -> None:
    found = complete(server)
    assert found["object"] == "text_completion" and found["id"].startswith("cmpl-") and found["model"] == "hybrid"
    assert found["usage"] == {"prompt_tokens": 8, "completion_tokens": 16, "total_tokens": 24}
    (choice,) = found["choices"]
    assert len(choice["text"]) == 16 and choice["finish_reason"] == "length" and choice["logprobs"] is None


def test_several_prompts_and_texts(server: Server) -> None:
    found = complete(server, prompt=["The rain", "Who"], n=3, seed=1, max_tokens=20)
    assert [choice["index"] for choice in found["choices"]] == list(range(6))
    assert len({choice["text"] for choice in found["choices"]}) > 3
    again = complete(server, prompt=["The rain", "Who"], n=3, seed=1, max_tokens=20)
    assert [choice["text"] for choice in again["choices"]] == [choice["text"] for choice in found["choices"]]


def test_a_stop_text_ends_it_and_is_not_written(server: Server) -> None:
    found = complete(server, max_tokens=400, stop=["\n", "zzz"], seed=3)["choices"][0]
    assert found["finish_reason"] == "stop" and "\n" not in found["text"]
    streamed = events(server, max_tokens=400, stop="\n", seed=3)
    assert "".join(event["choices"][0]["text"] for event in streamed) == found["text"]
    assert streamed[-1]["choices"][0]["finish_reason"] == "stop"


def test_a_stream_is_the_same_text(server: Server) -> None:
    whole = complete(server, n=2, seed=9, max_tokens=300)
    texts = ["", ""]
    streamed = events(server, n=2, seed=9, max_tokens=300, stream_options={"include_usage": True})
    for event in streamed[:-1]:
        for choice in event["choices"]:
            texts[choice["index"]] += choice["text"]
    assert texts == [choice["text"] for choice in whole["choices"]]
    assert streamed[-1]["choices"] == [] and streamed[-1]["usage"]["completion_tokens"] == 600


@pytest.mark.parametrize("stream", [False, True])
def test_log_probabilities_of_each_symbol(server: Server, stream: bool) -> None:
    if stream:
        parts = [event["choices"][0] for event in events(server, max_tokens=30, logprobs=3, seed=2)]
        text = "".join(part["text"] for part in parts)
        found = {name: [one for part in parts for one in part["logprobs"][name]] for name in parts[0]["logprobs"]}
    else:
        choice = complete(server, max_tokens=30, logprobs=3, seed=2)["choices"][0]
        text, found = choice["text"], choice["logprobs"]
    assert "".join(found["tokens"]) == text and found["text_offset"] == list(range(30))
    for token, log_prob, tops in zip(found["tokens"], found["token_logprobs"], found["top_logprobs"], strict=True):
        assert len(tops) == 3 and max(tops.values()) >= log_prob - 1e-6 and sum(map(math.exp, tops.values())) <= 1 + 1e-5
        assert token not in tops or tops[token] == log_prob


def test_echo_scores_a_prompt(server: Server, runs: Path) -> None:
    found = complete(server, prompt="The rain began", max_tokens=0, echo=True, logprobs=1)["choices"][0]
    assert found["text"] == "The rain began" == "".join(found["logprobs"]["tokens"]) and found["finish_reason"] == "length"
    assert found["logprobs"]["token_logprobs"][0] is None
    run = Run(runs / "hybrid")
    ids, scorer = run.tokenizer().encode("The rain began"), open_scorer(run)
    expected, _ = scorer.score(ids, scorer.start([ids[:1]]))
    np.testing.assert_allclose(found["logprobs"]["token_logprobs"][1:], expected, atol=1e-4)
    found = complete(server, prompt="The rain", max_tokens=5, echo=True, logprobs=0, seed=4)["choices"][0]
    assert found["text"].startswith("The rain") and len(found["logprobs"]["tokens"]) == 13
    assert found["text"] == "The rain" + complete(server, max_tokens=5, seed=4)["choices"][0]["text"]


def test_the_best_of_some(server: Server) -> None:
    found = complete(server, n=1, best_of=5, max_tokens=20, seed=6, logprobs=0)["choices"]
    each = complete(server, n=5, max_tokens=20, seed=6, logprobs=0)["choices"]
    means = {choice["text"]: sum(choice["logprobs"]["token_logprobs"]) for choice in each}
    assert len(found) == 1 and found[0]["index"] == 0 and found[0]["text"] == max(means, key=lambda text: means[text])


@pytest.mark.parametrize(
    "settings",
    [{"temperature": 0}, {"top_k": 1}, {"greedy": True}, {"samplers": ["top_k", "temperature"], "top_k": 1},
     {"min_p": 1.0}, {"temperature": 0.001}],
)  # fmt: skip
def test_samplers_of_llama_cpp_by_their_names(server: Server, settings: dict[str, Any]) -> None:
    greedy = complete(server, greedy=True, max_tokens=40)["choices"][0]["text"]
    assert complete(server, max_tokens=40, **settings)["choices"][0]["text"] == greedy


def test_biases_and_bans(server: Server) -> None:
    found = complete(server, logit_bias={"e": False}, max_tokens=200, seed=1)["choices"][0]["text"]
    assert "e" not in found
    plain = complete(server, max_tokens=60, seed=1)["choices"][0]["text"]
    for setting in ({"no_copy": 8}, {"xtc_probability": 1.0, "xtc_threshold": 1e-9}, {"frequency_penalty": 30}, {"temp": 9}):
        reply = server.ask("/v1/completions", {"model": "hybrid", "prompt": "The rain", "max_tokens": 60, "seed": 1, **setting})
        known = "temp" not in setting
        assert (reply.status == 200) == known, reply.body
        assert not known or reply.json["choices"][0]["text"] != plain


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"model": "gone"}, 404, "no language model 'gone'"),
        ({"model": "digits"}, 404, "no language model 'digits'"),
        ({"prompt": [1, 2]}, 400, "prompt: expected a text"),
        ({"max_tokens": -5}, 400, "max_tokens"),
        ({"max_tokens": 10**9}, 400, "max_tokens"),
        ({"n": 0}, 400, "n, best_of"),
        ({"n": 2, "best_of": 1}, 400, "n, best_of"),
        ({"best_of": 3, "stream": True}, 400, "best_of"),
        ({"temperature": -1}, 400, "temperature: expected above 0 to 1,000, found -1.0; greedy takes"),
        ({"top_p": 0}, 400, "top_p: expected above 0"),
        ({"typical_p": 2}, 400, "typical_p: expected"),
        ({"temperature": "hot"}, 400, "temperature: expected a number"),
        ({"logprobs": 100}, 400, "logprobs"),
        ({"stop": ""}, 400, "stop"),
        ({"seed": -7}, 400, "seed"),
        ({"frogs": 1}, 400, "unknown field: frogs"),
        ({"suffix": "end"}, 400, "unknown field: suffix"),
        ({"label": "haiku"}, 400, "label"),
        ({"logit_bias": {"1": "x"}}, 400, "logit_bias"),
        ({"logit_bias": {"99999": 1}}, 400, "expected an id"),
        ({"no_copy": 3}, 400, "no_copy"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_done(server: Server, fields: dict[str, Any], status: int, said: str, stream: bool) -> None:
    reply = server.ask("/v1/completions", {"model": "hybrid", "prompt": "a", "stream": stream, **fields})
    assert reply.status == status and said in reply.json["error"]["message"], reply.body
    assert set(reply.json["error"]) == {"message", "type", "param", "code"}


def test_models(server: Server) -> None:
    found = server.ask("/v1/models").json
    assert found["object"] == "list" and [one["id"] for one in found["data"]] == ["hybrid", "markov"]
    assert all(one["object"] == "model" and one["created"] > 1_600_000_000 for one in found["data"])
    assert server.ask("/v1/models/markov").json["id"] == "markov" and server.ask("/v1/models/x").status == 404
    refused = server.ask("/v1/chat/completions", {"model": "hybrid", "messages": []})
    assert refused.status == 404 and "/v1/completions" in refused.json["error"]["message"]


def test_a_text_does_not_depend_on_what_is_written_beside_it(server: Server) -> None:
    alone = complete(server, max_tokens=300, seed=11, logprobs=0)["choices"][0]
    found: dict[int, dict[str, Any]] = {}

    def ask(number: int) -> None:
        seed = 11 if number % 3 == 0 else number
        prompt = "The rain" if number % 3 == 0 else "x" * number
        found[number] = complete(server, prompt=prompt, max_tokens=300 + number, seed=seed, logprobs=0)["choices"][0]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(0, 24, 3):
        assert found[number]["text"][:300] == alone["text"]
        for one, other in zip(found[number]["logprobs"]["token_logprobs"], alone["logprobs"]["token_logprobs"], strict=False):
            assert abs(one - other) < 1e-5
