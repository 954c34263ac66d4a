"""What clients do while the server is killed: each scenario is a few acts on an agent of its own."""

import uuid

from crash.talk import BlockingTurn, ForegroundTurn, Refused, RejoinedTurn, Turn, call, check_history, check_next, history

TEA = '[[call memory_insert {"label":"human","new_string":"Likes tea."}]]'
CAKE = '[[call memory_insert {"label":"persona","new_string":"I like cake."}]]'
SEARCH = '[[call conversation_search {"query":"tea"}]]'


def settings_of(handle):
    provider = "anthropic" if handle.startswith("anthropic") else "openai"
    return {"provider_type": provider, "parallel_tool_calls": True}


class Scenario:
    options = ()  # of the server that is killed
    has_own_data = False  # a directory that no scenario before has left anything in
    names = None  # starts of the failpoints that it is here for; none: all that it passes
    uncounted = ()  # failpoints that are passed now more often and now less
    interrupted_at = None  # the failpoint that has killed a server before
    died_at = None  # the one that kills it now
    label = ""

    def __init__(self, server, handle):
        """On a server that lives: makes what the acts need."""
        self.handle = handle
        self.agent = self.make_agent(server)
        self.acts = list(self.make_acts(server))

    def make_agent(self, server, **more):
        return call(server, "POST", "/v1/agents/", {
            "name": "Test Agent", "model": self.handle, "model_settings": settings_of(self.handle),
            "memory_blocks": [{"label": "human", "value": "x"}, {"label": "persona", "value": "y"}]} | more)["id"]

    def say(self, server, text):
        call(server, "POST", f"/v1/agents/{self.agent}/messages", {"messages": [{"role": "user", "content": text}]})

    def make_acts(self, server):
        raise NotImplementedError

    def run(self, server):
        for act in self.acts:
            act.run(server)

    def check(self, server):
        for act in self.acts:
            act.check(server)
        check_history(server, self.agent)
        check_next(server, self.agent)

    def block(self, server, label):
        return call(server, "GET", f"/v1/agents/{self.agent}/core-memory/blocks/{label}")["value"]

    def types(self, server):
        return [message["message_type"] for message in history(server, self.agent)
                if message["message_type"] != "system_message"]


class Plain(Scenario):
    """A message without a stream, and again under the same otid where no answer came."""

    def make_acts(self, server):
        yield BlockingTurn(self.agent, "hello")

    def check(self, server):
        assert self.types(server) == ["user_message", "assistant_message"]
        assert self.acts[0].answer["messages"][-1]["content"] == "You said: hello"
        super().check(server)


class Tokens(Scenario):
    """A background stream, piece by piece, with an edit of the agent's own block."""

    def make_acts(self, server):
        yield Turn(self.agent, TEA + "[[say one two three four five six]]", stream_tokens=True)

    def check(self, server):
        assert self.block(server, "human") == "x\nLikes tea."
        assert self.types(server) == ["user_message", "tool_call_message", "tool_return_message", "assistant_message"]
        super().check(server)


class Foreground(Scenario):
    """A stream that is not kept: who loses it asks again without one."""

    def make_acts(self, server):
        yield ForegroundTurn(self.agent, TEA + "[[say one two three]]", background=False, stream_tokens=True)

    def check(self, server):
        assert self.block(server, "human") == "x\nLikes tea."
        assert self.types(server) == ["user_message", "tool_call_message", "tool_return_message", "assistant_message"]
        super().check(server)


class Rejoined(Foreground):
    """A stream that is not kept, and is asked for again."""

    def make_acts(self, server):
        yield RejoinedTurn(self.agent, TEA + "[[say one two three]]", background=False, stream_tokens=True)


class Parallel(Scenario):
    """Calls side by side, told step by step."""

    def make_acts(self, server):
        yield Turn(self.agent, f"[[parallel]]{TEA}{SEARCH}{CAKE}[[step]][[say done]]")

    def check(self, server):
        assert self.block(server, "human") == "x\nLikes tea."
        assert self.block(server, "persona") == "y\nI like cake."
        super().check(server)


class Shared(Scenario):
    """An edit of a block with a home of its own, which is a commit of its own."""

    def make_acts(self, server):
        self.shared = call(server, "POST", "/v1/blocks/", {"label": "team", "value": "z"})["id"]
        call(server, "PATCH", f"/v1/agents/{self.agent}/core-memory/blocks/attach/{self.shared}")
        edit = '[[call memory_insert {"label":"team","new_string":"Ships on Friday."}]]'
        yield Turn(self.agent, f"[[parallel]]{TEA}{edit}[[step]][[say one two three]]", stream_tokens=True)

    def check(self, server):
        assert call(server, "GET", f"/v1/blocks/{self.shared}")["value"] == "z\nShips on Friday."
        assert self.block(server, "human") == "x\nLikes tea."
        super().check(server)


