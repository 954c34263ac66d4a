"""Around the turn: conversations beside others, tags, users, passwords, spellings of paths, restarts."""

import json
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from letta_client import Letta, UnprocessableEntityError

from support.processes import Server

OPENAI = "openai-proxy/gpt-4o-mini"


def word():
    return "w" + uuid.uuid4().hex


# Conversations.

@pytest.fixture
def conversation(client, agent):
    return client.conversations.create(agent_id=agent.id)


def say(client, conversation, text, **options):
    return list(client.conversations.messages.create(
        conversation.id, messages=[{"role": "user", "content": text}], **options))


def test_a_fork_has_the_messages_of_its_parent_and_a_system_message_of_its_own(client, conversation):
    say(client, conversation, word())
    fork = client.conversations.fork(conversation.id)
    parent, child = (client.conversations.retrieve(each.id).in_context_message_ids for each in (conversation, fork))
    assert child[1:] == parent[1:] and child[0] != parent[0]
    shown = [m.id for m in client.conversations.messages.list(fork.id, order="asc")]
    client.conversations.delete(conversation.id)
    assert [m.id for m in client.conversations.messages.list(fork.id, order="asc")] == shown


def test_the_model_of_a_request_is_before_that_of_the_conversation(client, agent, handle, model):
    other = "anthropic/claude-sonnet-4-5-20250929" if handle == OPENAI else OPENAI
    conversation = client.conversations.create(agent_id=agent.id, model=other)
    for options, expected in (({}, other), ({"override_model": handle}, handle)):
        text = word()
        say(client, conversation, text, **options)
        assert [body["model"] for body in model.requests(text)] == [expected.split("/", 1)[1]]


def test_a_description_is_kept_and_changed(client, agent):
    made = client.conversations.create(agent_id=agent.id, description="About a trip")
    assert client.conversations.retrieve(made.id).description == "About a trip"
    client.conversations.update(made.id, summary="Rome")
    assert client.conversations.retrieve(made.id).description == "About a trip"
    assert client.conversations.update(made.id, description="About Rome").description == "About Rome"


def test_the_archived_are_listed_on_request_alone_and_can_be_talked_to(client, agent):
    old, current = (client.conversations.create(agent_id=agent.id) for _ in range(2))
    archived = client.conversations.update(old.id, archived=True)
    assert archived.archived is True and archived.archived_at is not None

    def listed(**options):
        return [c.id for c in client.conversations.list(agent_id=agent.id, **options)]

    assert listed() == [current.id]
    assert listed(archive_status="archived") == [old.id]
    assert listed(archive_status="all") == [current.id, old.id]
    with pytest.raises(UnprocessableEntityError):
        listed(archive_status="some")
    assert say(client, old, "still there")[-1].message_type == "usage_statistics"
    assert client.conversations.update(old.id, archived=True).archived_at == archived.archived_at
    assert not client.conversations.update(old.id, archived=False).archived
    assert listed() == [current.id, old.id]


def test_a_conversation_has_a_window_of_its_own(client, agent):
    small = client.conversations.create(agent_id=agent.id, context_window_limit=12_000)
    assert client.conversations.retrieve(small.id).context_window_limit == 12_000
    for _ in range(8):
        say(client, small, f"{word()} " + "tea and cake " * 600)
        client.agents.messages.create(agent.id, input=f"{word()} " + "tea and cake " * 600)
    assert len(client.conversations.retrieve(small.id).in_context_message_ids) < 17
    assert len(client.agents.retrieve(agent.id).message_ids) == 17
    [step] = client.steps.list(agent_id=agent.id, limit=1, order="desc").items
    assert step.context_window_limit == 128_000
    say(client, small, "last")
    [step] = client.steps.list(agent_id=agent.id, limit=1, order="desc").items
    assert step.context_window_limit == 12_000
    fork = client.conversations.fork(small.id)
    assert client.conversations.retrieve(fork.id).context_window_limit == 12_000
    with pytest.raises(UnprocessableEntityError, match="context_window_limit"):
        client.conversations.update(small.id, context_window_limit=0)


# Many at once.

def test_fifty_messages_to_one_agent_at_once_are_all_answered_turn_by_turn(client, agent, send):
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda i: send(f"number {i}").messages[0].content, range(50)))
    assert answers == [f"You said: number {i}" for i in range(50)]
    listed = [m for m in client.agents.messages.list(agent.id, order="asc", limit=200)][1:]
    assert [m.message_type for m in listed] == ["user_message", "assistant_message"] * 50
    assert all(said.run_id == answered.run_id for said, answered in zip(listed[::2], listed[1::2]))


# Tags, users, passwords, paths.

def test_tags_of_agents_and_blocks_are_one_sorted_list(client):
    own = word()
    client.agents.create(model=OPENAI, tags=[own + "c", own + "a"])
    client.blocks.create(label="l", value="v", tags=[own + "b", own + "a"])
    assert list(client.tags.list(query_text=own)) == [own + "a", own + "b", own + "c"]


