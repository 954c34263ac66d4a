"""A second message while one is answered: refused, in the queue or in its place; also after kill -9."""

import json
import threading
import time
import urllib.request

import letta_client
import pytest

from support.processes import Server
from support.until import until

MODEL = "openai-proxy/gpt-4o-mini"


# The other format joins messages of the user that follow each other, and the delay would be that of both.
openai_alone = pytest.mark.parametrize("handle", [MODEL], indirect=True)


def send_async(client, agent, text, when_busy=None):
    extra = {} if when_busy is None else {"when_busy": when_busy}
    return client.agents.messages.create_async(
        agent.id, messages=[{"role": "user", "content": text}], extra_body=extra)


def status(client, run):
    return client.runs.retrieve(run.id).status


def running(client, run):
    until(lambda: status(client, run) == "running")
    return run


def post(server, path, body):
    """A stream, read to its end: the events."""
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        texts = [line[6:].decode().strip() for line in answer if line.startswith(b"data: ")]
    return [text if text == "[DONE]" else json.loads(text) for text in texts]


def said(client, agent):
    messages = client.agents.messages.list(agent.id, order="asc", limit=100)
    return [m.content for m in messages if m.message_type in ("user_message", "assistant_message")]


def test_what_does_not_wait_is_refused_with_the_run_in_its_way(server, client, agent):
    run = running(client, send_async(client, agent, "[[delay 60000]] busy reject"))
    for path in (f"/v1/agents/{agent.id}/messages", f"/v1/agents/{agent.id}/messages/stream",
                 f"/v1/agents/{agent.id}/messages/async"):
        code, body, _ = server.request("POST", path, {"input": "x", "when_busy": "reject"})
        assert code == 409 and body["run_id"] == run.id
        assert body["detail"].startswith("CONFLICT: Another request (run_id=" + run.id)
        assert "is currently being processed" in body["detail"]
    client.agents.messages.cancel(agent.id)


def test_an_unknown_wish_is_named(server, client, agent):
    conversation = client.conversations.create(agent_id=agent.id)
    for path in (f"/v1/agents/{agent.id}/messages", f"/v1/agents/{agent.id}/messages/stream",
                 f"/v1/agents/{agent.id}/messages/async", f"/v1/conversations/{conversation.id}/messages"):
        code, body, _ = server.request("POST", path, {"input": "x", "when_busy": "wait"})
        assert code == 422 and "when_busy" in json.dumps(body), path


def test_a_conversation_queues_when_it_is_asked_to(server, client, agent):
    conversation = client.conversations.create(agent_id=agent.id)
    path = f"/v1/conversations/{conversation.id}/messages"
    run = {}
    first = threading.Thread(target=lambda: run.update(events=post(
        server, path, {"input": "[[delay 1000]][[say busy first]]"})))
    first.start()
    until(lambda: client.runs.list(agent_id=agent.id, active=True).items)
    code, body, _ = server.request("POST", path, {"input": "busy refused", "streaming": False})
    assert code == 409 and "is currently being processed" in body["detail"]
    code, body, _ = server.request(
        "POST", path, {"input": "[[say busy second]]", "streaming": False, "when_busy": "queue"})
    assert code == 200 and body["messages"][-1]["content"] == "busy second"
    first.join()
    assert "busy first" in json.dumps(run["events"])


@openai_alone
def test_what_interrupts_is_answered_and_what_was_said_is_kept(client, agent):
    first = running(client, send_async(client, agent, "[[delay 60000]] busy interrupted"))
    waiting = send_async(client, agent, "[[say busy waited]]")
    started = time.monotonic()
    answer = client.agents.messages.create(
        agent.id, input="[[say busy now]]", extra_body={"when_busy": "interrupt"})
    assert answer.messages[-1].content == "busy now" and time.monotonic() - started < 10
    assert client.runs.retrieve(first.id).stop_reason == "cancelled"
    until(lambda: status(client, waiting) == "completed")
    assert said(client, agent)[-5:] == [
        "[[delay 60000]] busy interrupted", "[[say busy now]]", "busy now", "[[say busy waited]]", "busy waited"]


@openai_alone
def test_a_stream_interrupts_too(server, client, agent):
    first = running(client, send_async(client, agent, "[[delay 60000]] busy stream"))
    events = post(server, f"/v1/agents/{agent.id}/messages/stream",
                  {"input": "[[say busy streamed]]", "when_busy": "interrupt"})
    assert "busy streamed" in json.dumps(events) and events[-1] == "[DONE]"
    assert status(client, first) == "cancelled"


def test_a_run_that_waits_is_taken_back(client, agent):
    first = running(client, send_async(client, agent, "[[delay 60000]] busy held"))
    second = send_async(client, agent, "busy taken back")
    assert status(client, second) == "created"
    client.agents.messages.cancel(agent.id, run_ids=[second.id])
    assert status(client, second) == "cancelled" and status(client, first) == "running"
    client.agents.messages.cancel(agent.id)
    until(lambda: status(client, first) == "cancelled")
    assert "busy taken back" not in said(client, agent)


def test_a_background_stream_that_waits_is_found_again(server, client, agent):
    first = running(client, send_async(client, agent, "[[delay 800]][[say busy before]]"))
    events = post(server, f"/v1/agents/{agent.id}/messages",
                  {"input": "[[say busy behind]]", "streaming": True, "background": True})
    assert status(client, first) == "completed" and "busy behind" in json.dumps(events)
    run_id = next(e["run_id"] for e in events if e != "[DONE]" and e.get("run_id"))
    again = post(server, f"/v1/runs/{run_id}/stream", {"include_pings": False})
    assert again == events


def test_a_deleted_agent_ends_what_waits(server, client, agent):
    running(client, send_async(client, agent, "[[delay 60000]] busy deleted"))
    waiting = send_async(client, agent, "busy never")
    answers = []
    blocked = threading.Thread(target=lambda: answers.append(
        server.request("POST", f"/v1/agents/{agent.id}/messages", {"input": "busy blocked"})[0]))
    blocked.start()
    client.agents.delete(agent.id)
    blocked.join(30)
    assert answers == [404]
    with pytest.raises(letta_client.NotFoundError):
        client.runs.retrieve(waiting.id)


def test_the_queue_survives_kill_9(tmp_path, model):
    def start():
        started = Server(tmp_path, model)
        started.wait_for_model(MODEL)
        return started, letta_client.Letta(base_url=started.url, api_key="none", max_retries=0)

    server, client = start()
    agent = client.agents.create(model=MODEL)
    first = running(client, send_async(client, agent, "[[delay 60000]] busy killed"))
    waiting = [send_async(client, agent, f"[[say busy kept {i}]]") for i in range(4)]
    front = send_async(client, agent, "[[delay 60000]] busy front", "interrupt")
    running(client, front)
    server.kill()
    server, client = start()
    try:
        assert status(client, first) == "cancelled"
        assert [status(client, run) for run in waiting] == ["created"] * 4
        client.agents.messages.cancel(agent.id, run_ids=[waiting[1].id])
        client.agents.messages.cancel(agent.id, run_ids=[front.id])
        until(lambda: status(client, waiting[3]) == "completed")
        answers = [text for text in said(client, agent) if text.startswith("busy kept")]
        assert answers == ["busy kept 0", "busy kept 2", "busy kept 3"]
    finally:
        server.stop()
