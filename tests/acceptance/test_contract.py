"""The answers against the API contract (tests/api/openapi.json), and the list of what is not served."""

import csv
import json
import pathlib
import re

import pytest
import referencing
import referencing.jsonschema
from jsonschema import Draft202012Validator

API = pathlib.Path(__file__).resolve().parents[1] / "api"
METHODS = ("get", "post", "put", "patch", "delete")
HEADERS = {"X-Stainless-Package-Version": "1.12.1"}

document = json.loads((API / "openapi.json").read_text().replace('"#/components', '"urn:c#/components'))
registry = referencing.Registry().with_resource(
    "urn:c", referencing.Resource(contents=document, specification=referencing.jsonschema.DRAFT202012))


def spelled_once(path):
    return re.sub(r"\{\w+\}", "{}", path.rstrip("/"))


def operations(paths):
    """{(method, path): operation}, whatever the path's parameters are called."""
    return {(method, spelled_once(path)): item[method]
            for path, item in paths.items() for method in METHODS if method in item}


@pytest.fixture(scope="module")
def served(server):
    return operations(server.get("/openapi.json")["paths"])


@pytest.fixture(scope="module")
def ids(client):
    """One object of each kind, so that every answer has something in it."""
    made = [client.tools.create(source_code=f"def {name}(): ...", json_schema={"name": name})
            for name in ("contract_tool", "deleted_tool")]
    agent = client.agents.create(
        model="openai-proxy/gpt-4o-mini", tags=["contract"], description="d", tools=["contract_tool"],
        secrets={"KEY": "v"},
        memory_blocks=[{"label": "human", "value": "v"}], embedding="openai/text-embedding-3-small")
    answer = client.agents.messages.create(
        agent.id, input='[[reason hm]][[call memory_insert {"label":"human","new_string":"x"}]][[say ok]]')
    conversation = client.conversations.create(agent_id=agent.id, extra_body={"isolated_block_labels": ["human"]})
    return {"agent_id": agent.id, "conversation_id": conversation.id, "block_id": agent.blocks[0].id, "block_label": "human",
            "tool_id": agent.tools[0].id, "custom_tool_id": made[0].id, "deleted_tool_id": made[1].id, "tool_name": "contract_tool", "run_id": answer.messages[0].run_id,
            "step_id": answer.messages[0].step_id, "message_id": answer.messages[0].id}


def problems(operation, status, body):
    response = operation["responses"].get(str(status))
    if response is None:
        return [f"status {status} is not in the contract: {str(body)[:200]}"]
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return []
    return [f"{list(e.absolute_path)[:6]}: {e.message[:200]}"
            for e in Draft202012Validator(schema, registry=registry).iter_errors(body)]


READS = sorted((path, item["get"]) for path, item in document["paths"].items()
               if item.get("get", {}).get("x-source") == "server")


@pytest.mark.parametrize("path", [path for path, _ in READS])
@pytest.mark.parametrize("include", [False, True], ids=["bare", "with all that can be included"])
def test_what_is_read_has_the_shape_of_the_contract(server, served, ids, path, include):
    operation = dict(READS)[path]
    names = re.findall(r"\{(\w+)\}", path)
    if ("get", spelled_once(path)) not in served or any(name not in ids for name in names):
        pytest.skip("not served yet")
    url = path.format(**ids)
    includes = next((q for q in operation.get("parameters", []) if q.get("name") == "include"), None)
    if include:
        if includes is None:
            pytest.skip("nothing to include")
        url += "?include=agent.blocks&include=agent.tools&include=agent.tags&include=agent.secrets"
    status, body, _ = server.request("GET", url, headers=HEADERS)
    assert status == 200 and problems(operation, status, body) == []


