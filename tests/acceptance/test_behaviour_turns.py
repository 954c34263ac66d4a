"""One turn of an agent: its steps, how it ends, what is stored of it, what options change."""

import json
import uuid

import pytest
from letta_client import APIStatusError

from support.model_requests import allows_parallel_calls, said_to, system_of, tools_of

PARALLEL = ('[[parallel]][[call memory_insert {"label":"human","new_string":"one"}]]'
            '[[call memory_insert {"label":"human","new_string":"two"}]][[step]][[say done]]')


def types(response):
    return [message.message_type for message in response.messages]


def history(client, agent):
    return list(client.agents.messages.list(agent.id, order="asc", limit=100))


def run_of(client, response):
    return client.runs.retrieve(response.messages[0].run_id)


def human(client, agent):
    return client.agents.blocks.retrieve("human", agent_id=agent.id).value


def word():
    return "w" + uuid.uuid4().hex


@pytest.fixture
def parallel_settings(handle):
    provider = "anthropic" if handle.startswith("anthropic") else "openai"
    return {"provider_type": provider, "parallel_tool_calls": True}


# How a turn goes on and ends.

def test_an_empty_answer_ends_the_turn_and_the_question_is_kept(client, agent, send):
    response = send("[[say ]]")
    assert response.messages == [] and response.stop_reason.stop_reason == "end_turn"
    assert [m.message_type for m in history(client, agent)] == ["system_message", "user_message"]
    assert len(client.agents.retrieve(agent.id).message_ids) == 2


def test_each_step_of_a_run_has_an_id_of_its_own(send):
    response = send('[[call memory_insert {"label":"human","new_string":"x"}]][[say done]]')
    call, returned, answer = response.messages
    assert call.run_id == returned.run_id == answer.run_id
    assert call.step_id == returned.step_id != answer.step_id


def test_parallel_calls_are_one_message_and_so_are_their_returns(client, handle, parallel_settings):
    agent = client.agents.create(model=handle, model_settings=parallel_settings,
                                 memory_blocks=[{"label": "human", "value": "a"}])
    response = client.agents.messages.create(agent.id, input=PARALLEL)
    assert types(response) == ["tool_call_message", "tool_return_message", "assistant_message"]
    assert response.usage.step_count == 2


def test_a_second_call_that_is_not_allowed_neither_runs_nor_is_stored(client, agent, send):
    response = send(PARALLEL)
    assert human(client, agent).count("one") == 1 and "two" not in human(client, agent)
    stored = [m for m in history(client, agent) if m.message_type == "tool_call_message"]
    assert [len(m.tool_calls) for m in stored] == [1]
    assert response.messages[-1].content == "done"


def test_rules_on_the_order_of_calls_forbid_parallel_ones(client, handle, parallel_settings, model):
    text = word()
    agent = client.agents.create(model=handle, model_settings=parallel_settings, tool_rules=[
        {"type": "exit_loop", "tool_name": "memory_insert"}])
    client.agents.messages.create(agent.id, input=text)
    assert not allows_parallel_calls(model.requests(text)[-1])


def test_approvals_do_not_forbid_parallel_calls(client, handle, parallel_settings, model):
    text = word()
    agent = client.agents.create(model=handle, model_settings=parallel_settings)
    client.agents.tools.update_approval("memory_insert", agent_id=agent.id, body_requires_approval=True)
    client.agents.messages.create(agent.id, input=text)
    assert allows_parallel_calls(model.requests(text)[-1])


def test_the_last_allowed_step_keeps_its_calls_and_completes_the_run(client, send):
    response = send('[[call memory_insert {"label":"human","new_string":"x"}]][[say never]]', max_steps=1)
    assert types(response) == ["tool_call_message", "tool_return_message"]
    assert response.stop_reason.stop_reason == "max_steps"
    assert run_of(client, response).status == "completed"


