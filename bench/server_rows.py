"""Rows about the process of the server: its start, its memory, its size, many streams at once."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import measure
import report

MESSAGE = {"messages": [{"role": "user", "content": "hello {n}"}]}


def idle_percent(pid, seconds):
    """The CPU time of a process while this waits, in percent of a core."""
    before, started = measure.cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    return (measure.cpu_s(pid) - before) / (time.monotonic() - started) * 100


def idle(server, agents, seconds):
    """Nothing is resident here: the server was just started."""
    time.sleep(2)
    share = idle_percent(server.popen.pid, seconds)
    pss = measure.pss_mib(server.popen.pid)
    return report.Row(
        "idle", f"{pss:.1f} MiB, {share:.2f} % of a core", "≤ 60 MiB, < 0.5 %",
        report.at_most([(pss, 60), (share, 0.5)]),
        f"PSS of a server that was started 2 s before on {agents} stored agents, and its CPU time "
        f"over {seconds} s without requests (steps of 10 ms)", {"pss_mib": pss, "cpu": share})


def after_load(server):
    pss = measure.pss_mib(server.popen.pid)
    return report.Row("memory after load", f"{pss:.1f} MiB", "≤ 120 MiB",
                      report.at_most([(pss, 120)]),
                      "PSS right after the rows of requests above", {"pss_mib": pss})


def start(bench, runs, is_killed):
    """Seconds from exec to a 200 of /v1/health. `bench.server` ends up running again."""
    times = []
    for _ in range(runs):
        if is_killed:
            load = bench.background_load()
            time.sleep(1)
            bench.server.kill()
            load.kill()
        else:
            bench.server.stop()
        started = time.monotonic()
        bench.start_server()
        times.append(time.monotonic() - started)
    value, limit = measure.median(times), 1.0 if is_killed else 0.3
    name = "start after kill -9" if is_killed else "start, clean"
    how = f"from exec to a 200 of /v1/health, asked every 10 ms; median of {runs}"
    if is_killed:
        how += ", each killed under 8 clients that send messages"
    return report.Row(name, f"{value:.3f} s (worst {max(times):.3f})",
                      f"≤ {limit} s with {bench.agents} agents", report.at_most([(value, limit)]),
                      how, {"seconds": times})


def wake_up(bench):
    """Each agent is asked once asleep and once awake; the server was just started."""
    ids = bench.ids_file(bench.wakes)

    def ask():
        return bench.run(method="POST", path="/v1/agents/{id}/messages", body=MESSAGE, ids=ids,
                         requests=bench.wakes, connections=1)["latency_ms"]
    bench.run(method="POST", path="/v1/agents/{id}/messages", body=MESSAGE,
              ids=bench.ids_file(1, first=bench.wakes), requests=50, connections=1)
    asleep, awake = ask(), ask()
    p50, p99 = (max(0.0, asleep[p] - awake[p]) for p in ("p50", "p99"))
    return report.Row(
        "wake-up of an agent", f"p50 {p50:.2f} ms, p99 {p99:.2f} ms", "p99 < 10 ms",
        report.at_most([(p99, 10)]),
        f"a message to each of {bench.wakes} sleeping agents (p50 {asleep['p50']:.2f}, p99 "
        f"{asleep['p99']:.2f} ms) less the next message to each (p50 {awake['p50']:.2f}, p99 "
        f"{awake['p99']:.2f} ms); 1 client, files in the page cache",
        {"asleep": asleep, "awake": awake})


def residents(bench, count, seconds):
    """The server was just started; each agent is woken by one message and stays."""
    pid = bench.server.popen.pid
    bench.run(method="POST", path="/v1/agents/{id}/messages", body=MESSAGE,
              ids=bench.ids_file(50, count), requests=200, connections=8)
    before = measure.pss_mib(pid)
    bench.run(method="POST", path="/v1/agents/{id}/messages", body=MESSAGE,
              ids=bench.ids_file(count), requests=count, connections=8)
    time.sleep(2)
    grown = measure.pss_mib(pid) - before
    each = grown * 1024 / count
    share = idle_percent(pid, seconds)
    return report.Row(
        "resident agent", f"{each:.1f} KiB, idle at {share:.2f} % of a core",
        "≤ 32 KiB each, < 0.5 %", report.at_most([(each, 32), (share, 0.5)]),
        f"growth of PSS while {count} agents got one message each, by {count}: an upper bound, for "
        "their prompts and what filled the database's caches (24 MiB at most) are in it; CPU over "
        f"{seconds} s without requests", {"kib_each": each, "cpu": share})


def slow_model_streams(bench, runs):
    times = []
    bench.model_config({"latency_ms": 3000})
    try:
        for _ in range(runs):
            result = bench.run(method="POST", path="/v1/agents/{id}/messages/stream",
                               body={**MESSAGE, "stream_tokens": True}, ids=bench.ids_file(200),
                               requests=200, connections=200)
            times.append(result["latency_ms"]["max"] / 1000)
    finally:
        bench.model_config({"latency_ms": 0})
    value = measure.median(times)
    return report.Row(
        "200 streams, 3 s model", f"all done after {value:.2f} s", "≤ 3.5 s",
        report.at_most([(value, 3.5)]),
        f"200 clients send to 200 agents at once, the model waits 3 s before its first byte; "
        f"median of {runs} of the last to end", {"seconds": times})


def idle_streams(bench, count):
    """A server of its own, whose limits let one address have that many. A tenth of the runs waits
    for its turn at the model, for two sockets each may be more than a process may open."""
    bench.restart_server(["--server.connections-per-address-max", str(count + 100),
                          "--server.connections-max", str(count + 100),
                          "--models.concurrency-max", str(count * 9 // 10)])
    pid, ids = bench.server.popen.pid, bench.ids_file(count)
    bench.run(method="POST", path="/v1/agents/{id}/messages", body=MESSAGE, ids=ids,
              requests=count, connections=8)
    before = measure.pss_mib(pid)
    load = bench.load(hold=True, method="POST", path="/v1/agents/{id}/messages/stream",
                      body={"messages": [{"role": "user", "content": "[[hang]] {n}"}],
                            "stream_tokens": True},
                      ids=ids, requests=count, connections=count)
    opened = load.result(100)  # the model's silence ends the first streams after 120 s
    if opened["errors"]:
        load.kill()
        raise RuntimeError(f"{opened['errors']} streams failed: {opened['first_error']}")
    grown = measure.pss_mib(pid) - before
    share = idle_percent(pid, 25)  # a ping each at least
    still_open = measure.metric(bench.server.url, "sse_active_sessions")
    load.kill()
    if still_open < count:
        raise RuntimeError(f"only {still_open:.0f} of {count} streams are open")
    each = grown * 1024 / count
    return report.Row(
        f"{count} idle streams", f"{each:.1f} KiB each, {share:.1f} % of a core", "≤ 20 KiB each",
        report.at_most([(each, 20)]),
        f"growth of PSS (sockets' buffers in the kernel are not in it) by {count} streams, each of "
        "its own agent that was awake before and whose model never answers: the run behind each and "
        f"its transfer from the model (libcurl's 12 KiB and the request's body) are in it; opened in {opened['seconds']:.1f} s; CPU over 25 s with their pings",
        {"kib_each": each, "cpu": share})


def size(binary):
    """What a machine needs on its disk to run it, without the system's C library."""
    with tempfile.TemporaryDirectory() as directory:
        stripped = pathlib.Path(directory) / "reverie"
        subprocess.run(["strip", "-o", stripped, binary], check=True)
        stripped_mb = stripped.stat().st_size / 1e6
    built_mb = binary.stat().st_size / 1e6
    libraries = [line.split()[2] for line in subprocess.run(
        ["ldd", binary], check=True, capture_output=True, text=True).stdout.splitlines()
        if "=> /" in line]
    library_mb = sum(os.stat(os.path.realpath(path)).st_size for path in libraries) / 1e6
    total = stripped_mb + library_mb
    return report.Row(
        "binary and libraries", f"{total:.1f} MB", "≤ 60 MB", report.at_most([(total, 60)]),
        f"stripped binary {stripped_mb:.1f} MB (as built, with line numbers, {built_mb:.1f}) and "
        f"the {len(libraries)} libraries that ldd names, {library_mb:.1f} MB, the C library among "
        "them", {"stripped_mb": stripped_mb, "built_mb": built_mb, "library_mb": library_mb})