WRITES = [
    ("post", "/v1/agents/", {"model": "openai-proxy/gpt-4o-mini"}),
    ("patch", "/v1/agents/{agent_id}", {"name": "Renamed"}),
    ("post", "/v1/agents/{agent_id}/messages", {"input": "hi"}),
    ("post", "/v1/agents/{agent_id}/messages/async", {"input": "hi", "when_busy": "queue"}),
    ("patch", "/v1/agents/{agent_id}/core-memory/blocks/{block_label}", {"value": "w"}),
    ("post", "/v1/agents/{agent_id}/recompile", None),
    ("post", "/v1/blocks/", {"label": "l", "value": "v"}),
    ("patch", "/v1/blocks/{block_id}", {"value": "w"}),
    ("post", "/v1/conversations/?agent_id={agent_id}", {"summary": "s", "isolated_block_labels": ["human"]}),
    ("patch", "/v1/conversations/{conversation_id}", {"summary": "t"}),
    ("post", "/v1/conversations/{conversation_id}/fork", None),
    ("post", "/v1/conversations/{conversation_id}/recompile", None),
    ("post", "/v1/tools/add-base-tools", None),
    ("post", "/v1/tools/", {"source_code": "def look(): ...", "json_schema": {"name": "look"}}),
    ("put", "/v1/tools/", {"source_code": "def look(): ...", "json_schema": {"name": "look"}, "tags": ["t"],
                           "pip_requirements": [{"name": "x", "version": "1"}]}),
    ("patch", "/v1/tools/{custom_tool_id}", {"description": "Looks."}),
    ("post", "/v1/tools/search", {"query": "contract"}),
    ("post", "/v1/tools/run", {"source_code": "def look(): ...", "args": {}}),
    ("post", "/v1/agents/{agent_id}/tools/{tool_name}/run", {"args": {}}),
    ("delete", "/v1/tools/{deleted_tool_id}", None),
    ("patch", "/v1/steps/{step_id}/feedback", {"feedback": "positive"}),
    ("post", "/v1/agents/{agent_id}/messages/preview-raw-payload", {"input": "hi"}),
    ("post", "/v1/conversations/{conversation_id}/messages/preview-raw-payload",
     {"messages": [{"role": "user", "content": "hi"}]}),
    ("post", "/v1/agents/{agent_id}/generate", {"prompt": "hi"}),
]


@pytest.mark.parametrize("method, path, body", WRITES, ids=[f"{m} {p}" for m, p, _ in WRITES])
def test_what_is_written_is_answered_in_the_shape_of_the_contract(server, ids, method, path, body):
    operation = operations(document["paths"])[(method, spelled_once(path.split("?")[0]))]
    status, answer, _ = server.request(method.upper(), path.format(**ids), body, HEADERS)
    assert status == 200 and problems(operation, status, answer) == []


def test_every_operation_is_served_or_says_that_it_is_not_built(server, served, ids):
    """A 404 or 405 for an operation of the contract would be a hole in both lists."""
    not_served = []
    for row in csv.DictReader((API / "operations.tsv").open(), delimiter="\t"):
        method, path = row["method"].lower(), row["path"]
        if row["source"] != "server" or (method, spelled_once(path)) in served:
            continue
        sample = re.sub(r"\{(\w+)\}", lambda m: ids.get(m.group(1), "x"), path)
        status, body, headers = server.request(row["method"], sample, {} if method != "get" else None)
        assert status in (501, 422), (row["operationId"], status, body)
        not_served.append(row["operationId"])
    print(f"{len(not_served)} operations are not served yet: {' '.join(not_served)}")


OWN = {("post", "/v1/admin/backup"), ("get", "/v1/approvals"), ("post", "/v1/tools/openapi"),
       ("post", "/v1/agents/{}/pause"),
       ("post", "/v1/agents/{}/resume"), ("get", "/v1/agents/{}/lifecycle"),
       ("get", "/v1/git/{}/info/refs"), ("post", "/v1/git/{}/git-upload-pack"),
       ("post", "/v1/git/{}/git-receive-pack")}


def shape(schema):
    """What an answer is: its name in the contract, its type, or [either of each item of a list]."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if schema.get("discriminator", {}).get("propertyName") == "message_type":
        return "LettaMessageUnion"
    if "anyOf" in schema:
        return " or ".join(shape(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{shape(schema['items'])}]"
    return schema.get("type", "anything")


def answers(operation):
    content = operation["responses"].get("200", {}).get("content", {})  # a 204 has none
    return {media_type: shape(each.get("schema", {})) for media_type, each in content.items()}


def test_the_openapi_document_names_only_what_the_contract_has(served):
    assert served.keys() - operations(document["paths"]).keys() - OWN == set()


def test_the_openapi_document_describes_answers_as_the_contract_does(served):
    contract = operations(document["paths"])
    wrong = []
    for key in served.keys() - OWN:
        allowed = answers(contract[key])
        wrong += [(key, said, allowed) for media_type, said in answers(served[key]).items()
                  if allowed.get(media_type) not in (said, "anything")]
    assert wrong == []
