"""Rows that are one kind of request, many times: CPU time, rate and latency."""

import dataclasses
import json
import urllib.parse
import urllib.request

import measure
import report

AGENT = {"memory_blocks": [{"label": "human", "value": "Name: unknown."},
                           {"label": "persona", "value": "I am a test agent."}]}


@dataclasses.dataclass
class Request:
    name: str
    method: str
    path: str
    goal: str
    cpu_ms_max: float
    requests: int
    how: str
    body: object = None
    per_s_min: float = 0
    p50_ms_max: float = 0
    p99_ms_max: float = 0
    first_event_ms_max: float = 0
    connections: int = 8


TOOL_RUN = {"source_code": "def add(a: int, b: int) -> int:\n    return a + b\n", "name": "add",
            "args": {"a": 1, "b": 2}}


def requests():
    message = {"messages": [{"role": "user", "content": "hello {n}"}]}
    return [
        Request("message", "POST", "/v1/agents/{id}/messages", "≤ 1.0 ms CPU, ≥ 500/s", 1.0, 2000,
                "one model call (latency 0) and its durable steps; 8 clients over 400 agents, so "
                "a history has tens of messages at most", message, per_s_min=500),
        Request("GET agent", "GET", "/v1/agents/{id}", "≤ 0.06 ms CPU", 0.06, 20000,
                "8 clients over the same 400 agents"),
        Request("page of 50 agents", "GET", "/v1/agents/?limit=50", "≤ 1 ms CPU, p99 ≤ 5 ms", 1.0,
                1000, "the first page of all agents, 1 client (p99 is that of one request at a "
                "time)", p99_ms_max=5, connections=1),
        Request("block edit", "PATCH", "/v1/agents/{id}/core-memory/blocks/human",
                "≤ 0.5 ms CPU", 0.5, 2000, "the value of one block, durable; 8 clients",
                {"value": "Name: number {n}."}),
        Request("agent create", "POST", "/v1/agents/", "≤ 1 ms CPU", 1.0, 500,
                "with two blocks, durable; 8 clients", AGENT),
        Request("first streamed event", "POST", "/v1/agents/{id}/messages/stream",
                "p50 ≤ 5 ms", 0, 300, "to the first event that the model made (pings off, by "
                "token, model latency 0); 1 client", {**message, "stream_tokens": True,
                                                      "include_pings": False},
                first_event_ms_max=5, connections=1),
        Request("tool run", "POST", "/v1/tools/run", "p50 ≤ 20 ms", 0, 200,
                "a Python function that adds two numbers, in the sandbox, which is warm; 1 client; "
                "CPU is the server's own, without the sandbox", TOOL_RUN, p50_ms_max=20,
                connections=1),
        Request("tool runs at once", "POST", "/v1/tools/run", "≥ 200/s", 0, 1000,
                "the same; 8 clients", TOOL_RUN, per_s_min=200),
    ]


class Target:
    """A server under load: ours, or the reference."""

    def __init__(self, load, url, pids, model, token=""):
        parts = urllib.parse.urlsplit(url)
        self.load, self.url, self.pids, self.model, self.token = load, url, pids, model, token
        self.at = {"host": parts.hostname, "port": parts.port}
        self.ids = None
        self.number = 0

    def use_ids(self, path):
        self.ids = path

    def create_agents(self, count, ids_out):
        """Creates them, notes their ids in this file, and talks to them from now on."""
        self._run(method="POST", path="/v1/agents/", body={**AGENT, "model": self.model},
                  requests=count, ids_out=ids_out)
        self.ids = ids_out

    def cpu_s(self):
        return sum(measure.cpu_s(pid) for pid in self.pids)

    def run(self, request, count):
        body = request.body
        if request.name == "agent create":
            body = {**body, "model": self.model}
        before = self.cpu_s()
        result = self._run(method=request.method, path=request.path, body=body, requests=count,
                           connections=request.connections, ids=self.ids, first=self.number)
        self.number += count
        return {
            "cpu_ms": (self.cpu_s() - before) / count * 1000 if self.pids else None,
            "per_s": count / result["seconds"], "p50": result["latency_ms"]["p50"],
            "p99": result["latency_ms"]["p99"], "first_event_p50": result["first_event_ms"]["p50"],
            "first_event_p99": result["first_event_ms"]["p99"],
            "client_cpu_ms": result["cpu_s"] / count * 1000}

    def _run(self, **options):
        if self.token:
            options["token"] = self.token
        port = self.at["port"]
        return measure.run_load(self.load, port, host=self.at["host"], **options)


def model_cpu_s(url):
    with urllib.request.urlopen(url + "/__stats", timeout=30) as answer:
        return json.load(answer)["cpu_s"]


def medians(runs):
    return {key: None if runs[0][key] is None else measure.median([run[key] for run in runs])
            for key in runs[0]}


def measure_request(request, ours, reference, model_url, runs, scale):
    """Ours and the reference in turns, each `runs` times. The reference gets fewer requests: it
    may need a hundred times as long for each."""
    count = max(request.connections * 4, int(request.requests * scale))
    ours.run(request, max(request.connections, count // 10))  # caches, connections to the model
    model_before = model_cpu_s(model_url)
    own, other = [], []
    for _ in range(runs):
        own.append(ours.run(request, count))
        if reference:
            other.append(reference.run(request, max(request.connections, count // 50)))
    model_ms = (model_cpu_s(model_url) - model_before) / (runs * count) * 1000
    return _row(request, count, medians(own), medians(other) if other else None, model_ms, runs)


def _row(request, count, own, other, model_ms, runs):
    if request.first_event_ms_max:
        measured = f"p50 {own['first_event_p50']:.2f} ms, p99 {own['first_event_p99']:.2f} ms"
    else:
        measured = (f"{own['cpu_ms']:.3f} ms CPU, {own['per_s']:.0f}/s, p50 {own['p50']:.2f}, "
                    f"p99 {own['p99']:.2f} ms")
    verdicts = [verdict for verdict in _verdicts(request, own) if verdict != "meets"]
    how = (f"{request.how}; median of {runs} runs of {count}; the client used "
           f"{own['client_cpu_ms']:.3f} ms CPU a request")
    if "message" in request.path:
        how += f", the model {model_ms:.3f} ms"
    return report.Row(request.name, measured, request.goal, "; ".join(verdicts) or "meets", how,
                      {"ours": own, "reference": other},
                      _beside(request, own, other) if other else "")


def _verdicts(request, own):
    if request.cpu_ms_max:
        yield report.at_most([(own["cpu_ms"], request.cpu_ms_max)])
    if request.per_s_min:
        yield report.at_least(own["per_s"], request.per_s_min)
    if request.p50_ms_max:
        yield report.at_most([(own["p50"], request.p50_ms_max)])
    if request.p99_ms_max:
        yield report.at_most([(own["p99"], request.p99_ms_max)])
    if request.first_event_ms_max:
        yield report.at_most([(own["first_event_p50"], request.first_event_ms_max)])


def _beside(request, own, other):
    if request.first_event_ms_max:
        ratio = other["first_event_p50"] / own["first_event_p50"]
        return f"p50 {other['first_event_p50']:.1f} ms ({ratio:.0f} x)"
    text = f"{other['per_s']:.1f}/s (1/{own['per_s'] / other['per_s']:.0f})"
    if other["cpu_ms"] is not None and own["cpu_ms"] > 0:
        text += f", {other['cpu_ms']:.1f} ms CPU ({other['cpu_ms'] / own['cpu_ms']:.0f} x)"
    return text
