"""What goes on beside a run, and behind one: what waits, what interrupts, files of git, calls that nobody decides
about, callbacks, pauses, what is swept away."""

import pathlib
import tempfile

from crash.scenarios import TEA, CancelPending, Scenario
from crash.talk import Refused, ServerGone, Turn, call, history
from support.git import Git
from support.receiver import Receiver
from support.until import until


class AsyncTurn(Turn):
    """A message whose client does not wait: its run goes on by itself."""

    def run(self, server):
        if self.run_id is None:
            self.options.pop("streaming", None)
            self.options.pop("background", None)
            self.run_id = call(server, "POST", f"{self.path()}/async", self.body(server))["id"]
            self.is_done = True

    def wait_for_end(self, server):
        until(lambda: call(server, "GET", f"/v1/runs/{self.run_id}")["completed_at"])

    def check(self, server):
        self.wait_for_end(server)
        self.listen_again(server)
        super().check(server)


class Heard(Exception):
    """What was listened for has come."""


class HangingTurn(Turn):
    """A step that is stored, and then a model that stops in the middle of its answer."""

    def __init__(self, agent):
        super().__init__(agent, TEA + "[[hang after=4]][[say one two three four five six]]", stream_tokens=True)

    def hear(self, server):
        """Until it has said something on this server, or has ended."""
        self.on_event = self.stop_at_answer
        try:
            self.run(server)
        except Heard:
            pass
        finally:
            self.on_event = None

    @staticmethod
    def stop_at_answer(_, event):
        if event["message_type"] == "assistant_message":
            raise Heard


class Queued(Scenario):
    """A message that waits behind two others, and is heard as soon as its run has its place."""

    def make_acts(self, server):
        for text in ("[[delay 100]][[say first]]", "[[say second]]"):
            yield AsyncTurn(self.agent, text)
        yield Turn(self.agent, TEA + "[[say third]]", stream_tokens=True, when_busy="queue")

    def check(self, server):
        super().check(server)
        assert self.block(server, "human") == "x\nLikes tea."
        said = [message["content"] for message in history(server, self.agent)
                if message["message_type"] == "assistant_message"]
        assert said[:3] == ["first", "second", "third"]


class Hanging(Scenario):
    """One that hangs, and something else while it does."""

    uncounted = ("model.delta", "stream.event")

    def make_acts(self, server):
        self.first = HangingTurn(self.agent)
        yield self.first
        yield from self.make_others(server)

    def make_others(self, server):
        raise NotImplementedError

    def run(self, server):
        others = self.acts[1:]
        if not all(act.is_done for act in others):
            self.first.hear(server)
            for act in others:
                act.run(server)
        self.first.run(server)

    def check(self, server):
        run = call(server, "GET", f"/v1/runs/{self.first.run_id}")
        assert (run["status"], run["stop_reason"]) == ("cancelled", "cancelled")
        assert self.block(server, "human") == "x\nLikes tea."
        super().check(server)


class Interrupting(Hanging):
    """A message that takes the place of the one that is answered."""

    def make_others(self, server):
        yield Turn(self.agent, "[[say now]]", when_busy="interrupt")


class TakenBack(Hanging):
    """A message that waits and is taken back, and then what it has waited for."""

    def make_others(self, server):
        self.second = AsyncTurn(self.agent, "never said")
        yield self.second
        yield CancelRun(self.second)
        yield CancelRun(self.first)

    def check(self, server):
        super().check(server)
        run = call(server, "GET", f"/v1/runs/{self.second.run_id}")
        assert (run["status"], run["stop_reason"]) == ("cancelled", "cancelled")
        assert "never said" not in [message.get("content") for message in history(server, self.agent)]


class CancelRun:
    """Taking back what has ended changes nothing."""

    def __init__(self, turn):
        self.turn, self.is_done = turn, False

    def run(self, server):
        if not self.is_done:
            call(server, "POST", f"/v1/agents/{self.turn.agent}/messages/cancel", {"run_ids": [self.turn.run_id]})
            self.is_done = True

    def check(self, server):
        pass


