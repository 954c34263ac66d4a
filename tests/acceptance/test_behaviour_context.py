"""What a model is shown of an agent's memory, and how messages are shown to clients."""

import json
import uuid

import pytest

from support.model_requests import said_to, system_of


def word():
    return "w" + uuid.uuid4().hex


def system_message(client, agent):
    return client.agents.messages.list(agent.id, order="asc", limit=1).items[0]


@pytest.fixture
def prompt(client, model):
    """The system message that a model reads with the next message to an agent."""
    def prompt(agent):
        text = word()
        client.agents.messages.create(agent.id, input=text)
        return system_of(model.requests(text)[-1])
    return prompt


# The system message.

def test_blocks_are_shown_with_their_sizes_in_characters(client, prompt):
    agent = client.agents.create(model="openai-proxy/gpt-4o-mini", memory_blocks=[
        {"label": "human", "value": "Zoë likes 茶", "description": "About the user", "limit": 500},
        {"label": "persona", "value": "Kind.", "read_only": True, "limit": 600}])
    text = prompt(agent)
    memory = text.split("<memory_blocks>")[1].split("</memory_blocks>")[0]
    assert ("<human>\n<description>\nAbout the user\n</description>\n<metadata>\n- chars_current=11\n"
            "- chars_limit=500\n</metadata>\n<value>\nZoë likes 茶\n</value>\n</human>\n\n") in memory
    assert ("<metadata>\n- read_only=true\n- chars_current=5\n- chars_limit=600\n</metadata>\n"
            "<value>\nKind.\n</value>\n</persona>") in memory
    assert f"- AGENT_ID: {agent.id}\n" in text and "- CONVERSATION_ID: default\n" in text
    assert memory.index("<human>") < memory.index("<persona>")


def test_models_of_anthropic_see_numbered_lines_and_are_told_not_to_copy_them(client, prompt):
    agent = client.agents.create(model="anthropic/claude-sonnet-4-5-20250929",
                                 memory_blocks=[{"label": "human", "value": "one\ntwo"}])
    text = prompt(agent)
    assert "<value>\n1→ one\n2→ two\n</value>" in text and "<warning>" in text


def test_react_agents_see_no_blocks(client, handle, prompt):
    agent = client.agents.create(model=handle, agent_type="react_agent",
                                 memory_blocks=[{"label": "human", "value": "hidden"}])
    assert "<memory_blocks>" not in prompt(agent)


def test_a_prompt_has_its_memory_where_it_wants_it_and_keeps_other_braces(client, handle, prompt):
    agent = client.agents.create(model=handle, system="Before {CORE_MEMORY} after {name} {}",
                                 memory_blocks=[{"label": "human", "value": "a"}])
    text = prompt(agent)
    assert text.startswith("Before ") and text.endswith(" after {name} {}")
    assert text.index("<memory_blocks>") < text.index(" after {name}") and "{CORE_MEMORY}" not in text


def test_an_edit_by_one_agent_is_in_the_next_prompt_of_all_who_share_the_block(client, handle, prompt):
    block = client.blocks.create(label="notes", value="start")
    one, two = (client.agents.create(model=handle, block_ids=[block.id]) for _ in range(2))
    assert "shared tea" not in prompt(two)
    client.agents.messages.create(one.id, input=(
        '[[call memory_insert {"label":"notes","new_string":"shared tea"}]][[say ok]]'))
    assert "shared tea" in prompt(two) and "shared tea" in prompt(one)


def test_an_edit_over_the_api_is_in_the_next_prompt_of_all_who_share_the_block(client, handle, prompt):
    block = client.blocks.create(label="notes", value="start")
    agents = [client.agents.create(model=handle, block_ids=[block.id]) for _ in range(2)]
    for agent in agents:
        prompt(agent)
    client.blocks.update(block.id, value="green tea")
    assert all("green tea" in prompt(agent) for agent in agents)


def test_a_block_that_is_detached_is_gone_from_the_next_prompt(client, agent, prompt):
    assert "<persona>" in prompt(agent)
    block = client.agents.blocks.retrieve("persona", agent_id=agent.id)
    client.agents.blocks.detach(block.id, agent_id=agent.id)
    text = prompt(agent)
    assert "<persona>" not in text and "<human>" in text
    client.agents.blocks.attach(block.id, agent_id=agent.id)
    assert "<persona>" in prompt(agent)


def test_a_system_message_that_is_made_again_keeps_its_id_place_and_time(client, agent, send):
    before = system_message(client, agent)
    send('[[call memory_insert {"label":"human","new_string":"Likes tea."}]][[say ok]]')
    send("again")
    after = system_message(client, agent)
    assert "Likes tea." in after.content and "Likes tea." not in before.content
    assert (after.id, after.date) == (before.id, before.date)
    assert client.agents.retrieve(agent.id).message_ids[0] == before.id


