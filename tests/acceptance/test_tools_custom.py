"""Tools that people bring: made, changed, found, tried, and called by a model; P34-P38."""

import json
import uuid

import letta_client
import pytest

from support.processes import Server

OPENAI = "openai-proxy/gpt-4o-mini"

ADD = '''
def add_numbers(a: int, b: int) -> int:
    """Adds two numbers.

    Args:
        a (int): first number
        b (int): second number

    Returns:
        int: the sum
    """
    print("adding", a, b)
    return a + b
'''


def named(source, old):
    """The same function under a name of its own, so that tests do not share tools."""
    name = old + "_" + uuid.uuid4().hex[:8]
    return name, source.replace(old, name)


@pytest.fixture
def make(client):
    """Makes a tool of a source, under a new name."""
    made = []

    def make(source, function, **more):
        name, source = named(source, function)
        tool = client.tools.create(source_code=source, **more)
        assert tool.name == name
        made.append(tool.id)
        return tool
    yield make
    for tool_id in made:
        try:
            client.tools.delete(tool_id)
        except letta_client.BadRequestError:
            pass  # the test deleted it


@pytest.fixture
def call(client, handle):
    """Gives a tool to a new agent, has the model call it: what it returned."""
    def call(tool, secrets=None, **arguments):
        agent = client.agents.create(model=handle, tool_ids=[tool.id], secrets=secrets)
        response = client.agents.messages.create(
            agent.id, input=f"[[call {tool.name} {json.dumps(arguments)}]][[say done]]")
        assert response.messages[-1].content == "done", response
        returned = response.messages[1]
        assert returned.message_type == "tool_return_message" and returned.name == tool.name
        return returned
    return call


# Made, changed, deleted

def test_a_schema_is_read_from_the_source(make, client):
    tool = make(ADD, "add_numbers")
    assert (tool.tool_type, tool.source_type, tool.description) == ("custom", "python", "Adds two numbers.")
    assert tool.json_schema["parameters"] == {
        "type": "object", "required": ["a", "b"],
        "properties": {"a": {"type": "integer", "description": "first number"},
                       "b": {"type": "integer", "description": "second number"}}}
    assert tool.return_char_limit == 50000 and tool.tags == []
    assert client.tools.retrieve(tool.id) == tool
    assert tool.id in [each.id for each in client.tools.list(limit=5)]


def test_create_and_upsert_make_one_tool_of_one_name(client):
    name, source = named(ADD, "add_numbers")
    first = client.tools.create(source_code=source, tags=["math"])
    again = client.tools.upsert(source_code=source.replace("Adds two", "Sums two"))
    assert again.id == first.id and again.description == "Sums two numbers." and again.tags == ["math"]
    assert [tool.id for tool in client.tools.list(name=name)] == [first.id]
    client.tools.delete(first.id)
    with pytest.raises(letta_client.NotFoundError):
        client.tools.retrieve(first.id)
    with pytest.raises(letta_client.BadRequestError):
        client.tools.delete(first.id)


def test_a_new_source_keeps_the_schema(make, client):
    tool = make(ADD, "add_numbers")
    source = f"def {tool.name}(a, b):\n    return a - b\n"
    changed = client.tools.update(tool.id, source_code=source)
    assert changed.source_code == source and changed.json_schema == tool.json_schema
    with pytest.raises(letta_client.BadRequestError):
        client.tools.update(tool.id, source_code="def something_else():\n    pass\n")
    assert client.tools.update(tool.id, description="Takes away.", tags=["x"]).description == "Takes away."
    assert client.tools.update(tool.id, return_char_limit=7).return_char_limit == 7


@pytest.mark.parametrize("source", [
    "def broken(x):\n    '''Does.\n\n    Args:\n        x (int): it\n    '''\n",
    "def broken(x: int):\n    '''Does.'''\n",
    "def broken(x: dict[str, int]):\n    '''Does.\n\n    Args:\n        x (dict): it\n    '''\n",
    "x = 1\n", "def broken(:\n"], ids=["no annotation", "no doc", "typed dict", "no function", "no python"])
def test_p34_a_source_that_does_not_say_what_it_takes_is_refused(client, server, source):
    with pytest.raises(letta_client.BadRequestError):
        client.tools.create(source_code=source)
    assert server.request("POST", "/v1/tools/generate-schema", {"code": source})[0] == 400


