"""Rows about streams that live long, are read again, or never get anything."""

import json
import time
import urllib.request

import http_rows
import measure
import report
from support.processes import Process
from support.until import until

MESSAGE = {"messages": [{"role": "user", "content": "hello {n}"}]}


def streamed(text, **options):
    return {"messages": [{"role": "user", "content": text}], "stream_tokens": True, **options}


def background_streams(bench, count, seconds=30):
    """Each has a client that listens and a model that says a word every half second."""
    bench.restart_server(["--server.connections-per-address-max", str(count + 100),
                          "--server.connections-max", str(count + 100),
                          "--models.concurrency-max", str(count)])
    pid, ids = bench.server.popen.pid, bench.ids_file(count)
    bench.run(method="POST", path="/v1/agents/{id}/messages", body=MESSAGE, ids=ids,
              requests=count, connections=8)
    events = 2 * seconds
    words = " ".join(["word"] * events)
    bench.model_config({"tokens_per_s": 2})
    before = measure.cpu_s(pid)
    load = bench.load(method="POST", path="/v1/agents/{id}/messages/stream", ids=ids,
                      requests=count, connections=count,
                      body=streamed(f"{{n}} [[chunks {events}]] [[say {words}]]",
                                    background=True))
    try:
        time.sleep(seconds / 2)
        pss = measure.pss_mib(pid)
        result = load.result(seconds * 10)
    finally:
        load.kill()
        bench.model_config({"tokens_per_s": 0})
    if result["errors"]:
        raise RuntimeError(f"{result['errors']} streams failed: {result['first_error']}")
    cpu_us = (measure.cpu_s(pid) - before) / (count * events) * 1e6
    ended = {p: result["latency_ms"][p] / 1000 for p in ("p50", "p99", "max")}
    limit = seconds * 1.1
    return report.Row(
        f"{count} background streams", f"p99 ends after {ended['p99']:.1f} s, {cpu_us:.0f} µs CPU "
        "an event", f"2 events/s each: {seconds} s, late by 10 % at most",
        report.at_most([(ended["p99"], limit)]),
        f"{count} clients each listen to a run of their own whose model says {events} words, two a "
        f"second (p50 {ended['p50']:.1f}, last {ended['max']:.1f} s); every event has a number and "
        f"is stored with its step; PSS half-way {pss:.0f} MiB; starts and ends are in the CPU time",
        {"seconds": ended, "cpu_us": cpu_us, "pss_mib": pss})


def paced_streams(program, load_program, directory, count, seconds=30, interval_s=0.5):
    """The same with a model in the server's own process, so that what is measured is the server:
    from what a provider hands on to what a client reads."""
    words = int(seconds / interval_s)
    server = Process([program, "--data-dir", directory / "paced-data", "--calls", count, "--words",
                      words, "--interval-ms", int(interval_s * 1000)],
                     r"listens url=http://[^ ]*:(\d+)", directory / "paced.log")
    pid = server.popen.pid
    try:
        ids = directory / "paced.ids"
        http_rows.Target(load_program, server.url, [pid], "paced/words").create_agents(count, ids)
        load = measure.Load(load_program, server.port, method="POST", requests=count,
                            connections=count, path="/v1/agents/{id}/messages/stream", ids=ids,
                            body=streamed("hello {n}", background=True))
        try:
            _printed(server, "begins")
            time.sleep(seconds / 2)
            pss = measure.pss_mib(pid)
            clients = load.result(seconds * 10)
        finally:
            load.kill()
        model = json.loads(_printed(server, "{"))
        server_s = measure.cpu_s(pid) - model["cpu_s_before"]
    finally:
        server.stop()
    if clients["errors"]:
        raise RuntimeError(f"{clients['errors']} streams failed: {clients['first_error']}")
    sent, late = count * words, clients["late_ms"]
    if late["count"] != sent:
        raise RuntimeError(f"{late['count']} of {sent} events arrived")
    server_us, model_us, client_us = (cpu / sent * 1e6 for cpu in (
        server_s, model["thread_cpu_s"], clients["cpu_s"]))
    return report.Row(
        f"{count} streams, model inside", f"late p50 {late['p50']:.1f}, p99 {late['p99']:.1f}, at "
        f"most {late['max']:.0f} ms; {server_us:.0f} µs CPU an event",
        f"{count / interval_s:.0f} events/s in real time: none late by 1 s",
        report.at_most([(late["max"] / 1000, 1)]),
        f"{count} clients each listen to a background run of their own; a model below the seam of "
        f"`Provider`, one thread, says {words} words to each, one every {interval_s} s, {sent} in "
        f"all, and all arrived ({clients['events']} events with stop reasons and ends); lateness is "
        "from the time at which a word was due to when its client had read it; CPU is that of the "
        f"server's process from the first word to the end of the last run, {model_us:.1f} µs of it "
        "the thread of the model (up to the agents' mailboxes); the clients took "
        f"{client_us:.1f} µs an event more, their requests among it; "
        f"PSS of the server half-way {pss:.0f} MiB",
        {"late_ms": late, "server_cpu_us": server_us, "model_cpu_us": model_us,
         "client_cpu_us": client_us, "pss_mib": pss, "model": model,
         "events": clients["events"]})