def cold_tool_calls(binary):
    output = subprocess.run([binary, "--calls", "20", "--duration-ms", "500"], check=True,
                            capture_output=True, text=True).stdout
    levels = [json.loads(line) for line in output.splitlines()]
    if not levels:
        raise RuntimeError("no code runs on this machine")
    return report.Row(
        "first tool call", ", ".join(f"{each['cold_ms']:.0f} ms ({each['level']})" for each in levels),
        "≤ 400 ms", report.at_most([(each["cold_ms"], 400) for each in levels]),
        "of a Python function, after the start of the sandbox: its Python is not there yet",
        {"levels": levels})


def commits(binary, directory, runs):
    target = directory / "commits"
    output = subprocess.run([binary, target, "--runs", str(runs)], check=True, capture_output=True,
                            text=True).stdout
    shutil.rmtree(target)
    turns = [json.loads(line) for line in output.splitlines()]
    per_s = {side: measure.median([turn[side]["per_s"] for turn in turns]) for side in turns[0]}
    cpu = {side: measure.median([turn[side]["cpu_us"] for turn in turns]) for side in turns[0]}
    share = per_s["shards"] / per_s["threads"]
    verdicts = [report.at_least(share, 0.85), report.at_least(per_s["shards"], 5000)]
    return report.Row(
        "durable commits", f"{per_s['shards']:.0f}/s, {share:.0%} of raw",
        "≥ 85 % of raw, ≥ 5000/s",
        "; ".join(verdict for verdict in verdicts if verdict != "meets") or "meets",
        f"64 writers, 4 records of 300 bytes each time, {cpu['shards']:.1f} µs CPU; raw: 64 "
        f"threads with a synced write each, which RocksDB groups ({per_s['threads']:.0f}/s, "
        f"{cpu['threads']:.1f} µs); one thread that merges 64 into a write, the most this disk and "
        f"CPU allow: {per_s['one']:.0f}/s, {cpu['one']:.1f} µs; in turns of 1 s, medians of {runs}",
        {"turns": turns})