def test_p34_an_optional_argument_is_not_required(server):
    source = ("from typing import Optional\ndef greet(name: Optional[str] = None, often: int = 1):\n"
              "    '''Greets.\n\n    Args:\n        name (str): whom\n        often (int): how often\n    '''\n")
    status, schema, _ = server.request("POST", "/v1/tools/generate-schema", {"code": source})
    assert status == 200 and schema["name"] == "greet"
    assert schema["parameters"].get("required", []) == []
    assert schema["parameters"]["properties"]["name"]["type"] == "string"


@pytest.mark.parametrize("body, status", [
    ({}, 422), ({"source_code": 5}, 422), ({"source_code": ADD, "return_char_limit": 0}, 422),
    ({"source_code": ADD, "return_char_limit": 1000001}, 422), ({"source_code": ADD, "tags": "x"}, 422),
    ({"source_code": ADD, "json_schema": "x"}, 422), ({"source_code": ADD, "source_type": "perl"}, 422),
    ({"source_code": ADD, "pip_requirements": [{"version": "1"}]}, 422),
    ({"source_code": ADD, "json_schema": {"name": "other"}}, 400),
    ({"source_code": ADD, "json_schema": {"name": "not a name"}}, 400),
    ({"source_code": "def web_search(): ...", "json_schema": {"name": "web_search"}}, 400),
    ({"source_code": "export function f() {}", "source_type": "typescript"}, 400)])
def test_a_wrong_tool_is_refused(server, body, status):
    for method in ("POST", "PUT"):
        answer = server.request(method, "/v1/tools/", body)
        assert answer[0] == status and answer[1]["detail"], answer[1]


def test_a_tool_is_found_by_words(make, client):
    source = ADD.replace("Adds two numbers.", "Computes the zymurgical index of a brew.")
    tool = make(source, "add_numbers", tags=["brewing"])
    found = client.tools.search(query="zymurgical indexes")
    assert found[0].tool.id == tool.id and found[0].combined_score > 0
    assert [each.tool.id for each in client.tools.search(query="brew", tags=["brewing"])] == [tool.id]
    assert client.tools.search(query="zymurgical", tool_types=["letta_core"]) == []


# Called by a model

def test_a_model_calls_a_tool(make, call):
    returned = call(make(ADD, "add_numbers"), a=2, b=3)
    assert (returned.status, returned.tool_return) == ("success", "5")
    assert returned.stdout == ["adding 2 3\n"] and not returned.stderr


def test_p35_what_a_tool_prints_is_kept_when_it_raises(make, call):
    tool = make('def fails(x: str):\n    """Fails.\n\n    Args:\n        x (str): it\n    """\n'
                '    print("so far")\n    raise ValueError("no good: " + x)\n', "fails")
    returned = call(tool, x="y")
    assert returned.status == "error" and "ValueError: no good: y" in returned.tool_return
    assert returned.stdout == ["so far\n"]
    assert "Traceback" in returned.stderr[0] and "ValueError: no good: y" in returned.stderr[0]


def test_p36_a_tool_sees_no_key_of_the_server_and_its_own_ids(make, call):
    tool = make('def look():\n    """Looks."""\n    import os, json\n    return json.dumps(dict(os.environ))\n', "look")
    returned = call(tool, secrets={"TOKEN": "s3cr3t-value"})
    assert returned.status == "success", returned.tool_return
    seen = json.loads(returned.tool_return)
    assert not [name for name in seen if "API_KEY" in name and name != "LETTA_API_KEY"]
    assert "sk-test" not in returned.tool_return
    assert seen["LETTA_AGENT_ID"].startswith("agent-") and seen["LETTA_TOOL_ID"] == tool.id
    assert "TOKEN" in seen and "s3cr3t-value" not in returned.tool_return  # what comes back is masked


def test_p37_a_tool_that_takes_too_long_is_ended(tmp_path, model):
    server = Server(tmp_path, model, ["--sandbox.wall-s=2"])
    server.wait_for_model(OPENAI)
    client = letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
    tool = client.tools.create(source_code='def nap():\n    """Naps."""\n    import time\n    time.sleep(600)\n')
    agent = client.agents.create(model=OPENAI, tool_ids=[tool.id])
    response = client.agents.messages.create(agent.id, input="[[call nap {}]][[say done]]")
    assert response.messages[1].status == "error" and "TimeoutError" in response.messages[1].tool_return
    assert response.messages[-1].content == "done"
    assert server.stop() == 0


