"""Agents, their blocks and tools, through the official Python SDK."""

import uuid

import pytest
from letta_client import APIStatusError

OPENAI = "openai-proxy/gpt-4o-mini"


def create(client, **options):
    return client.agents.create(**{"model": OPENAI, **options})


def test_an_agent_has_what_it_was_given_and_the_defaults(client):
    agent = create(client, name="Ada's Helper", tags=["a", "b"], description="d", metadata={"k": 1},
                   memory_blocks=[{"label": "human", "value": "v"}])
    assert agent.agent_type == "letta_v1_agent" and agent.timezone == "UTC"
    assert sorted(agent.tags) == ["a", "b"] and agent.metadata == {"k": 1}
    assert [b.label for b in agent.blocks] == ["human"] and agent.blocks[0].limit == 100000
    assert sorted(t.name for t in agent.tools) == ["conversation_search", "memory_insert", "memory_replace"]
    assert agent.tool_rules == [] and len(agent.message_ids) == 1
    assert agent.model == OPENAI and agent.llm_config.context_window == 128000
    bare = client.agents.retrieve(agent.id)
    assert bare.blocks == [] and bare.tools == [] and bare.tags == []
    full = client.agents.retrieve(agent.id, include=["agent.blocks", "agent.tools", "agent.tags"])
    assert len(full.blocks) == 1 and len(full.tools) == 3 and len(full.tags) == 2


def test_an_embedding_handle_is_kept_without_an_embedder(client):
    assert create(client, embedding="nowhere/none").embedding == "nowhere/none"


def test_a_change_replaces_what_it_names_and_keeps_the_rest(client):
    agent = create(client, name="Before", description="kept", tags=["old"])
    client.agents.update(agent.id, name="After", tags=["new"], metadata={"x": [1]})
    now = client.agents.retrieve(agent.id, include=["agent.tags"])
    assert (now.name, now.description, now.tags, now.metadata) == ("After", "kept", ["new"], {"x": [1]})


def test_each_read_shows_all_changes_before_it(client):
    shared = client.blocks.create(label="notes", value="first")
    agent = create(client, block_ids=[shared.id])

    def look():
        """Twice: what was read is kept for the second time. And as a list shows it."""
        first, again = (client.agents.retrieve(agent.id, include=["agent.blocks", "agent.tags"])
                        for _ in range(2))
        listed = client.agents.list(name=agent.name, include=["agent.blocks", "agent.tags"]).items
        assert again == first and listed == [first]
        return first

    assert look().blocks[0].value == "first"
    client.blocks.update(shared.id, value="second")
    assert look().blocks[0].value == "second"
    client.agents.update(agent.id, tags=["changed"], description="new")
    assert (look().tags, look().description) == (["changed"], "new")
    before = look().message_ids
    client.agents.messages.create(agent.id, input="hi")
    assert len(look().message_ids) == len(before) + 2 and look().last_stop_reason == "end_turn"
    client.agents.messages.create(agent.id, input=(
        '[[call memory_insert {"label":"notes","new_string":"third"}]][[say ok]]'))
    assert look().blocks[0].value == "second\nthird"
    client.agents.blocks.detach(shared.id, agent_id=agent.id)
    assert look().blocks == []
    client.agents.delete(agent.id)
    with pytest.raises(APIStatusError) as missing:
        client.agents.retrieve(agent.id, include=["agent.blocks", "agent.tags"])
    assert missing.value.status_code == 404


def test_lists_filter_and_page(client):
    tag = uuid.uuid4().hex
    made = [create(client, name=f"Lister {i}", tags=[tag, f"even{i % 2 == 0}"]).id for i in range(5)]
    assert [a.id for a in client.agents.list(tags=[tag], order="asc", limit=2)] == made
    assert [a.id for a in client.agents.list(tags=[tag], limit=2)] == made[::-1]
    assert [a.id for a in client.agents.list(tags=[tag], name="Lister 3")] == [made[3]]
    assert [a.id for a in client.agents.list(tags=[tag, "evenTrue"], match_all_tags=True, order="asc")] == made[::2]
    assert {a.id for a in client.agents.list(tags=[tag], query_text="lister")} == set(made)
    page = client.agents.list(tags=[tag], order="asc", limit=2, after=made[1]).items
    assert [a.id for a in page] == made[2:4]
    page = client.agents.list(tags=[tag], order="asc", limit=2, before=made[3]).items
    assert [a.id for a in page] == made[1:3]
    client.agents.update(made[0], name="Changed")
    assert [a.id for a in client.agents.list(tags=[tag], order_by="updated_at", limit=1).items] == [made[0]]


