"""Streams through the official Python SDK and as raw bytes."""

import json
import urllib.request

import pytest


def stream(client, agent, text, **options):
    return list(client.agents.messages.stream(
        agent.id, messages=[{"role": "user", "content": text}], **options))


def raw_stream(server, agent, body):
    request = urllib.request.Request(
        f"{server.url}/v1/agents/{agent.id}/messages/stream", method="POST",
        data=json.dumps(body).encode(), headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return answer.read().decode()


def events_of(raw):
    assert raw.endswith("data: [DONE]\n\n")
    events = []
    for frame in raw.split("\n\n")[:-2]:
        lines = frame.split("\n")
        assert lines[-1].startswith("data: ")
        events.append((lines[0][7:] if lines[0].startswith("event: ") else "", json.loads(lines[-1][6:])))
    return events


def test_by_step_whole_messages_come_in_order(client, agent):
    events = stream(client, agent, '[[call memory_insert {"label":"human","new_string":"x"}]][[say ok]]')
    assert [e.message_type for e in events] == [
        "ping", "tool_call_message", "tool_return_message", "assistant_message", "stop_reason",
        "usage_statistics"]
    assert events[0].run_id.startswith("run-")
    assert events[1].tool_calls[0].name == "memory_insert"
    assert events[-1].step_count == 2


def test_by_token_the_pieces_add_up_to_what_is_stored(client, agent):
    events = stream(client, agent, "[[reason look first]][[say a b c d]]", stream_tokens=True)
    said = [e for e in events if e.message_type == "assistant_message"]
    thought = [e for e in events if e.message_type == "reasoning_message"]
    assert len(said) > 1 and "".join(e.content for e in said) == "a b c d"
    assert "".join(e.reasoning for e in thought) == "look first"
    assert len({e.id for e in said + thought}) == 1
    assert len({e.otid for e in said}) == 1 and said[0].otid != thought[0].otid
    stored = [m for m in client.agents.messages.list(agent.id, order="asc")][-1]
    assert stored.id == said[0].id and stored.content == "a b c d"
    assert stored.otid == said[0].otid


def test_tool_calls_stream_as_pieces_of_arguments(server, agent):
    raw = raw_stream(server, agent, {"stream_tokens": True, "input":
        '[[call memory_insert {"label":"human","new_string":"two words"}]][[say ok]]'})
    calls = [e for _, e in events_of(raw) if e["message_type"] == "tool_call_message"]
    assert calls[0]["tool_call"]["name"] == "memory_insert"
    assert all(isinstance(e["tool_calls"], dict) for e in calls)
    arguments = "".join(e["tool_call"].get("arguments") or "" for e in calls)
    assert json.loads(arguments) == {"label": "human", "new_string": "two words"}
    returns = [e for _, e in events_of(raw) if e["message_type"] == "tool_return_message"]
    assert len(returns) == 1 and returns[0]["status"] == "success"


def test_pings_can_be_left_out(client, agent):
    events = stream(client, agent, "quiet", include_pings=False)
    assert "ping" not in [e.message_type for e in events]


def test_types_can_be_chosen(client, agent):
    events = stream(client, agent, '[[call conversation_search {"query":"x"}]][[say ok]]',
                    include_return_message_types=["assistant_message"], include_pings=False)
    assert [e.message_type for e in events] == ["assistant_message", "stop_reason", "usage_statistics"]


@pytest.mark.parametrize("script, error_type", [
    ("[[error 429]]", "llm_rate_limit"), ("[[error 500]]", "llm_error"),
    ("[[error 401]]", "llm_authentication"), ("[[drop after=1]][[say a b c d e f]]", "llm_error"),
])
def test_a_failing_model_ends_the_stream_in_order(server, agent, script, error_type):
    events = events_of(raw_stream(server, agent, {"input": script, "stream_tokens": True}))
    kinds = [e["message_type"] for _, e in events]
    assert kinds.count("stop_reason") == 1 and kinds[-2:] == ["stop_reason", "error_message"]
    name, error = events[-1]
    assert name == "error" and error["error_type"] == error_type
    assert error["run_id"] and error["message"]
    after = events_of(raw_stream(server, agent, {"input": "still there"}))
    assert [e["message_type"] for _, e in after][-2:] == ["stop_reason", "usage_statistics"]


def test_a_run_survives_its_client(client, server, agent):
    request = urllib.request.Request(
        f"{server.url}/v1/agents/{agent.id}/messages/stream", method="POST",
        data=json.dumps({"input": "[[delay 300ms]][[say finished alone]]"}).encode(),
        headers={"content-type": "application/json"})
    answer = urllib.request.urlopen(request, timeout=60)
    run_id = json.loads(answer.readline()[6:])["run_id"]
    answer.close()
    while client.runs.retrieve(run_id).status == "running":
        pass
    assert [m for m in client.agents.messages.list(agent.id, order="asc")][-1].content == "finished alone"


def test_cancel_closes_the_transfer_and_keeps_what_was_said(client, server, agent, model):
    aborted = model.stats()["aborted"]
    request = urllib.request.Request(
        f"{server.url}/v1/agents/{agent.id}/messages/stream", method="POST",
        data=json.dumps({"input": "[[hang after=2]][[say one two three]]", "stream_tokens": True}).encode(),
        headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        said = ""
        while "two" not in said:
            line = answer.readline().decode()
            if line.startswith("data: {") and "assistant_message" in line:
                said += json.loads(line[6:])["content"]
        client.agents.messages.cancel(agent.id)
        rest = answer.read().decode()
    kinds = [json.loads(l[6:])["message_type"] for l in rest.split("\n") if l.startswith("data: {")]
    assert "stop_reason" in kinds and "cancelled" in rest and rest.endswith("data: [DONE]\n\n")
    while model.stats()["aborted"] == aborted:
        pass
    stored = [m for m in client.agents.messages.list(agent.id, order="asc")]
    assert stored[-1].content == "one two"
    assert client.agents.messages.create(agent.id, input="next").messages[0].content == "You said: next"


def test_a_stream_that_waits_for_a_busy_agent_gets_pings(tmp_path, model):
    from letta_client import Letta
    from support.processes import Server
    import threading
    server = Server(tmp_path, model, options=["--streams.ping-s", "1"])
    server.wait_for_model("openai-proxy/gpt-4o-mini")
    client = Letta(base_url=server.url, api_key="none", max_retries=0)
    agent = client.agents.create(model="openai-proxy/gpt-4o-mini")
    busy = threading.Thread(target=lambda: client.agents.messages.create(agent.id, input="[[delay 3s]]"))
    busy.start()
    while not list(client.runs.list(agent_id=agent.id, active=True)):
        pass
    events = events_of(raw_stream(server, agent, {"input": "after you"}))
    busy.join()
    kinds = [e["message_type"] for _, e in events]
    waiting = [e for _, e in events if e["message_type"] == "ping" and e["run_id"] is None]
    assert waiting and kinds[-3:] == ["assistant_message", "stop_reason", "usage_statistics"]
    assert server.stop() == 0
