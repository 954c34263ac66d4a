"""An MCP server over stdio from the standard library alone: what a sandbox has. It can misbehave."""

import json
import os
import socket
import sys
import time

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}}
TOOLS = [{"name": name, "description": name, "inputSchema": SCHEMA}
         for name in ("echo", "environment", "look_around", "die", "sleep", "shout", "chatter")]


def look_around():
    """What of the machine can be seen and touched."""
    def tries(what):
        try:
            return what()
        except OSError as error:
            return type(error).__name__

    return {
        "pids": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
        "uid": os.getuid(),
        "root": sorted(os.listdir("/")),
        "write": tries(lambda: open("/usr/x", "w")),
        "network": tries(lambda: socket.create_connection(("192.0.2.1", 80), 1) and "connected"),
        "routes": open("/proc/net/route").read().splitlines()[1:],
    }


def call(name, text):
    if name == "echo":
        return text
    if name == "environment":
        return os.environ.get(text, "none")
    if name == "look_around":
        return json.dumps(look_around())
    if name == "die":
        print("I am going", file=sys.stderr, flush=True)
        os._exit(3)
    if name == "sleep":
        time.sleep(float(text))
        return "awake"
    if name == "shout":
        return "x" * int(text)
    if name == "chatter":
        print("this is no message", flush=True)
        print("E" * 200_000, file=sys.stderr, flush=True)
        return "done"
    raise ValueError(name)


def answer(message):
    method, params = message["method"], message.get("params", {})
    if method == "initialize":
        return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}},
                "serverInfo": {"name": "stdio", "version": "1"}}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        text = call(params["name"], params["arguments"].get("text", ""))
        return {"content": [{"type": "text", "text": text}]}
    return {}


for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        reply = {"jsonrpc": "2.0", "id": request["id"], "result": answer(request)}
        print(json.dumps(reply), flush=True)
