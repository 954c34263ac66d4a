"""A support agent that learns who it talks to, and still knows after a restart.

    python3 -m venv venv && venv/bin/pip install letta-client==1.12.1
    venv/bin/python support_agent.py

Ends with an empty line or Ctrl-D. LETTA_BASE_URL and LETTA_MODEL choose another server and model.
"""

import os
import sys

from letta_client import APIError, Letta

NAME = os.environ.get("SUPPORT_AGENT_NAME", "Support")
MODEL = os.environ.get("LETTA_MODEL", "reverie/demo")
PERSONA = """I am the support agent of a small shop for hiking gear.
I greet customers by name, answer briefly, and write down what helps me to help them next time."""
HUMAN = "What I know about this customer:"


def find_or_create(client):
    """The agent of that name. Its memory is on the server, so this program keeps nothing."""
    for agent in client.agents.list(name=NAME, limit=1):
        return agent
    return client.agents.create(
        name=NAME, model=MODEL,
        memory_blocks=[
            {"label": "persona", "value": PERSONA},
            {"label": "human", "value": HUMAN,
             "description": "The customer: name, wishes, and what they have bought."},
        ])


def say(client, agent, text):
    """Sends a message, and prints the answer while it is made."""
    stream = client.agents.messages.stream(
        agent.id, messages=[{"role": "user", "content": text}], stream_tokens=True)
    for event in stream:
        if event.message_type == "assistant_message":
            print(event.content, end="", flush=True)
        elif event.message_type == "tool_return_message":
            print(f"  ({event.tool_return})" if event.status == "error" else "  (memory changed)")
    print()


def show_memory(client, agent):
    human = client.agents.blocks.retrieve("human", agent_id=agent.id)
    print(f"\n{NAME} remembers:\n{human.value}")


def main():
    client = Letta(base_url=os.environ.get("LETTA_BASE_URL", "http://127.0.0.1:8283"),
                   api_key=os.environ.get("LETTA_API_KEY", "none"))
    agent = find_or_create(client)
    prompt = "you> " if sys.stdin.isatty() else ""
    try:
        while text := input(prompt).strip():
            say(client, agent, text)
    except EOFError:
        pass
    show_memory(client, agent)


if __name__ == "__main__":
    try:
        main()
    except APIError as error:
        sys.exit(f"The server says: {error}")