def test_p38_a_long_return_is_cut(make, call):
    tool = make('def long(n: int):\n    """Long.\n\n    Args:\n        n (int): how long\n    """\n    return "ä" * n\n',
                "long", return_char_limit=100)
    returned = call(tool, n=5000)
    assert returned.tool_return.startswith("ä" * 100 + "...") and "5000 > 100" in returned.tool_return
    assert call(tool, n=100).tool_return == "ä" * 100


def test_a_return_of_a_megabyte(make, call):
    tool = make('def big():\n    """Big."""\n    return "x" * 900000\n', "big", return_char_limit=1000000)
    assert call(tool).tool_return == "x" * 900000


TYPES = '''
from typing import List, Literal, Optional

async def every_type(text: str, count: int, ratio: float, flag: bool, names: List[str], mode: Literal["a", "b"],
                more: dict, maybe: Optional[int] = None):
    """Takes all.

    Args:
        text (str): a text
        count (int): a count
        ratio (float): a ratio
        flag (bool): a flag
        names (List[str]): names
        mode (Literal["a", "b"]): a mode
        more (dict): more
        maybe (Optional[int]): perhaps
    """
    return {"text": text, "types": [type(each).__name__ for each in (text, count, ratio, flag, names, mode, more)],
            "maybe": maybe}
'''


def test_arguments_of_all_types_reach_an_async_function(make, call):
    returned = call(make(TYPES, "every_type"), text="grüße 🚀 \"quoted\"\n", count=3, ratio=2, flag=True,
                    names=["a", "b"], mode="b", more={"k": [1, None]})
    assert returned.status == "success", returned.tool_return
    value = json.loads(returned.tool_return)
    assert value["text"] == "grüße 🚀 \"quoted\"\n" and value["maybe"] is None
    assert value["types"] == ["str", "int", "float", "bool", "list", "str", "dict"]


def test_arguments_that_do_not_fit_are_an_error_that_names_them(make, call):
    returned = call(make(ADD, "add_numbers"), a="two", b=3)
    assert returned.status == "error" and "'a'" in returned.tool_return and returned.stdout in (None, [])


def test_a_tool_may_ask_for_the_state_of_its_agent(make, call):
    tool = make('def who(agent_state):\n    """Tells."""\n    return agent_state["id"] if isinstance(agent_state, dict) '
                'else agent_state.id\n', "who")
    assert call(tool).tool_return.startswith("agent-")


def test_several_calls_of_one_answer(make, client, handle):
    tool = make(ADD, "add_numbers", enable_parallel_execution=True)
    agent = client.agents.create(
        model=handle, tool_ids=[tool.id],
        model_settings={"provider_type": "anthropic" if handle.startswith("anthropic") else "openai",
                        "parallel_tool_calls": True})
    calls = "".join(f'[[call {tool.name} {{"a":{n},"b":0}}]]' for n in (1, 2, 3))
    response = client.agents.messages.create(agent.id, input=f"[[parallel]]{calls}[[step]][[say done]]")
    returned = [message for message in response.messages if message.message_type == "tool_return_message"]
    assert [each.tool_return for each in returned[0].tool_returns] == ["1", "2", "3"]


def test_a_tool_that_needs_approval_waits_for_it(make, client, handle):
    tool = make(ADD, "add_numbers", default_requires_approval=True)
    for agent in (client.agents.create(model=handle, tools=[tool.name]), client.agents.create(model=handle)):
        client.agents.tools.attach(tool.id, agent_id=agent.id)
        response = client.agents.messages.create(agent.id, input=f'[[call {tool.name} {{"a":7,"b":1}}]][[say eight]]')
        assert response.stop_reason.stop_reason == "requires_approval"
        asked = response.messages[0].tool_call
        response = client.agents.messages.create(agent.id, messages=[{"type": "approval", "approvals": [
            {"type": "approval", "tool_call_id": asked.tool_call_id, "approve": True}]}])
        assert response.messages[0].tool_return == "8" and response.messages[-1].content == "eight"


def test_tools_are_attached_listed_and_detached(make, client, handle):
    tool = make(ADD, "add_numbers")
    agent = client.agents.create(model=handle, include_base_tools=False)
    client.agents.tools.attach(tool.id, agent_id=agent.id)
    assert [each.id for each in client.agents.tools.list(agent.id)] == [tool.id]
    assert [each.id for each in client.agents.retrieve(agent.id, include=["agent.tools"]).tools] == [tool.id]
    client.agents.tools.detach(tool.id, agent_id=agent.id)
    assert list(client.agents.tools.list(agent.id)) == []


