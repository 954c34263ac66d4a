"""What an agent's own tools do, called by a model."""

import datetime
import json
import uuid

import pytest


@pytest.fixture
def keeper(client, handle):
    """An agent with all tools that edit memory, and a block that it may not change."""
    return client.agents.create(
        model=handle, tools=["core_memory_append", "memory", "memory_apply_patch", "memory_rethink"],
        memory_blocks=[{"label": "notes", "value": "one\ntwo\none"},
                       {"label": "rules", "value": "Never lie.", "read_only": True}])


@pytest.fixture
def call(client, keeper):
    """Has the model call a tool: what it returned."""
    def call(tool, **arguments):
        response = client.agents.messages.create(
            keeper.id, input=f"[[call {tool} {json.dumps(arguments)}]][[say done]] {uuid.uuid4().hex}")
        assert response.messages[-1].content == "done"
        return response.messages[1]
    return call


@pytest.fixture
def blocks(client, keeper):
    return lambda: {block.label: block.value for block in client.agents.blocks.list(keeper.id)}


@pytest.mark.parametrize("old", ["three", "one"], ids=["no match", "two matches"])
def test_a_replacement_needs_exactly_one_match(call, blocks, old):
    returned = call("memory_replace", label="notes", old_string=old, new_string="x")
    assert returned.status == "error" and "No replacement was performed" in returned.tool_return
    assert blocks()["notes"] == "one\ntwo\none"


def test_text_is_inserted_at_the_top_at_the_end_and_nowhere_else(call, blocks):
    assert call("memory_insert", label="notes", new_string="top", insert_line=0).status == "success"
    assert call("memory_insert", label="notes", new_string="end", insert_line=-1).status == "success"
    assert blocks()["notes"] == "top\none\ntwo\none\nend"
    returned = call("memory_insert", label="notes", new_string="x", insert_line=9)
    assert returned.status == "error" and "insert_line" in returned.tool_return
    assert blocks()["notes"] == "top\none\ntwo\none\nend"


def test_a_block_that_is_read_only_is_not_changed(call, blocks):
    returned = call("core_memory_append", label="rules", content="Or do.")
    assert returned.status == "error" and "read-only" in returned.tool_return
    assert blocks()["rules"] == "Never lie."


def test_blocks_are_created_renamed_and_deleted(call, blocks, client, keeper):
    call("memory", command="create", path="/memories/plans/today", description="For today", file_text="Rest.")
    assert blocks()["plans/today"] == "Rest."
    call("memory", command="rename", old_path="/memories/plans/today", new_path="/memories/plans/later")
    assert blocks()["plans/later"] == "Rest." and "plans/today" not in blocks()
    made = client.agents.blocks.retrieve("plans/later", agent_id=keeper.id)
    assert made.description == "For today"
    call("memory", command="delete", path="/memories/plans/later")
    assert sorted(blocks()) == ["notes", "rules"]


def test_a_patch_of_which_one_operation_fails_changes_nothing(call, blocks):
    patch = ("*** Add Block: fresh\n+new\n*** Update Block: notes\n@@\n-two\n+2\n"
             "*** Update Block: notes\n@@\n-never there\n+x\n")
    returned = call("memory_apply_patch", label="notes", patch=patch)
    assert returned.status == "error"
    assert blocks() == {"notes": "one\ntwo\none", "rules": "Never lie."}


def test_a_search_to_a_date_has_its_whole_day_and_no_returns_of_tools(call, client, keeper):
    word = "w" + uuid.uuid4().hex
    client.agents.messages.create(keeper.id, input=word)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    for day, found in ((today, True), (today - datetime.timedelta(days=2), False)):
        returned = call("conversation_search", query=word, start_date=str(day), end_date=str(day))
        results = json.loads(returned.tool_return)["results"]
        assert bool(results) == found and "tool" not in [result["role"] for result in results]
    returned = call("conversation_search", query=word, end_date="soon")
    assert returned.status == "error" and "YYYY-MM-DD" in returned.tool_return
