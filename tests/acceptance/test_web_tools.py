"""fetch_webpage and web_search, called by a model: against a site and a SearXNG on this machine."""

import http.server
import json
import urllib.parse
import uuid

import pytest
from letta_client import Letta

from support.local_service import serving
from support.processes import Server

OPENAI = "openai-proxy/gpt-4o-mini"
ANTHROPIC = "anthropic/claude-sonnet-4-5-20250929"

PAGE = """<!DOCTYPE html><html><head><title>About gr\xfc\xdfe</title><script>alert(1)</script></head>
<body><nav><a href="/">Home</a></nav><main><h1>Gr\xfc\xdfe</h1><p>They are <b>sent</b>, see
<a href="more?x=1&amp;y=2">more</a>.</p><ul><li>one<li>two</ul><div hidden>nothing</div></main></body></html>"""

FOUND = {"query": "x", "results": [
    {"title": "One", "url": "https://one.example/a", "content": "an excerpt", "publishedDate": None},
    {"title": "Two", "url": "https://two.example/b", "content": "another", "publishedDate": None}]}


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.calls.append(self.path)
        path = urllib.parse.urlsplit(self.path).path
        if path == "/moved":
            return self.answer(302, b"", "text/html", [("location", "/page")])
        if path == "/inside":
            return self.answer(302, b"", "text/html", [("location", "http://169.254.169.254/latest/")])
        if path == "/search":
            return self.answer(200, json.dumps(FOUND).encode(), "application/json")
        if path == "/film":
            return self.answer(200, b"\0" * 100, "video/mp4")
        if path == "/page":
            return self.answer(200, PAGE.encode("latin-1"), "text/html; charset=iso-8859-1")
        self.answer(404, b"no such page", "text/plain")

    def answer(self, status, body, content_type, headers=()):
        self.send_response(status)
        for name, value in [("content-type", content_type), ("content-length", str(len(body))), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    with serving(Site) as server:
        yield server


@pytest.fixture(scope="module")
def open_client(tmp_path_factory, model, site):
    """A server that may fetch from this machine, and searches with the SearXNG there."""
    server = Server(tmp_path_factory.mktemp("web"), model, options=[
        "--web.allowed-networks=127.0.0.0/8", "--web.ports=1-65535", f"--web.search-url={site.url}"])
    for handle in (OPENAI, ANTHROPIC):
        server.wait_for_model(handle)
    yield Letta(base_url=server.url, api_key="none", max_retries=0)
    assert server.stop() == 0, server.log.read_text()[-4000:]


def call(client, handle, tool, **arguments):
    """Has the model of a new agent call a tool: what it returned."""
    agent = client.agents.create(model=handle, memory_blocks=[], tools=["fetch_webpage", "web_search"])
    response = client.agents.messages.create(
        agent.id, input=f"[[call {tool} {json.dumps(arguments)}]][[say done]] {uuid.uuid4().hex}")
    assert response.messages[-1].content == "done"
    return response.messages[1]


def test_a_page_is_read_as_markdown(open_client, handle, site):
    returned = call(open_client, handle, "fetch_webpage", url=site.url + "/moved")
    assert returned.status == "success", returned.tool_return
    assert returned.tool_return == (
        f"Title: About grüße\nURL: {site.url}/page\n\n# Grüße\n\n"
        f"They are sent, see [more]({site.url}/more?x=1&y=2).\n\n- one\n- two")


@pytest.mark.parametrize("path, why", [
    ("/inside", "the address 169.254.169.254 may not be reached"),
    ("/film", "it is video/mp4 (100 bytes)"),
    ("/none", "the server answered 404"),
])
def test_a_page_that_cannot_be_read_is_an_error_that_says_why(open_client, handle, site, path, why):
    returned = call(open_client, handle, "fetch_webpage", url=site.url + path)
    assert returned.status == "error" and why in returned.tool_return, returned.tool_return


def test_a_search_has_titles_addresses_and_excerpts(open_client, handle, site):
    del site.calls[:]
    returned = call(open_client, handle, "web_search", query="what is it?", num_results=1,
                    exclude_domains=["two.example"])
    assert returned.status == "success", returned.tool_return
    assert json.loads(returned.tool_return) == {"query": "what is it?", "results": [
        {"title": "One", "url": "https://one.example/a", "published_date": None, "author": None,
         "highlights": ["an excerpt"]}]}
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(site.calls[0]).query)
    assert query["q"] == ["what is it? -site:two.example"] and query["format"] == ["json"]


def test_arguments_that_are_wrong_are_an_error(open_client, handle):
    returned = call(open_client, handle, "web_search", query="x", user_location="Germany")
    assert returned.status == "error" and "user_location" in returned.tool_return


def test_by_default_nothing_of_this_machine_is_reached(client, handle, site):
    del site.calls[:]
    for url in (site.url, site.url.replace("127.0.0.1", "localhost"), "http://127.0.0.1/", "http://[::1]/"):
        assert call(client, handle, "fetch_webpage", url=url + "/page").status == "error"
    assert site.calls == []


def test_without_a_provider_a_search_says_what_to_set(client, handle):
    returned = call(client, handle, "web_search", query="x")
    assert returned.status == "error"
    assert "EXA_API_KEY" in returned.tool_return and "web.search_url" in returned.tool_return
