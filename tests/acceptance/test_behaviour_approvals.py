"""Answers to calls that wait, where several come together: mixed decisions, repeats, compaction, cancel."""

import json
import uuid

import letta_client
import pytest

from support.model_requests import said_to

TWO = ('[[parallel]][[call memory_insert {"label":"human","new_string":"allowed"}]]'
       '[[call memory_replace {"label":"human","old_string":"a","new_string":"denied"}]]'
       '[[call conversation_search {"query":"x"}]][[step]][[say done]]')
INSERT = '[[call memory_insert {"label":"human","new_string":"Likes tea."}]]'


def types(messages):
    return [message.message_type for message in messages]


def word():
    return "w" + uuid.uuid4().hex


def decide(**decisions):
    return {"type": "approval", "approvals": [
        {"type": "approval", "tool_call_id": call, "approve": approve, "reason": "not this"}
        for call, approve in decisions.items()]}


def history(client, agent):
    return list(client.agents.messages.list(agent.id, order="asc", limit=100))


def context(client, agent):
    """The types of what is in the context, in its order."""
    kinds = {}
    every = ["system_message", "user_message", "assistant_message", "tool_call_message", "tool_return_message",
             "approval_request_message", "approval_response_message", "summary_message"]
    for message in client.agents.messages.list(agent.id, limit=100, include_return_message_types=every):
        kinds.setdefault(message.id, message.message_type)
    return [kinds[id] for id in client.agents.retrieve(agent.id).message_ids]


@pytest.fixture
def careful(client, handle):
    """An agent that asks before it edits its memory, and may call several tools at once."""
    provider = "anthropic" if handle.startswith("anthropic") else "openai"
    agent = client.agents.create(
        model=handle, memory_blocks=[{"label": "human", "value": "a"}],
        model_settings={"provider_type": provider, "parallel_tool_calls": True})
    for tool in ("memory_insert", "memory_replace"):
        client.agents.tools.update_approval(tool, agent_id=agent.id, body_requires_approval=True)
    return agent


@pytest.fixture
def say(client, careful):
    return lambda text: client.agents.messages.create(careful.id, input=text).messages


@pytest.fixture
def answer(client, careful):
    def answer(*messages, **options):
        return client.agents.messages.create(careful.id, messages=list(messages), **options).messages
    return answer


def number_of(message_id):
    return int(message_id.removeprefix("message-").replace("-", ""), 16)


def test_a_request_has_the_number_before_that_of_its_harmless_siblings(say, client, careful):
    harmless, request = say(TWO)
    assert types([harmless, request]) == ["tool_call_message", "approval_request_message"]
    assert number_of(request.id) == number_of(harmless.id) - 1
    assert [call.name for call in request.tool_calls] == ["memory_insert", "memory_replace"]
    assert client.agents.blocks.retrieve("human", agent_id=careful.id).value == "a"


def test_what_is_approved_and_what_is_denied_return_together(say, answer, client, careful):
    harmless, request = say(TWO)
    approved, denied = [call.tool_call_id for call in request.tool_calls]
    returned, last = answer(decide(**{approved: True, denied: False}))
    assert types([returned, last]) == ["tool_return_message", "assistant_message"] and last.content == "done"
    status = {each.tool_call_id: each.status for each in returned.tool_returns}
    assert status == {approved: "success", denied: "error", harmless.tool_call.tool_call_id: "success"}
    assert "not this" in next(r.tool_return for r in returned.tool_returns if r.tool_call_id == denied)
    assert client.agents.blocks.retrieve("human", agent_id=careful.id).value == "a\nallowed"


def test_an_answer_without_one_of_the_calls_is_refused_as_a_whole(say, answer, client, careful):
    request = say(TWO)[1]
    approved, other = [call.tool_call_id for call in request.tool_calls]
    with pytest.raises(letta_client.BadRequestError, match="Invalid tool call IDs") as refused:
        answer(decide(**{approved: True}))
    assert approved in str(refused.value) and other in str(refused.value)
    assert client.agents.blocks.retrieve("human", agent_id=careful.id).value == "a"
    assert answer(decide(**{approved: True, other: True}))[-1].content == "done"


def test_an_answer_is_known_again_behind_a_compaction(say, answer, client, careful):
    call = say(INSERT + "[[say ok]]")[0].tool_call.tool_call_id
    answer(decide(**{call: True}))
    client.agents.messages.compact(careful.id, compaction_settings={"mode": "all"})
    assert context(client, careful) == ["system_message", "summary_message"]
    assert types(answer(decide(**{call: True}))) == ["assistant_message"]
    assert client.agents.blocks.retrieve("human", agent_id=careful.id).value == "a\nLikes tea."


def test_a_compaction_keeps_what_waits_and_its_siblings(say, answer, client, careful):
    for _ in range(4):
        say(word())
    harmless, request = say(TWO)
    client.agents.messages.compact(careful.id, compaction_settings={"mode": "all"})
    assert context(client, careful) == ["system_message", "summary_message", "tool_call_message",
                                        "approval_request_message"]
    assert client.agents.retrieve(careful.id).message_ids[2:] == [harmless.id, request.id]
    first, second = [call.tool_call_id for call in request.tool_calls]
    # The script went with the message that it was in.
    assert types(answer(decide(**{first: True, second: True}))) == ["tool_return_message", "assistant_message"]