class Outside(Scenario):
    """A call whose work is outside of any commit: made once, or said to be lost."""

    BEGUN = ("answer.stored", "tool.call", "tool.called", "tool.done")  # it is durable that it begins

    def make_acts(self, server):
        name = "dice_" + uuid.uuid4().hex[:8]
        tool = call(server, "POST", "/v1/tools/", {
            "source_code": f"def {name}():\n    import random\n    return 'thrown ' + str(random.random())\n",
            "json_schema": {"name": name, "description": "Throws dice."}})
        call(server, "PATCH", f"/v1/agents/{self.agent}/tools/attach/{tool['id']}")
        yield Turn(self.agent, f"[[parallel]]{TEA}[[call {name} {{}}]][[step]][[say one two three]]", stream_tokens=True)

    def check(self, server):
        assert self.block(server, "human") == "x\nLikes tea."
        assert self.types(server) == ["user_message", "tool_call_message", "tool_return_message", "assistant_message"]
        returns = [message for message in history(server, self.agent) if message["message_type"] == "tool_return_message"]
        _, thrown = returns[0]["tool_returns"]
        is_lost = thrown["status"] == "error" and "may have run" in thrown["tool_return"]
        assert is_lost or thrown["tool_return"].startswith("thrown "), thrown
        assert is_lost or self.died_at not in self.BEGUN, (self.died_at, thrown)
        super().check(server)


class Approval(Scenario):
    """A call that waits for a person, and the person's word."""

    def make_acts(self, server):
        call(server, "PATCH", f"/v1/agents/{self.agent}/tools/approval/memory_insert", {"requires_approval": True})
        yield Turn(self.agent, TEA + "[[say one two three]]", stream_tokens=True)
        yield Approve(self.agent, "", stream_tokens=True)

    def check(self, server):
        assert self.block(server, "human") == "x\nLikes tea."
        assert self.types(server) == ["user_message", "approval_request_message", "approval_response_message",
                                      "tool_return_message", "assistant_message"]
        super().check(server)


class Approve(Turn):
    call_id = None

    def body(self, server):
        if self.call_id is None:
            agent = call(server, "GET", f"/v1/agents/{self.agent}?include=agent.pending_approval")
            self.call_id = agent["pending_approval"]["tool_call"]["tool_call_id"]
        return {"messages": [{"type": "approval", "otid": self.otid, "approvals": [
            {"type": "approval", "tool_call_id": self.call_id, "approve": True}]}]} | self.options


class Released(Scenario):
    """A call that waits, and is given up."""

    def make_acts(self, server):
        call(server, "PATCH", f"/v1/agents/{self.agent}/tools/approval/memory_insert", {"requires_approval": True})
        asking = Turn(self.agent, TEA + "[[say one two three]]")
        asking.untold = {"tool_return_message"}
        yield asking
        yield CancelPending(self.agent)

    def check(self, server):
        assert self.block(server, "human") == "x"
        run = call(server, "GET", f"/v1/runs/{self.acts[0].run_id}")
        assert (run["status"], run["stop_reason"]) == ("cancelled", "cancelled")
        super().check(server)


class CancelPending:
    def __init__(self, agent):
        self.agent, self.is_done, self.was_asked = agent, False, False

    def run(self, server):
        if self.is_done:
            return
        try:
            call(server, "POST", f"/v1/agents/{self.agent}/messages/cancel", {})
        except Refused as refused:  # it was done, and the answer was lost
            assert refused.status == 409 and self.was_asked, refused
        finally:
            self.was_asked = True
        self.is_done = True

    def check(self, server):
        agent = call(server, "GET", f"/v1/agents/{self.agent}?include=agent.pending_approval")
        assert agent["pending_approval"] is None


class Compaction(Scenario):
    """A context that is made smaller in the middle of a run, shown to the client."""

    def make_acts(self, server):
        for word in ("first", "second", "third"):
            self.say(server, f"{word} word")
        yield Turn(self.agent, f"[[usage prompt=127000 completion=5]]{SEARCH}[[say one two three]]",
                   include_compaction_messages=True)

    def check(self, server):
        kinds = [event["message_type"] for event in self.acts[0].events]
        assert kinds.count("summary_message") == 1, kinds
        super().check(server)


class Compact(Scenario):
    """A context that a client makes smaller."""

    def make_acts(self, server):
        for word in ("first", "second", "third"):
            self.say(server, f"{word} word")
        yield CompactNow(self.agent)

    def check(self, server):
        said = [message["content"] for message in history(server, self.agent) if message["message_type"] == "user_message"]
        summaries = sum("SUMMARY of" in text for text in said)
        assert summaries == 1 or (summaries == 2 and self.acts[0].was_lost), said
        super().check(server)


