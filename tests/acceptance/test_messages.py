"""Talking to an agent through the official Python SDK, on both wire formats."""

import json
import uuid

import pytest


def types(response):
    return [message.message_type for message in response.messages]


def test_a_message_is_answered_and_remembered(client, agent, send, model):
    response = send("hello")
    assert types(response) == ["assistant_message"]
    assert response.messages[0].content == "You said: hello"
    assert response.stop_reason.stop_reason == "end_turn"
    assert response.usage.step_count == 1
    assert response.usage.total_tokens == response.usage.prompt_tokens + response.usage.completion_tokens
    listed = [m.message_type for m in client.agents.messages.list(agent.id, order="asc")]
    assert listed == ["system_message", "user_message", "assistant_message"]


def test_input_may_be_a_plain_text(client, agent):
    response = client.agents.messages.create(agent.id, input="short form")
    assert response.messages[0].content == "You said: short form"


def test_the_agent_edits_its_memory_with_its_own_tool(client, agent, send):
    response = send('[[call memory_insert {"label":"human","new_string":"Likes tea."}]][[say noted]]')
    assert types(response) == ["tool_call_message", "tool_return_message", "assistant_message"]
    call, returned, answer = response.messages
    assert json.loads(call.tool_call.arguments) == {"label": "human", "new_string": "Likes tea."}
    assert returned.status == "success"
    assert returned.tool_call_id == call.tool_call.tool_call_id
    assert answer.content == "noted"
    assert response.usage.step_count == 2
    assert call.run_id == answer.run_id and call.step_id != answer.step_id
    assert client.agents.blocks.retrieve("human", agent_id=agent.id).value == "Name: unknown.\nLikes tea."


def test_an_edit_is_in_the_prompt_of_the_next_request_and_not_of_this_one(agent, send, model):
    word = "Tea" + uuid.uuid4().hex
    send('[[call memory_insert {"label":"human","new_string":"%s"}]][[say first]]' % word)
    send("second " + word)
    first, second = [], []
    for body in model.requests(word):
        prompt = json.dumps(body.get("system") or body["messages"][0])
        (second if "second " + word in json.dumps(body) else first).append(prompt)
    assert all(word not in prompt for prompt in first)
    assert second and all(word in prompt for prompt in second)


def test_parallel_calls_run_together_when_they_are_allowed(client, handle):
    agent = client.agents.create(
        model=handle, memory_blocks=[{"label": "human", "value": "a"}],
        model_settings={"provider_type": handle.split("/")[0].replace("openai-proxy", "openai"),
                        "parallel_tool_calls": True})
    response = client.agents.messages.create(agent.id, input=(
        '[[parallel]][[call memory_insert {"label":"human","new_string":"b"}]]'
        '[[call memory_insert {"label":"human","new_string":"c"}]][[step]][[say done]]'))
    call, returned = response.messages[0], response.messages[1]
    assert len(call.tool_calls) == 2 and len(returned.tool_returns) == 2
    assert [c.tool_call_id for c in call.tool_calls] == [r.tool_call_id for r in returned.tool_returns]
    assert client.agents.blocks.retrieve("human", agent_id=agent.id).value == "a\nb\nc"


def test_only_the_first_call_runs_when_parallel_calls_are_off(agent, send):
    response = send('[[parallel]][[call memory_insert {"label":"human","new_string":"one"}]]'
                    '[[call memory_insert {"label":"human","new_string":"two"}]][[step]][[say done]]')
    assert len(response.messages[0].tool_calls) == 1


def test_max_steps_ends_the_turn_after_its_calls(agent, send):
    response = send('[[loop]][[call conversation_search {"query":"x"}]]', max_steps=2)
    assert response.stop_reason.stop_reason == "max_steps"
    assert types(response) == ["tool_call_message", "tool_return_message"] * 2


def test_no_steps_give_an_empty_answer(agent, send):
    response = send("nothing", max_steps=0)
    assert response.messages == [] and response.stop_reason.stop_reason == "end_turn"
    assert response.usage.step_count == 0


def test_a_cut_answer_says_so(agent, send):
    response = send("[[finish length]][[say cut]]")
    assert response.stop_reason.stop_reason == "max_tokens_exceeded"


def test_an_unknown_tool_is_an_error_for_the_model_and_the_turn_goes_on(agent, send):
    response = send("[[call no_such_tool {}]][[say on]]")
    returned = response.messages[1]
    assert returned.status == "error" and returned.tool_return.startswith("[ToolConstraintError]")
    assert "memory_insert" in returned.tool_return
    assert response.messages[-1].content == "on"


def test_broken_arguments_become_an_error_return(agent, send):
    response = send('[[call memory_insert {"label": ]][[say on]]')
    assert json.loads(response.messages[0].tool_call.arguments) == {}
    assert response.messages[1].status == "error"
    assert response.messages[-1].content == "on"