def test_skills_of_the_client_are_not_stored(client, agent, send, model):
    text = word()
    send(text, client_skills=[{"name": "brew", "description": "How to brew oolong",
                               "location": "/skills/brew/SKILL.md"}])
    shown = system_of(model.requests(text)[-1])
    assert "<available_skills>" in shown and "How to brew oolong" in shown
    assert "oolong" not in system_message(client, agent).content


def test_a_copy_for_a_conversation_is_edited_and_shown_there_alone(client, agent, model):
    alone, plain = (client.conversations.create(agent_id=agent.id, extra_body={"isolated_block_labels": labels})
                    for labels in (["human"], []))

    def say(conversation, text):
        list(client.conversations.messages.create(conversation.id, messages=[{"role": "user", "content": text}]))
        return text

    say(alone, '[[call memory_insert {"label":"human","new_string":"for this one"}]][[say ok]]')
    shown = {id: system_of(model.requests(say(conversation, id))[-1])
             for id, conversation in ((word(), alone), (word(), plain))}
    assert ["for this one" in prompt for prompt in shown.values()] == [True, False]
    assert client.agents.blocks.retrieve("human", agent_id=agent.id).value == "Name: unknown."


def test_a_copy_may_be_given_the_text_of_the_block_that_it_was_made_of(client, agent):
    made = client.conversations.create(agent_id=agent.id, extra_body={"isolated_block_labels": ["human"]})
    [copy] = made.model_extra["isolated_block_ids"]
    client.blocks.update(copy, value="Name: Ada.")
    client.agents.blocks.update("human", agent_id=agent.id, value="Name: Grace.")
    assert client.blocks.update(copy, value="Name: Grace.").value == "Name: Grace."
    assert client.blocks.retrieve(copy).value == "Name: Grace."
    client.agents.blocks.update("human", agent_id=agent.id, value="Name: Zoë.")
    assert client.blocks.retrieve(copy).value == "Name: Grace."


# Messages as clients see them.

MIXED = ('[[reason thinking]][[text let me]]'
         '[[call memory_insert {"label":"human","new_string":"x"}]][[say done]]')


def test_the_parts_of_an_answer_share_its_id_and_have_otids_in_order(client, agent, send):
    response = send(MIXED)
    parts = response.messages[:3]
    assert [m.message_type for m in parts] == ["reasoning_message", "assistant_message", "tool_call_message"]
    assert len({m.id for m in parts}) == 1
    number = int(parts[0].id[-2:], 16) & 0x80
    assert [int(m.otid[-2:], 16) for m in parts] == [number, number + 1, number + 2]
    assert all(m.otid[:-2] == parts[0].id.removeprefix("message-")[:-2] for m in parts)
    listed = list(client.agents.messages.list(agent.id, order="asc", limit=100))
    assert [(m.id, m.otid, m.message_type) for m in listed][2:5] == [
        (m.id, m.otid, m.message_type) for m in parts]


def test_a_conversations_newest_first_list_is_the_exact_reverse(client, agent):
    conversation = client.conversations.create(agent_id=agent.id)
    list(client.conversations.messages.create(conversation.id, messages=[{"role": "user", "content": MIXED}]))
    ascending, descending = (
        [(m.id, m.otid, m.message_type) for m in
         client.conversations.messages.list(conversation.id, order=order, limit=100).items]
        for order in ("asc", "desc"))
    assert len(ascending) == 7 and descending == ascending[::-1]


def test_what_a_tool_returns_as_an_object_is_shown_as_json(send):
    response = send('[[call conversation_search {"query":"done"}]][[say done]]')
    returned = json.loads(response.messages[1].tool_return)
    assert [result["role"] for result in returned["results"]] == ["user"]


def test_a_summary_is_listed_as_its_text_with_the_numbers_of_its_compaction(client, server, agent, send):
    for _ in range(4):
        send(word())
    done = client.agents.messages.compact(agent.id, compaction_settings={"mode": "all"})
    listed = f"/v1/agents/{agent.id}/messages?order=asc&limit=100"
    named = "&include_return_message_types=summary_message"
    [summary] = server.get(listed + named)
    assert summary["message_type"] == "summary_message"
    [thread] = server.get(f"/v1/conversations/default/messages?agent_id={agent.id}{named}")
    assert thread == summary
    assert summary["summary"] == done.summary
    stats = summary["compaction_stats"]
    assert stats["trigger"] == "manual" and stats["messages_count_after"] == done.num_messages_after
    assert stats["context_tokens_before"] < stats["context_window"]
    # Who names no types is shown what clients have known from the start.
    older = [m for m in server.get(listed) if m["id"] == summary["id"]]
    assert [m["message_type"] for m in older] == ["user_message"]
    assert json.loads(older[0]["content"])["type"] == "system_alert"


def test_a_model_reads_a_summary_as_a_message_of_the_user(client, agent, send, model):
    for _ in range(4):
        send(word())
    done = client.agents.messages.compact(agent.id, compaction_settings={"mode": "all"})
    text = word()
    send(text)
    assert done.summary in said_to(model.requests(text)[-1])
    roles = [m["role"] for m in model.requests(text)[-1]["messages"]]
    assert set(roles) <= {"system", "user"}