def test_an_unknown_user_is_the_default_one_and_a_malformed_one_is_refused(server, agent):
    path = f"/v1/agents/{agent.id}"
    unknown = f"user-{uuid.uuid4()}"
    assert server.request("GET", path, headers={"user_id": unknown})[0] == 200
    status, body, _ = server.request("GET", path, headers={"user_id": "nobody"})
    assert status == 400, body


def test_a_malformed_id_in_a_path_is_422_with_examples(server):
    status, body, _ = server.request("GET", "/v1/agents/agent-1/messages")
    assert status == 422 and body["examples"]


def test_the_latest_version_is_the_first(server, agent):
    assert server.get("/latest/agents/") == server.get("/v1/agents/")
    assert server.get(f"/latest/agents/{agent.id}") == server.get(f"/v1/agents/{agent.id}")


def test_health_is_answered_in_both_spellings_without_a_redirect(server):
    for path in ("/v1/health", "/v1/health/"):
        request = urllib.request.Request(server.url + path)
        with urllib.request.build_opener(NoRedirect).open(request, timeout=30) as answer:
            body = json.load(answer)
            assert answer.status == 200 and body["status"] == "ok"
        assert tuple(int(part) for part in body["version"].split(".")[:3]) >= (0, 16, 6)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def test_a_secure_server_wants_its_password_in_one_of_its_forms(tmp_path):
    server = Server(tmp_path, env={"LETTA_SERVER_SECURE": "true", "LETTA_SERVER_PASSWORD": "secret words"})
    try:
        assert server.request("GET", "/v1/agents/")[0] == 401
        for headers in ({"authorization": "Bearer secret words"}, {"x-bare-password": "password secret words"}):
            assert server.request("GET", "/v1/agents/", headers=headers)[0] == 200
        assert server.request("GET", "/v1/agents/", headers={"authorization": "Bearer other"})[0] == 401
        assert server.request("GET", "/v1/health/")[0] == 200
    finally:
        assert server.stop() == 0


# The end of a server.

def test_a_background_run_that_a_kill_interrupts_goes_on_and_frees_its_conversation(tmp_path, model, handle):
    server = Server(tmp_path, model)
    server.wait_for_model(handle)
    client = Letta(base_url=server.url, api_key="none", max_retries=0)
    agent = client.agents.create(model=handle, memory_blocks=[{"label": "human", "value": "a"}])
    conversation = client.conversations.create(agent_id=agent.id)
    text = word()
    body = {"messages": [{"role": "user", "content": f"[[delay 1500]][[say {text}]]"}], "background": True}
    request = urllib.request.Request(f"{server.url}/v1/conversations/{conversation.id}/messages",
                                     json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        first = json.loads(answer.readline()[6:])
        while not model.requests(text):
            pass
        server.kill()
    server = Server(tmp_path, model, port=server.port)
    try:
        server.wait_for_model(handle)
        events = list(client.runs.messages.stream(first["run_id"], starting_after=first["seq_id"]))
        said = [e.content for e in events if e.message_type == "assistant_message"]
        assert "".join(said) == text
        assert [e.stop_reason for e in events if e.message_type == "stop_reason"] == ["end_turn"]
        assert client.runs.retrieve(first["run_id"]).status == "completed"
        assert say(client, conversation, "next")[-1].message_type == "usage_statistics"
        listed = [m.message_type for m in client.conversations.messages.list(conversation.id, order="asc")]
        assert listed == ["system_message"] + ["user_message", "assistant_message"] * 2
    finally:
        server.stop()


def test_a_message_that_a_kill_interrupted_is_processed_once_when_it_is_sent_again(tmp_path, model, handle):
    server = Server(tmp_path, model)
    server.wait_for_model(handle)
    client = Letta(base_url=server.url, api_key="none", max_retries=0)
    agent = client.agents.create(model=handle, memory_blocks=[{"label": "human", "value": "a"}])
    text = word()
    path, body = f"/v1/agents/{agent.id}/messages", {"messages": [
        {"role": "user", "otid": str(uuid.uuid4()), "content": (
            '[[call memory_insert {"label":"human","new_string":"once"}]][[delay 1000]][[say %s]]' % text)}]}
    with ThreadPoolExecutor(1) as pool:
        interrupted = pool.submit(server.request, "POST", path, body)
        while len(model.requests(text)) < 2:  # the second step is under way
            pass
        server.kill()
        with pytest.raises(Exception):
            interrupted.result()
    server = Server(tmp_path, model, port=server.port)
    try:
        server.wait_for_model(handle)
        status, answer, _ = server.request("POST", path, body)
        assert status == 200 and answer["messages"][-1]["content"] == text
        listed = [m.message_type for m in client.agents.messages.list(agent.id, order="asc")]
        assert listed == ["system_message", "user_message", "tool_call_message", "tool_return_message",
                          "assistant_message"]
        assert client.agents.blocks.retrieve("human", agent_id=agent.id).value == "a\nonce"
        assert len(client.runs.list(agent_id=agent.id).items) == 1
    finally:
        server.stop()
