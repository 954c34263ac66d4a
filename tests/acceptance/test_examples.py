"""The example in Python, run as a user runs it."""

import os
import subprocess
import sys

from support.processes import ROOT

EXAMPLE = ROOT / "examples/python/support_agent.py"


def chat(server, name, *lines):
    """Starts the program, types these lines and returns what it printed."""
    environment = {**os.environ, "LETTA_BASE_URL": server.url, "SUPPORT_AGENT_NAME": name}
    environment.pop("LETTA_MODEL", None)
    done = subprocess.run(
        [sys.executable, EXAMPLE], input="".join(line + "\n" for line in lines), text=True,
        capture_output=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_support_agent_knows_its_user_after_a_second_start(server):
    first = chat(server, "Support A", "Hi, my name is Ada.", "")
    assert "(memory changed)" in first
    answer, memory = chat(server, "Support A", "What is my name?").split(" remembers:")
    assert "Ada" in answer
    assert "Ada" in memory


def test_two_names_are_two_agents(server):
    chat(server, "Support B", "My name is Grace.")
    assert "Grace" not in chat(server, "Support C", "What is my name?")


def test_it_says_what_is_wrong_with_the_model(server):
    done = subprocess.run(
        [sys.executable, EXAMPLE], input="", text=True, capture_output=True, timeout=120,
        env={**os.environ, "LETTA_BASE_URL": server.url, "LETTA_MODEL": "nowhere/nothing",
             "SUPPORT_AGENT_NAME": "Support D"})
    assert done.returncode != 0
    assert "nowhere/nothing" in done.stderr and "Traceback" not in done.stderr
