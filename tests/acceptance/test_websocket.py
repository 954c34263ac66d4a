"""The run events on a WebSocket: what a client of docs/websocket.md does, and what it must not."""

import base64
import contextlib
import json
import socket
import threading
import urllib.request

import letta_client
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from support.processes import Server
from support.until import until

SCRIPT = '[[call memory_insert {"label":"human","new_string":"Likes tea."}]][[say one two three four five]]'
INSERT = '[[call memory_insert {"label":"human","new_string":"Likes tea."}]]'
LATE = "[[delay 20000]][[say late]]"


class Client:
    """One socket. Frames are dictionaries; those of other ids wait until they are asked for."""

    def __init__(self, server, **options):
        options = {"proxy": None, "compression": None, "max_size": None, "close_timeout": 5} | options
        self.socket = connect(f"ws://127.0.0.1:{server.port}/v1/ws", **options)
        self.waiting = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, type, **members):
        self.socket.send(json.dumps({"type": type, **members}))

    def receive(self, id="1"):
        for i, frame in enumerate(self.waiting):
            if frame["id"] == id:
                return self.waiting.pop(i)
        while True:
            frame = json.loads(self.socket.recv(timeout=30))
            if frame["id"] == id:
                return frame
            self.waiting.append(frame)

    def frames(self, id="1"):
        """Until the run of this id is done, or refused."""
        frames = [self.receive(id)]
        while frames[-1]["type"] not in ("done", "error"):
            frames.append(self.receive(id))
        return frames

    def run(self, agent, text=SCRIPT, id="1", **more):
        self.send("send", id=id, agent_id=agent.id, messages=[{"role": "user", "content": text}],
                  **{"stream_tokens": True, **more})
        return self.frames(id)

    def closed_with(self):
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                self.socket.recv(timeout=30)
        return closed.value.rcvd.code


@pytest.fixture
def socket_(server):
    with Client(server) as client:
        yield client


def events(frames):
    return [frame["event"] for frame in frames if frame["type"] == "event"]


def assert_no_gap(events):
    """All but stop reason and usage have a number."""
    assert [event["seq_id"] for event in events[:-2]] == list(range(1, len(events) - 1))


