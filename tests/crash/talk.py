"""A client of the API that may lose its server at any moment, and goes on where it was.

What it does is a list of acts. Each is run until it is done: on a server that dies, and then again
on the next one, as a careful client would."""

import http.client
import json
import urllib.error
import urllib.request
import uuid

TIMEOUT_S = 60
OPENAI = "openai-proxy/gpt-4o-mini"
ANTHROPIC = "anthropic/claude-sonnet-4-5-20250929"
# What a run says that is listed as it is told; the rest is what the client says itself.
TOLD = {"assistant_message", "reasoning_message", "tool_call_message", "tool_return_message",
        "approval_request_message"}


class ServerGone(Exception):
    """The connection was refused or broke off."""


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status = status


def open_request(server, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url + path, data, {"content-type": "application/json"}, method=method)
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        raise Refused(error.code, error.read().decode()) from error
    except (OSError, http.client.HTTPException) as error:
        raise ServerGone(str(error)) from error


def call(server, method, path, body=None):
    with open_request(server, method, path, body) as answer:
        try:
            return json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise ServerGone(str(error)) from error


def events_of(answer):
    """The events of a stream: objects, and at its end the text [DONE]."""
    try:
        for line in answer:
            if line.startswith(b"data: "):
                text = line[len(b"data: "):].decode().strip()
                yield text if text == "[DONE]" else json.loads(text)
    except (OSError, http.client.HTTPException) as error:
        raise ServerGone(str(error)) from error


def history(server, agent, conversation=None):
    path = f"/v1/conversations/{conversation}/messages" if conversation else f"/v1/agents/{agent}/messages"
    return call(server, "GET", f"{path}?order=asc&limit=500")


def calls_in(message):
    calls = message.get("tool_calls") or message.get("tool_call") or []
    return [calls] if isinstance(calls, dict) else calls


def piece_of(message):
    """What a message or a part of it says."""
    kind = message["message_type"]
    if kind in ("tool_call_message", "approval_request_message"):
        return "".join(each.get("arguments") or "" for each in calls_in(message))
    if kind == "tool_return_message":
        return json.dumps([(each["tool_call_id"], each["tool_return"]) for each in message["tool_returns"]])
    return message.get("reasoning" if kind == "reasoning_message" else "content") or ""


def told_by(messages):
    """(id, type) -> what was said under it, over all its pieces."""
    told = {}
    for message in messages:
        if message["message_type"] in TOLD:
            key = (message["id"], message["message_type"])
            told[key] = told.get(key, "") + piece_of(message)
    return told


def number_of(event):
    return event.get("seq_id") or 0


def ending(events):
    return [event for event in events if not number_of(event)]