class Called(Scenario):
    """A run whose end is told to a URL: at least once, and then never again."""

    names = ("callback.", "queue.", "input.", "step.", "run.")

    def make_acts(self, server):
        self.receiver = Receiver()
        turn = AsyncTurn(self.agent, TEA + "[[say told]]", callback_url=self.receiver.url)
        yield turn
        yield Told(turn)

    def check(self, server):
        super().check(server)
        run_id = self.acts[0].run_id
        run = call(server, "GET", f"/v1/runs/{run_id}")
        assert (run["callback_status_code"], run["callback_error"]) == (200, None)
        with self.receiver:
            first = self.receiver.next()
            assert (first["run_id"], first["status"]) == (run_id, "completed")
            while not self.receiver.bodies.empty():
                assert self.receiver.next() == first


class Told:
    def __init__(self, turn):
        self.turn = turn

    def run(self, server):
        until(lambda: call(server, "GET", f"/v1/runs/{self.turn.run_id}")["callback_sent_at"])

    def check(self, server):
        pass


class Expired(Scenario):
    """A call about which nobody decides in time."""

    options = ("--approvals.expire-s", "1")
    names = ("expiry.", "cancel.")

    def make_acts(self, server):
        call(server, "PATCH", f"/v1/agents/{self.agent}/tools/approval/memory_insert", {"requires_approval": True})
        asking = Turn(self.agent, TEA + "[[say one two three]]")
        asking.untold = {"tool_return_message"}
        yield asking
        yield Expire(self.agent)

    def check(self, server):
        assert self.block(server, "human") == "x"
        run = call(server, "GET", f"/v1/runs/{self.acts[0].run_id}")
        assert (run["status"], run["stop_reason"]) == ("cancelled", "cancelled")
        super().check(server)


class Expire(CancelPending):
    """Waits for it where calls expire; elsewhere what still waits is given up."""

    def run(self, server):
        def waits():
            path = f"/v1/agents/{self.agent}?include=agent.pending_approval"
            return call(server, "GET", path)["pending_approval"]
        if hasattr(server, "wait_for_passing"):
            until(lambda: not waits())
            self.is_done = True
        elif waits():
            super().run(server)


class Paused(Scenario):
    """An agent that takes no messages for a while."""

    names = ("pause.",)

    def make_acts(self, server):
        yield Lifecycle(self.agent, "pause")
        yield RefusedMessage(self.agent)
        yield Lifecycle(self.agent, "resume")
        yield Turn(self.agent, TEA + "[[say one two three]]")

    def check(self, server):
        log = call(server, "GET", f"/v1/agents/{self.agent}/lifecycle")
        states = [event["lifecycle"] for event in log["events"]]
        assert states[-4:] == ["paused", "sleeping", "running", "sleeping"] and states.count("paused") == 1, states
        assert "too early" not in [message.get("content") for message in history(server, self.agent)]
        super().check(server)


class Lifecycle:
    """Twice is once."""

    def __init__(self, agent, what):
        self.path, self.is_done = f"/v1/agents/{agent}/{what}", False

    def run(self, server):
        if not self.is_done:
            call(server, "POST", self.path)
            self.is_done = True

    def check(self, server):
        pass


class RefusedMessage:
    def __init__(self, agent):
        self.agent, self.is_done = agent, False

    def run(self, server):
        if self.is_done:
            return
        try:
            call(server, "POST", f"/v1/agents/{self.agent}/messages", {"input": "too early"})
        except Refused as refused:
            assert refused.status == 409, refused
            self.is_done = True
            return
        raise AssertionError("a paused agent took a message")

    def check(self, server):
        pass