def test_a_turn_without_steps_uses_nothing(send):
    response = send("nothing", max_steps=0)
    assert response.messages == [] and response.stop_reason.stop_reason == "end_turn"
    assert (response.usage.total_tokens, response.usage.step_count) == (0, 0)


def test_an_answer_that_was_cut_is_shown_and_its_run_has_failed(client, send):
    response = send("[[finish length]][[say cut off in the]]")
    assert [m.content for m in response.messages] == ["cut off in the"]
    assert response.stop_reason.stop_reason == "max_tokens_exceeded"
    run = run_of(client, response)
    assert (run.status, run.stop_reason) == ("failed", "max_tokens_exceeded")


# What tools are given and return.

def test_of_two_sets_of_arguments_the_first_counts(client, agent, send):
    response = send('[[call memory_insert {"label":"human","new_string":"first"}'
                    '{"label":"human","new_string":"second"}]][[say done]]')
    assert json.loads(response.messages[0].tool_call.arguments)["new_string"] == "first"
    assert "first" in human(client, agent) and "second" not in human(client, agent)


def test_a_tool_that_fails_is_told_to_the_model_and_the_turn_goes_on(send):
    response = send('[[call memory_replace {"label":"human","old_string":"not there","new_string":"x"}]]'
                    '[[say noticed]]')
    returned = response.messages[1]
    assert returned.status == "error" and returned.stderr
    assert response.messages[-1].content == "noticed" and response.stop_reason.stop_reason == "end_turn"


@pytest.fixture
def long_return(client, handle):
    """An agent whose tool returns more than the 50,000 characters that a return may have."""
    agent = client.agents.create(model=handle, tools=["core_memory_append"], context_window_limit=40_000,
                                 memory_blocks=[{"label": "human", "value": "x" * 60_000}])
    return agent, '[[call core_memory_append {"label":"human","content":"more"}]][[say %s]]' % word()


def test_a_return_over_the_limit_of_its_tool_is_cut_with_both_numbers(client, long_return):
    agent, script = long_return
    returned = client.agents.messages.create(agent.id, input=script).messages[1]
    assert "60005" in returned.tool_return and "50000" in returned.tool_return
    assert len(returned.tool_return) < 50_500
    assert client.agents.blocks.retrieve("human", agent_id=agent.id).value.endswith("more")


def test_a_long_return_is_cut_for_the_model_and_stored_whole(client, long_return, model):
    agent, script = long_return
    stored = client.agents.messages.create(agent.id, input=script).messages[1].tool_return
    sent = json.dumps(model.requests(script.split("say ")[1][:-2])[-1])
    # A fifth of the window, four characters a token.
    assert f"... [truncated {len(stored) - 32_000} chars]" in sent and "x" * 31_000 in sent
    assert len(stored) > 50_000
    listed = [m for m in history(client, agent) if m.message_type == "tool_return_message"]
    assert listed[0].tool_return == stored


# What a request may ask for itself.

@pytest.mark.parametrize("body", [{"messages": [{"role": "user", "content": "x"}], "input": "x"},
                                  {"input": "x", "stream_tokens": True, "streaming": False}])
def test_a_request_that_contradicts_itself_is_422(server, agent, body):
    assert server.request("POST", f"/v1/agents/{agent.id}/messages", body)[0] == 422


def test_another_model_is_asked_for_one_request(client, agent, handle, send, model):
    other = ("anthropic/claude-sonnet-4-5-20250929" if handle.startswith("openai") else "openai-proxy/gpt-4o-mini")
    text = word()
    response = send(text, override_model=other)
    [body] = model.requests(text)
    assert body["model"] == other.split("/", 1)[1]
    [step] = list(client.runs.steps.list(response.messages[0].run_id))
    assert step.model == other.split("/", 1)[1]
    assert client.agents.retrieve(agent.id).model == handle