def _printed(process, start):
    """The line of its output that starts like this, once it is there."""
    def line():
        lines = process.log.read_text(errors="replace").splitlines()
        return next((line for line in lines if line.startswith(start)), None)
    return until(line, 300)


def replay(bench, runs, events=10_000):
    """The server was just started, so the log is read from the database."""
    agent = bench.all_ids.read_text().split()[0]
    words = " ".join(["word"] * events)
    bench.run(method="POST", path=f"/v1/agents/{agent}/messages/stream", requests=1, connections=1,
              body=streamed(f"[[chunks {events}]] [[say {words}]]", background=True))
    run_id = bench.server.get(f"/v1/runs/?agent_id={agent}&limit=1")[0]["id"]
    path, body = f"/v1/runs/{run_id}/stream", {"starting_after": 0, "include_pings": False}
    count = _count_events(bench.server.url + path, body)
    bench.restart_server()
    pid, rates, cpu = bench.server.popen.pid, [], []
    for _ in range(runs):
        before = measure.cpu_s(pid)
        result = bench.run(method="POST", path=path, body=body, requests=1, connections=1)
        rates.append(count / (result["latency_ms"]["max"] / 1000))
        cpu.append((measure.cpu_s(pid) - before) / count * 1e6)
    rate = measure.median(rates)
    return report.Row(
        "resume of a long run", f"{rate:.0f} events/s, {measure.median(cpu):.1f} µs CPU each",
        "≥ 50000 events/s", report.at_least(rate, 50_000),
        f"a run of {count} events that has ended, from its first to `[DONE]`; 1 client, median of "
        f"{runs}", {"events": count, "per_s": rates, "cpu_us": cpu})


def _count_events(url, body):
    """How many are in the stream. The numbers of those that have one (all but the last two, stop
    reason and usage) leave nothing out."""
    request = urllib.request.Request(url, method="POST", data=json.dumps(body).encode(),
                                     headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        lines = [line for line in answer.read().decode().splitlines() if line.startswith("data: ")]
    if lines[-1] != "data: [DONE]":
        raise RuntimeError("the stream has no end")
    events = [json.loads(line[6:]) for line in lines[:-1]]
    numbers = [event["seq_id"] for event in events if "seq_id" in event]
    if len(numbers) < len(events) - 2 or numbers != list(range(1, len(numbers) + 1)):
        raise RuntimeError("the numbers of the events have gaps")
    return len(lines)


def hanging_half(bench, runs, agents=1000):
    """Latency of those whose model answers, in turns without and with those whose does not."""
    half = agents // 2
    bench.restart_server(["--server.connections-per-address-max", "2000"])
    answered, silent = bench.ids_file(half), bench.ids_file(half, first=half)
    message = {"method": "POST", "path": "/v1/agents/{id}/messages", "body": MESSAGE}

    def ask():
        return bench.run(**message, ids=answered, requests=4 * half, connections=8)["latency_ms"]
    ask()
    bench.run(**message, ids=silent, requests=half, connections=8)
    alone, beside, cancels, ends = [], [], [], []
    for _ in range(runs):
        alone.append(ask()["p99"])
        load = bench.load(method="POST", path="/v1/agents/{id}/messages/stream", ids=silent,
                          requests=half, connections=half, body=streamed("[[hang]] {n}"))
        try:
            _wait_for_streams(bench, half)
            beside.append(ask()["p99"])
            started = time.monotonic()
            cancelled = bench.run(method="POST", path="/v1/agents/{id}/messages/cancel", body={},
                                  ids=silent, requests=half, connections=half)
            result = load.result(60)
            ends.append(time.monotonic() - started)
        finally:
            load.kill()
        if result["errors"]:
            raise RuntimeError(f"{result['errors']} streams failed: {result['first_error']}")
        cancels.append(cancelled["latency_ms"]["max"] / 1000)
    ratio = measure.median(beside) / measure.median(alone)
    end = measure.median(ends)
    return report.Row(
        f"{agents} agents, half hang", f"p99 {measure.median(beside):.2f} ms, {ratio:.2f} x; all "
        f"cancelled after {end:.2f} s", "≤ 1.5 x, ≤ 1 s", report.at_most([(ratio, 1.5), (end, 1)]),
        f"8 clients over {half} agents, p99 {measure.median(alone):.2f} ms without and "
        f"{measure.median(beside):.2f} ms with {half} streams whose model never answers; these are "
        f"cancelled all at once (worst answer {max(cancels):.2f} s), and the last stream has ended "
        f"{end:.2f} s after the first was asked; medians of {runs} turns",
        {"alone_p99_ms": alone, "beside_p99_ms": beside, "cancel_s": cancels, "end_s": ends})


def _wait_for_streams(bench, count, limit_s=30):
    deadline = time.monotonic() + limit_s
    while measure.metric(bench.server.url, "sse_active_sessions") < count:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{count} streams were not open after {limit_s} s")
        time.sleep(0.05)
