"""Images in messages: brought along, fetched from URLs or named by their id, on both wire formats."""

import base64
import http.server
import json
import struct
import uuid
import zlib

import pytest
from letta_client import APIStatusError, Letta

from support.local_service import serving
from support.processes import Server

OPENAI = "openai-proxy/gpt-4o-mini"
ANTHROPIC = "anthropic/claude-sonnet-4-5-20250929"


def png(color=0):
    """A picture of one pixel."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(bytes([0, color, color, color]))) + chunk(b"IEND", b""))


PNG = base64.b64encode(png()).decode()


def image(source):
    return {"type": "image", "source": source}


def ask(client, agent, source, text=None):
    text = text or "look " + uuid.uuid4().hex
    client.agents.messages.create(agent.id, messages=[
        {"role": "user", "content": [{"type": "text", "text": text}, image(source)]}])
    return text


def stored(client, agent):
    """The source of the last image that was sent."""
    messages = client.agents.messages.list(agent.id, order="desc").items
    content = next(m.content for m in messages if m.message_type == "user_message")
    return next(part.source for part in content if part.type == "image")


def shown_to(model, text):
    """The image that the model was given in the message with this text: media type and data."""
    body = model.requests(text)[-1]
    content = next(m["content"] for m in reversed(body["messages"])
                   if m["role"] == "user" and text in json.dumps(m))
    for part in content:
        if part["type"] == "image_url":
            head, data = part["image_url"]["url"].split(",", 1)
            return head.removeprefix("data:").removesuffix(";base64"), data
        if part["type"] == "image":
            assert part["source"]["type"] == "base64"
            return part["source"]["media_type"], part["source"]["data"]
    raise AssertionError(content)


def refused(call):
    with pytest.raises(APIStatusError) as error:
        call()
    assert error.value.status_code == 400, error.value.body
    return error.value.body["detail"]


class Pictures(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.calls.append(self.path)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("location", "/a.png")
            self.send_header("content-length", "0")
            self.end_headers()
            return
        body = {"/a.png": png(7), "/page": b"<html>no image</html>",
                "/large": png() + bytes(5_000_000)}[self.path]
        self.send_response(200)
        self.send_header("content-type", "application/octet-stream")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def pictures():
    with serving(Pictures) as server:
        yield server


@pytest.fixture(scope="module")
def open_client(tmp_path_factory, model):
    """A server that may fetch from this machine."""
    server = Server(tmp_path_factory.mktemp("open"), model,
                    options=["--outbound.allowed-networks=127.0.0.0/8"])
    for handle in (OPENAI, ANTHROPIC):
        server.wait_for_model(handle)
    yield Letta(base_url=server.url, api_key="none", max_retries=0)
    assert server.stop() == 0, server.log.read_text()[-4000:]


@pytest.fixture
def open_agent(open_client, handle):
    return open_client.agents.create(model=handle, memory_blocks=[])


def test_base64_is_kept_listed_and_shown_to_the_model(client, agent, model):
    text = ask(client, agent, {"type": "base64", "media_type": "image/jpeg", "data": PNG})
    assert shown_to(model, text) == ("image/png", PNG)  # what the bytes say
    source = stored(client, agent)
    assert source.type == "letta" and source.data == PNG and source.media_type == "image/png"
    assert source.file_id.startswith("file-")
    later = "later " + uuid.uuid4().hex
    client.agents.messages.create(agent.id, input=later)
    assert PNG in json.dumps(model.requests(later)[-1])


def test_a_data_url_and_an_image_alone_are_taken(client, agent):
    response = client.agents.messages.create(
        agent.id, input=[image({"type": "url", "url": "data:image/png;base64," + PNG})])
    assert response.stop_reason.stop_reason == "end_turn"
    assert stored(client, agent).data == PNG


def test_a_stored_image_is_named_by_its_id(client, agent, model):
    ask(client, agent, {"type": "base64", "media_type": "image/png", "data": PNG})
    file_id = stored(client, agent).file_id
    text = ask(client, agent, {"type": "letta", "file_id": file_id})
    assert shown_to(model, text) == ("image/png", PNG)
    unknown = "file-00000000-0000-4000-8000-000000000000"
    detail = refused(lambda: ask(client, agent, {"type": "letta", "file_id": unknown}))
    assert detail.startswith("messages.0.content.1.source.file_id: ")


@pytest.mark.parametrize("source, member", [
    ({"type": "url", "url": "file:///etc/passwd"}, "url"),
    ({"type": "url", "url": "ftp://127.0.0.1/a.png"}, "url"),
    ({"type": "url", "url": "http://127.0.0.1:9/a.png"}, "url"),
    ({"type": "url", "url": "http://169.254.169.254/latest/meta-data/"}, "url"),
    ({"type": "url", "url": "http://[::ffff:127.0.0.1]:9/"}, "url"),
    ({"type": "base64", "media_type": "image/png", "data": "no base64!"}, "data"),
    ({"type": "base64", "media_type": "image/png", "data": "PGh0bWw+"}, "data"),
])
def test_what_cannot_be_taken_is_400_with_its_path(client, agent, source, member):
    detail = refused(lambda: ask(client, agent, source))
    assert detail.startswith(f"messages.0.content.1.source.{member}: "), detail
    roles = [m.message_type for m in client.agents.messages.list(agent.id)]
    assert "user_message" not in roles
    assert client.agents.messages.create(agent.id, input="go on").messages


def test_the_local_network_is_not_reached_by_default(client, agent, pictures):
    del pictures.calls[:]
    refused(lambda: ask(client, agent, {"type": "url", "url": pictures.url + "/a.png"}))
    assert pictures.calls == []


def test_a_url_is_fetched_once_and_kept(open_client, open_agent, pictures, model):
    del pictures.calls[:]
    text = ask(open_client, open_agent, {"type": "url", "url": pictures.url + "/a.png"})
    assert base64.b64decode(shown_to(model, text)[1]) == png(7)
    assert stored(open_client, open_agent).type == "letta"
    open_client.agents.messages.create(open_agent.id, input="again")
    assert pictures.calls == ["/a.png"]


def test_a_stream_fetches_too(open_client, open_agent, pictures):
    events = list(open_client.agents.messages.stream(open_agent.id, messages=[
        {"role": "user", "content": [image({"type": "url", "url": pictures.url + "/a.png"})]}]))
    assert "stop_reason" in [event.message_type for event in events]


@pytest.mark.parametrize("path, why", [
    ("/moved", "302"), ("/page", "no PNG"), ("/large", "longer than"),
])
def test_a_fetch_that_fails_is_400(open_client, open_agent, pictures, path, why):
    detail = refused(lambda: ask(open_client, open_agent, {"type": "url", "url": pictures.url + path}))
    assert "could not be fetched" in detail and why in detail


def test_initial_messages_bring_their_images_along(client, handle):
    agent = client.agents.create(model=handle, memory_blocks=[], initial_message_sequence=[
        {"role": "user", "content": [image({"type": "base64", "media_type": "image/png", "data": PNG})]}])
    assert stored(client, agent).data == PNG
    client.agents.delete(agent.id)