def test_cancelling_denies_every_call_of_the_answer_and_the_agent_goes_on(say, client, careful, model):
    harmless, request = say(TWO)
    client.agents.messages.cancel(careful.id)
    decided, returned = history(client, careful)[-2:]
    assert types([decided, returned]) == ["approval_response_message", "tool_return_message"]
    assert [each.approve for each in decided.approvals] == [False, False]
    assert {each.tool_call_id for each in returned.tool_returns} == {
        harmless.tool_call.tool_call_id, *(call.tool_call_id for call in request.tool_calls)}
    assert {each.status for each in returned.tool_returns} == {"error"}
    text = word()
    assert say(text)[-1].content.endswith(text)
    assert client.agents.blocks.retrieve("human", agent_id=careful.id).value == "a"
    assert "The user cancelled" in said_to(model.requests(text)[-1])


def test_what_is_said_with_a_decision_is_seen_behind_the_returns(say, answer, client, careful, model):
    call = say(INSERT + "[[say first]]")[0].tool_call.tool_call_id
    text = word()
    answer(decide(**{call: True}), {"role": "user", "content": text})
    said = said_to(model.requests(text)[-1])
    assert said.index("Likes tea.") < said.index('"OK') < said.index(text)
    assert context(client, careful)[-3:] == ["tool_return_message", "user_message", "assistant_message"]


def test_what_is_said_with_a_decision_is_kept_when_there_are_no_steps_left(say, answer, model):
    call = say(INSERT + "[[say first]]")[0].tool_call.tool_call_id
    text, later = word(), word()
    answer(decide(**{call: True}), {"role": "user", "content": text}, max_steps=1)
    say(later)
    assert text in said_to(model.requests(later)[-1])


def test_a_decision_may_come_in_the_older_form(say, answer, client, careful):
    request = say(INSERT + "[[say ok]]")[0]
    old = {"type": "approval", "approve": True, "approval_request_id": request.id}
    assert types(answer(old)) == ["tool_return_message", "assistant_message"]
    assert client.agents.blocks.retrieve("human", agent_id=careful.id).value == "a\nLikes tea."


def test_a_gated_tool_of_the_server_may_be_run_by_the_client(say, answer, client, careful):
    call = say(INSERT + "[[say ok]]")[0].tool_call.tool_call_id
    returned = answer({"type": "tool_return", "tool_returns": [
        {"type": "tool", "tool_call_id": call, "status": "success", "tool_return": "done elsewhere"}]})
    assert returned[0].tool_return == "done elsewhere" and returned[-1].content == "ok"
    assert client.agents.blocks.retrieve("human", agent_id=careful.id).value == "a"


# Images that tools of the client return.

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
CAMERA = {"name": "camera", "description": "Takes a picture", "parameters": {"type": "object", "properties": {}}}


@pytest.fixture
def shoot(client, agent):
    """Asks for a picture and returns it: what follows, by the source of the image."""
    def shoot(source, text):
        call = client.agents.messages.create(
            agent.id, input=f"[[call camera {{}}]][[say {text}]]", client_tools=[CAMERA]).messages[0].tool_call
        return client.agents.messages.create(agent.id, client_tools=[CAMERA], messages=[
            {"type": "approval", "approvals": [
                {"type": "tool", "tool_call_id": call.tool_call_id, "status": "success", "tool_return": [
                    {"type": "text", "text": "here"}, {"type": "image", "source": source}]}]}])
    return shoot


@pytest.mark.parametrize("source", [
    {"type": "base64", "media_type": "image/jpeg", "data": PNG},
    {"type": "url", "url": "data:image/png;base64," + PNG}], ids=["base64", "data URL"])
def test_an_image_that_a_tool_of_the_client_returns_is_seen_by_the_model(shoot, model, handle, source):
    text = word()
    returned = shoot(source, text).messages[0]
    assert returned.tool_return == "here"
    [_, shown] = returned.tool_returns[0].tool_return
    assert (shown.source.media_type, shown.source.data) == ("image/png", PNG)  # what the bytes say
    request = json.dumps(model.requests(text)[-1])
    # Tools of OpenAI's format return no images: the model is told that there was one.
    assert PNG in request if handle.startswith("anthropic") else "also returned 1 image" in request


@pytest.mark.parametrize("source, member", [
    ({"type": "url", "url": "file:///etc/passwd"}, "url"),
    ({"type": "url", "url": "http://127.0.0.1:9/a.png"}, "url"),
    ({"type": "base64", "media_type": "image/png", "data": "PGh0bWw+"}, "data")])
def test_an_image_of_a_tool_that_cannot_be_taken_is_400_with_its_path(shoot, client, agent, source, member):
    with pytest.raises(letta_client.BadRequestError) as refused:
        shoot(source, "never")
    assert refused.value.body["detail"].startswith(
        f"messages.0.approvals.0.tool_return.1.source.{member}: ")
    # The call still waits, and another answer is taken.
    pending = client.agents.retrieve(agent.id, include=["agent.pending_approval"]).pending_approval
    call = pending.tool_call.tool_call_id
    response = client.agents.messages.create(agent.id, client_tools=[CAMERA], messages=[
        {"type": "approval", "approvals": [
            {"type": "tool", "tool_call_id": call, "status": "error", "tool_return": "no picture"}]}])
    assert response.messages[-1].content == "never"
