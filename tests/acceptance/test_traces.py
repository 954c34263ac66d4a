"""What a step sent to its model and what came back; what a run did, as spans; what a message would
send."""

import json

import letta_client
import pytest

from support.processes import Server

CALL = '[[call memory_insert {"label":"human","new_string":"Likes tea."}]][[say noted]]'


@pytest.fixture
def traced(tmp_path, model, handle):
    """A server that keeps traces, started again on the same directory as often as a test asks."""
    servers = []

    def start(*options, env=None):
        env = {"LETTA_TRACK_PROVIDER_TRACE": "true"} if env is None else env
        server = Server(tmp_path, model, options, env)
        servers.append(server)
        server.wait_for_model(handle)
        return server, letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)

    yield start
    servers[-1].stop()


def new_agent(client, handle):
    return client.agents.create(model=handle, memory_blocks=[{"label": "human", "value": "x"}])


def steps_of(answer):
    return list(dict.fromkeys(message.step_id for message in answer.messages))


def trace(server, step_id):
    return server.get(f"/v1/steps/{step_id}/trace")


def test_a_trace_is_what_the_model_was_asked_and_what_it_said(traced, model, handle):
    server, client = traced()
    agent = new_agent(client, handle)
    answer = client.agents.messages.create(agent.id, input=CALL)
    first, second = [trace(server, step_id) for step_id in steps_of(answer)]
    assert first["request_json"] in model.requests("Likes tea.")
    assert first["response_json"]["tool_calls"][0]["name"] == "memory_insert"
    assert first["response_json"]["usage"]["prompt_tokens"] > 0
    assert second["response_json"]["content"] == "noted"
    assert len(second["request_json"]["messages"]) > len(first["request_json"]["messages"])
    run_id = answer.messages[0].run_id
    assert first["run_id"] == run_id and first["agent_id"] == agent.id
    assert first["id"].startswith("provider_trace-") and first["id"] != second["id"]
    assert server.get(f"/v1/telemetry/{first['step_id']}") == first
    assert client.steps.trace.retrieve(first["step_id"]).step_id == first["step_id"]
    assert "sk-test" not in json.dumps([first, second]) and "sk-ant" not in json.dumps([first, second])


def test_a_streamed_answer_and_a_failure_are_traced_too(traced, handle):
    server, client = traced()
    agent = new_agent(client, handle)
    events = list(client.agents.messages.stream(agent.id, input="[[say streamed]]", stream_tokens=True))
    step_id = next(e.step_id for e in events if getattr(e, "step_id", None))
    assert trace(server, step_id)["response_json"]["content"] == "streamed"
    with pytest.raises(letta_client.APIError):
        client.agents.messages.create(agent.id, input="[[error 400]]")
    failed = client.steps.list(agent_id=agent.id, limit=1).items[0]
    assert failed.status == "failed"
    assert trace(server, failed.id)["response_json"]["error"]["type"] == "llm_bad_request"


def test_without_being_asked_for_nothing_is_kept(server, client, send):
    step_id = send("hello").messages[0].step_id
    assert trace(server, step_id) is None
    assert server.get(f"/v1/telemetry/{step_id}") is None


def test_a_trace_survives_kill_9_and_goes_with_its_agent(traced, handle):
    server, client = traced()
    agent = new_agent(client, handle)
    [step_id] = steps_of(client.agents.messages.create(agent.id, input="[[say kept]]"))
    before = trace(server, step_id)
    server.kill()
    server, client = traced(env={})
    assert trace(server, step_id) == before
    client.agents.messages.reset(agent.id)
    assert trace(server, step_id) is None


def test_a_trace_is_bounded_in_bytes_and_in_age(traced, handle):
    server, client = traced("--traces.bytes-max=2048")
    agent = new_agent(client, handle)
    [step_id] = steps_of(client.agents.messages.create(agent.id, input="[[say long]] " + "ä" * 4000))
    cut = trace(server, step_id)["request_json"]
    assert cut["truncated"] is True and cut["bytes"] > 4000
    assert 2040 <= len(cut["start"].encode()) <= 2048
    server.stop()
    server, client = traced("--traces.age-s=1")
    client.agents.messages.create(agent.id, input="[[delay 1200]][[say later]]")
    assert trace(server, step_id) is None


def test_the_trace_of_a_run_is_its_steps_as_spans(server, client, send):
    answer = send(CALL)
    run_id = answer.messages[0].run_id
    spans = server.get(f"/v1/runs/{run_id}/trace")
    assert [span["SpanName"] for span in spans] == [
        "agent_run", "agent_step", "llm_request", "tool_execution", "agent_step", "llm_request"]
    ids = [span["SpanId"] for span in spans]
    assert len(set(ids)) == len(ids)
    parents = [ids.index(span["ParentSpanId"]) for span in spans[1:]]
    assert parents == [0, 1, 1, 0, 4]
    assert all(span["Duration"] >= 0 for span in spans)
    step = client.steps.retrieve(answer.messages[0].step_id)
    assert {span["TraceId"] for span in spans} == {step.trace_id}
    assert spans[2]["SpanAttributes"]["prompt_tokens"] == step.prompt_tokens
    assert len(server.get(f"/v1/runs/{run_id}/trace?limit=2")) == 2
    assert server.request("GET", f"/v1/runs/{run_id}/trace?limit=0")[0] == 422
    found = server.get(f"/v1/steps/?trace_ids={step.trace_id}")
    assert {each["id"] for each in found} == set(steps_of(answer))


