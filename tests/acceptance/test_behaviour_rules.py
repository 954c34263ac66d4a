"""Tool rules: which tools a model is offered and when, which call it has to make, which one ends its turn."""

import json
import uuid

import pytest

from support.model_requests import choice_of, system_of, tools_of

BASE = ["conversation_search", "memory_insert", "memory_replace"]


def types(response):
    return [message.message_type for message in response.messages]


def insert(text, label="human"):
    return '[[call memory_insert {"label":"%s","new_string":"%s"}]]' % (label, text)


SEARCH = '[[call conversation_search {"query":"x"}]]'
REPLACE = '[[call memory_replace {"label":"human","old_string":"a","new_string":"b"}]]'


class Ruled:
    """An agent with rules, and what its model was asked in one turn."""

    def __init__(self, client, model, handle, rules, tools=(), **options):
        self.client, self.model = client, model
        blocks = [{"label": "human", "value": "a"}, {"label": "flag", "value": ""}]
        # A model that thinks cannot be made to call a tool by all vendors.
        self.agent = client.agents.create(model=handle, tools=list(tools), tool_rules=rules, reasoning=False,
                                          include_base_tool_rules=False, memory_blocks=blocks, **options)

    def send(self, script, **options):
        key = uuid.uuid4().hex
        self.response = self.client.agents.messages.create(self.agent.id, input=f"{script} {key}", **options)
        self.asked = self.model.requests(key)
        return self.response

    def value(self, label="human"):
        return self.client.agents.blocks.retrieve(label, agent_id=self.agent.id).value

    def history(self):
        return list(self.client.agents.messages.list(self.agent.id, order="asc", limit=100))


@pytest.fixture
def ruled(client, model, handle):
    return lambda rules, **options: Ruled(client, model, handle, rules, **options)


def test_the_first_tool_is_offered_alone_and_forced(ruled):
    agent = ruled([{"type": "run_first", "tool_name": "memory_insert"}])
    agent.send(insert("x") + "[[say done]]")
    first, second = agent.asked
    assert tools_of(first) == ["memory_insert"] and choice_of(first) == "memory_insert"
    assert sorted(tools_of(second)) == BASE and choice_of(second) == "auto"


def test_prefilled_arguments_win_over_the_models(ruled):
    agent = ruled([{"type": "run_first", "tool_name": "memory_insert", "args": {"new_string": "fixed"}}])
    response = agent.send(insert("of the model") + "[[say done]]")
    assert json.loads(response.messages[0].tool_call.arguments) == {"label": "human", "new_string": "fixed"}
    assert agent.value() == "a\nfixed"
    stored = next(m for m in agent.history() if m.message_type == "tool_call_message")
    assert json.loads(stored.tool_call.arguments)["new_string"] == "fixed"


def test_a_prefilled_argument_that_the_tool_does_not_have_ends_the_turn(ruled):
    agent = ruled([{"type": "run_first", "tool_name": "memory_insert", "args": {"nonsense": 1}}])
    response = agent.send(insert("x") + "[[say never]]")
    assert types(response) == ["tool_call_message", "tool_return_message"]
    assert response.messages[1].status == "error" and "nonsense" in response.messages[1].tool_return
    assert response.stop_reason.stop_reason == "invalid_tool_call"
    assert agent.client.runs.retrieve(response.messages[0].run_id).status == "failed"
    assert agent.value() == "a"


def test_an_exit_tool_runs_and_nothing_follows(ruled):
    agent = ruled([{"type": "exit_loop", "tool_name": "memory_insert"}])
    response = agent.send(insert("x") + "[[say never]]")
    assert types(response) == ["tool_call_message", "tool_return_message"]
    assert response.stop_reason.stop_reason == "tool_rule"
    assert len(agent.asked) == 1 and agent.value() == "a\nx"


def test_an_exit_tool_waits_for_one_that_is_required(ruled):
    agent = ruled([{"type": "exit_loop", "tool_name": "memory_insert"},
                   {"type": "required_before_exit", "tool_name": "conversation_search"}])
    response = agent.send(insert("x") + SEARCH + "[[say done]]")
    assert response.messages[-1].content == "done" and response.stop_reason.stop_reason == "end_turn"
    assert len(agent.asked) == 3


def test_a_model_that_forgets_a_required_tool_is_reminded_and_then_made_to_call_it(ruled):
    agent = ruled([{"type": "required_before_exit", "tool_name": "memory_insert"}])
    response = agent.send("[[say hello]]")
    # Reminders are the server's own: they are stored, and shown in no answer.
    assert types(response) == ["assistant_message"] * 3 + [
        "tool_call_message", "tool_return_message", "assistant_message"]
    _, *reminders = [m.content for m in agent.history() if m.message_type == "user_message"]
    assert [json.loads(text)["type"] for text in reminders] == ["heartbeat"] * 3
    assert all("memory_insert" in text for text in reminders)
    assert [choice_of(body) for body in agent.asked] == ["auto"] * 3 + ["memory_insert", "auto"]
    assert response.stop_reason.stop_reason == "end_turn"


