"""Streams, runs and steps: what is told and when, who is refused meanwhile, what a cancel leaves."""

import json
import time
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from letta_client import APIStatusError, ConflictError, NotFoundError

from support.until import until


def word():
    return "w" + uuid.uuid4().hex


class Stream:
    """A stream as it comes: events one by one, then the rest."""

    def __init__(self, server, path, text, **body):
        body = {"messages": [{"role": "user", "content": text}], "streaming": True, "stream_tokens": True} | body
        request = urllib.request.Request(server.url + path, json.dumps(body).encode(),
                                         {"content-type": "application/json"})
        self.answer = urllib.request.urlopen(request, timeout=60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()

    def next(self):
        while line := self.answer.readline().decode():
            if line.startswith("data: "):
                return "[DONE]" if line.strip() == "data: [DONE]" else json.loads(line[6:])
        return None

    def until(self, text):
        event = self.next()
        while text not in json.dumps(event):
            assert event is not None, f"the stream ended before {text!r}"
            event = self.next()
        return event

    def rest(self):
        return list(iter(self.next, None))


def kinds(events):
    return [event if event == "[DONE]" else event["message_type"] for event in events]


@pytest.fixture
def stream(server, agent):
    return lambda text, **body: Stream(server, f"/v1/agents/{agent.id}/messages", text, **body)


@pytest.fixture
def talk(server):
    return lambda conversation, text, **body: Stream(
        server, f"/v1/conversations/{conversation.id}/messages", text, **body)


@pytest.fixture
def conversation(client, agent):
    return client.conversations.create(agent_id=agent.id)


# What a stream tells.

def test_a_stream_of_pieces_has_one_id_and_ends_in_order(stream):
    with stream("[[say one two three]]") as events:
        first, *pieces, stop, usage, done = events.rest()
    assert first["message_type"] == "ping" and first["run_id"]
    assert set(kinds(pieces)) == {"assistant_message"} and len(pieces) > 1
    assert len({p["id"] for p in pieces}) == len({p["otid"] for p in pieces}) == 1
    assert "".join(p["content"] for p in pieces) == "one two three"
    assert (stop["message_type"], stop["stop_reason"]) == ("stop_reason", "end_turn")
    assert usage["message_type"] == "usage_statistics" and usage["step_count"] == 1 and done == "[DONE]"


def test_pings_are_left_out_on_request(stream):
    with stream("hello", include_pings=False) as events:
        assert "ping" not in kinds(events.rest())


def test_a_provider_that_refuses_before_the_first_piece_ends_a_stream_of_status_200(stream):
    with stream("[[error 429]] " + word()) as events:
        assert events.answer.status == 200
        _, stop, error, done = events.rest()
    assert stop["stop_reason"] == "llm_api_error" and done == "[DONE]"
    assert (error["message_type"], error["error_type"]) == ("error_message", "llm_rate_limit")


def test_a_provider_that_drops_in_the_middle_ends_the_stream_once_and_the_run_has_failed(stream, client):
    with stream("[[drop after=3]][[say one two three four]]") as events:
        told = events.rest()
    assert kinds(told)[-3:] == ["stop_reason", "error_message", "[DONE]"]
    assert kinds(told).count("stop_reason") == 1
    run = client.runs.retrieve(told[0]["run_id"])
    assert (run.status, run.stop_reason) == ("failed", "llm_api_error")
    [step] = list(client.runs.steps.list(run.id))
    assert step.status == "failed"


def test_only_wanted_types_are_streamed_with_stop_reason_and_usage(stream):
    with stream('[[reason hm]][[call conversation_search {"query":"x"}]][[say ok]]', include_pings=False,
                include_return_message_types=["assistant_message"]) as events:
        assert set(kinds(events.rest())) == {"assistant_message", "stop_reason", "usage_statistics", "[DONE]"}


def test_who_has_read_the_end_may_send_at_once(talk, conversation):
    for i in range(20):
        with talk(conversation, f"number {i}") as events:
            assert events.until("[DONE]") == "[DONE]"


# Two at a time.

@pytest.mark.parametrize("body", [{}, {"streaming": False, "stream_tokens": False}, {"background": True}],
                         ids=["stream", "blocking", "background"])
def test_a_conversation_that_is_busy_refuses_the_next_message_and_names_the_run(talk, conversation, server, body):
    with talk(conversation, "[[hang after=1]][[say one two three]]") as events:
        run_id = events.until("one")["run_id"]
        status, answer, headers = server.request(
            "POST", f"/v1/conversations/{conversation.id}/messages",
            {"messages": [{"role": "user", "content": "me too"}], "stream_tokens": True} | body)
        assert status == 409 and answer["run_id"] == run_id
        assert f"run_id={run_id}" in answer["detail"]
        assert "is currently being processed" in answer["detail"]
        server.request("POST", f"/v1/conversations/{conversation.id}/cancel")
        assert events.rest()[-1] == "[DONE]"


def test_the_default_conversation_is_busy_while_its_agent_is(stream, server, agent):
    with stream("[[hang after=1]][[say one two three]]") as events:
        events.until("one")
        status, answer, _ = server.request("POST", "/v1/conversations/default/messages",
                                           {"input": "me too", "agent_id": agent.id})
        assert status == 409 and "run_id" in answer
        server.request("POST", f"/v1/agents/{agent.id}/messages/cancel")
        events.rest()


def test_the_same_background_message_again_is_the_same_run(talk, conversation, model):
    text, otid = word(), str(uuid.uuid4())
    message = {"messages": [{"role": "user", "content": f"[[delay 300]][[say {text}]]", "otid": otid}],
               "background": True, "include_pings": False}
    with talk(conversation, "", **message) as first, talk(conversation, "", **message) as second:
        one, two = first.rest(), second.rest()
    assert one == two and len(model.requests(text)) == 1


def test_blocking_messages_to_one_agent_are_answered_one_after_the_other(client, agent, send):
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda i: send(f"number {i}").messages[0].content, range(20)))
    assert sorted(answers) == sorted(f"You said: number {i}" for i in range(20))
    listed = [m.message_type for m in client.agents.messages.list(agent.id, order="asc", limit=100)][1:]
    assert listed == ["user_message", "assistant_message"] * 20


