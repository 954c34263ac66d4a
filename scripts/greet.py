"""Waits until a starting server is healthy, sees that there is an agent, says what to type next.

    python3 greet.py PID HOST PORT PREFIX PROGRAM

PID is the server's: when it is gone there is nothing to wait for. Prints to stderr, among the
server's own lines.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

# An agent that needs no key: the built-in model answers it.
AGENT = {
    "name": "demo",
    "description": "Made by scripts/serve for a first chat.",
    "model": "reverie/demo",
    "memory_blocks": [
        {"label": "human", "value": ""},
        {"label": "persona", "value": "I am a friendly assistant who remembers what I am told."},
    ],
}

# Where `reverie chat` looks when it is not told.
DEFAULT_BASE = "http://127.0.0.1:8283"

# A server that opens a large data directory after a crash takes seconds, not minutes.
WAIT_S = 120
POLL_S = 0.1


class Client:
    def __init__(self, base):
        self.base = base
        # Proxies of the environment are not for this machine.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        password = os.environ.get("REVERIE_SERVER_PASSWORD") or os.environ.get(
            "LETTA_SERVER_PASSWORD"
        )
        self.headers = {"Content-Type": "application/json"}
        if password:
            self.headers["Authorization"] = f"Bearer {password}"

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, self.headers, method=method)
        with self.opener.open(request, timeout=10) as response:
            return json.load(response)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_healthy(client, pid):
    deadline = time.monotonic() + WAIT_S
    while is_running(pid) and time.monotonic() < deadline:
        try:
            client.call("GET", "/v1/health/")
            return True
        except (OSError, ValueError):
            time.sleep(POLL_S)
    return False


def find_or_create_agent(client):
    """The id of the agent, or None where the server wants a password that is not known here."""
    try:
        found = client.call("GET", f"/v1/agents/?name={AGENT['name']}&limit=1")
        agent = found[0] if found else client.call("POST", "/v1/agents/", AGENT)
        return agent["id"]
    except urllib.error.HTTPError as error:
        print(f"No demo agent: the server answers {error.code}.", file=sys.stderr)
        return None


def greeting(base, agent_id, program):
    url = "" if base == DEFAULT_BASE else f" --url {base}"
    lines = ["", f"reverie answers at {base} and describes its API at {base}/docs"]
    if agent_id:
        lines += [
            "",
            "Say something to the demo agent, in another terminal:",
            "",
            f"    {program} chat --agent {AGENT['name']}{url}",
            "",
            "or over the API:",
            "",
            f"    curl {base}/v1/agents/{agent_id}/messages \\",
            "      -H 'content-type: application/json' -d '{\"input\": \"Hi, my name is Ada.\"}'",
        ]
    return "\n".join([*lines, "", "Ctrl-C stops the server; the agents keep what they know.", ""])


def main():
    pid, host, port, prefix, program = sys.argv[1:]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    base = f"http://{host}:{port}{prefix}"
    client = Client(base)
    if wait_until_healthy(client, int(pid)):
        print(greeting(base, find_or_create_agent(client), program), file=sys.stderr)


if __name__ == "__main__":
    main()