def test_after_the_parent_its_child_is_offered_alone_and_forced(ruled):
    agent = ruled([{"type": "constrain_child_tools", "tool_name": "memory_insert",
                    "children": ["memory_replace"]}])
    # A violation is no part of the history of calls: the rule still stands behind it.
    response = agent.send(insert("x") + SEARCH + REPLACE + "[[say done]]")
    first, second, third, last = agent.asked
    assert sorted(tools_of(first)) == BASE and choice_of(first) == "auto"
    for body in (second, third):
        assert tools_of(body) == ["memory_replace"] and choice_of(body) == "memory_replace"
    assert sorted(tools_of(last)) == BASE
    returned = [m for m in response.messages if m.message_type == "tool_return_message"]
    assert [m.status for m in returned] == ["success", "error", "success"]
    assert returned[1].tool_return.startswith("[ToolConstraintError]")
    assert "memory_replace" in returned[1].tool_return


def test_children_are_offered_after_their_parent_alone(ruled):
    agent = ruled([{"type": "parent_last_tool", "tool_name": "memory_insert", "children": ["memory_replace"]}])
    agent.send(insert("x") + REPLACE + "[[say done]]")
    before, after, last = agent.asked
    assert sorted(tools_of(before)) == ["conversation_search", "memory_insert"]
    assert tools_of(after) == ["memory_replace"] and choice_of(after) == "memory_replace"
    assert sorted(tools_of(last)) == ["conversation_search", "memory_insert"]


def test_a_tool_runs_as_often_as_it_may_in_one_request(ruled):
    agent = ruled([{"type": "max_count_per_step", "tool_name": "memory_insert", "max_count_limit": 2}])
    response = agent.send(insert("one") + insert("two") + insert("three") + "[[say done]]")
    returned = [m for m in response.messages if m.message_type == "tool_return_message"]
    assert [m.status for m in returned] == ["success", "success", "error"]
    assert returned[2].tool_return.startswith("[ToolConstraintError]")
    assert agent.value() == "a\none\ntwo"
    assert "memory_insert" not in tools_of(agent.asked[2]) and "memory_insert" in tools_of(agent.asked[1])
    # The next request counts anew.
    agent.send(insert("four") + "[[say done]]")
    assert agent.value() == "a\none\ntwo\nfour"


APPEND = '[[call core_memory_append {"label":"flag","content":"%s"}]][[say done]]'


@pytest.mark.parametrize("output, default, expected", [
    ("true", None, ["memory_insert"]), ("True", None, ["memory_insert"]), ("5", None, ["memory_replace"]),
    ("5.0", None, ["memory_replace"]), ("other", "conversation_search", ["conversation_search"]),
    ("other", None, [*BASE, "core_memory_append"])])
def test_what_a_tool_returned_chooses_the_next(ruled, output, default, expected):
    agent = ruled([{"type": "conditional", "tool_name": "core_memory_append", "default_child": default,
                    "child_output_mapping": {"true": "memory_insert", "5": "memory_replace"}}],
                  tools=["core_memory_append"])
    response = agent.send(APPEND % output, max_steps=2)
    assert response.messages[1].tool_return == output
    assert sorted(tools_of(agent.asked[1])) == sorted(expected)


def test_an_output_that_no_rule_knows_ends_the_turn_where_one_is_required(ruled):
    agent = ruled([{"type": "conditional", "tool_name": "core_memory_append", "require_output_mapping": True,
                    "child_output_mapping": {"true": "memory_insert"}}], tools=["core_memory_append"])
    response = agent.send(APPEND % "other")
    # A history with calls names its tools at one of the vendors.
    assert tools_of(agent.asked[1]) == [] or choice_of(agent.asked[1]) == "none"
    assert response.messages[-1].content == "done" and response.stop_reason.stop_reason == "end_turn"


def test_the_prompt_states_the_rules_that_a_model_can_follow(ruled):
    agent = ruled([{"type": "exit_loop", "tool_name": "memory_insert"},
                   {"type": "constrain_child_tools", "tool_name": "memory_replace", "children": ["memory_insert"]},
                   {"type": "requires_approval", "tool_name": "memory_replace"},
                   {"type": "run_first", "tool_name": "conversation_search"}])
    agent.send(SEARCH + "[[say done]]")
    prompt = system_of(agent.asked[0])
    rules = prompt.split("<tool_usage_rules>")[1].split("</tool_usage_rules>")[0]
    assert rules.count("<tool_rule>") == 2
    plain = ruled([])
    plain.send("hello")
    assert "<tool_usage_rules>" not in system_of(plain.asked[0])