def test_hidden_agents_are_listed_on_request_alone(client, server):
    tag = uuid.uuid4().hex
    create(client, tags=[tag, "role:subagent"])
    assert list(client.agents.list(tags=[tag])) == []
    assert len(server.get(f"/v1/agents/?tags={tag}&show_hidden_agents=true")) == 1


def test_counts_follow(client, server):
    before = server.get("/v1/agents/count")
    agent = create(client)
    assert server.get("/v1/agents/count") == before + 1
    client.agents.delete(agent.id)
    assert server.get("/v1/agents/count") == before


def test_tags_are_listed_once_and_gone_with_their_last_user(client):
    tag = "t" + uuid.uuid4().hex
    one, two = create(client, tags=[tag]), create(client, tags=[tag])
    assert list(client.tags.list(name=tag)) == [tag]
    client.agents.delete(one.id)
    assert list(client.tags.list(name=tag)) == [tag]
    client.agents.delete(two.id)
    assert list(client.tags.list(name=tag)) == []


def test_blocks_attach_detach_and_are_shared(client):
    block = client.blocks.create(label="shared", value="one")
    first, second = create(client), create(client)
    for agent in (first, second):
        assert client.agents.blocks.attach(block.id, agent_id=agent.id) is None
    client.blocks.update(block.id, value="two")
    for agent in (first, second):
        assert client.agents.blocks.retrieve("shared", agent_id=agent.id).value == "two"
    assert {a.id for a in client.blocks.agents.list(block.id)} == {first.id, second.id}
    client.agents.blocks.detach(block.id, agent_id=first.id)
    assert [b.label for b in client.agents.blocks.list(first.id)] == []
    other = client.blocks.create(label="shared", value="rival")
    with pytest.raises(APIStatusError) as conflict:
        client.agents.blocks.attach(other.id, agent_id=second.id)
    assert conflict.value.status_code == 409


def test_an_agent_edits_a_shared_block_by_its_owner(client, handle):
    block = client.blocks.create(label="notes", value="start")
    agents = [client.agents.create(model=handle, block_ids=[block.id]) for _ in range(2)]
    for i, agent in enumerate(agents):
        client.agents.messages.create(agent.id, input=(
            '[[call memory_insert {"label":"notes","new_string":"line %d"}]][[say ok]]' % i))
    assert client.blocks.retrieve(block.id).value == "start\nline 0\nline 1"


def test_an_edited_block_shows_its_agent_and_outlives_it(client):
    agent = create(client, memory_blocks=[{"label": "human", "value": "before"}])
    edited = client.agents.blocks.update("human", agent_id=agent.id, value="after")
    assert edited.value == "after" and client.blocks.retrieve(edited.id).value == "after"
    client.agents.delete(agent.id)
    assert client.blocks.retrieve(edited.id).value == "after"
    client.blocks.delete(edited.id)
    with pytest.raises(APIStatusError) as missing:
        client.blocks.retrieve(edited.id)
    assert missing.value.status_code == 404


def test_a_deleted_block_leaves_its_agents_usable(client):
    agent = create(client, memory_blocks=[{"label": "human", "value": "x"}])
    client.blocks.delete(agent.blocks[0].id)
    assert client.agents.messages.create(agent.id, input="hi").messages[0].content == "You said: hi"
    assert list(client.agents.blocks.list(agent.id)) == []


def test_a_value_longer_than_the_limit_is_accepted(client):
    block = client.blocks.create(label="l", value="x", limit=5)
    assert client.blocks.update(block.id, value="longer than five").value == "longer than five"


def test_tools_attach_and_detach(client):
    agent = create(client)
    tool = client.tools.list(name="memory_rethink").items[0]
    client.agents.tools.attach(tool.id, agent_id=agent.id)
    assert "memory_rethink" in [t.name for t in client.agents.tools.list(agent.id)]
    client.agents.tools.detach(tool.id, agent_id=agent.id)
    assert "memory_rethink" not in [t.name for t in client.agents.tools.list(agent.id)]


def test_reset_starts_the_conversation_again(client, agent):
    client.agents.messages.create(agent.id, input="hello")
    client.agents.messages.reset(agent.id)
    assert [m.message_type for m in client.agents.messages.list(agent.id)] == ["system_message"]
    assert client.agents.messages.create(agent.id, input="again").messages[0].content == "You said: again"


def test_recompile_and_context_show_the_prompt(client, server, agent):
    text = client.agents.recompile(agent.id)
    assert "<memory_blocks>" in text and "Name: unknown." in text
    overview = server.get(f"/v1/agents/{agent.id}/context")
    assert overview["num_messages"] == 1 and overview["context_window_size_max"] == 128000
    assert "Name: unknown." in overview["core_memory"]
