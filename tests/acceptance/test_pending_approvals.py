"""Calls that wait for a decision: in one list across agents, with their age, and denied when nobody
decides in time; also after kill -9."""

import letta_client
import pytest

from support.processes import Server
from support.until import until

INSERT = '[[call memory_insert {"label":"human","new_string":"Likes tea."}]][[say noted]]'
EXPIRED = "Nobody decided about the request in time: it has expired."


def waiting_agent(client, handle):
    """An agent whose call waits, and the message that asks."""
    agent = client.agents.create(model=handle, memory_blocks=[{"label": "human", "value": "x"}])
    client.agents.tools.update_approval("memory_insert", agent_id=agent.id, body_requires_approval=True)
    return agent, client.agents.messages.create(agent.id, input=INSERT).messages[0]


def ask_in_conversation(client, agent):
    conversation = client.conversations.create(agent_id=agent.id)
    events = list(client.conversations.messages.create(
        conversation.id, messages=[{"role": "user", "content": INSERT}]))
    return conversation, next(e for e in events if e.message_type == "approval_request_message")


def approvals(server, **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return server.get(f"/v1/approvals/?{asked}")


def decide(call, approve):
    return [{"type": "approval", "approvals": [
        {"type": "approval", "tool_call_id": call.tool_call_id, "approve": approve}]}]


def test_what_waits_is_listed_with_its_calls_and_its_age(server, client, handle):
    agent, request = waiting_agent(client, handle)
    [shown] = approvals(server, agent_id=agent.id)
    assert shown.pop("age_s") < 60 and shown.pop("requested_at").endswith("Z")
    assert shown == {
        "id": request.id, "agent_id": agent.id, "conversation_id": None, "run_id": request.run_id,
        "message_id": request.id, "expires_at": None, "tool_calls": [
            {"tool_call_id": request.tool_call.tool_call_id, "name": "memory_insert",
             "arguments": request.tool_call.arguments}]}
    assert approvals(server, agent_id=agent.id, min_age_s=3600) == []
    client.agents.delete(agent.id)
    assert approvals(server, agent_id=agent.id) == []


@pytest.mark.parametrize("approve", [True, False], ids=["approved", "denied"])
def test_what_was_decided_is_listed_no_more(server, client, handle, approve):
    agent, request = waiting_agent(client, handle)
    client.agents.messages.create(agent.id, messages=decide(request.tool_call, approve))
    assert approvals(server, agent_id=agent.id) == []


def test_pages_go_over_all_agents_oldest_first(server, client, handle):
    made = [waiting_agent(client, handle) for _ in range(3)]
    ids = {agent.id for agent, _ in made}
    wanted = [request.id for _, request in made]
    listed = [item["id"] for item in approvals(server, limit=1000) if item["agent_id"] in ids]
    assert listed == wanted
    behind = [item["id"] for item in approvals(server, limit=1, after=wanted[0])]
    assert behind == [wanted[1]]
    newest = [item["id"] for item in approvals(server, limit=2, order="desc", after=wanted[2])]
    assert newest == [wanted[1], wanted[0]]
    # A cursor holds when its item has been decided.
    client.agents.messages.create(made[0][0].id, messages=decide(made[0][1].tool_call, False))
    assert [item["id"] for item in approvals(server, limit=1, after=wanted[0])] == [wanted[1]]
    status, _, _ = server.request("GET", "/v1/approvals/?after=message-00000000-0000-4000-8000-000000000000")
    assert status == 404
    for agent, _ in made:
        client.agents.delete(agent.id)


def test_threads_wait_side_by_side_and_a_fork_waits_too(server, client, handle):
    agent, request = waiting_agent(client, handle)
    conversation, asked = ask_in_conversation(client, agent)
    fork = server.request("POST", f"/v1/conversations/{conversation.id}/fork")[1]
    shown = approvals(server, agent_id=agent.id)
    assert {item["conversation_id"] for item in shown} == {None, conversation.id, fork["id"]}
    assert len({item["id"] for item in shown}) == 3
    assert {item["message_id"] for item in shown} == {request.id, asked.id}
    assert len(approvals(server, conversation_id=conversation.id)) == 1
    assert [i["conversation_id"] for i in approvals(server, agent_id=agent.id, conversation_id="default")] == [None]
    behind = approvals(server, agent_id=agent.id, after=shown[1]["id"])
    assert [item["id"] for item in behind] == [shown[2]["id"]]
    for thread in (conversation.id, fork["id"]):
        assert server.request("POST", f"/v1/conversations/{thread}/cancel")[0] == 200
    assert [item["id"] for item in approvals(server, agent_id=agent.id)] == [request.id]


def test_everything_in_the_list_can_be_released_by_it(server, client, handle):
    agent, _ = waiting_agent(client, handle)
    ask_in_conversation(client, agent)
    for item in approvals(server, agent_id=agent.id):
        status, answer, _ = server.request(
            "POST", f"/v1/agents/{agent.id}/messages/cancel", {"run_ids": [item["run_id"]]})
        assert (status, answer) == (200, {item["run_id"]: "cancelled"})
    assert approvals(server, agent_id=agent.id) == []
    assert client.agents.messages.create(agent.id, input="[[say hello]]").messages


def test_a_waiting_thread_is_released_without_a_run_id_even_when_its_run_was_deleted(server, client, handle):
    agent, request = waiting_agent(client, handle)
    assert server.request("DELETE", f"/v1/runs/{request.run_id}")[0] == 200
    status, _, _ = server.request("POST", f"/v1/agents/{agent.id}/messages/cancel", {})
    assert status == 200
    assert approvals(server, agent_id=agent.id) == []
    assert client.agents.messages.create(agent.id, input="[[say hello]]").messages


@pytest.fixture
def restarted(tmp_path, model):
    """Starts the same directory again and again."""
    servers = []

    def start(*options):
        server = Server(tmp_path, model, options)
        servers.append(server)
        server.wait_for_model("openai-proxy/gpt-4o-mini")
        return server, letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)

    yield start
    servers[-1].stop()