def test_an_unavailable_tool_answers_honestly(client, agent, send):
    tool = client.tools.list(name="web_search").items[0]
    client.agents.tools.attach(tool.id, agent_id=agent.id)
    response = send('[[call web_search {"query":"x"}]][[say on]]')
    assert response.messages[1].status == "error"
    assert "web_search is not set up" in response.messages[1].tool_return


def test_reasoning_is_shown_apart(agent, send):
    response = send("[[reason let me think]][[say thought]]")
    assert types(response) == ["reasoning_message", "assistant_message"]
    assert response.messages[0].reasoning == "let me think"
    assert response.messages[0].id == response.messages[1].id
    assert response.messages[0].otid[-1] != response.messages[1].otid[-1]


def test_only_the_wanted_types_are_returned(agent, send):
    response = send('[[call conversation_search {"query":"x"}]][[say done]]',
                    include_return_message_types=["assistant_message"])
    assert types(response) == ["assistant_message"]


def test_override_system_and_model_count_for_this_request_alone(client, agent, send, model):
    word = uuid.uuid4().hex
    send("over " + word, override_system="Only this " + word)
    body = model.requests("over " + word)[-1]
    assert "Only this " + word in json.dumps(body.get("system") or body["messages"][0])
    assert client.agents.retrieve(agent.id).system != "Only this " + word


def test_older_agents_speak_through_a_tool(client, handle):
    agent = client.agents.create(model=handle, agent_type="memgpt_v2_agent",
                                 memory_blocks=[{"label": "human", "value": "a"}])
    response = client.agents.messages.create(agent.id, input="[[say hi there]]")
    assert [m.content for m in response.messages if m.message_type == "assistant_message"] == ["hi there"]


def test_lists_page_in_both_directions_with_the_sdks_iterator(client, agent, send):
    for i in range(6):
        send(f"message {i}")
    ascending = [m.id for m in client.agents.messages.list(agent.id, order="asc", limit=2)]
    descending = [m.id for m in client.agents.messages.list(agent.id, order="desc", limit=3)]
    assert len(ascending) == 13 and len(set(ascending)) == 13
    assert descending == ascending[::-1]
    some = client.agents.messages.list(agent.id, order="asc", limit=2, after=ascending[2]).items
    assert [m.id for m in some] == ascending[3:5]
    before = client.agents.messages.list(agent.id, order="asc", limit=2, before=ascending[5]).items
    assert [m.id for m in before] == ascending[3:5]


@pytest.fixture
def two_agents(client, handle):
    """Two agents that were talked to in turn, and the newest message before theirs, if any."""
    start = [m.id for m in client.messages.list(limit=1)][-1:]
    agents = [client.agents.create(model=handle, memory_blocks=[{"label": "human", "value": "a"}])
              for _ in range(2)]
    for i in range(2):
        for agent in agents:
            client.agents.messages.create(agent.id, input=f"[[reason hm]][[say answer {i}]]")
    own = [list(client.agents.messages.list(agent.id, order="asc")) for agent in agents]
    yield agents, own, {"order": "asc"} | ({"after": start[0]} if start else {})
    for agent in agents:
        client.agents.delete(agent.id)


def pages(client, **query):
    """The SDK has no iterator of this list: it is gone through as its iterators do it with others."""
    items = []
    while page := client.messages.list(limit=2, **query):
        items += page
        query["after"] = page[-1].id
    return items


def test_the_messages_of_all_agents_page_in_both_orders(client, two_agents):
    _, own, since = two_agents
    ascending = pages(client, **since)
    # Of each agent: its prompt, then twice a question, a thought and an answer.
    assert len(ascending) == sum(len(messages) for messages in own) == 14
    for messages in own:
        ids = {m.id for m in messages}
        assert [m for m in ascending if m.id in ids] == messages
    assert [m.content for m in ascending if m.message_type == "assistant_message"] == [
        "answer 0", "answer 0", "answer 1", "answer 1"]
    oldest, newest = ascending[0].id, ascending[-1].id
    between = [m for m in ascending if m.id not in (oldest, newest)]
    assert pages(client, order="asc", after=oldest, before=newest) == between
    assert pages(client, order="desc", after=newest, before=oldest) == between[::-1]
    ids = list(dict.fromkeys(m.id for m in ascending))  # those of a thought and its answer are one
    last = client.messages.list(order="asc", limit=2, before=newest)
    assert list(dict.fromkeys(m.id for m in last)) == ids[-3:-1]


