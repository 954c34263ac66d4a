"""Calls that wait: for a person's approval, or for the client that runs them; on both wire formats."""

import json

import letta_client
import pytest

from support.processes import Server

TOOL = {"name": "local_time", "description": "Reads the clock of the client",
        "parameters": {"type": "object", "properties": {"tz": {"type": "string"}}, "required": ["tz"]}}
INSERT = '[[call memory_insert {"label":"human","new_string":"Likes tea."}]]'


def types(response):
    return [message.message_type for message in response.messages]


def decide(call, approve=True, **more):
    return {"type": "approval", "approvals": [
        {"type": "approval", "tool_call_id": call.tool_call_id, "approve": approve, **more}]}


def returned(call, text, status="success"):
    return {"type": "approval", "approvals": [
        {"type": "tool", "tool_call_id": call.tool_call_id, "tool_return": text, "status": status}]}


def human(client, agent):
    return client.agents.blocks.retrieve("human", agent_id=agent.id).value


@pytest.fixture
def careful(client, agent):
    """The agent, whose memory_insert waits for a person."""
    client.agents.tools.update_approval("memory_insert", agent_id=agent.id, body_requires_approval=True)
    return agent


def test_a_gated_call_waits_and_nothing_runs(client, careful, send):
    response = send(INSERT + "[[say noted]]")
    assert types(response) == ["approval_request_message"]
    assert response.stop_reason.stop_reason == "requires_approval"
    request = response.messages[0]
    assert request.tool_call.name == "memory_insert" and request.otid == request.id
    assert human(client, careful) == "Name: unknown."
    shown = client.agents.retrieve(careful.id, include=["agent.pending_approval"])
    assert shown.pending_approval.id == request.id
    assert shown.last_stop_reason == "requires_approval"
    assert client.agents.retrieve(careful.id).pending_approval is None
    run = client.runs.retrieve(request.run_id)
    assert (run.status, run.stop_reason) == ("completed", "requires_approval")


def test_an_approved_call_runs_and_the_turn_goes_on(client, careful, send):
    request = send(INSERT + "[[say noted]]").messages[0]
    response = client.agents.messages.create(careful.id, messages=[decide(request.tool_call)])
    assert types(response) == ["tool_return_message", "assistant_message"]
    assert response.messages[0].status == "success"
    assert response.messages[0].step_id == request.step_id
    assert response.messages[1].content == "noted"
    assert response.usage.step_count == 1
    assert human(client, careful) == "Name: unknown.\nLikes tea."
    listed = [m.message_type for m in client.agents.messages.list(careful.id, order="asc")]
    assert listed == ["system_message", "user_message", "approval_request_message",
                      "approval_response_message", "tool_return_message", "assistant_message"]
    assert send("and now").messages[0].content == "You said: and now"


def test_a_denied_call_does_not_run_and_the_model_is_told_why(client, careful, send, model):
    request = send(INSERT + "[[say noted]]").messages[0]
    response = client.agents.messages.create(
        careful.id, messages=[decide(request.tool_call, approve=False, reason="rather not today")])
    assert types(response) == ["tool_return_message", "assistant_message"]
    assert response.messages[0].status == "error"
    assert "rather not today" in response.messages[0].tool_return
    assert human(client, careful) == "Name: unknown."
    assert model.requests("rather not today")


def test_harmless_calls_of_the_same_answer_wait_too(client, handle):
    agent = client.agents.create(
        model=handle, memory_blocks=[{"label": "human", "value": "a"}],
        model_settings={"provider_type": handle.split("/")[0].replace("openai-proxy", "openai"),
                        "parallel_tool_calls": True})
    client.agents.tools.update_approval("memory_insert", agent_id=agent.id, body_requires_approval=True)
    response = client.agents.messages.create(agent.id, input=(
        '[[parallel]][[call conversation_search {"query":"x"}]]'
        '[[call memory_insert {"label":"human","new_string":"b"}]][[step]][[say done]]'))
    assert types(response) == ["tool_call_message", "approval_request_message"]
    harmless, request = response.messages
    assert harmless.tool_call.name == "conversation_search" and request.id != harmless.id
    response = client.agents.messages.create(agent.id, messages=[decide(request.tool_call)])
    assert types(response) == ["tool_return_message", "assistant_message"]
    assert {r.tool_call_id for r in response.messages[0].tool_returns} == {
        harmless.tool_call.tool_call_id, request.tool_call.tool_call_id}
    assert human(client, agent) == "a\nb"