def test_nothing_expires_unless_it_is_configured(server, client, handle):
    agent, _ = waiting_agent(client, handle)
    assert approvals(server, agent_id=agent.id)[0]["expires_at"] is None


def test_what_nobody_decides_is_denied_in_time_and_the_agent_goes_on(restarted, model, handle):
    server, client = restarted("--approvals.expire-s=2")
    server.wait_for_model(handle)
    agent, request = waiting_agent(client, handle)
    [shown] = approvals(server, agent_id=agent.id)
    assert shown["expires_at"] > shown["requested_at"]
    until(lambda: approvals(server) == [])
    run = client.runs.retrieve(request.run_id)
    assert (run.status, run.stop_reason) == ("cancelled", "cancelled")
    assert client.agents.retrieve(agent.id).last_stop_reason == "cancelled"
    returned = client.agents.messages.list(agent.id, order="asc")
    assert [m.message_type for m in returned][-2:] == ["approval_response_message", "tool_return_message"]
    # A decision that comes too late is known, and changes nothing.
    late = client.agents.messages.create(agent.id, messages=decide(request.tool_call, True))
    assert late.messages and client.agents.blocks.retrieve("human", agent_id=agent.id).value == "x"
    answer = client.agents.messages.create(agent.id, input="[[say still here]]")
    assert answer.messages[-1].content == "still here"
    assert model.requests(EXPIRED)


def test_what_waits_survives_kill_9_and_what_became_due_meanwhile_is_denied(restarted, handle):
    server, client = restarted()
    server.wait_for_model(handle)
    agent, request = waiting_agent(client, handle)
    conversation, _ = ask_in_conversation(client, agent)
    before = approvals(server)
    server.kill()
    server, client = restarted()
    assert [item["id"] for item in approvals(server)] == [item["id"] for item in before]
    server.kill()
    server, client = restarted("--approvals.expire-s=1")
    until(lambda: approvals(server) == [])
    assert client.runs.retrieve(request.run_id).stop_reason == "cancelled"
    server.wait_for_model(handle)
    assert client.agents.messages.create(agent.id, input="[[say hello]]").messages[-1].content == "hello"
    events = list(client.conversations.messages.create(
        conversation.id, messages=[{"role": "user", "content": "[[say there too]]"}]))
    assert any(getattr(e, "content", "") == "there too" for e in events)
