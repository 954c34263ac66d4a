"""kill -9 at random moments under load. Acknowledged means: a 2xx read to its end, or the last
event of a stream. What was acknowledged is there once; what was not may be there once at most."""

import os
import random
import threading
import time

import pytest
from letta_client import APIError, Letta

from support.processes import ScriptedModel, Server

KILLS = int(os.environ.get("REVERIE_KILLS", "50"))
AGENTS = 8
HANDLES = ["openai-proxy/gpt-4o-mini", "anthropic/claude-sonnet-4-5-20250929"]


class Load:
    """One thread for each agent: messages with a tool call, every other one as a stream."""

    def __init__(self, client, agents, seed):
        self.client, self.agents = client, agents
        self.acknowledged = {agent: [] for agent in agents}
        self.unknown = {agent: [] for agent in agents}
        self.stopped = threading.Event()
        self.number = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._run, args=(agent, random.Random(f"{seed}/{i}")))
                        for i, agent in enumerate(agents)]
        for thread in self.threads:
            thread.start()

    def _next_word(self):
        with self.lock:
            self.number += 1
            return f"word{self.number:06d}"

    def _run(self, agent, chance):
        while not self.stopped.is_set():
            word = self._next_word()
            text = ('[[call memory_insert {"label":"human","new_string":"%s"}]][[say kept %s]]' % (word, word))
            try:
                if chance.random() < 0.5:
                    self.client.agents.messages.create(agent, input=text)
                    done = True
                else:
                    kinds = [event.message_type for event in self.client.agents.messages.stream(
                        agent, messages=[{"role": "user", "content": text}],
                        stream_tokens=chance.random() < 0.5)]
                    done = kinds[-1:] == ["usage_statistics"]
                (self.acknowledged if done else self.unknown)[agent].append(word)
            except (APIError, OSError, RuntimeError) as error:
                self.unknown[agent].append(word)
                time.sleep(0.05)  # the server is down: it says so at once, again and again
            except Exception as error:  # the SDK lets transport errors of streams through
                assert type(error).__module__.startswith(("httpx", "httpcore")), error
                self.unknown[agent].append(word)

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(120)
            assert not thread.is_alive()


def words_of(text):
    return [part for part in text.replace('"', " ").replace("\n", " ").split() if part.startswith("word")]


def check(client, load, agent):
    """Nothing acknowledged is lost, nothing is there twice, and the history is whole."""
    value = client.agents.blocks.retrieve("human", agent_id=agent).value
    kept = words_of(value)
    assert len(kept) == len(set(kept)), f"an edit was made twice: {value}"
    messages = list(client.agents.messages.list(agent, order="asc", limit=1000))
    said = [m for m in messages if m.message_type == "user_message"]
    sent = [words_of(m.content)[0] for m in said if words_of(m.content)]
    assert len(sent) == len(set(sent)), "a message is there twice"
    answered = [m.content.split()[-1] for m in messages
                if m.message_type == "assistant_message" and m.content.startswith("kept")]
    assert len(answered) == len(set(answered)), "a turn was made twice"
    for word in load.acknowledged[agent]:
        assert word in kept and word in sent and word in answered, f"{word} was acknowledged and is lost"
    calls = [c.tool_call_id for m in messages if m.message_type == "tool_call_message" for c in m.tool_calls]
    returns = [r.tool_call_id for m in messages if m.message_type == "tool_return_message" for r in m.tool_returns]
    assert calls == returns, "a call without its return"


@pytest.mark.parametrize("retries", [0, 2], ids=["one attempt", "the SDK's retries"])
def test_kill_9_loses_nothing_and_doubles_nothing(tmp_path, retries):
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    model = ScriptedModel(tmp_path, options=["--latency-ms", "2"])
    server = Server(tmp_path, model)
    for handle in HANDLES:
        server.wait_for_model(handle)
    client = Letta(base_url=server.url, api_key="none", max_retries=retries, timeout=60)
    agents = [client.agents.create(model=HANDLES[i % 2], memory_blocks=[{"label": "human", "value": "start"}]).id
              for i in range(AGENTS)]
    load = Load(client, agents, seed)
    try:
        for _ in range(KILLS // 2):
            time.sleep(chance.uniform(0.02, 0.5))
            server.kill()
            server = Server(tmp_path, model, port=server.port)
    finally:
        load.stop()
    patient = Letta(base_url=server.url, api_key="none", max_retries=0, timeout=60)
    for agent in agents:
        answer = patient.agents.messages.create(agent, input="still there?")
        assert answer.messages[0].content == "You said: still there?"
        check(patient, load, agent)
    assert sum(len(words) for words in load.acknowledged.values()) > KILLS
    active = [run.id for run in patient.runs.list(active=True)]
    assert active == []
    assert server.stop() == 0
    model.stop()


def test_an_acknowledged_block_edit_survives(tmp_path):
    server = Server(tmp_path)
    client = Letta(base_url=server.url, api_key="none", max_retries=0)
    block = client.blocks.create(label="l", value="0")
    for i in range(1, 11):
        client.blocks.update(block.id, value=str(i))
        server.kill()
        server = Server(tmp_path, port=server.port)
        assert client.blocks.retrieve(block.id).value == str(i)
    server.stop()


def test_the_demo_agent_still_knows_after_a_kill(tmp_path):
    server = Server(tmp_path)
    client = Letta(base_url=server.url, api_key="none", max_retries=0)
    agent = client.agents.create(model="reverie/demo", memory_blocks=[
        {"label": "human", "value": ""}, {"label": "persona", "value": "I am a demo."}])
    client.agents.messages.create(agent.id, input="Hi, my name is Ada.")
    server.kill()
    server = Server(tmp_path, port=server.port)
    answer = client.agents.messages.create(agent.id, input="What is my name?")
    assert "Ada" in answer.messages[-1].content
    assert "Ada" in client.agents.blocks.retrieve("human", agent_id=agent.id).value
    server.stop()
