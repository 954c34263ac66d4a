"""Conversations: the threads of an agent beside its default one, through the official Python SDK."""

import json
import uuid

import pytest
from letta_client import BadRequestError, ConflictError, NotFoundError, UnprocessableEntityError


@pytest.fixture
def conversation(client, agent):
    return client.conversations.create(agent_id=agent.id)


@pytest.fixture
def say(client):
    """Sends a text to a conversation, and returns what is streamed back."""
    def say(conversation_id, text, **options):
        return list(client.conversations.messages.create(
            conversation_id, messages=[{"role": "user", "content": text}], **options))
    return say


def said(events):
    return [e.content for e in events if e.message_type == "assistant_message"]


def listed(client, conversation_id, **options):
    """(type, text) of all messages, oldest first."""
    return [(m.message_type, getattr(m, "content", None)) for m in
            client.conversations.messages.list(conversation_id, order="asc", **options)
            if m.message_type != "system_message"]


def context(client, conversation_id):
    return client.conversations.retrieve(conversation_id).in_context_message_ids


def isolated_blocks(conversation):
    """The SDK's model does not name them, and keeps them all the same."""
    return conversation.model_extra["isolated_block_ids"]


# Made, read, changed and deleted.

def test_a_new_conversation_has_a_system_message_and_nothing_else(client, agent, conversation):
    assert conversation.id.startswith("conv-") and conversation.agent_id == agent.id
    assert conversation.summary is None and conversation.last_message_at is None
    assert conversation.in_context_message_ids == []
    found = client.conversations.retrieve(conversation.id)
    messages = client.conversations.messages.list(conversation.id).items
    assert [m.message_type for m in messages] == ["system_message"]
    assert found.in_context_message_ids == [messages[0].id]
    assert client.agents.retrieve(agent.id).message_ids != found.in_context_message_ids


def test_what_it_is_made_with_is_kept(client, agent, handle):
    settings = {"provider_type": "anthropic" if handle.startswith("anthropic") else "openai", "temperature": 0.5}
    made = client.conversations.create(
        agent_id=agent.id, summary="A trip", model=handle, model_settings=settings)
    for conversation in (made, client.conversations.retrieve(made.id)):
        assert (conversation.summary, conversation.model) == ("A trip", handle)
        assert conversation.api_model_settings.temperature == 0.5


def test_an_update_changes_what_it_names(client, conversation):
    changed = client.conversations.update(conversation.id, summary="Rome")
    assert changed.summary == "Rome" and changed.updated_at > conversation.updated_at
    changed = client.conversations.update(conversation.id, summary=None, last_message_at="2026-01-02T03:04:05Z")
    assert changed.summary == "Rome"
    assert changed.last_message_at.isoformat() == "2026-01-02T03:04:05+00:00"
    with pytest.raises(BadRequestError):
        client.conversations.update(conversation.id, model="no-provider")


def test_a_deleted_conversation_is_gone(client, agent, conversation):
    [system] = context(client, conversation.id)
    assert client.conversations.delete(conversation.id) is None
    for call in (client.conversations.retrieve, client.conversations.delete,
                 client.conversations.messages.list, client.conversations.fork):
        with pytest.raises(NotFoundError):
            call(conversation.id)
    with pytest.raises(NotFoundError):
        client.messages.retrieve(system)
    assert client.conversations.list(agent_id=agent.id) == []


def test_it_goes_with_its_agent(client, agent):
    made = client.conversations.create(agent_id=agent.id, extra_body={"isolated_block_labels": ["human"]})
    client.agents.delete(agent.id)
    with pytest.raises(NotFoundError):
        client.conversations.retrieve(made.id)
    with pytest.raises(NotFoundError):
        client.blocks.retrieve(isolated_blocks(made)[0])


# Lists.

def test_lists_are_newest_first_and_of_one_agent(client, agent):
    made = [client.conversations.create(agent_id=agent.id, summary=f"number {i}").id for i in range(5)]
    ids = lambda **options: [c.id for c in client.conversations.list(agent_id=agent.id, **options)]
    assert ids() == made[::-1]
    assert ids(order="asc", limit=2) == made[:2]
    assert ids(order="asc", limit=2, after=made[1]) == made[2:4]
    assert ids(order="desc", limit=10, after=made[1]) == made[:1]
    assert ids(after=f"conv-{uuid.uuid4()}") == made[::-1]
    assert ids(summary_search="NUMBER 3") == [made[3]]
    assert set(made) <= {c.id for c in client.conversations.list(limit=1000)}


def test_those_without_a_time_are_listed_last_in_both_orders(client, agent):
    made = [client.conversations.create(agent_id=agent.id).id for _ in range(4)]
    for i, time in ((2, "2026-01-01T00:00:00Z"), (0, "2026-01-02T00:00:00Z")):
        client.conversations.update(made[i], last_message_at=time)
    for order, expected in (("asc", [2, 0, 1, 3]), ("desc", [0, 2, 3, 1])):
        walked, after = [], None
        while page := client.conversations.list(agent_id=agent.id, order=order, limit=1,
                                                order_by="last_message_at", **after or {}):
            walked.append(page[0].id)
            after = {"after": page[0].id}
        assert walked == [made[i] for i in expected], order