class Turn:
    """A message to an agent and all that is told of it, as a stream that is kept."""

    def __init__(self, agent, content, conversation=None, on_event=None, **options):
        self.agent, self.content, self.conversation, self.on_event = agent, content, conversation, on_event
        self.options = {"streaming": True, "background": True, "include_pings": False} | options
        self.otid = str(uuid.uuid4())
        self.events = []  # all that was seen, in order
        self.cursors = []  # of each time that it was listened again: the last number before
        self.run_id = None
        self.is_done = False
        self.untold = set()  # types of messages that come to the run when its stream has ended

    def body(self, server):
        return {"messages": [{"role": "user", "content": self.content, "otid": self.otid}]} | self.options

    def path(self):
        if self.conversation:
            return f"/v1/conversations/{self.conversation()}/messages"
        return f"/v1/agents/{self.agent}/messages"

    def cursor(self):
        """The last number that was seen. What has none is the end of the stream, and is told again."""
        return max((number_of(event) for event in self.events), default=0)

    def run(self, server):
        if self.is_done:
            return
        if self.run_id is None:
            self.events.clear()  # it does not know where to go on, and asks from the beginning
            return self.listen(server, self.path(), self.body(server))
        self.listen_again(server)

    def listen_again(self, server, limit=None):
        while self.events and not number_of(self.events[-1]):
            self.events.pop()
        self.cursors.append(self.cursor())
        self.listen(server, f"/v1/runs/{self.run_id}/stream",
                    {"starting_after": self.cursor(), "include_pings": False}, limit)

    def listen(self, server, path, body, limit=None):
        """Until the end, or until `limit` more events were seen."""
        with open_request(server, "POST", path, body) as answer:
            for event in events_of(answer):
                if event == "[DONE]":
                    self.is_done = True
                    return
                self.events.append(event)
                self.run_id = self.run_id or event.get("run_id")
                if self.on_event:
                    self.on_event(server, event)
                limit = limit and limit - 1
                if limit == 0:
                    return
        raise ServerGone("the stream ended without [DONE]")

    def check(self, server):
        """The run has ended, and what was seen of it is all of it, once."""
        run = call(server, "GET", f"/v1/runs/{self.run_id}")
        assert run["status"] in ("completed", "failed", "cancelled") and run["stop_reason"], run
        whole = Turn(self.agent, "")
        whole.run_id = self.run_id
        whole.listen_again(server)
        self.check_numbers(whole.events)
        ended = [event["message_type"] for event in self.events[-2:]]
        assert ended in (["stop_reason", "usage_statistics"], ["stop_reason", "error_message"]), ended
        assert sum(event["message_type"] == "stop_reason" for event in self.events) == 1
        stored = told_by(message for message in history(server, self.agent, self.conversation and self.conversation())
                         if message.get("run_id") == self.run_id)
        told = told_by(self.events)
        for key, text in stored.items():
            if key[1] in self.untold:
                continue
            assert told.get(key) == text, f"{key} says {text!r} and was told as {told.get(key)!r}"
        cursor = self.cursors[-1] if self.cursors else 0
        for key in told_by(event for event in self.events if number_of(event) > cursor):
            assert key in stored, f"{key} was told and is not there"

    def check_numbers(self, whole):
        numbers = [number_of(event) for event in self.events if number_of(event)]
        assert numbers == sorted(set(numbers)), f"a repeat: {numbers}"
        kept = {number_of(event): event for event in whole if number_of(event)}
        assert list(kept) == sorted(kept)
        missed = set(kept) - set(numbers)
        assert not missed, f"a gap: {sorted(missed)} of {list(kept)} with {self.cursors}"
        cursor = self.cursors[-1] if self.cursors else 0
        for event in self.events:
            if number_of(event) in kept:
                assert event == kept[number_of(event)], f"{event} is kept as {kept[number_of(event)]}"
            else:  # a piece of an answer that was never whole
                assert number_of(event) <= cursor, f"{event} is not kept"
        assert ending(self.events) == ending(whole)


class BlockingTurn(Turn):
    """A message without a stream; where no answer came, the same message again."""

    answer = None

    def ask(self, server):
        self.options = {}
        self.answer = call(server, "POST", self.path(), self.body(server))
        self.is_done = True

    def run(self, server):
        if not self.is_done:
            self.ask(server)

    def check(self, server):
        if self.answer is None:
            return
        assert self.answer["stop_reason"]["stop_reason"] == "end_turn", self.answer
        run_id = self.answer["messages"][0]["run_id"]
        stored = told_by(message for message in history(server, self.agent) if message.get("run_id") == run_id)
        assert told_by(self.answer["messages"]) == stored


class ForegroundTurn(BlockingTurn):
    """A message with a stream that is not kept: who loses it asks again without one."""

    was_lost = False

    def run(self, server):
        if self.is_done:
            return
        if self.was_lost:
            return self.ask(server)
        self.was_lost = True
        self.listen(server, self.path(), self.body(server))


class RejoinedTurn(Turn):
    """The same, by a client that asks for the stream again: it is told all from the beginning."""

    def run(self, server):
        if self.is_done:
            return
        self.events.clear()
        self.listen(server, self.path(), self.body(server))

    def check(self, server):
        run_id = self.events[0]["run_id"]
        stored = told_by(message for message in history(server, self.agent) if message.get("run_id") == run_id)
        assert told_by(self.events) == stored


def check_history(server, agent, conversation=None):
    messages = history(server, agent, conversation)
    said = [message["content"] for message in messages if message["message_type"] == "user_message"]
    assert len(said) == len(set(said)), f"a message is there twice: {said}"
    calls = [each["tool_call_id"] for message in messages for each in calls_in(message)
             if message["message_type"] in ("tool_call_message", "approval_request_message")]
    returns = [each["tool_call_id"] for message in messages if message["message_type"] == "tool_return_message"
               for each in message["tool_returns"]]
    assert sorted(calls) == sorted(returns), f"a call without its return: {calls} {returns}"
    active = call(server, "GET", f"/v1/runs/?active=true&agent_id={agent}")
    assert active == [], active


def check_next(server, agent, conversation=None):
    """The next message works, on both wire formats."""
    for handle in (OPENAI, ANTHROPIC):
        turn = Turn(agent, f"still there, {handle} {uuid.uuid4().hex}?", conversation=conversation, override_model=handle)
        turn.run(server)
        said = "".join(piece_of(event) for event in turn.events if event["message_type"] == "assistant_message")
        assert said.endswith(turn.content), turn.events
