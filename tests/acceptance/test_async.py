"""Messages whose client does not wait: the run at once, its end to a callback URL, also after kill -9."""

import letta_client
import pytest

from support.processes import Server
from support.receiver import Receiver
from support.until import until

MODEL = "openai-proxy/gpt-4o-mini"


def ended(client, run_id):
    run = client.runs.retrieve(run_id)
    return run if run.status not in ("created", "running") else None


def told(client, run_id):
    run = client.runs.retrieve(run_id)
    return run if run.callback_sent_at else None


def send(client, agent, text, **more):
    return client.agents.messages.create_async(agent.id, messages=[{"role": "user", "content": text}], **more)


@pytest.fixture
def own(tmp_path, model):
    """Servers with settings of their own on one data directory, and a client with an agent on each."""
    servers = []

    def start(*options):
        server = Server(tmp_path, model, options)
        server.wait_for_model(MODEL)
        servers.append(server)
        return server, letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
    yield start
    servers[-1].stop()


def test_the_run_is_there_at_once_and_ends_by_itself(client, agent):
    run = send(client, agent, "[[delay 300]][[say async one]]")
    assert run.background is True and run.metadata["run_type"] == "send_message_async"
    assert run.status == "created" and run.completed_at is None
    run = until(lambda: ended(client, run.id))
    assert run.status == "completed" and run.stop_reason == "end_turn"
    said = [m for m in client.runs.messages.list(run.id) if m.message_type == "assistant_message"]
    assert [m.content for m in said] == ["async one"]


def test_its_events_are_listened_to_like_those_of_a_background_stream(client, agent):
    run = send(client, agent, "[[say async listened]]")
    until(lambda: ended(client, run.id))
    events = list(client.runs.messages.stream(run.id))
    kinds = [e.message_type for e in events if e.message_type != "ping"]
    assert kinds == ["assistant_message", "stop_reason", "usage_statistics"]


def test_a_model_or_prompt_of_its_own_and_a_wrong_one(client, agent, model):
    run = send(client, agent, "[[say async override]] system test",
               extra_body={"override_system": "Speak of async overrides."})
    until(lambda: ended(client, run.id))
    assert model.requests("Speak of async overrides.")
    with pytest.raises(letta_client.APIStatusError) as refused:
        send(client, agent, "hello", extra_body={"override_model": "nobody/nothing"})
    assert refused.value.status_code in (400, 404)
    with pytest.raises(letta_client.APIStatusError) as refused:
        client.agents.messages.create_async(agent.id, messages=[])
    assert refused.value.status_code == 422


def test_the_end_is_posted_with_the_result(client, agent):
    with Receiver() as receiver:
        run = send(client, agent, "[[say async result]]", callback_url=receiver.url)
        assert run.callback_url == receiver.url and run.callback_sent_at is None
        body = receiver.next()
        run = until(lambda: told(client, run.id))
        assert run.callback_status_code == 200 and run.callback_error is None
        assert receiver.bodies.empty()
    assert body["run_id"] == run.id and body["status"] == "completed" and body["completed_at"]
    result = body["metadata"]["result"]
    assert body["metadata"]["run_type"] == "send_message_async"
    assert [m["content"] for m in result["messages"]] == ["async result"]
    assert result["stop_reason"]["stop_reason"] == "end_turn"
    assert result["usage"]["step_count"] == 1


def test_a_failed_and_a_cancelled_run_are_posted_too(client, agent):
    with Receiver() as receiver:
        failed = send(client, agent, "[[error 401]] async failed", callback_url=receiver.url)
        body = receiver.next()
        assert (body["run_id"], body["status"]) == (failed.id, "failed") and body["metadata"]["error"]["message"]
        running = send(client, agent, "[[delay 60000]] async cancelled", callback_url=receiver.url)
        waiting = send(client, agent, "async taken back", callback_url=receiver.url)
        client.agents.messages.cancel(agent.id, run_ids=[waiting.id])
        body = receiver.next()
        assert (body["run_id"], body["status"]) == (waiting.id, "cancelled")
        client.agents.messages.cancel(agent.id, run_ids=[running.id])
        body = receiver.next()
        assert (body["run_id"], body["status"]) == (running.id, "cancelled")