def test_conversations_of_one_agent_do_not_wait_for_each_other(client, agent, talk, send):
    one, two = (client.conversations.create(agent_id=agent.id) for _ in range(2))
    with talk(one, "[[hang after=1]][[say one two three]]") as hanging:
        hanging.until("one")
        with talk(two, "[[say quick]]") as events:
            assert "quick" in json.dumps(events.rest())
        assert send("[[say too]]").messages[0].content == "too"
        client.conversations.cancel(one.id)
        assert hanging.rest()[-1] == "[DONE]"


# Cancel.

def test_a_cancel_ends_stream_run_and_step_and_keeps_what_was_said(stream, client, agent):
    with stream("[[hang after=2]][[say one two three]]") as events:
        run_id = events.until("two")["run_id"]
        assert client.agents.messages.cancel(agent.id) == {run_id: "cancelled"}
        stop, usage, done = events.rest()
    assert stop["stop_reason"] == "cancelled" and usage["message_type"] == "usage_statistics" and done == "[DONE]"
    run = client.runs.retrieve(run_id)
    assert (run.status, run.stop_reason) == ("cancelled", "cancelled") and run.completed_at
    [step] = list(client.runs.steps.list(run_id))
    assert (step.status, step.stop_reason) == ("cancelled", "cancelled")
    listed = list(client.agents.messages.list(agent.id, order="asc"))
    assert [m.message_type for m in listed] == ["system_message", "user_message", "assistant_message"]
    assert listed[-1].content == "one two"
    assert [m.id for m in listed] == client.agents.retrieve(agent.id).message_ids


def test_nothing_to_cancel_is_a_conflict_and_a_run_that_has_ended_stays_so(client, agent, send):
    with pytest.raises(ConflictError, match="No active runs to cancel"):
        client.agents.messages.cancel(agent.id)
    run_id = send("hello").messages[0].run_id
    assert client.agents.messages.cancel(agent.id, run_ids=[run_id]) == {run_id: "cancelled"}
    assert client.runs.retrieve(run_id).status == "completed"


def test_a_model_that_says_nothing_is_cancelled_within_a_second(stream, client, agent):
    with stream("[[hang]]") as events:
        run_id = events.next()["run_id"]
        started = time.monotonic()
        client.agents.messages.cancel(agent.id, run_ids=[run_id])
        assert events.rest()[-1] == "[DONE]"
        assert time.monotonic() - started < 1
    assert client.runs.retrieve(run_id).status == "cancelled"
    # What the user said stays; on one of the formats the next message would repeat its script.
    assert "[[hang]]" in [m.content for m in client.agents.messages.list(agent.id, order="asc")]
    client.agents.messages.reset(agent.id)
    assert client.agents.messages.create(agent.id, input="next").messages[0].content == "You said: next"