def test_a_hidden_fork_is_in_no_list(client, agent, conversation):
    hidden = client.conversations.fork(conversation.id, hidden=True)
    assert [c.id for c in client.conversations.list(agent_id=agent.id)] == [conversation.id]
    assert client.conversations.retrieve(hidden.id).id == hidden.id


# What is refused.

def test_wrong_ids_and_labels_are_refused(server, client, agent, conversation):
    unknown = f"conv-{uuid.uuid4()}"
    with pytest.raises(NotFoundError):
        client.conversations.create(agent_id=f"agent-{uuid.uuid4()}")
    with pytest.raises(BadRequestError):
        client.conversations.create(agent_id=agent.id, extra_body={"isolated_block_labels": ["nothing"]})
    with pytest.raises(BadRequestError):
        client.conversations.create(agent_id=agent.id, model="gpt-4o-mini")
    for call in (client.conversations.retrieve, client.conversations.fork, client.conversations.recompile,
                 client.conversations.delete, client.conversations.cancel):
        with pytest.raises(NotFoundError):
            call(unknown)
    for name in ("default", agent.id, "conv-1", "x"):  # a conversation itself is read by its id alone
        with pytest.raises(UnprocessableEntityError):
            client.conversations.retrieve(name)
    with pytest.raises(BadRequestError, match="agent_id"):
        client.conversations.messages.list("default")
    with pytest.raises(NotFoundError):
        client.conversations.messages.list(conversation.id, after=f"message-{uuid.uuid4()}")
    assert server.request("POST", "/v1/conversations/", {})[0] == 422


def test_an_empty_list_of_messages_is_refused(server, conversation):
    status, body, _ = server.request(
        "POST", f"/v1/conversations/{conversation.id}/messages", {"messages": [], "streaming": False})
    assert status == 422, body


# Memory of its own.

def test_an_isolated_block_is_a_copy(client, agent):
    made = client.conversations.create(agent_id=agent.id, extra_body={"isolated_block_labels": ["human"]})
    [copy] = isolated_blocks(made)
    block = client.blocks.retrieve(copy)
    assert (block.label, block.value) == ("human", "Name: unknown.")
    assert copy not in [b.id for b in client.agents.blocks.list(agent.id)]
    client.blocks.update(copy, value="Name: Ada.")
    assert client.agents.blocks.retrieve("human", agent_id=agent.id).value == "Name: unknown."
    client.conversations.delete(made.id)
    with pytest.raises(NotFoundError):
        client.blocks.retrieve(copy)


def test_the_system_message_stays_until_it_is_compiled_again(client, agent, conversation):
    def system():
        return client.conversations.messages.list(conversation.id, order="asc").items[0]
    before = system()
    client.agents.blocks.update("human", agent_id=agent.id, value="Name: Grace.")
    shown = client.conversations.recompile(conversation.id, dry_run=True)
    assert "Name: Grace." in shown and conversation.id in shown
    assert system().content == before.content
    assert "Name: Grace." in client.conversations.recompile(conversation.id)
    assert "Name: Grace." in system().content and system().id == before.id
    assert "Name: Grace." in client.conversations.recompile("default", agent_id=agent.id)


def test_a_tool_edits_the_copy_and_nothing_else(client, agent, say):
    isolated, plain = (client.conversations.create(agent_id=agent.id, extra_body={"isolated_block_labels": labels})
                       for labels in (["human"], []))
    edit = '[[call memory_insert {"label":"human","new_string":"Likes tea."}]][[say noted]]'
    assert said(say(isolated.id, edit)) == ["noted"]
    assert "Likes tea." in client.blocks.retrieve(isolated_blocks(isolated)[0]).value
    assert client.agents.blocks.retrieve("human", agent_id=agent.id).value == "Name: unknown."
    assert said(say(plain.id, edit)) == ["noted"]
    assert "Likes tea." in client.agents.blocks.retrieve("human", agent_id=agent.id).value


# Threads.

def test_what_is_said_in_one_is_not_seen_in_another(client, agent, say, send, model):
    one, two = (client.conversations.create(agent_id=agent.id) for _ in range(2))
    words = [uuid.uuid4().hex for _ in range(3)]
    assert said(say(one.id, words[0])) == [f"You said: {words[0]}"]
    assert said(say(two.id, words[1])) == [f"You said: {words[1]}"]
    send(words[2])
    say(one.id, "and again " + words[0])
    for word, others in zip(words, (words[1:], words[::2], words[:2])):
        for body in model.requests(word):
            assert not any(other in json.dumps(body) for other in others)
    assert listed(client, one.id) == [
        ("user_message", words[0]), ("assistant_message", f"You said: {words[0]}"),
        ("user_message", "and again " + words[0]), ("assistant_message", f"You said: and again {words[0]}")]
    assert len(listed(client, two.id)) == len(listed(client, "default", agent_id=agent.id)) == 2
    assert listed(client, agent.id) == listed(client, "default", agent_id=agent.id)
    assert [m.id for m in client.agents.messages.list(agent.id, conversation_id=two.id)] == [
        m.id for m in client.conversations.messages.list(two.id)]
    assert [m.id for m in client.agents.messages.list(agent.id, conversation_id="default")] == [
        m.id for m in client.conversations.messages.list("default", agent_id=agent.id)]
    assert len(context(client, one.id)) == 5
    assert client.conversations.retrieve(one.id).last_message_at > one.created_at