def test_an_agent_goes_on_without_a_tool_that_was_deleted(make, client, handle):
    tool = make(ADD, "add_numbers")
    agent = client.agents.create(model=handle, tool_ids=[tool.id])
    client.tools.delete(tool.id)
    response = client.agents.messages.create(agent.id, input=f'[[call {tool.name} {{"a":1,"b":1}}]][[say done]]')
    assert response.messages[1].status == "error" and response.messages[-1].content == "done"
    assert tool.id not in [each.id for each in client.agents.tools.list(agent.id)]
    client.agents.tools.detach(tool.id, agent_id=agent.id)


def test_an_unknown_tool_is_named(client, handle):
    with pytest.raises(letta_client.BadRequestError, match="Tools not found by name"):
        client.agents.create(model=handle, tools=["no_such_tool"])


# Tried without a model

def test_a_tool_is_tried_as_its_agent_would(make, client, handle):
    tool = make(ADD, "add_numbers")
    agent = client.agents.create(model=handle, tool_ids=[tool.id])
    result = client.agents.tools.run(tool.name, agent_id=agent.id, args={"a": 4, "b": 5})
    assert (result.status, result.func_return, result.stdout) == ("success", 9, ["adding 4 5\n"])
    with pytest.raises(letta_client.NotFoundError):
        client.agents.tools.run("no_such_tool", agent_id=agent.id, args={})


def test_a_source_is_tried(server):
    status, answer, _ = server.request("POST", "/v1/tools/run", {"source_code": ADD, "args": {"a": 1, "b": 1}})
    assert status == 200 and answer["tool_return"] == "2" and answer["stdout"] == ["adding 1 1\n"]
    assert (answer["id"], answer["name"], answer["tool_call_id"]) == ("null", "add_numbers", "null")
    source = 'def env():\n    """E."""\n    import os\n    return os.environ["KEY"]\n'
    status, answer, _ = server.request("POST", "/v1/tools/run", {"source_code": source, "args": {}, "env_vars": {"KEY": "v"}})
    assert answer["tool_return"] == "v"
    assert server.request("POST", "/v1/tools/run", {"source_code": "x = 1", "args": {}})[0] == 400


@pytest.mark.parametrize("language, code", [("python", "print(6 * 7)"), ("js", "console.log(6 * 7)")])
def test_code_runs(client, handle, language, code):
    agent = client.agents.create(model=handle, tools=["run_code"])
    arguments = json.dumps({"code": code, "language": language})
    response = client.agents.messages.create(agent.id, input=f"[[call run_code {arguments}]][[say done]]")
    returned = response.messages[1]
    assert returned.status == "success", returned.tool_return
    assert json.loads(returned.tool_return)["logs"]["stdout"] == ["42\n"]


# Secrets

def secrets_of(client, agent):
    return {each.key: each.value for each in client.agents.retrieve(agent.id, include=["agent.secrets"]).secrets}


def test_secrets_are_shown_to_who_asks_and_replaced_as_a_set(client, handle):
    agent = client.agents.create(model=handle, secrets={"A": "1", "B": "2"})
    assert {each.key: each.value for each in agent.secrets} == {"A": "1", "B": "2"}
    assert agent.secrets[0].id.startswith("agent-env-") and agent.secrets[0].agent_id == agent.id
    assert client.agents.retrieve(agent.id).secrets == []
    client.agents.update(agent.id, name="Other Name")
    assert secrets_of(client, agent) == {"A": "1", "B": "2"}
    client.agents.update(agent.id, secrets={"B": "3"})
    assert secrets_of(client, agent) == {"B": "3"}
    client.agents.update(agent.id, secrets={})
    assert secrets_of(client, agent) == {}


def test_secrets_outlive_the_server_and_are_nowhere_in_clear(tmp_path, model):
    word = "zq" + uuid.uuid4().hex
    server = Server(tmp_path, model, env={"LETTA_ENCRYPTION_KEY": "a passphrase"})
    server.wait_for_model(OPENAI)
    client = letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
    agent = client.agents.create(model=OPENAI, secrets={"KEY": word})
    server.stop()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert word.encode() not in path.read_bytes(), path
    with pytest.raises(RuntimeError, match="another key"):
        Server(tmp_path, model, env={"LETTA_ENCRYPTION_KEY": "another passphrase"})
    server = Server(tmp_path, model, env={"LETTA_ENCRYPTION_KEY": "a passphrase"})
    client = letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
    assert secrets_of(client, agent) == {"KEY": word}
    server.stop()
