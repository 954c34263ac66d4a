"""When a context is compacted, what is shown of it, and what it leaves."""

import json
import uuid

import pytest
from letta_client import APIStatusError

from support.model_requests import said_to

FULL = '[[usage prompt=127000 completion=5]][[call conversation_search {"query":"x"}]][[say %s]]'


def kinds(messages):
    return [message.message_type for message in messages]


def word():
    return "w" + uuid.uuid4().hex


@pytest.fixture
def talked(client, agent, send):
    for _ in range(5):
        send(word())
    return agent


def context(client, server, agent_id, context_ids):
    """(type, content) of what is in a context, in its order."""
    every = ["system_message", "user_message", "assistant_message", "tool_call_message", "tool_return_message",
             "summary_message"]
    query = "&".join(f"include_return_message_types={kind}" for kind in every)
    found = {m["id"]: m for m in server.get(f"/v1/agents/{agent_id}/messages?limit=200&{query}")}
    return [(found[id]["message_type"], found[id].get("content")) for id in context_ids]


def stream(client, agent, text, **options):
    return [e for e in client.agents.messages.stream(
        agent.id, messages=[{"role": "user", "content": text}], include_pings=False, **options)]


def test_behind_a_step_that_fills_the_window_comes_a_summary_between_the_steps(client, server, talked):
    text = word()
    before = len(client.agents.retrieve(talked.id).message_ids)
    events = stream(client, talked, FULL % text, include_compaction_messages=True)
    assert kinds(events) == ["tool_call_message", "tool_return_message", "event_message", "summary_message",
                             "assistant_message", "stop_reason", "usage_statistics"]
    event, summary = events[2], events[3]
    assert event.event_type == "compaction" and event.event_data["context_window"] == 128000
    assert summary.compaction_stats["trigger"] == "post_step_context_check"
    ids = client.agents.retrieve(talked.id).message_ids
    shown = context(client, server, talked.id, ids)
    assert [kind for kind, _ in shown][:2] == ["system_message", "summary_message"]
    assert len(ids) < before + 4 and shown[-1][0] == "assistant_message"


def test_without_being_asked_for_a_summary_is_shown_nowhere_and_is_a_message_of_the_user(client, server, talked):
    text = word()
    assert kinds(stream(client, talked, FULL % text)) == [
        "tool_call_message", "tool_return_message", "assistant_message", "stop_reason", "usage_statistics"]
    ids = client.agents.retrieve(talked.id).message_ids
    kind, content = context(client, server, talked.id, ids)[1]
    assert kind == "user_message" and json.loads(content)["type"] == "system_alert"


def test_a_step_that_the_provider_calls_too_long_is_made_again_with_less(client, talked, model):
    text = word()
    response = client.agents.messages.create(talked.id, input=f"[[error context_length n=1]][[say {text}]]")
    assert [m.content for m in response.messages] == [text] and response.usage.step_count == 1
    assert client.runs.retrieve(response.messages[0].run_id).status == "completed"
    refused, accepted = model.requests(text)
    assert "SUMMARY of" in said_to(accepted) and "SUMMARY of" not in said_to(refused)


def test_a_prompt_that_does_not_fit_is_said_so_and_the_model_is_not_asked(client, handle, model):
    text = word()
    agent = client.agents.create(model=handle, context_window_limit=4000, system="rule " * 8000,
                                 memory_blocks=[{"label": "human", "value": "a"}])
    with pytest.raises(APIStatusError) as refused:
        client.agents.messages.create(agent.id, input=text)
    assert refused.value.status_code == 400
    assert model.requests(text) == []
    [run] = client.runs.list(agent_id=agent.id).items
    assert (run.status, run.stop_reason) == ("failed", "context_window_overflow_in_system_prompt")
    [step] = list(client.runs.steps.list(run.id))
    assert (step.status, step.stop_reason) == ("failed", "context_window_overflow_in_system_prompt")
    # With a prompt that fits the agent answers.
    client.agents.update(agent.id, system="short")
    assert client.agents.messages.create(agent.id, input="hi").messages[0].content.endswith("hi")


def test_nothing_to_compact_is_no_error(client, agent):
    done = client.agents.messages.compact(agent.id)
    assert done.num_messages_before == done.num_messages_after == 1


def test_a_summary_is_folded_into_the_next_one(client, talked, send):
    first = client.agents.messages.compact(talked.id, compaction_settings={"mode": "all"})
    for _ in range(3):
        send(word())
    second = client.agents.messages.compact(talked.id, compaction_settings={"mode": "all"})
    assert second.num_messages_after == 2 and second.summary != first.summary


def test_usage_is_that_of_the_steps_and_not_of_the_summary(client, talked):
    response = client.agents.messages.create(talked.id, input=FULL % word())
    steps = list(client.runs.steps.list(response.messages[0].run_id, order="asc"))
    assert len(steps) == response.usage.step_count == 2
    assert sum(step.total_tokens for step in steps) == response.usage.total_tokens
    assert steps[0].prompt_tokens == 127_000


# Each model counts tokens in its own way.

def test_what_a_token_is_to_one_model_does_not_fill_the_window_of_another(client, agent, handle):
    other = ("anthropic/claude-sonnet-4-5-20250929" if handle.startswith("openai") else "openai-proxy/gpt-4o-mini")
    conversation = client.conversations.create(agent_id=agent.id, model=other)

    def say(text):
        list(client.conversations.messages.create(conversation.id, messages=[{"role": "user", "content": text}]))

    for _ in range(3):
        client.agents.messages.create(agent.id, input=word())
        say(word())
    # The model of the conversation counts a hundred times what the agent's own does.
    say(f"[[usage prompt=110000 completion=5]][[say {word()}]]")
    default = client.agents.retrieve(agent.id).message_ids
    text = word()
    client.agents.messages.create(agent.id, input=text)
    assert client.agents.retrieve(agent.id).message_ids[:-2] == default
    say("is full " + "tea " * 20_000)
    before = len(client.conversations.retrieve(conversation.id).in_context_message_ids)
    assert before < 11, "its own thread is compacted by its own count"