def test_without_streaming_the_answer_is_one_object_and_its_run_ends(server, client, conversation):
    status, body, _ = server.request("POST", f"/v1/conversations/{conversation.id}/messages",
                                     {"input": "hello", "streaming": False})
    assert status == 200
    assert [m["content"] for m in body["messages"]] == ["You said: hello"]
    run = client.runs.retrieve(body["messages"][0]["run_id"])
    assert (run.status, run.conversation_id) == ("completed", conversation.id)


def test_messages_are_paged_in_both_orders(client, conversation, say):
    for i in range(3):
        say(conversation.id, f"number {i}")
    everything = [m.id for m in client.conversations.messages.list(conversation.id, order="asc", limit=100)]
    assert len(everything) == 7
    for order, expected in (("asc", everything), ("desc", everything[::-1])):
        # The SDK asks for page after page.
        assert [m.id for m in client.conversations.messages.list(conversation.id, order=order, limit=2)] == expected
    before = client.conversations.messages.list(conversation.id, order="asc", limit=2, before=everything[4])
    assert [m.id for m in before.items] == everything[2:4]
    answers = client.conversations.messages.list(
        conversation.id, limit=2, include_return_message_types=["assistant_message"])
    assert len(answers.items) == 2 and len(list(answers)) == 3


def test_the_model_is_that_of_the_conversation_unless_the_request_names_one(client, agent, say, model, handle):
    other = "anthropic/claude-sonnet-4-5-20250929" if handle.startswith("openai") else "openai-proxy/gpt-4o-mini"
    conversation = client.conversations.create(agent_id=agent.id, model=other)
    for text, options, expected in (("of it", {}, other), ("of the request", {"override_model": handle}, handle)):
        word = uuid.uuid4().hex
        say(conversation.id, f"{text} {word}", **options)
        assert {body["model"] for body in model.requests(word)} == {expected.split("/", 1)[1]}


# Forks.

def test_a_fork_shares_what_was_said_and_goes_its_own_way(client, conversation, say):
    say(conversation.id, "before")
    fork = client.conversations.fork(conversation.id)
    parent, child = context(client, conversation.id), context(client, fork.id)
    assert child[0] != parent[0] and child[1:] == parent[1:]
    say(fork.id, "after")
    assert listed(client, fork.id) == listed(client, conversation.id) + [
        ("user_message", "after"), ("assistant_message", "You said: after")]
    shown = listed(client, fork.id)
    client.conversations.delete(conversation.id)
    assert listed(client, fork.id) == shown
    assert said(say(fork.id, "still here")) == ["You said: still here"]
    client.conversations.delete(fork.id)
    with pytest.raises(NotFoundError):
        client.messages.retrieve(child[1])


def test_the_default_thread_can_be_forked_up_to_a_message(client, agent, send):
    send("one")
    send("two")
    messages = client.agents.retrieve(agent.id).message_ids
    whole = client.conversations.fork("default", agent_id=agent.id)
    assert context(client, whole.id)[1:] == messages[1:]
    part = client.conversations.fork("default", agent_id=agent.id, message_id=messages[2])
    assert context(client, part.id)[1:] == messages[1:3]
    assert client.agents.retrieve(agent.id).message_ids == messages


def test_a_fork_has_copies_of_what_was_isolated(client, agent):
    made = client.conversations.create(agent_id=agent.id, extra_body={"isolated_block_labels": ["human"]})
    client.blocks.update(isolated_blocks(made)[0], value="Name: Ada.")
    fork = client.conversations.fork(made.id)
    [copy] = isolated_blocks(fork)
    assert copy != isolated_blocks(made)[0]
    assert client.blocks.retrieve(copy).value == "Name: Ada."


# What runs.

def test_nothing_to_cancel_is_a_conflict(client, agent, conversation):
    with pytest.raises(ConflictError, match="No active runs to cancel"):
        client.conversations.cancel(conversation.id)
    with pytest.raises(ConflictError, match="No active runs to cancel"):
        client.conversations.cancel("default", agent_id=agent.id)


def test_a_conversation_is_compacted_alone(client, agent, conversation, say, send):
    send("in the default thread")
    for i in range(6):
        say(conversation.id, f"number {i} " + "word " * 200)
    default = client.agents.retrieve(agent.id).message_ids
    before = context(client, conversation.id)
    answer = client.conversations.messages.compact(conversation.id, compaction_settings={"mode": "all"})
    assert answer.num_messages_before == len(before) > answer.num_messages_after
    after = context(client, conversation.id)
    assert len(after) == answer.num_messages_after and after[0] == before[0]
    assert client.agents.retrieve(agent.id).message_ids == default
    # Anthropic's format has one message for what the user said twice in a row.
    assert said(say(conversation.id, "go on"))[0].endswith("go on")