@pytest.mark.parametrize("streams", [False, True])
def test_other_input_is_refused_while_a_call_waits(client, careful, send, streams):
    request = send(INSERT).messages[0]
    with pytest.raises(letta_client.ConflictError) as refused:
        if streams:
            list(client.agents.messages.stream(careful.id, input="something else"))
        else:
            client.agents.messages.create(careful.id, input="something else")
    detail = refused.value.body["detail"]
    assert detail["code"] == "PENDING_APPROVAL" and "waiting for approval" in detail["message"]
    assert detail["pending_request_id"] == request.id
    assert refused.value.response.headers["x-should-retry"] == "false"
    assert client.agents.messages.create(careful.id, messages=[decide(request.tool_call)]).messages


def test_an_answer_that_does_not_fit_is_refused_and_the_right_one_is_taken(client, careful, send):
    call = send(INSERT + "[[say ok]]").messages[0].tool_call
    wrong = {"type": "approval", "approvals": [{"type": "approval", "tool_call_id": "call_x", "approve": True}]}
    with pytest.raises(letta_client.BadRequestError, match="Invalid tool call IDs"):
        client.agents.messages.create(careful.id, messages=[wrong])
    with pytest.raises(letta_client.UnprocessableEntityError, match="approvals.0.approve"):
        client.agents.messages.create(careful.id, messages=[
            {"type": "approval", "approvals": [{"type": "approval", "tool_call_id": "a", "approve": "perhaps"}]}])
    response = client.agents.messages.create(careful.id, messages=[decide(call)])
    assert response.messages[-1].content == "ok"


def test_a_repeated_answer_does_not_run_the_tool_again(client, careful, send):
    call = send(INSERT + "[[say ok]]").messages[0].tool_call
    client.agents.messages.create(careful.id, messages=[decide(call)])
    response = client.agents.messages.create(careful.id, messages=[decide(call)])
    assert "keep-alive" in response.messages[-1].content
    response = client.agents.messages.create(
        careful.id, messages=[decide(call), {"role": "user", "content": "and this"}])
    assert response.messages[-1].content == "You said: and this"
    assert human(client, careful) == "Name: unknown.\nLikes tea."


def test_an_answer_that_nobody_waits_for_is_refused(client, agent):
    nobody = {"type": "approval", "approvals": [{"type": "approval", "tool_call_id": "call_x", "approve": True}]}
    with pytest.raises(letta_client.BadRequestError, match="No tool call is currently awaiting approval"):
        client.agents.messages.create(agent.id, messages=[nobody])


def test_what_is_said_with_the_answer_comes_behind_the_returns(client, careful, send, model):
    call = send(INSERT + "[[say first]]").messages[0].tool_call
    response = client.agents.messages.create(
        careful.id, messages=[decide(call), {"role": "user", "content": "[[say second]] and this too"}])
    assert response.messages[-1].content == "second"
    listed = client.agents.retrieve(careful.id).message_ids
    kinds = {m.id: m.message_type for m in client.agents.messages.list(careful.id, order="asc")}
    assert [kinds[i] for i in listed] == ["system_message", "user_message", "approval_request_message",
                                          "approval_response_message", "tool_return_message", "user_message",
                                          "assistant_message"]


def test_cancelling_frees_an_agent_that_waits(client, careful, send):
    request = send(INSERT).messages[0]
    assert client.agents.messages.cancel(careful.id) == {request.run_id: "cancelled"}
    assert client.runs.retrieve(request.run_id).status == "cancelled"
    assert client.agents.retrieve(careful.id, include=["agent.pending_approval"]).pending_approval is None
    assert send("go on").messages[-1].content.endswith("go on")
    assert human(client, careful) == "Name: unknown."
    with pytest.raises(letta_client.ConflictError, match="No active runs"):
        client.agents.messages.cancel(careful.id)


def test_cancelling_a_named_run_frees_the_thread_of_that_run_alone(client, careful, send):
    finished = send("hello").messages[0].run_id
    request = send(INSERT).messages[0]
    # One that has ended stays as it is, and so does what another run waits for.
    assert client.agents.messages.cancel(careful.id, run_ids=[finished]) == {finished: "cancelled"}
    assert client.runs.retrieve(finished).status == "completed"
    shown = client.agents.retrieve(careful.id, include=["agent.pending_approval"])
    assert shown.pending_approval.id == request.id
    # One of a conversation is found by its name, too.
    conversation = client.conversations.create(agent_id=careful.id)
    events = list(client.conversations.messages.create(
        conversation.id, messages=[{"role": "user", "content": INSERT}], include_pings=False))
    waiting = next(event.run_id for event in events if event.message_type == "approval_request_message")
    assert client.agents.messages.cancel(careful.id, run_ids=[waiting]) == {waiting: "cancelled"}
    assert client.runs.retrieve(waiting).status == "cancelled"
    assert client.runs.retrieve(request.run_id).status == "completed"


