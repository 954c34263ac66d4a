"""Runs whose stream is kept: a client that comes back goes on where it was, also after kill -9."""

import json
import urllib.request

import letta_client
import pytest

from support.processes import Server

SCRIPT = '[[call memory_insert {"label":"human","new_string":"Likes tea."}]][[say one two three four five]]'


def lines(server, path, body, limit=None):
    """The events of a stream, until its end or until `limit` of them have come."""
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(),
                                     {"content-type": "application/json"})
    events = []
    with urllib.request.urlopen(request, timeout=30) as answer:
        for line in answer:
            if not line.startswith(b"data: "):
                continue
            text = line[len(b"data: "):].decode().strip()
            events.append(text if text == "[DONE]" else json.loads(text))
            if len(events) == limit:
                break
    return events


def send(server, agent, text=SCRIPT, limit=None, **more):
    body = {"messages": [{"role": "user", "content": text}], "streaming": True, "stream_tokens": True,
            "background": True, "include_pings": False} | more
    return lines(server, f"/v1/agents/{agent.id}/messages", body, limit)


def resume(server, run_id, after, limit=None):
    return lines(server, f"/v1/runs/{run_id}/stream", {"starting_after": after, "include_pings": False}, limit)


def numbers(events):
    return [event["seq_id"] for event in events if event != "[DONE]" and event.get("seq_id")]


def run_of(events):
    return next(event["run_id"] for event in events if event.get("run_id"))


def test_events_of_a_background_run_are_numbered(server, client, agent):
    events = send(server, agent)
    assert events[-1] == "[DONE]"
    assert numbers(events) == list(range(1, len(numbers(events)) + 1))
    assert client.runs.retrieve(run_of(events)).background is True
    # Others are not, and cannot be listened to again.
    plain = send(server, agent, "hello", background=False)
    assert numbers(plain) == []
    with pytest.raises(urllib.error.HTTPError) as refused:
        resume(server, run_of(plain), 0)
    assert refused.value.code == 400


def test_a_stream_that_was_cut_anywhere_goes_on_without_a_gap_or_a_repeat(server, agent):
    whole = send(server, agent)
    run_id = run_of(whole)
    for cut in range(len(whole) + 1):
        rest = resume(server, run_id, cut)
        assert rest == (whole[cut:] or ["[DONE]"]), cut


def test_a_client_that_leaves_in_the_middle_finds_the_rest(server, agent):
    for cut in (1, 3, 6):
        first = send(server, agent, f"{SCRIPT} {cut}", limit=cut)
        rest = resume(server, run_of(first), cut)
        assert rest[-1] == "[DONE]"
        seen = numbers(first + rest)
        assert seen == list(range(1, len(seen) + 1))


def test_a_run_under_way_is_listened_to_from_the_conversation(server, client, agent):
    conversation = client.conversations.create(agent_id=agent.id)
    path = f"/v1/conversations/{conversation.id}"
    body = {"messages": [{"role": "user", "content": "[[delay 1500]][[say late]]"}], "stream_tokens": True,
            "background": True, "include_pings": True}
    first = lines(server, f"{path}/messages", body, limit=1)
    assert first[0]["message_type"] == "ping"
    rest = lines(server, f"{path}/stream", {"starting_after": 1, "include_pings": False})
    assert "late" in json.dumps(rest) and rest[-1] == "[DONE]"
    with pytest.raises(urllib.error.HTTPError) as refused:
        lines(server, f"{path}/stream", {})
    assert refused.value.code == 400


def test_a_run_is_found_by_the_otid_of_its_message(server, client, agent):
    conversation = client.conversations.create(agent_id=agent.id)
    path = f"/v1/conversations/{conversation.id}"
    otid = "0b9a7a5e-6a4f-4d7e-9a55-6a2f0c1d2e3f"
    body = {"messages": [{"role": "user", "content": "hello", "otid": otid}], "stream_tokens": True,
            "background": True, "include_pings": False}
    whole = lines(server, f"{path}/messages", body)
    assert lines(server, f"{path}/stream", {"otid": otid, "include_pings": False}) == whole
    # The same message again is the same run.
    assert lines(server, f"{path}/messages", body) == whole
    with pytest.raises(urllib.error.HTTPError) as refused:
        lines(server, f"{path}/stream", {"otid": "other"})
    assert refused.value.code == 404


def test_background_needs_a_stream_and_a_run_that_is_there(client, agent):
    with pytest.raises(letta_client.UnprocessableEntityError, match="background"):
        client.agents.messages.create(agent.id, input="x", extra_body={"background": True})
    with pytest.raises(letta_client.NotFoundError):
        list(client.runs.messages.stream("run-00000000-0000-4000-8000-000000000000"))


def test_what_was_sent_is_there_after_kill_9(tmp_path, model, handle):
    server = Server(tmp_path, model)
    server.wait_for_model(handle)
    client = letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
    agent = client.agents.create(model=handle, memory_blocks=[{"label": "human", "value": "x"}])
    whole = send(server, agent)
    server.kill()
    server = Server(tmp_path, model)
    try:
        for cut in (0, 2, len(whole) - 1):
            assert resume(server, run_of(whole), cut) == whole[cut:]
    finally:
        server.stop()