def test_the_messages_of_all_agents_are_filtered(client, two_agents):
    _, own, since = two_agents
    answers = [m for messages in own for m in messages if m.message_type == "assistant_message"]
    listed = pages(client, include_return_message_types=["assistant_message"], **since)
    assert {m.id for m in listed} == {m.id for m in answers} and len(listed) == 4
    assert pages(client, conversation_id="default", **since) == pages(client, **since)
    assert client.messages.list(conversation_id=f"conv-{uuid.uuid4()}") == []
    with pytest.raises(Exception) as missing:
        client.messages.list(after=f"message-{uuid.uuid4()}")
    assert missing.value.status_code == 404


def test_what_is_reset_or_deleted_is_not_in_the_list_of_all_agents(client, two_agents):
    agents, (gone, kept), since = two_agents
    client.agents.messages.reset(agents[0].id)
    shown = {m.id for m in pages(client, **since)}
    assert shown.isdisjoint(m.id for m in gone) and shown.issuperset(m.id for m in kept)
    deleted = client.agents.create(model=agents[0].model)
    said = client.agents.messages.create(deleted.id, input="hello").messages
    assert said[0].id in {m.id for m in pages(client, **since)}
    client.agents.delete(deleted.id)
    assert {m.id for m in pages(client, **since)} == shown


def test_a_list_of_one_type_goes_on_past_what_is_not_shown(client, agent, send):
    for i in range(3):
        send(f"[[say answer {i}]]")
    listed = client.agents.messages.list(agent.id, order="asc", limit=1,
                                         include_return_message_types=["assistant_message"])
    assert [m.content for m in listed] == ["answer 0", "answer 1", "answer 2"]


def test_messages_to_one_agent_queue_in_order(client, agent, send):
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda i: send(f"number {i}").messages[0].content, range(12)))
    assert answers == [f"You said: number {i}" for i in range(12)]
    listed = [m for m in client.agents.messages.list(agent.id, order="asc", limit=100)][1:]
    assert [m.message_type for m in listed] == ["user_message", "assistant_message"] * 12
    for said, answered in zip(listed[::2], listed[1::2]):
        assert answered.content == "You said: " + said.content and said.run_id == answered.run_id


def test_the_same_otid_joins_the_run_that_it_started(client, agent, model):
    otid, word = str(uuid.uuid4()), uuid.uuid4().hex
    message = {"role": "user", "content": "once " + word, "otid": otid}
    first = client.agents.messages.create(agent.id, messages=[message])
    second = client.agents.messages.create(agent.id, messages=[message])
    assert [m.id for m in first.messages] == [m.id for m in second.messages]
    assert len(model.requests("once " + word)) == 1


def test_a_retry_of_the_sdk_joins_the_run_that_it_started(server, agent, model):
    word = uuid.uuid4().hex
    path, body = f"/v1/agents/{agent.id}/messages", {"input": "again " + word}
    first = server.request("POST", path, body, {"x-stainless-retry-count": "0"})[1]
    retried = server.request("POST", path, body, {"x-stainless-retry-count": "1"})[1]
    fresh = server.request("POST", path, body, {"x-stainless-retry-count": "0"})[1]
    assert first["messages"][0]["id"] == retried["messages"][0]["id"]
    assert fresh["messages"][0]["id"] != first["messages"][0]["id"]


def test_runs_and_steps_tell_what_happened(client, agent, send):
    response = send('[[call conversation_search {"query":"x"}]][[say done]]')
    run = client.runs.retrieve(response.messages[0].run_id)
    assert run.status == "completed" and run.stop_reason == "end_turn" and run.agent_id == agent.id
    steps = list(client.runs.steps.list(run.id, order="asc"))
    assert [s.id for s in steps] == [response.messages[0].step_id, response.messages[-1].step_id]
    assert sum(s.total_tokens for s in steps) == response.usage.total_tokens
    assert client.runs.usage.retrieve(run.id).total_tokens == response.usage.total_tokens
    assert client.steps.retrieve(steps[0].id).run_id == run.id
    assert client.steps.metrics.retrieve(steps[0].id).llm_request_ns > 0
    said = [m.message_type for m in client.runs.messages.list(run.id, order="asc")]
    assert said == ["user_message", "tool_call_message", "tool_return_message", "assistant_message"]
    assert run.id in [r.id for r in client.runs.list(agent_id=agent.id)]
    assert steps[0].id in [s.id for s in client.steps.list(agent_id=agent.id)]


def test_deleting_an_agent_while_it_runs_ends_the_run(client, server, agent, model):
    import threading
    errors = []

    def send_slowly():
        try:
            client.agents.messages.create(agent.id, input="[[hang]]", timeout=30)
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=send_slowly)
    thread.start()
    while not any(r.status == "running" for r in client.runs.list(agent_id=agent.id)):
        pass
    client.agents.delete(agent.id)
    thread.join(10)
    assert not thread.is_alive() and errors[0].status_code == 404
    assert list(client.runs.list(agent_id=agent.id)) == []
    with pytest.raises(Exception) as missing:
        client.agents.retrieve(agent.id)
    assert missing.value.status_code == 404
