"""Wrong requests and failing models: typed errors, and an agent that answers the next message."""

import json
import socket
import uuid

import pytest
from letta_client import APIStatusError, APITimeoutError, Letta

MISSING = "agent-00000000-0000-4000-8000-000000000000"
OPENAI = "openai-proxy/gpt-4o-mini"


def error_of(call):
    with pytest.raises(APIStatusError) as error:
        call()
    return error.value.status_code, error.value.body


def test_a_missing_agent_is_404(client):
    status, body = error_of(lambda: client.agents.retrieve(MISSING))
    assert status == 404 and body["detail"] == f"Agent with ID {MISSING} not found"


def test_a_malformed_id_is_422_with_examples(server):
    status, body, _ = server.request("GET", "/v1/agents/nonsense")
    assert status == 422 and "agent-{uuid4}" in body["detail"]
    assert body["examples"] and body["trace_id"] == ""


def test_an_unknown_model_lists_the_usable_ones(client):
    status, body = error_of(lambda: client.agents.create(model="openai-proxy/none"))
    assert status == 404 and body["detail"].startswith("NOT_FOUND: Handle openai-proxy/none not found")
    assert OPENAI in body["detail"]


def test_a_missing_or_malformed_model_is_400(client, server):
    assert server.request("POST", "/v1/agents/", {})[0] == 400
    assert error_of(lambda: client.agents.create(model="noslash"))[0] == 400


def test_an_unknown_tool_name_is_400_in_the_words_that_clients_match(client):
    status, body = error_of(lambda: client.agents.create(model=OPENAI, tools=["memory", "nope"]))
    assert status == 400 and body["detail"].startswith("Tools not found by name: {'nope'}")


@pytest.mark.parametrize("body, where", [
    ({"messages": []}, "Messages must not be empty"),
    ({"messages": [{"role": "user", "content": "x"}], "input": "y"}, "exactly one"),
    ({}, "exactly one"),
    ({"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role"),
    ({"messages": "x"}, "messages"),
    ({"input": "x", "max_steps": "many"}, "body.max_steps"),
    ({"input": "x", "stream_tokens": True}, "stream_tokens"),
])
def test_a_wrong_message_is_422_and_names_the_field(server, agent, body, where):
    status, answer, _ = server.request("POST", f"/v1/agents/{agent.id}/messages", body)
    assert status == 422 and where in answer["detail"], answer


def test_invalid_json_is_422(server, agent):
    import urllib.request
    request = urllib.request.Request(
        f"{server.url}/v1/agents/{agent.id}/messages", data=b'{"input": ', method="POST",
        headers={"content-type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request)
    assert error.value.code == 422


@pytest.mark.parametrize("script, status, kind", [
    ("[[error 429]]", 429, "llm_rate_limit"), ("[[error 401]]", 401, "llm_authentication"),
    ("[[error 402]]", 402, "llm_insufficient_credits"), ("[[error 400]]", 400, "llm_bad_request"),
    ("[[error 500]]", 500, "llm_error"), ("[[malformed]]", 500, "llm_error"),
])
def test_a_failing_model_is_a_typed_error_and_the_agent_answers_next(client, agent, script, status, kind):
    send = lambda text: client.agents.messages.create(agent.id, input=text)
    got, body = error_of(lambda: send(script))
    assert (got, body["error"]["type"]) == (status, kind)
    assert send("next").messages[0].content == "You said: next"
    run = client.runs.list(agent_id=agent.id, order="asc").items[0]
    assert run.status == "failed" and run.stop_reason in ("llm_api_error", "invalid_llm_response")


def test_failed_input_is_listed_and_out_of_the_context(client, agent, model):
    error_of(lambda: client.agents.messages.create(agent.id, input="[[error 401]] lost words"))
    assert "lost words" in [m for m in client.agents.messages.list(agent.id, order="asc")][1].content
    client.agents.messages.create(agent.id, input="after the loss")
    assert "lost words" not in json.dumps(model.requests("after the loss")[-1])


def test_an_error_after_our_own_retries_is_not_retried_by_the_sdk(server, agent, model):
    retrying = Letta(base_url=server.url, api_key="none", max_retries=2)
    word = uuid.uuid4().hex
    text = "[[error 429]] " + word
    error_of(lambda: retrying.agents.messages.create(agent.id, input=text))
    assert len(model.requests(word)) == 3  # the server's own three attempts


def test_a_transient_failure_is_retried_by_the_server(client, agent, model):
    answer = client.agents.messages.create(agent.id, input="[[error 500 n=1]][[say recovered now]]")
    assert answer.messages[0].content == "recovered now"


def test_a_model_that_never_answers_leaves_other_agents_alone(server, client, agent):
    impatient = Letta(base_url=server.url, api_key="none", max_retries=0, timeout=0.5)
    with pytest.raises(APITimeoutError):
        impatient.agents.messages.create(agent.id, input="[[delay 4s]] slow")
    other = client.agents.create(model=OPENAI)
    assert client.agents.messages.create(other.id, input="hi").messages[0].content == "You said: hi"
    client.agents.messages.cancel(agent.id)
    # Anthropic's format has one message for what the user said twice in a row.
    assert client.agents.messages.create(agent.id, input="back").messages[0].content.endswith("back")


def test_unknown_paths_and_methods(server):
    assert server.request("GET", "/v1/nothing")[:2] == (404, {"detail": "Not Found"})
    status, body, headers = server.request("PUT", f"/v1/agents/{MISSING}")
    assert (status, body) == (405, {"detail": "Method Not Allowed"}) and "GET" in headers["allow"]


def test_what_is_not_built_says_so_and_is_not_retried(server):
    status, body, headers = server.request("GET", "/v1/folders/")
    assert status == 501 and "not built" in body["detail"] and headers["x-should-retry"] == "false"


def test_both_spellings_of_a_path_answer(server):
    assert server.get("/v1/health") == server.get("/v1/health/") == server.get("/latest/health/")
    assert server.get("/v1/agents?limit=1") == server.get("/v1/agents/?limit=1")


def test_garbage_on_the_socket_does_not_harm_the_server(server):
    for garbage in (b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n", b"POST /v1/agents/ HTTP/1.1\r\ncontent-length: -1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(garbage)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(4096)
    assert server.get("/v1/health")["status"] == "ok"
