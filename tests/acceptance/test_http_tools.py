"""Tools that are requests over HTTP, called by a model: against a service on this machine."""

import http.server
import json
import uuid

import pytest
from letta_client import APIStatusError, Letta

from support.local_service import serving
from support.processes import Server

OPENAI = "openai-proxy/gpt-4o-mini"
ANTHROPIC = "anthropic/claude-sonnet-4-5-20250929"
KEY = "a-key-of-the-shop"

SOURCE = """POST {url}/orders/{{order_id}}?notify={{notify}}
Authorization: Bearer ${{SHOP_KEY}}

{{"text": {{text}}, "by": "agent {{name}}"}}
"""
SCHEMA = {
    "name": "add_note",
    "description": "Adds a note to an order.",
    "parameters": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}, "text": {"type": "string"},
                       "name": {"type": "string"}, "notify": {"type": "boolean"}},
        "required": ["order_id", "text", "name"],
    },
}


class Service(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        self.server.calls.append((self.command, self.path, body))
        if self.headers.get("authorization") != f"Bearer {KEY}":
            return self.answer(401, {"error": "who are you?", "sent": self.headers.get("authorization")})
        self.answer(200, {"id": 7, "sent": self.headers["authorization"]})

    do_GET = do_POST

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def service():
    with serving(Service) as server:
        yield server


@pytest.fixture(scope="module")
def open_client(tmp_path_factory, model):
    """A server whose tools may call this machine."""
    server = Server(tmp_path_factory.mktemp("http_tools"), model, options=[
        "--web.allowed-networks=127.0.0.0/8", "--web.ports=1-65535"])
    for handle in (OPENAI, ANTHROPIC):
        server.wait_for_model(handle)
    yield Letta(base_url=server.url, api_key="none", max_retries=0)
    assert server.stop() == 0, server.log.read_text()[-4000:]


def call(client, agent, tool, **arguments):
    response = client.agents.messages.create(
        agent.id, input=f"[[call {tool} {json.dumps(arguments)}]][[say done]] {uuid.uuid4().hex}")
    assert response.messages[-1].content == "done"
    return response.messages[1]


def test_an_agent_calls_it_with_its_own_secret(open_client, handle, service):
    tool = open_client.tools.create(source_code=SOURCE.format(url=service.url), source_type="http",
                                    json_schema=SCHEMA)
    assert tool.name == "add_note" and tool.source_type == "http"
    agent = open_client.agents.create(model=handle, memory_blocks=[], tools=["add_note"],
                                      secrets={"SHOP_KEY": KEY})
    del service.calls[:]
    returned = call(open_client, agent, "add_note", order_id="4/2", text='a "new" one', name="Ada")
    assert returned.status == "success", returned.tool_return
    assert json.loads(returned.tool_return) == {"id": 7, "sent": "Bearer [secret]"}
    (method, path, body), = service.calls
    assert (method, path) == ("POST", "/orders/4%2F2")
    assert json.loads(body) == {"text": 'a "new" one', "by": "agent Ada"}


def test_what_goes_wrong_is_an_error_that_says_why(open_client, handle, service):
    open_client.tools.upsert(source_code=SOURCE.format(url=service.url), source_type="http", json_schema=SCHEMA)
    without = open_client.agents.create(model=handle, memory_blocks=[], tools=["add_note"])
    returned = call(open_client, without, "add_note", order_id="1", text="x", name="y")
    assert returned.status == "error" and "SHOP_KEY" in returned.tool_return
    wrong = open_client.agents.create(model=handle, memory_blocks=[], tools=["add_note"],
                                      secrets={"SHOP_KEY": "another-key"})
    returned = call(open_client, wrong, "add_note", order_id="1", text="x", name="y")
    assert returned.status == "error"
    assert "HTTP 401" in returned.tool_return and "who are you?" in returned.tool_return
    assert "another-key" not in returned.tool_return
    returned = call(open_client, wrong, "add_note", order_id="..", text="x", name="y")
    assert returned.status == "error" and "cannot be a part of a path" in returned.tool_return


def test_a_wrong_request_is_refused_when_it_is_made(client):
    for source in ("GET https://{host}/", "GET https://api.example.com/{other}", "nonsense"):
        with pytest.raises(APIStatusError) as failure:
            client.tools.create(source_code=source, source_type="http", json_schema=SCHEMA)
        assert failure.value.status_code == 400, failure.value
        assert "INVALID_ARGUMENT" in failure.value.body["detail"]


def test_by_default_nothing_of_this_machine_is_called(client, handle, service):
    client.tools.upsert(source_code=f"GET {service.url}/inside", source_type="http",
                        json_schema={"name": "look_inside", "parameters": {"type": "object", "properties": {}}})
    agent = client.agents.create(model=handle, memory_blocks=[], tools=["look_inside"])
    del service.calls[:]
    returned = call(client, agent, "look_inside")
    assert returned.status == "error" and service.calls == []


def test_a_document_becomes_tools(open_client, handle, service):
    document = {
        "openapi": "3.1.0",
        "servers": [{"url": service.url}],
        "security": [{"shopKey": []}],
        "paths": {
            "/orders/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": {"operationId": "readOrder", "summary": "One order.",
                        "parameters": [{"name": "full", "in": "query", "schema": {"type": "boolean"}}]},
                "post": {"operationId": "changeOrder", "requestBody": {"required": True, "content": {
                    "application/json": {"schema": {"type": "object", "properties": {
                        "title": {"type": "string"}}}}}}},
            },
        },
        "components": {"securitySchemes": {"shopKey": {"type": "http", "scheme": "bearer"}}},
    }
    made = open_client.post("/v1/tools/openapi", cast_to=object, body={"document": document})
    assert [tool["name"] for tool in made] == ["readOrder", "changeOrder"]
    again = open_client.post("/v1/tools/openapi", cast_to=object,
                             body={"document": document, "operations": ["readOrder"]})
    assert [tool["id"] for tool in again] == [made[0]["id"]]

    agent = open_client.agents.create(model=handle, memory_blocks=[], tools=["readOrder", "changeOrder"],
                                      secrets={"SHOP_KEY": KEY})
    del service.calls[:]
    assert call(open_client, agent, "readOrder", id="7", full=True).status == "success"
    assert call(open_client, agent, "changeOrder", id="7", title="A chair").status == "success"
    assert service.calls == [("GET", "/orders/7?full=true", ""), ("POST", "/orders/7", '{"title":"A chair"}')]

    with pytest.raises(APIStatusError) as failure:
        open_client.post("/v1/tools/openapi", cast_to=object, body={"document": document, "operations": ["none"]})
    assert failure.value.status_code == 400 and "'none'" in failure.value.body["detail"]
    with pytest.raises(APIStatusError) as failure:
        open_client.post("/v1/tools/openapi", cast_to=object, body={"document": []})
    assert failure.value.status_code == 422
