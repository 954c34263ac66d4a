import pathlib
import sys

import pytest
from letta_client import Letta

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.processes import ScriptedModel, Server  # noqa: E402

OPENAI = "openai-proxy/gpt-4o-mini"
ANTHROPIC = "anthropic/claude-sonnet-4-5-20250929"


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    model = ScriptedModel(tmp_path_factory.mktemp("model"))
    yield model
    model.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory, model):
    server = Server(tmp_path_factory.mktemp("server"), model)
    for handle in (OPENAI, ANTHROPIC):
        server.wait_for_model(handle)
    yield server
    assert server.stop() == 0, server.log.read_text()[-4000:]


@pytest.fixture(scope="session")
def client(server):
    return Letta(base_url=server.url, api_key="none", max_retries=0)


@pytest.fixture(params=[OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
def handle(request):
    return request.param


@pytest.fixture
def agent(client, handle):
    """An agent on each wire format, with the usual two blocks."""
    agent = client.agents.create(
        name="Test Agent", model=handle,
        memory_blocks=[{"label": "human", "value": "Name: unknown."},
                       {"label": "persona", "value": "I am a test agent."}])
    yield agent
    try:
        client.agents.delete(agent.id)
    except Exception:
        pass  # the test deleted it


@pytest.fixture
def send(client, agent):
    def send(text, **options):
        return client.agents.messages.create(
            agent.id, messages=[{"role": "user", "content": text}], **options)
    return send
