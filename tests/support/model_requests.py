"""What the scripted model was asked, read alike from both wire formats."""

import json


def system_of(body):
    """The text of the system message."""
    system = body.get("system", body["messages"][0]["content"])
    return system if isinstance(system, str) else "".join(part["text"] for part in system)


def tools_of(body):
    """Names of the tools that the model was offered, in order."""
    return [tool.get("function", tool)["name"] for tool in body.get("tools", [])]


def choice_of(body):
    """What the model had to call: "auto", "required", "none" or a tool's name."""
    choice = body.get("tool_choice", "auto")
    if isinstance(choice, str):
        return choice
    if choice["type"] == "any":
        return "required"
    if choice["type"] in ("function", "tool"):
        return choice.get("function", choice)["name"]
    return choice["type"]


def allows_parallel_calls(body):
    if "parallel_tool_calls" in body:
        return body["parallel_tool_calls"]
    return not body["tool_choice"].get("disable_parallel_tool_use", False)


def said_to(body):
    """All that is behind the system message, as text."""
    return json.dumps(body["messages"] if "system" in body else body["messages"][1:])