def test_a_client_that_leaves_stops_nothing(stream, client, agent):
    with stream('[[call memory_insert {"label":"human","new_string":"kept"}]][[delay 300]][[say all of it]]') as events:
        run_id = events.next()["run_id"]
    until(lambda: client.runs.retrieve(run_id).status != "running")
    listed = list(client.agents.messages.list(agent.id, order="asc"))
    assert [m.message_type for m in listed][1:] == ["user_message", "tool_call_message", "tool_return_message",
                                                    "assistant_message"]
    assert listed[-1].content == "all of it"


# What is kept of a run.

def test_usage_adds_up_and_the_context_is_that_of_the_last_call(client, send):
    response = send('[[usage prompt=100 completion=10]][[call conversation_search {"query":"x"}]]'
                    '[[usage prompt=200 completion=20]][[say done]]')
    usage = response.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (300, 30, 330)
    assert usage.context_tokens == 220 and usage.step_count == 2
    steps = list(client.runs.steps.list(response.messages[0].run_id, order="asc"))
    assert [(s.prompt_tokens, s.completion_tokens) for s in steps] == [(100, 10), (200, 20)]


def test_steps_are_listed_in_both_orders(client, agent, send):
    run_id = send('[[call conversation_search {"query":"x"}]][[say done]]').messages[0].run_id
    for steps in (client.runs.steps.list, lambda id, **options: client.steps.list(agent_id=agent.id, **options)):
        ascending, descending = ([s.id for s in steps(run_id, order=order)] for order in ("asc", "desc"))
        assert len(ascending) == 2 and descending == ascending[::-1]


def test_a_deleted_run_is_gone_and_what_it_said_stays(client, server, agent, send):
    response = send("hello")
    run_id = response.messages[0].run_id
    assert server.request("DELETE", f"/v1/runs/{run_id}")[0] == 200
    with pytest.raises(NotFoundError):
        client.runs.retrieve(run_id)
    assert run_id not in [run.id for run in client.runs.list(agent_id=agent.id)]
    assert [m.content for m in client.agents.messages.list(agent.id, order="asc")][-1] == "You said: hello"
    assert send("again").messages[0].content == "You said: again"


def test_messages_of_a_run_are_those_that_its_request_wanted(client, send):
    response = send('[[call conversation_search {"query":"x"}]][[say done]]',
                    include_return_message_types=["assistant_message"])
    listed = client.runs.messages.list(response.messages[0].run_id)
    assert [m.message_type for m in listed] == ["assistant_message"]


@pytest.mark.parametrize("text, status", [("hello", "completed"), ("[[error 400]]", "failed")])
def test_a_blocking_message_to_a_conversation_ends_its_run(client, server, conversation, agent, text, status):
    server.request("POST", f"/v1/conversations/{conversation.id}/messages",
                   {"input": f"{text} {word()}", "streaming": False})
    [run] = client.runs.list(agent_id=agent.id).items
    assert (run.status, run.conversation_id) == (status, conversation.id)
    assert run.completed_at and run.stop_reason


def test_a_failed_run_says_why_in_its_metadata(client, agent, send):
    with pytest.raises(APIStatusError):
        send("[[error 401]] " + word())
    [run] = client.runs.list(agent_id=agent.id).items
    error = run.metadata["error"]
    assert error["error_type"] == "llm_authentication" and error["message"]
    assert client.agents.retrieve(agent.id).last_stop_reason == "llm_api_error"


def test_an_agent_has_the_stop_reason_of_its_last_run(client, agent, send):
    for script, reason in (("hello", "end_turn"), ("[[finish length]][[say cut]]", "max_tokens_exceeded")):
        send(script)
        assert client.agents.retrieve(agent.id).last_stop_reason == reason


def test_what_a_provider_does_not_report_is_null_and_not_0(server, client):
    agent = client.agents.create(model="reverie/demo")  # which knows of no cache
    status, answer, _ = server.request("POST", f"/v1/agents/{agent.id}/messages", {"input": "hello"})
    assert status == 200
    for name in ("cached_input_tokens", "cache_write_tokens", "reasoning_tokens"):
        assert answer["usage"][name] is None
    usage = server.get(f"/v1/runs/{answer['messages'][0]['run_id']}/usage")
    assert usage["prompt_tokens_details"] is None and usage["completion_tokens_details"] is None


def test_what_a_provider_says_of_its_cache_is_in_the_usage(send):
    response = send("[[usage prompt=9 completion=5 cached=4]][[say ok]]")
    assert response.usage.cached_input_tokens == 4