def test_runs_are_found_by_what_they_are(server, client, agent, send):
    ended = send("[[say one]]").messages[0].run_id
    with pytest.raises(letta_client.APIError):
        send("[[error 400]]")
    conversation = client.conversations.create(agent_id=agent.id)
    list(client.conversations.messages.create(conversation.id, messages=[{"role": "user", "content": "hi"}]))

    def runs(query):
        return server.get(f"/v1/runs/?agent_id={agent.id}&{query}")

    assert len(runs("")) == 3
    assert [run["id"] for run in runs("stop_reason=end_turn&order=asc")][0] == ended
    assert [run["status"] for run in runs("statuses=failed")] == ["failed"]
    assert len(runs("statuses=failed&statuses=completed")) == 3
    assert [run["conversation_id"] for run in runs(f"conversation_id={conversation.id}")] == [conversation.id]
    assert runs("active=true") == [] and runs("background=true") == []
    assert len(server.get(f"/v1/runs/?agent_ids={agent.id}&limit=2")) == 2


def test_steps_are_found_by_feedback_and_tags_in_both_orders(server, client, agent, send):
    first, second = send("[[say one]]").messages[0].step_id, send("[[say two]]").messages[0].step_id
    server.request("PATCH", f"/v1/steps/{first}/feedback", {"feedback": "positive", "tags": ["good", "short"]})

    def steps(query):
        return [step["id"] for step in server.get(f"/v1/steps/?agent_id={agent.id}&{query}")]

    assert steps("order=asc") == [first, second] and steps("order=desc") == [second, first]
    assert steps("tags=short") == [first] and steps("tags=other") == []
    assert steps("feedback=positive") == [first] and steps("has_feedback=false") == [second]
    status, step, _ = server.request("PATCH", f"/v1/steps/{second}/transaction/tx-1")
    assert status == 200 and step["tid"] == "tx-1"


def test_a_preview_is_what_would_be_sent_and_nothing_is(server, client, agent, send, model, handle):
    send("[[say before]]")
    before = len(list(client.agents.messages.list(agent.id)))
    asked = len(model.requests())
    # Edited since the last message: the preview has the prompt that the next one will have.
    client.agents.blocks.update("human", agent_id=agent.id, value=f"Edited {agent.id}.")
    body = {"messages": [{"role": "user", "content": f"[[say seen]] {agent.id}"}]}
    status, preview, _ = server.request("POST", f"/v1/agents/{agent.id}/messages/preview-raw-payload", body)
    assert status == 200, preview
    assert len(model.requests()) == asked
    assert len(list(client.agents.messages.list(agent.id))) == before
    client.agents.messages.create(agent.id, messages=body["messages"])
    [sent] = model.requests(f"[[say seen]] {agent.id}")
    for name in ("model", "tools"):
        assert preview[name] == sent[name]
    assert f"Edited {agent.id}." in json.dumps(preview)
    assert len(preview["messages"]) == len(sent["messages"])


def test_a_preview_of_a_conversation_has_its_own_context(server, client, agent, send, model):
    send("[[say elsewhere]]")
    conversation = client.conversations.create(agent_id=agent.id)
    status, preview, _ = server.request(
        "POST", f"/v1/conversations/{conversation.id}/messages/preview-raw-payload",
        {"messages": [{"role": "user", "content": "only this"}]})
    assert status == 200 and "elsewhere" not in json.dumps(preview)
    assert "only this" in json.dumps(preview)
    assert server.request("POST", f"/v1/agents/{agent.id}/messages/preview-raw-payload", {})[0] == 422


def test_generate_answers_beside_the_conversation(server, client, agent, model, handle):
    path = f"/v1/agents/{agent.id}/generate"
    status, answer, _ = server.request("POST", path, {"prompt": "[[say written]]", "system_prompt": "Be brief."})
    assert status == 200, answer
    assert answer["content"] == "written" and answer["model"] == handle
    assert answer["usage"]["total_tokens"] > 0
    assert len(list(client.agents.messages.list(agent.id))) == 1
    assert server.request("POST", path, {"prompt": ""})[0] == 422
    assert server.request("POST", path, {"prompt": "[[error 400]]"})[0] == 502
    assert server.request("POST", path, {"prompt": "x", "override_model": "openai-proxy/none"})[0] == 404
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    status, answer, _ = server.request("POST", path, {"prompt": "an object, please", "response_schema": schema})
    assert status == 200 and list(json.loads(answer["content"])) == ["a"]