def test_a_receiver_that_fails_is_tried_again(own):
    server, client = own("--callbacks.retry-ms=10")
    agent = client.agents.create(model=MODEL)
    with Receiver(500, 503, 200) as receiver:
        run = send(client, agent, "async retried", callback_url=receiver.url)
        bodies = [receiver.next() for _ in range(3)]
        run = until(lambda: told(client, run.id))
        assert run.callback_status_code == 200 and run.callback_error is None
        assert bodies[0] == bodies[1] == bodies[2]
    with Receiver(404) as receiver:
        run = send(client, agent, "async refused", callback_url=receiver.url)
        run = until(lambda: told(client, run.id))
        assert run.callback_status_code == 404 and "404" in run.callback_error
        assert receiver.bodies.qsize() == 1


def test_a_receiver_that_never_answers_holds_up_nobody(own):
    server, client = own("--callbacks.timeout-s=1", "--callbacks.attempts-max=2", "--callbacks.retry-ms=10")
    agent = client.agents.create(model=MODEL)
    with Receiver(None) as receiver:
        run = send(client, agent, "async unanswered", callback_url=receiver.url)
        receiver.next()
        assert client.agents.messages.create(agent.id, input="[[say still there]]").messages[-1].content == "still there"
        run = until(lambda: told(client, run.id))
    assert run.status == "completed" and run.callback_status_code is None and run.callback_error


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x/", "//x/", "http://", "http://a b/"])
def test_no_other_scheme_and_no_url_without_a_host(client, agent, url):
    with pytest.raises(letta_client.UnprocessableEntityError, match="callback_url"):
        send(client, agent, "async scheme", callback_url=url)


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "0.0.0.0"])
def test_the_metadata_of_clouds_is_out_of_reach(client, agent, host):
    run = send(client, agent, "async metadata", callback_url=f"http://{host}/latest/meta-data/")
    run = until(lambda: told(client, run.id))
    assert run.status == "completed" and run.callback_status_code is None
    assert "may not be reached" in run.callback_error or host.startswith("[")  # without IPv6: no connection at all


def test_private_networks_are_reached_unless_a_setting_says_no(own):
    server, client = own("--callbacks.allowed-networks=192.168.0.0/16")
    agent = client.agents.create(model=MODEL)
    with Receiver() as receiver:
        run = send(client, agent, "async private", callback_url=receiver.url)
        run = until(lambda: told(client, run.id))
        assert "127.0.0.1 may not be reached" in run.callback_error and receiver.bodies.empty()


def test_a_callback_that_was_not_taken_is_sent_after_kill_9(own):
    server, client = own("--callbacks.retry-ms=600000")
    agent = client.agents.create(model=MODEL)
    with Receiver(500, 200) as receiver:
        run = send(client, agent, "[[say async killed]]", callback_url=receiver.url)
        first = receiver.next()
        server.kill()
        server, client = own()
        assert receiver.next() == first
        run = until(lambda: told(client, run.id))
        assert run.callback_status_code == 200 and receiver.bodies.empty()


def test_a_run_that_was_under_way_at_kill_9_ends_and_is_told(own):
    server, client = own()
    agent = client.agents.create(model=MODEL)
    with Receiver() as receiver:
        run = send(client, agent, "[[delay 700]][[say async resumed]]", callback_url=receiver.url)
        until(lambda: client.runs.retrieve(run.id).status == "running")
        server.kill()
        server, client = own()
        body = receiver.next()
    assert body["run_id"] == run.id and body["status"] == "completed"
    assert body["metadata"]["result"]["messages"][-1]["content"] == "async resumed"