def test_a_tool_of_the_client_is_run_by_the_client(client, agent, send, model):
    response = send('[[call local_time {"tz":"UTC"}]][[say noon]]', client_tools=[TOOL])
    assert types(response) == ["approval_request_message"]
    call = response.messages[0].tool_call
    assert json.loads(call.arguments) == {"tz": "UTC"}
    response = client.agents.messages.create(agent.id, messages=[returned(call, "12:00")], client_tools=[TOOL])
    assert types(response) == ["tool_return_message", "assistant_message"]
    assert response.messages[0].tool_return == "12:00" and response.messages[1].content == "noon"
    assert any("local_time" in json.dumps(body.get("tools")) for body in model.requests("12:00"))
    # It lasts for a request.
    response = send('[[call local_time {"tz":"UTC"}]][[say none]]')
    assert "[ToolConstraintError]" in response.messages[1].tool_return


def test_a_client_may_return_content_parts(client, agent, send):
    call = send('[[call local_time {"tz":"UTC"}]][[say noon]]', client_tools=[TOOL]).messages[0].tool_call
    parts = [{"type": "text", "text": "twelve"}, {"type": "text", "text": "sharp"}]
    response = client.agents.messages.create(agent.id, messages=[returned(call, parts)], client_tools=[TOOL])
    shown = response.messages[0]
    assert shown.tool_return == "twelve\nsharp"
    assert [part.text for part in shown.tool_returns[0].tool_return] == ["twelve", "sharp"]


def test_skills_of_the_client_are_in_the_prompt_of_the_request_alone(agent, handle, send, model):
    skill = {"name": "brew", "description": "How to brew oolong", "location": "/home/ada/skills/brew/SKILL.md"}
    send(f"{handle} with skills", client_skills=[skill])
    send("second without")
    prompts = [json.dumps(body.get("system") or body["messages"][0]) for body in model.requests(f"{handle} with skills")]
    assert sorted("How to brew oolong" in prompt for prompt in prompts) == [False, True]


def test_a_stream_shows_what_waits_and_what_an_approved_call_returned(client, careful):
    events = list(client.agents.messages.stream(careful.id, input=INSERT + "[[say ok]]", stream_tokens=True,
                                                include_pings=False))
    kinds = [event.message_type for event in events]
    assert set(kinds) == {"approval_request_message", "stop_reason", "usage_statistics"}
    request = events[0]
    assert request.otid == request.id and request.tool_call.name == "memory_insert"
    arguments = "".join(e.tool_call.arguments or "" for e in events if e.message_type == "approval_request_message")
    assert json.loads(arguments)["new_string"] == "Likes tea."
    assert client.agents.messages.list(careful.id, order="desc").items[0].id == request.id
    events = list(client.agents.messages.stream(careful.id, messages=[decide(request.tool_call)], stream_tokens=True,
                                                include_pings=False))
    assert [e.message_type for e in events][0] == "tool_return_message"
    assert [e.message_type for e in events][-2:] == ["stop_reason", "usage_statistics"]


def test_a_token_stream_is_silent_about_what_the_client_has_said_itself(client, agent):
    def stream(**body):
        return [e for e in client.agents.messages.stream(agent.id, stream_tokens=True, include_pings=False,
                                                         client_tools=[TOOL], **body)]
    request = stream(input='[[call local_time {"tz":"UTC"}]][[say noon]]')[0]
    kinds = [e.message_type for e in stream(messages=[returned(request.tool_call, "12:00")])]
    assert "tool_return_message" not in kinds and "assistant_message" in kinds


def test_an_approval_waits_through_kill_9(tmp_path, model, handle):
    server = Server(tmp_path, model)
    server.wait_for_model(handle)
    client = letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
    agent = client.agents.create(model=handle, memory_blocks=[{"label": "human", "value": "a"}])
    client.agents.tools.update_approval("memory_insert", agent_id=agent.id, body_requires_approval=True)
    request = client.agents.messages.create(agent.id, input=INSERT + "[[say ok]]").messages[0]
    server.kill()
    server = Server(tmp_path, model)
    try:
        server.wait_for_model(handle)
        client = letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
        response = client.agents.messages.create(agent.id, messages=[decide(request.tool_call)])
        assert response.messages[-1].content == "ok"
        assert human(client, agent) == "a\nLikes tea."
    finally:
        server.stop()
