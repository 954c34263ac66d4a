"""A stream that is cut at every event goes on behind it without a gap or a repeat: while its run is
under way, when it has ended, and when the server was killed since."""

import concurrent.futures

import pytest

from crash import counts
from crash.scenarios import TEA
from crash.talk import ANTHROPIC, OPENAI, Turn, call, number_of
from support.processes import ScriptedModel, Server

CLIENTS = 4
SCRIPT = (f"[[text I take a note first.]][[reason Tea is worth a note.]]{TEA}"
          "[[say one two three four five six seven eight nine ten eleven twelve]]")
WAYS = [{"stream_tokens": True}, {}]


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("cuts")


@pytest.fixture(scope="module")
def model(directory):
    # Slow enough for most clients to leave, and to be back, before the run has ended.
    model = ScriptedModel(directory, options=["--tokens-per-s", "400"])
    yield model
    model.stop()


@pytest.fixture(params=[OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
def handle(request):
    return request.param


@pytest.fixture(params=WAYS, ids=["pieces", "steps"])
def options(request):
    return request.param


@pytest.fixture
def server(tmp_path, model, handle):
    server = Server(tmp_path, model)
    server.wait_for_model(handle)
    yield server
    assert server.stop() == 0


def new_turn(server, handle, options):
    agent = call(server, "POST", "/v1/agents/", {
        "model": handle, "memory_blocks": [{"label": "human", "value": "x"}]})["id"]
    return Turn(agent, SCRIPT, **options)


def events_of_a_run(server, handle, options):
    turn = new_turn(server, handle, options)
    turn.run(server)
    turn.check(server)
    return turn


def in_parallel(work, items):
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(work, items))


def leave(turn, server, count):
    """Closes the connection when so many events have come."""
    turn.listen(server, turn.path(), turn.body(server), limit=count)


def test_a_client_that_leaves_at_any_event_and_comes_back_hears_the_rest(server, handle, options):
    whole = events_of_a_run(server, handle, options).events

    def cut(count):
        turn = new_turn(server, handle, options)
        leave(turn, server, count)
        turn.listen_again(server)
        turn.check(server)
        assert len(turn.events) == len(whole)
        counts.add(cuts=1)

    in_parallel(cut, range(1, len(whole) + 1))


def test_a_client_that_leaves_at_each_event_hears_all_of_them(server, handle, options):
    def crawl(_):
        turn = new_turn(server, handle, options)
        leave(turn, server, 1)
        while not turn.is_done and number_of(turn.events[-1]):
            turn.listen_again(server, limit=1)
            counts.add(cuts=1)
        turn.listen_again(server)
        turn.check(server)

    in_parallel(crawl, range(CLIENTS))


def test_a_run_that_has_ended_is_told_from_any_event_on_also_after_a_kill(tmp_path, model, handle, options):
    server = Server(tmp_path, model)
    server.wait_for_model(handle)
    turn = events_of_a_run(server, handle, options)
    try:
        for was_killed in (False, True):
            if was_killed:
                server.kill()
                server = Server(tmp_path, model)
            for count in range(len(turn.events) + 1):
                again = Turn(turn.agent, "")
                again.run_id, again.events = turn.run_id, turn.events[:count]
                again.listen_again(server)
                assert again.events == turn.events
                again.check(server)
                counts.add(cuts=1)
    finally:
        server.kill()