def test_another_system_text_is_all_that_the_model_reads(send, model):
    text = word()
    skill = {"name": "brew", "description": "How to brew", "location": "/skills/brew/SKILL.md"}
    send(text, override_system="Only this.", client_skills=[skill])
    assert system_of(model.requests(text)[-1]) == "Only this."


def test_an_agent_that_clears_its_buffer_is_shown_the_new_input_alone(client, handle, model):
    agent = client.agents.create(model=handle, message_buffer_autoclear=True,
                                 memory_blocks=[{"label": "human", "value": "a"}])
    first, second = word(), word()
    client.agents.messages.create(agent.id, input=first)
    client.agents.messages.create(agent.id, input=second)
    body = model.requests(second)[-1]
    assert first not in said_to(body) and "<memory_blocks>" in system_of(body)
    assert first in json.dumps([m.content for m in history(client, agent)])


def test_a_message_without_an_otid_gets_one(client, agent, send):
    send("hello")
    said = next(m for m in history(client, agent) if m.message_type == "user_message")
    assert str(uuid.UUID(said.otid)) == said.otid


def test_tools_of_the_client_hide_the_agents_of_their_name(send, model):
    text = word()
    own = {"name": "memory_insert", "description": "The client's own", "parameters": {
        "type": "object", "properties": {"where": {"type": "string"}}}}
    send(text, client_tools=[own])
    body = model.requests(text)[-1]
    assert tools_of(body).count("memory_insert") == 1
    tool = next(t.get("function", t) for t in body["tools"] if t.get("function", t)["name"] == "memory_insert")
    assert tool["description"] == "The client's own"


# Formats of answers.

def test_the_format_of_an_agent_reaches_no_provider(client, handle, model):
    text = word()
    agent = client.agents.create(model=handle, response_format={"type": "json_object"})
    client.agents.messages.create(agent.id, input=text)
    assert "response_format" not in model.requests(text)[-1]
    assert client.agents.retrieve(agent.id).response_format.type == "json_object"


def test_the_format_of_an_agent_is_that_of_what_it_says_by_its_tool(client, handle, model):
    text = word()
    agent = client.agents.create(model=handle, tools=["send_message"], response_format={"type": "json_object"})
    client.agents.messages.create(agent.id, input=text)
    tool = next(t.get("function", t) for t in model.requests(text)[-1]["tools"]
                if t.get("function", t)["name"] == "send_message")
    schema = tool.get("parameters") or tool["input_schema"]
    assert schema["properties"]["message"]["type"] == "object"


def test_the_format_of_the_model_settings_reaches_openai(client, model):
    text = word()
    agent = client.agents.create(model="openai-proxy/gpt-4o-mini", model_settings={
        "provider_type": "openai", "response_format": {"type": "json_object"}})
    client.agents.messages.create(agent.id, input=text)
    assert model.requests(text)[-1]["response_format"] == {"type": "json_object"}


# Older agents.

@pytest.mark.parametrize("agent_type", ["memgpt_agent", "memgpt_v2_agent"])
def test_what_older_agents_send_is_an_assistant_message(client, handle, agent_type):
    agent = client.agents.create(model=handle, agent_type=agent_type,
                                 memory_blocks=[{"label": "human", "value": "a"}])
    response = client.agents.messages.create(agent.id, input='[[call send_message {"message":"hi there"}]]')
    assert [m.content for m in response.messages if m.message_type == "assistant_message"] == ["hi there"]
    assert "tool_return_message" not in types(response)


def test_a_failed_step_says_what_failed(client, agent, send):
    with pytest.raises(APIStatusError):
        send("[[error 400]] " + word())
    run = client.runs.list(agent_id=agent.id, order="desc", limit=1).items[0]
    [step] = list(client.runs.steps.list(run.id))
    assert (step.status, step.error_type, step.stop_reason) == ("failed", "LLMBadRequestError", "llm_api_error")
    assert (run.status, run.stop_reason) == ("failed", "llm_api_error")