def streamed(server, path, body):
    """The same over HTTP."""
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(),
                                     {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        texts = [line[len(b"data: "):].decode().strip() for line in answer if line.startswith(b"data: ")]
    assert texts[-1] == "[DONE]"
    return [json.loads(text) for text in texts[:-1]]


def shape(event):
    return event["message_type"], event.get("seq_id"), event.get("run_id") is not None


def test_a_run_has_the_events_of_a_background_stream(server, client, agent, socket_):
    frames = socket_.run(agent)
    run_id = frames[0]["run_id"]
    assert frames[0] == {"type": "started", "id": "1", "run_id": run_id}
    assert frames[-1] == {"type": "done", "id": "1", "run_id": run_id}
    assert {frame["run_id"] for frame in frames} == {run_id}
    assert client.runs.retrieve(run_id).background is True
    # The very same events as the stream of that run, and the same kinds as another run's.
    replayed = streamed(server, f"/v1/runs/{run_id}/stream", {"include_pings": False})
    assert events(frames) == replayed
    body = {"messages": [{"role": "user", "content": SCRIPT}], "streaming": True, "stream_tokens": True,
            "background": True, "include_pings": False}
    other = streamed(server, f"/v1/agents/{agent.id}/messages", body)
    assert [shape(event) for event in events(frames)] == [shape(event) for event in other]


def test_whole_messages_come_without_tokens(agent, socket_):
    frames = socket_.run(agent, stream_tokens=False)
    assert [event["message_type"] for event in events(frames)] == [
        "tool_call_message", "tool_return_message", "assistant_message", "stop_reason", "usage_statistics"]


def test_a_run_goes_on_from_every_event(agent, socket_):
    whole = socket_.run(agent)
    run_id = whole[0]["run_id"]
    seen = events(whole)
    for cut in range(len(seen) + 1):
        socket_.send("resume", id=f"cut {cut}", run_id=run_id, starting_after=cut)
        assert events(socket_.frames(f"cut {cut}")) == seen[cut:], cut


def test_a_client_that_is_cut_off_in_the_middle_finds_the_rest(server, agent):
    for cut in (1, 3, 6):
        with Client(server) as first:
            first.send("send", id="1", agent_id=agent.id, input=f"{SCRIPT} {cut}", stream_tokens=True)
            run_id = first.receive()["run_id"]
            seen = [first.receive()["event"] for _ in range(cut)]
            first.socket.socket.shutdown(socket.SHUT_RDWR)
        with Client(server) as second:
            second.send("resume", id="2", run_id=run_id, starting_after=seen[-1]["seq_id"])
            seen += events(second.frames("2"))
        assert_no_gap(seen)
        assert seen[-1]["message_type"] == "usage_statistics"


def test_what_was_sent_is_there_after_kill_9(tmp_path, model, handle):
    server = Server(tmp_path, model)
    server.wait_for_model(handle)
    client = letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
    agent = client.agents.create(model=handle, memory_blocks=[{"label": "human", "value": "x"}])
    with Client(server) as before:
        whole = before.run(agent)
        before.send("send", id="cut", agent_id=agent.id, input="[[delay 1500]][[say late]]")
        run_id = before.receive("cut")["run_id"]  # accepted: it is not lost
        server.kill()
    server = Server(tmp_path, model)
    try:
        with Client(server) as after:
            seen = events(whole)
            for cut in (0, 2, len(seen) - 1):
                after.send("resume", id=str(cut), run_id=whole[0]["run_id"], starting_after=cut)
                assert events(after.frames(str(cut))) == seen[cut:]
            after.send("resume", id="late", run_id=run_id)
            late = events(after.frames("late"))
            assert "late" in json.dumps(late)
            numbers = [event["seq_id"] for event in late[:-2]]
            assert numbers == sorted(set(numbers))  # behind all that may have been heard before
    finally:
        server.stop()


def test_runs_share_a_socket(client, handle, server, socket_):
    agents = [client.agents.create(model=handle, memory_blocks=[]) for _ in range(8)]
    for i, agent in enumerate(agents):
        socket_.send("send", id=f"run {i}", agent_id=agent.id, input=f"[[delay 200]][[say I am {i}]]")
    for i in reversed(range(8)):
        frames = socket_.frames(f"run {i}")
        assert f"I am {i}" in json.dumps(events(frames))
    assert socket_.waiting == []


def test_a_run_is_cancelled(client, agent, socket_):
    socket_.send("send", id="1", agent_id=agent.id, input=LATE, stream_tokens=True)
    run_id = socket_.receive()["run_id"]
    socket_.send("cancel", id="2", run_id=run_id)
    assert socket_.receive("2") == {"type": "result", "id": "2", "result": {run_id: "cancelled"}}
    assert [event["stop_reason"] for event in events(socket_.frames())
            if event["message_type"] == "stop_reason"] == ["cancelled"]
    assert client.runs.retrieve(run_id).status == "cancelled"
    socket_.send("cancel", id="3", run_id="run-00000000-0000-4000-8000-000000000000")
    assert socket_.receive("3")["status"] == 404


def test_a_call_is_approved_and_denied(client, agent, socket_):
    client.agents.tools.update_approval("memory_insert", agent_id=agent.id, body_requires_approval=True)
    for approve in (True, False):
        asked = events(socket_.run(agent, INSERT + "[[say noted]]", stream_tokens=False))
        assert asked[0]["message_type"] == "approval_request_message"
        assert [e["stop_reason"] for e in asked if e["message_type"] == "stop_reason"] == ["requires_approval"]
        socket_.send("approve", id="2", agent_id=agent.id, approvals=[
            {"type": "approval", "tool_call_id": asked[0]["tool_call"]["tool_call_id"], "approve": approve,
             "reason": "as I say"}])
        said = events(socket_.frames("2"))
        assert [event["message_type"] for event in said[:2]] == ["tool_return_message", "assistant_message"]
        assert said[0]["status"] == ("success" if approve else "error")
    assert client.agents.blocks.retrieve("human", agent_id=agent.id).value == "Name: unknown.\nLikes tea."


def test_a_conversation_is_talked_to_and_listened_to(client, agent, socket_):
    conversation = client.conversations.create(agent_id=agent.id)
    socket_.send("send", id="1", conversation_id=conversation.id, messages=[
        {"role": "user", "content": "[[delay 500]][[say late]]", "otid": "otid-1"}])
    run_id = socket_.receive()["run_id"]
    # It is busy, and says with what.
    socket_.send("send", id="2", conversation_id=conversation.id, input="and now")
    refused = socket_.receive("2")
    assert (refused["type"], refused["status"], refused["error"]["run_id"]) == ("error", 409, run_id)
    socket_.send("resume", id="3", conversation_id=conversation.id)
    assert socket_.receive("3")["run_id"] == run_id
    whole = events(socket_.frames())
    assert events(socket_.frames("3")) == whole
    socket_.send("resume", id="4", conversation_id=conversation.id, otid="otid-1")
    assert events(socket_.frames("4")) == whole
    socket_.send("send", id="5", conversation_id="default", agent_id=agent.id, input="hello")
    assert "You said: hello" in json.dumps(events(socket_.frames("5")))


def test_a_run_that_is_left_goes_on(client, agent, socket_):
    socket_.send("send", id="1", agent_id=agent.id, input="[[delay 300]][[say done anyway]]")
    run_id = socket_.receive()["run_id"]
    socket_.send("leave", id="1")
    while socket_.receive() != {"type": "left", "id": "1"}:
        pass
    socket_.send("resume", id="1", run_id=run_id)
    assert "done anyway" in json.dumps(events(socket_.frames()))


def test_pings_and_garbage_are_answered(agent, socket_):
    socket_.send("ping", id="p")
    assert socket_.receive("p") == {"type": "pong", "id": "p"}
    for text, where in [("{", "frame"), ("[1]", "frame"), ("\0", "frame"), ("", "type"), ("[" * 100_000, "frame"),
                        ('{"type":"shout"}', "type"), ('{"type":"send","id":7}', "id"), ('{"type":"send"}', "id")]:
        socket_.socket.send(text)
        frame = socket_.receive(None)
        assert (frame["type"], frame["status"]) == ("error", 422)
        assert frame["error"]["detail"].startswith(f"{where}: "), frame
    said = "".join(event.get("content") or "" for event in events(socket_.run(agent, "hello")))
    assert said == "You said: hello"


def test_errors_are_those_of_http(server, agent, socket_):
    for members in ({"input": "x", "max_steps": "many"}, {"input": "x", "max_steps": -1}, {},
                    {"messages": [{"role": "nobody", "content": "x"}]}, {"messages": []}, {"messages": 7},
                    {"input": "x", "client_tools": [{}]}, {"input": "x", "override_model": "no/such"}):
        socket_.send("send", id="1", agent_id=agent.id, **members)
        said = socket_.receive()
        status, body, _ = server.request(
            "POST", f"/v1/agents/{agent.id}/messages/stream", members | {"background": True})
        assert said == {"type": "error", "id": "1", "status": status, "error": body}
        assert status >= 400
    socket_.send("send", id="1", agent_id="agent-1", input="x")
    assert socket_.receive()["error"]["detail"].startswith("path.agent_id: ")
    socket_.send("send", id="1", agent_id="agent-00000000-0000-4000-8000-000000000000", input="x")
    assert socket_.receive()["status"] == 404
    socket_.send("resume", id="1", run_id="run-00000000-0000-4000-8000-000000000000")
    assert socket_.receive()["status"] == 404


def test_an_id_is_used_once_at_a_time(agent, socket_):
    socket_.send("send", id="1", agent_id=agent.id, input=LATE)
    run_id = socket_.receive()["run_id"]
    socket_.send("send", id="1", agent_id=agent.id, input="x")
    refused = socket_.receive(None)
    assert refused["status"] == 409 and "'1'" in refused["error"]["detail"]
    socket_.send("cancel", id="2", run_id=run_id)
    socket_.frames()


def test_a_binary_message_ends_the_socket(socket_):
    socket_.socket.send(b"\x00\x01")
    assert socket_.closed_with() == 1003


def raw_frame(opcode, payload, masked=True):
    head = bytes([0x80 | opcode])
    length = len(payload)
    mask = 0x80 if masked else 0
    head += bytes([mask | length]) if length < 126 else bytes([mask | 126]) + length.to_bytes(2, "big")
    return head + (b"\0\0\0\0" if masked else b"") + payload


@pytest.mark.parametrize("bytes_, code", [
    (raw_frame(1, b"\xff\xfe"), 1007), (raw_frame(1, b"x", masked=False), 1002),
    (raw_frame(3, b"x"), 1002), (raw_frame(0, b"x"), 1002), (b"GET / HTTP/1.1\r\n\r\n", 1002)],
    ids=["no UTF-8", "no mask", "no opcode", "no beginning", "HTTP"])
def test_what_is_no_websocket_ends_it(socket_, bytes_, code):
    socket_.socket.socket.sendall(bytes_)
    assert socket_.closed_with() == code


@pytest.fixture
def start(tmp_path_factory):
    with contextlib.ExitStack() as stack:
        def start(*options, model=None):
            server = Server(tmp_path_factory.mktemp("server"), model, options)
            stack.callback(server.stop)
            return server
        yield start


def test_a_message_that_is_too_long_ends_the_socket(start):
    server = start("--server.body-bytes-max=4096")
    with Client(server) as client:
        client.send("ping", id="x" * 100, more="x" * 3_900)
        assert client.receive("x" * 100)["type"] == "pong"
        client.send("ping", id="1", more="x" * 4_096)
        assert client.closed_with() == 1009


def test_runs_of_one_socket_are_limited(start, model, handle):
    server = start("--streams.websocket-runs-max=1", model=model)
    server.wait_for_model(handle)
    letta = letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
    agent = letta.agents.create(model=handle, memory_blocks=[])
    with Client(server) as client:
        client.send("send", id="1", agent_id=agent.id, input=LATE)
        run_id = client.receive()["run_id"]
        client.send("resume", id="2", run_id=run_id)
        assert client.receive("2")["status"] == 429
        client.send("cancel", id="3", run_id=run_id)
        assert client.receive("3")["type"] == "result"
        whole = events(client.frames())
        client.send("resume", id="4", run_id=run_id)
        assert events(client.frames("4")) == whole


def refused(server, **options):
    with pytest.raises(InvalidStatus) as answer:
        Client(server, **options)
    return answer.value.response.status_code


OTHERS = ["http://evil.test", "http://127.0.0.1:1", "null", "https://127.0.0.1.evil.test"]


def test_pages_of_others_are_refused(server, start):
    with Client(server, origin=f"http://127.0.0.1:{server.port}") as own:
        own.send("ping", id="1")
        assert own.receive()["type"] == "pong"
    for origin in OTHERS:
        assert refused(server, origin=origin) == 403
    # A name that was made to lead here: both headers agree, and no password is asked for.
    rebound = f"evil.test:{server.port}"
    assert handshake(server, rebound, f"http://{rebound}") == 403
    listed = start("--server.cors-origins=https://chat.example.com")
    Client(listed, origin="https://chat.example.com").socket.close()
    assert refused(listed, origin="https://chat.example.org") == 403


def handshake_text(host, more=""):
    return (f"GET /v1/ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n").encode()


def handshake(server, host, origin, more=""):
    """The status that a browser gets that takes `host` for this server."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
        raw.sendall(handshake_text(host, f"Origin: {origin}\r\n{more}"))
        return int(raw.recv(65536).split()[1])


def protocols(password):
    token = base64.urlsafe_b64encode(password.encode()).decode().rstrip("=")
    return ["reverie.v1", f"reverie.token.{token}"]


def test_the_password_comes_as_browsers_can_send_it(start):
    password = "pässword & more?"
    server = start(f"--server.password={password}")
    with Client(server, subprotocols=protocols(password)) as client:
        assert client.socket.subprotocol == "reverie.v1"
        assert "reverie.token" not in str(client.socket.response.headers)
        client.send("ping", id="1")
        assert client.receive()["type"] == "pong"
    assert refused(server) == 401
    assert refused(server, subprotocols=["reverie.v1"]) == 401
    assert refused(server, subprotocols=protocols("wrong")) == 401
    assert refused(server, subprotocols=["reverie.v1", "reverie.token.!"]) == 401
    assert refused(server, subprotocols=protocols(password)[1:]) == 400
    # Where a proxy ends TLS, the page's name is the host's. The password is asked for all the same.
    bearer = "Authorization: Bearer p%C3%A4ssword\r\n"
    assert handshake(server, "chat.example.com", "https://chat.example.com", bearer) == 401
    token = "Sec-WebSocket-Protocol: " + ", ".join(protocols(password)) + "\r\n"
    assert handshake(server, "chat.example.com", "https://chat.example.com", token) == 101
    # What a browser knows by itself is no use to a page of another site.
    assert handshake(server, f"127.0.0.1:{server.port}", "http://evil.test", token) == 403


def test_others_send_the_password_as_ever(start):
    server = start("--server.password=opensesame")
    for headers in ({"Authorization": "Bearer opensesame"}, {"X-BARE-PASSWORD": "password opensesame"}):
        Client(server, additional_headers=headers).socket.close()
    assert refused(server, additional_headers={"Authorization": "Bearer wrong"}) == 401


def test_what_is_no_handshake_is_told_what_is_missing(server):
    status, body, headers = server.request("GET", "/v1/ws")
    assert (status, headers["upgrade"]) == (426, "websocket") and "WebSocket" in body["detail"]
    assert server.request("POST", "/v1/ws", {})[0] == 405
    assert refused(server, subprotocols=["graphql-ws"]) == 400


def test_compression_is_not_agreed_on(server):
    with Client(server, compression="deflate") as client:
        assert "permessage-deflate" not in client.socket.response.headers.get("Sec-WebSocket-Extensions", "")


def test_a_stopping_server_says_goodbye_and_what_ran_is_there(tmp_path, model, handle):
    server = Server(tmp_path, model, options=["--server.shutdown-s=1"])
    server.wait_for_model(handle)
    client = letta_client.Letta(base_url=server.url, api_key="none", max_retries=0)
    agent = client.agents.create(model=handle, memory_blocks=[])
    idle, busy = Client(server), Client(server)
    busy.send("send", id="1", agent_id=agent.id, input="[[delay 3000]][[say late]]")
    run_id = busy.receive()["run_id"]
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    assert idle.closed_with() == 1001
    assert busy.closed_with() == 1001
    stopping.join()
    assert server.popen.returncode == 0
    server = Server(tmp_path, model)
    try:
        with Client(server) as after:
            after.send("resume", id="1", run_id=run_id)
            assert "late" in json.dumps(events(after.frames()))
    finally:
        server.stop()


def test_a_client_that_does_not_read_is_not_read_from(start):
    server = start("--server.stream-queue-bytes-max=4096")
    ping = raw_frame(1, json.dumps({"type": "ping", "id": "x" * 64}).encode())
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
        raw.sendall(handshake_text(f"127.0.0.1:{server.port}"))
        assert raw.recv(65536).startswith(b"HTTP/1.1 101")
        raw.settimeout(2)
        # The answers fill what the kernel holds, and behind that the questions do.
        with pytest.raises(TimeoutError):
            for _ in range(1_000):
                raw.sendall(ping * 1_000)
    assert server.get("/v1/health/")["status"] == "ok"


def test_sockets_are_counted(start):
    server = start()

    def metrics():
        with urllib.request.urlopen(server.url + "/metrics", timeout=30) as answer:
            return answer.read().decode().splitlines()

    with Client(server) as client:
        client.send("ping", id="1")
        client.receive()
        assert "websocket_active_sessions 1" in metrics()
    until(lambda: "websocket_active_sessions 0" in metrics())
    assert 'count_endpoint_requests{operation="websocket",status="101"} 1' in metrics()