class CompactNow:
    def __init__(self, agent):
        self.agent, self.is_done, self.was_lost = agent, False, False

    def run(self, server):
        if self.is_done:
            return
        path = f"/v1/agents/{self.agent}/summarize"
        try:
            call(server, "POST", path, {"compaction_settings": {"mode": "all"}})
        except Refused as refused:  # there is nothing left to take out
            assert refused.status == 400 and self.was_lost, refused
        except Exception:
            self.was_lost = True
            raise
        self.is_done = True

    def check(self, server):
        assert len(call(server, "GET", f"/v1/agents/{self.agent}")["message_ids"]) <= 3


class Cancelled(Scenario):
    """A model that hangs in the middle of its answer, and a client that gives up."""

    was_lost = False

    def make_acts(self, server):
        yield Turn(self.agent, "[[hang after=4]][[say one two three four five six]]", stream_tokens=True,
                   on_event=self.cancel)

    def cancel(self, server, event):
        if event["message_type"] != "assistant_message" or event["id"] == getattr(self, "cancelled", None):
            return
        try:
            call(server, "POST", f"/v1/agents/{self.agent}/messages/cancel", {})
        except Refused as refused:  # the one whose answer was lost has ended the run
            assert refused.status == 409 and self.was_lost, refused
        except Exception:
            self.was_lost = True
            raise
        self.cancelled = event["id"]

    def check(self, server):
        run = call(server, "GET", f"/v1/runs/{self.acts[0].run_id}")
        assert (run["status"], run["stop_reason"]) == ("cancelled", "cancelled")
        super().check(server)


class Conversations(Scenario):
    """A conversation that is made, spoken to and forked."""

    def make_acts(self, server):
        self.made = MakeConversation(f"/v1/conversations/?agent_id={self.agent}", self.agent, 1)
        self.fork = MakeConversation(lambda: f"/v1/conversations/{self.made.id}/fork", self.agent, 2)
        yield self.made
        yield Turn(self.agent, TEA + "[[say one two three]]", conversation=lambda: self.made.id, stream_tokens=True)
        yield self.fork
        yield Turn(self.agent, "hello fork", conversation=lambda: self.fork.id)

    def check(self, server):
        assert self.block(server, "human") == "x\nLikes tea."
        for each in (self.made, self.fork):
            check_history(server, self.agent, each.id)
            check_next(server, self.agent, lambda each=each: each.id)
        super().check(server)


class MakeConversation:
    """Not asked for twice where it is there: a client that got no answer looks."""

    def __init__(self, path, agent, count):
        self.path, self.agent, self.count, self.id = path, agent, count, None

    def run(self, server):
        if self.id:
            return
        there = call(server, "GET", f"/v1/conversations/?agent_id={self.agent}&order=asc&order_by=created_at")
        assert len(there) in (self.count - 1, self.count), there
        if len(there) == self.count:
            self.id = there[0 if self.count == 1 else -1]["id"]
        else:
            path = self.path if isinstance(self.path, str) else self.path()
            self.id = call(server, "POST", path, {})["id"]

    def check(self, server):
        assert call(server, "GET", f"/v1/conversations/{self.id}")["agent_id"] == self.agent


class Interrupted(Tokens):
    """A second death, while what the first has left is taken up."""

    interrupted_at = "model.done@2"


class GivenUp(Scenario):
    """A run that was interrupted too often is ended."""

    interrupted_at = "model.done@1"
    options = ("--runs.resume-attempts-max", "0")

    def make_acts(self, server):
        yield Turn(self.agent, "hello there", stream_tokens=True)

    def check(self, server):
        run = call(server, "GET", f"/v1/runs/{self.acts[0].run_id}")
        assert run["status"] in ("failed", "completed"), run
        super().check(server)


class Created(Scenario):
    """An agent that is being made is there with all that it has, or not at all."""

    def __init__(self, server, handle):
        self.handle, self.agent, self.name = handle, None, f"agent-{uuid.uuid4().hex}"
        self.acts = [self]

    def run(self, server):
        if self.agent:
            return
        there = call(server, "GET", f"/v1/agents/?name={self.name}")
        assert len(there) <= 1
        self.agent = there[0]["id"] if there else self.make_agent(server, name=self.name)

    def check(self, server):
        assert self.block(server, "human") == "x" and self.block(server, "persona") == "y"
        assert [message["message_type"] for message in history(server, self.agent)] == ["system_message"]
        check_next(server, self.agent)


RUNS = [Plain, Tokens, Foreground, Rejoined, Parallel, Shared, Outside, Approval, Released, Compaction, Compact, Cancelled,
        Conversations, Interrupted, GivenUp, Created]
