"""What an agent is doing: shown on it and in its log; pausing and resuming, also through kill -9."""

import threading

import letta_client
import pytest

from support.processes import Server
from support.until import until


def lifecycle(server, agent):
    return server.get(f"/v1/agents/{agent.id}/lifecycle")


def states(server, agent):
    return [event["lifecycle"] for event in lifecycle(server, agent)["events"]]


def shown(server, agent):
    assert "lifecycle" not in server.get(f"/v1/agents/{agent.id}")  # for who asks
    return server.get(f"/v1/agents/{agent.id}?include=agent.lifecycle")["lifecycle"]


def pause(server, agent):
    return server.request("POST", f"/v1/agents/{agent.id}/pause")


def resume(server, agent):
    return server.request("POST", f"/v1/agents/{agent.id}/resume")


def test_a_new_agent_sleeps_and_its_log_says_how_it_came_to_be(server, agent):
    assert shown(server, agent) == "sleeping"
    log = lifecycle(server, agent)
    assert log["agent_id"] == agent.id and log["lifecycle"] == "sleeping"
    assert states(server, agent) == ["creating", "initializing", "sleeping"]
    assert log["since"] == log["events"][-1]["at"]
    status, _, _ = server.request("GET", "/v1/agents/agent-00000000-0000-4000-8000-000000000000/lifecycle")
    assert status == 404


def test_a_run_is_running_and_its_end_is_sleep(server, client, agent, model):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(
        client.agents.messages.create(agent.id, input=f"[[delay 1500]][[say done {agent.id}]]")))
    thread.start()
    until(lambda: model.requests(agent.id))
    assert shown(server, agent) == "running"
    assert states(server, agent)[-1] == "running"
    thread.join()
    assert shown(server, agent) == "sleeping"
    events = lifecycle(server, agent)["events"]
    assert [event["lifecycle"] for event in events][-2:] == ["running", "sleeping"]
    assert events[-1]["run_id"] == events[-2]["run_id"] == answers[0].messages[0].run_id


def test_a_failed_run_leaves_the_agent_asleep(server, client, agent, send):
    with pytest.raises(letta_client.APIError):
        send("[[error 400]]")
    assert shown(server, agent) == "sleeping"


def test_a_change_is_in_the_log_and_nothing_more_than_a_moment(server, client, agent):
    client.agents.update(agent.id, description="other")
    assert shown(server, agent) == "sleeping"
    assert states(server, agent)[-2:] == ["updating", "sleeping"]


@pytest.mark.parametrize("streams", [False, True])
def test_a_paused_agent_keeps_its_state_and_refuses_messages(server, client, agent, send, streams):
    send("[[say first]]")
    said = [message.id for message in client.agents.messages.list(agent.id)]
    status, paused, _ = pause(server, agent)
    assert status == 200 and paused["lifecycle"] == "paused"
    with pytest.raises(letta_client.ConflictError) as refused:
        if streams:
            list(client.agents.messages.stream(agent.id, input="hello"))
        else:
            send("hello")
    detail = refused.value.body["detail"]
    assert detail["code"] == "AGENT_PAUSED" and "paused" in detail["message"]
    assert detail["paused_at"].endswith("Z")
    assert refused.value.response.headers["x-should-retry"] == "false"
    # Nothing came of it, and what is no message still works.
    assert [message.id for message in client.agents.messages.list(agent.id)] == said
    client.agents.blocks.update("human", agent_id=agent.id, value="edited")
    assert client.agents.blocks.retrieve("human", agent_id=agent.id).value == "edited"
    conversation = client.conversations.create(agent_id=agent.id)
    with pytest.raises(letta_client.ConflictError):
        list(client.conversations.messages.create(conversation.id, messages=[{"role": "user", "content": "x"}]))
    assert resume(server, agent)[1]["lifecycle"] == "sleeping"
    assert send("[[say again]]").messages[-1].content == "again"
    assert [s for s in states(server, agent) if s != "updating"][-4:] == ["paused", "sleeping", "running", "sleeping"]


def test_pausing_twice_is_pausing_once(server, agent):
    assert [pause(server, agent)[0] for _ in range(2)] == [200, 200]
    assert states(server, agent).count("paused") == 1
    assert [resume(server, agent)[0] for _ in range(2)] == [200, 200]
    assert states(server, agent)[-2:] == ["paused", "sleeping"]


def test_what_runs_goes_on_to_its_end_and_what_waits_is_refused(server, client, agent, model):
    answers = []
    first = threading.Thread(target=lambda: answers.append(
        client.agents.messages.create(agent.id, input=f"[[delay 1500]][[say one {agent.id}]]")))
    first.start()
    until(lambda: model.requests(agent.id))
    assert pause(server, agent)[1]["lifecycle"] == "paused"
    with pytest.raises(letta_client.ConflictError):
        client.agents.messages.create(agent.id, input="two")
    first.join()
    assert answers[0].messages[-1].content == f"one {agent.id}"
    assert shown(server, agent) == "paused"


def test_calls_that_wait_are_released_while_the_agent_is_paused(server, client, agent, send):
    client.agents.tools.update_approval("memory_insert", agent_id=agent.id, body_requires_approval=True)
    request = send('[[call memory_insert {"label":"human","new_string":"x"}]]').messages[0]
    pause(server, agent)
    decision = [{"type": "approval", "approvals": [
        {"type": "approval", "tool_call_id": request.tool_call.tool_call_id, "approve": True}]}]
    with pytest.raises(letta_client.ConflictError):
        client.agents.messages.create(agent.id, messages=decision)
    assert server.request("POST", f"/v1/agents/{agent.id}/messages/cancel", {})[0] == 200
    resume(server, agent)
    assert send("[[say free]]").messages[-1].content == "free"


def test_a_pause_survives_kill_9(tmp_path, model, handle):
    server = Server(tmp_path, model)
    server.wait_for_model(handle)
    client = letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
    agent = client.agents.create(model=handle)
    pause(server, agent)
    before = lifecycle(server, agent)
    server.kill()
    server = Server(tmp_path, model)
    client = letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
    try:
        assert lifecycle(server, agent) == before and shown(server, agent) == "paused"
        with pytest.raises(letta_client.ConflictError):
            client.agents.messages.create(agent.id, input="hello")
        resume(server, agent)
        server.wait_for_model(handle)
        assert client.agents.messages.create(agent.id, input="[[say hello]]").messages[-1].content == "hello"
    finally:
        server.stop()


def test_a_deleted_agent_is_terminated_and_leaves_no_log(server, client, handle):
    agent = client.agents.create(model=handle)
    pause(server, agent)
    client.agents.delete(agent.id)
    assert server.request("GET", f"/v1/agents/{agent.id}/lifecycle")[0] == 404
    assert pause(server, agent)[0] == 404