class Files(Scenario):
    """Memory that is files of git: edited by the agent, over the API, and by a push."""

    def make_agent(self, server, **more):
        return super().make_agent(server, tags=["git-memory-enabled"], **more)

    def make_acts(self, server):
        blocks = {block["label"]: block["id"] for block in self.blocks(server)}
        shared = call(server, "POST", "/v1/blocks/", {"label": "system/team", "value": "z"})["id"]
        call(server, "PATCH", f"/v1/agents/{self.agent}/core-memory/blocks/attach/{shared}")
        own = TEA.replace('"human"', '"system/human"')
        team = '[[call memory_insert {"label":"system/team","new_string":"Ships on Friday."}]]'
        yield Turn(self.agent, f"[[parallel]]{own}{team}[[step]][[say one two three]]", stream_tokens=True)
        yield ModifyBlock(blocks["system/persona"], "I like cake.")
        yield Push(self.agent)

    def blocks(self, server):
        return call(server, "GET", f"/v1/agents/{self.agent}/core-memory/blocks")

    def check(self, server):
        values = {block["label"]: block["value"] for block in self.blocks(server)}
        assert values == {"system/human": "x\nLikes tea.", "system/team": "z\nShips on Friday.",
                          "system/persona": "I like cake.", "notes/x": "Zanzibar"}
        with tempfile.TemporaryDirectory() as directory:
            git = clone(server, self.agent, directory)
            files = {path.removesuffix(".md"): git.read(path).split("---\n", 2)[-1] for path in git("ls-files").split()}
            edits = git("log", "--format=%s").splitlines()
        assert files == values
        assert edits.count("edit notes/x.md") == 1, edits
        super().check(server)


def clone(server, agent, directory):
    git = Git(pathlib.Path(directory))
    done = git.try_("clone", "-q", f"{server.url}/v1/git/{agent}/state.git", ".")
    if done.returncode != 0:
        raise ServerGone(done.stderr)
    return git


class ModifyBlock:
    def __init__(self, block, value):
        self.path, self.value, self.is_done = f"/v1/blocks/{block}", value, False

    def run(self, server):
        if not self.is_done:
            call(server, "PATCH", self.path, {"value": self.value})
            self.is_done = True

    def check(self, server):
        assert call(server, "GET", self.path)["value"] == self.value


class Push:
    """Not made twice where it was taken: a user who got no answer looks."""

    def __init__(self, agent):
        self.agent, self.is_done = agent, False

    def run(self, server):
        if self.is_done:
            return
        with tempfile.TemporaryDirectory() as directory:
            git = clone(server, self.agent, directory)
            if not (git.directory / "notes/x.md").exists():
                git.write("notes/x.md", "Zanzibar")
                pushed = git.try_("push", "-q", "origin", "main")
                if pushed.returncode != 0:
                    raise ServerGone(pushed.stderr)
        self.is_done = True

    def check(self, server):
        pass


class Sweep:
    """Only the server that sweeps is waited for."""

    def run(self, server):
        if hasattr(server, "wait_for_passing"):
            server.wait_for_passing("sweep.stored")

    def check(self, server):
        pass


class SweptTurn(Turn):
    """Its events are all there, or none of them is."""

    def check(self, server):
        try:
            super().check(server)
        except Refused as refused:
            assert refused.status == 410, refused


class Swept(Scenario):
    """Events that are too old, and are taken away."""

    options = ("--runs.events-age-s", "1", "--runs.events-sweep-s", "1")
    has_own_data = True
    names = ("sweep.",)

    def make_acts(self, server):
        yield SweptTurn(self.agent, TEA + "[[say one two three]]", stream_tokens=True)
        yield Sweep()


class Traced(Scenario):
    """A trace that is kept with its step, and is taken away when it is too old."""

    options = ("--traces.enabled=true", "--traces.age-s", "1", "--runs.events-sweep-s", "1")
    has_own_data = True
    names = ("trace.", "sweep.")

    def make_acts(self, server):
        yield Turn(self.agent, "[[say traced]]")
        yield Sweep()

    def check(self, server):
        for step in call(server, "GET", f"/v1/steps/?agent_id={self.agent}"):
            trace = call(server, "GET", f"/v1/steps/{step['id']}/trace")
            assert trace is None or "[[say traced]]" in str(trace["request_json"]), trace
        super().check(server)


BESIDE_RUNS = [Queued, Interrupting, TakenBack, Called, Expired, Paused, Files, Swept, Traced]
