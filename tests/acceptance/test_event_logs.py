"""How long and how much of a background run's stream is kept, and what is said of the rest."""

import json
import urllib.error
import urllib.request

import letta_client
import pytest

from support.processes import Server
from support.until import until

MODEL = "openai-proxy/gpt-4o-mini"


@pytest.fixture
def own(tmp_path, model):
    servers = []

    def start(*options):
        server = Server(tmp_path, model, options)
        servers.append(server)
        server.wait_for_model(MODEL)
        client = letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
        return server, client.agents.create(model=MODEL)
    yield start
    servers[-1].stop()


def lines(server, path, body):
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        texts = [line[6:].decode().strip() for line in answer if line.startswith(b"data: ")]
    return [text if text == "[DONE]" else json.loads(text) for text in texts]


def send(server, agent, text):
    return lines(server, f"/v1/agents/{agent.id}/messages",
                 {"input": text, "streaming": True, "stream_tokens": True, "background": True, "include_pings": False})


def resume(server, run_id, after):
    try:
        return lines(server, f"/v1/runs/{run_id}/stream", {"starting_after": after, "include_pings": False})
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())["detail"]


def run_of(events):
    return next(event["run_id"] for event in events if event != "[DONE]" and event.get("run_id"))


def gone(answer):
    return isinstance(answer, tuple) and answer[0] == 410


def test_a_run_that_says_too_much_keeps_its_end(own):
    server, agent = own("--runs.events-bytes-max=1048576")
    words = " ".join(f"word{i}" for i in range(12000))
    whole = send(server, agent, f"[[say {words}]]")
    run_id = run_of(whole)
    code, detail = resume(server, run_id, 0)
    assert code == 410 and "runs.events_bytes_max" in detail
    kept = int(detail.split("up to ")[1].split(" ")[0])
    assert 0 < kept < len(whole)
    assert gone(resume(server, run_id, kept - 1))
    assert resume(server, run_id, kept) == whole[kept:]


def test_old_events_are_gone(own):
    server, agent = own("--runs.events-age-s=1", "--runs.events-sweep-s=1")
    run_id = run_of(send(server, agent, "events of old"))
    until(lambda: gone(resume(server, run_id, 0)))
    assert "too long ago" in resume(server, run_id, 0)[1]


def test_the_oldest_go_when_all_together_are_too_many(own):
    server, agent = own("--runs.events-node-bytes-max=1048576", "--runs.events-sweep-s=1")
    words = " ".join(f"many{i}" for i in range(1000))
    runs = [run_of(send(server, agent, f"[[say {words}]] {i}")) for i in range(10)]
    until(lambda: gone(resume(server, runs[0], 0)))
    assert resume(server, runs[-1], 0)[-1] == "[DONE]"
