"""A context that outgrows the model's window, through the official Python SDK, on both wire formats."""

import json
import uuid

import pytest
from letta_client import APIStatusError

WINDOW = 12_000  # tokens
LONG = "tea and cake " * 300  # about 4 KB


@pytest.fixture
def small(client, handle):
    """An agent whose model's window is full after a few long messages."""
    agent = client.agents.create(
        model=handle, context_window_limit=WINDOW,
        memory_blocks=[{"label": "human", "value": "Name: unknown."}])
    yield agent
    client.agents.delete(agent.id)


def words(count):
    return [f"w{uuid.uuid4().hex}" for _ in range(count)]


def history(client, agent):
    return list(client.agents.messages.list(agent.id, order="asc", limit=500))


def kinds(messages):
    return [message.message_type for message in messages]


def said_last(response, text):
    """The model repeats the user's words: on one of the formats the summary is a part of them."""
    said = response.messages[0].content
    return said.startswith("You said: ") and said.endswith(text)


def test_an_agent_that_is_told_far_more_than_its_window_keeps_answering(client, small, model):
    said = words(16)
    for i, word in enumerate(said):
        text = f"{word} {LONG}"
        if i % 2:
            response = client.agents.messages.create(small.id, input=text)
            assert kinds(response.messages) == ["assistant_message"]
            assert word in response.messages[0].content
            assert response.stop_reason.stop_reason == "end_turn"
        else:
            events = list(client.agents.messages.stream(
                small.id, messages=[{"role": "user", "content": text}], stream_tokens=True))
            assert "event_message" not in kinds(events) and "summary_message" not in kinds(events)
            assert word in "".join(e.content for e in events if e.message_type == "assistant_message")
            assert [e.stop_reason for e in events if e.message_type == "stop_reason"] == ["end_turn"]
    # All that was said is listed, though the model is not shown it any more.
    listed = json.dumps([m.content for m in history(client, small) if m.message_type == "user_message"])
    assert all(word in listed for word in said)
    last = [json.dumps(body) for body in model.requests(said[-1])]
    assert last and all(said[0] not in body for body in last)
    assert all(len(body) < WINDOW * 5 for body in last)
    assert "SUMMARY of" in last[-1]


def test_an_overflow_that_the_provider_reports_is_no_error_of_the_client(client, agent, send):
    for word in words(6):
        send(word)
    response = send(f"[[error context_length n=1]][[say {uuid.uuid4().hex} made it]]")
    assert kinds(response.messages) == ["assistant_message"]
    assert response.messages[0].content.endswith("made it")


def test_an_overflow_for_ever_ends_in_a_typed_error_and_the_next_message_works(client, agent, send):
    for word in words(6):
        send(word)
    with pytest.raises(APIStatusError) as refused:
        send(f"[[error context_length]] {uuid.uuid4().hex}")
    assert refused.value.status_code == 400
    assert "CONTEXT_WINDOW_EXCEEDED" in str(refused.value)
    for part in ("system prompt", "memory blocks", "tools", "conversation"):
        assert part in str(refused.value)
    assert said_last(send("still there"), "still there")


def test_a_client_that_asks_for_it_is_shown_the_compaction(client, agent, send):
    for word in words(4):
        send(word)
    script = ('[[usage prompt=127000 completion=5]][[call conversation_search {"query":"x"}]]'
              f'[[say {uuid.uuid4().hex} done]]')
    response = send(script, include_compaction_messages=True)
    shown = kinds(response.messages)
    assert shown == ["tool_call_message", "tool_return_message", "event_message", "summary_message",
                     "assistant_message"]
    event, summary = response.messages[2], response.messages[3]
    assert event.event_type == "compaction"
    assert event.event_data["trigger"] == "post_step_context_check"
    assert summary.summary.startswith("SUMMARY of")
    assert summary.compaction_stats.messages_count_after < summary.compaction_stats.messages_count_before


def test_a_stream_that_asks_for_it_is_shown_the_compaction(client, agent, send):
    for word in words(4):
        send(word)
    script = ('[[usage prompt=127000 completion=5]][[call conversation_search {"query":"x"}]]'
              f'[[say {uuid.uuid4().hex} done]]')
    events = list(client.agents.messages.stream(
        agent.id, messages=[{"role": "user", "content": script}], include_compaction_messages=True))
    assert [k for k in kinds(events) if k != "ping"] == [
        "tool_call_message", "tool_return_message", "event_message", "summary_message",
        "assistant_message", "stop_reason", "usage_statistics"]


def test_a_client_compacts_by_hand(client, agent, send, model):
    said = words(6)
    for word in said:
        send(word)
    before = len(client.agents.retrieve(agent.id).message_ids)
    done = client.agents.messages.compact(agent.id, compaction_settings={"mode": "all"})
    assert done.summary.startswith("SUMMARY of")
    assert (done.num_messages_before, done.num_messages_after) == (before, 2)
    assert len(client.agents.retrieve(agent.id).message_ids) == 2
    again = client.agents.messages.compact(agent.id)
    assert (again.num_messages_before, again.num_messages_after) == (2, 2)
    assert again.summary == done.summary
    last = uuid.uuid4().hex
    assert said_last(send(last), last)
    shown = json.dumps(model.requests(last)[-1])
    assert done.summary in shown and said[0] not in shown
    listed = [m.content for m in history(client, agent) if m.message_type == "user_message"]
    assert all(word in listed for word in said)


@pytest.mark.parametrize("mode", ["sliding_window", "self_compact_sliding_window", "self_compact_all"])
def test_every_mode_makes_the_context_smaller(client, agent, send, mode):
    for word in words(8):
        send(word)
    done = client.agents.messages.compact(agent.id, compaction_settings={"mode": mode})
    assert done.num_messages_after < done.num_messages_before
    assert said_last(send("hello"), "hello")


def test_settings_that_are_none_are_refused(server, agent):
    status, body, _ = server.request("POST", f"/v1/agents/{agent.id}/summarize",
                                     {"compaction_settings": {"mode": "mystery"}})
    assert status == 422 and "compaction_settings.mode" in json.dumps(body)
    status, body, _ = server.request("POST", f"/v1/agents/{agent.id}/summarize")
    assert status == 200 and body["num_messages_before"] == body["num_messages_after"] == 1
