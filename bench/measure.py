"""What is read of a process and of the machine, and the load generator as a function."""

import json
import os
import pathlib
import select
import statistics
import subprocess
import time
import urllib.request

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_s(pid):
    """User and system time of a process, all threads, also of those that ended."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def pss_mib(pid):
    """Memory of a process, with its share of the pages that others use too."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no Pss in smaps_rollup")


def metric(url, name):
    """A gauge of the server, without labels."""
    with urllib.request.urlopen(url + "/metrics", timeout=30) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
    raise RuntimeError(f"no {name} in /metrics")


def machine():
    names = [line.split(":")[1].strip() for line in open("/proc/cpuinfo")
             if line.startswith("model name")]
    return f"{os.cpu_count()} cores ({names[0] if names else 'unknown'})"


def load_average():
    return os.getloadavg()[0]


class BusyCores:
    """How many cores the whole machine kept busy since this was made."""

    def __init__(self):
        self.start = (self._busy_s(), time.monotonic())

    def so_far(self):
        return (self._busy_s() - self.start[0]) / (time.monotonic() - self.start[1])

    @staticmethod
    def _busy_s():
        fields = [int(field) for field in open("/proc/stat").readline().split()[1:9]]
        return (sum(fields) - fields[3] - fields[4]) / TICKS_PER_S  # without idle and iowait


def median(values):
    return statistics.median(values)


class Load:
    """bench_load, once: `Load(...).result()`, or held open until `end()`."""

    def __init__(self, binary, port, method="GET", path="/", body=None, host="127.0.0.1",
                 stderr=None, **options):
        command = [str(binary), "--host", host, "--port", str(port), "--method", method,
                   "--path", path]
        if body is not None:
            command += ["--body", body if isinstance(body, str) else json.dumps(body)]
        for name, value in options.items():
            flag = "--" + name.replace("_", "-")
            command += [flag] if value is True else [flag, str(value)]
        self.popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=stderr, text=True)

    def result(self, timeout_s=600):
        ready, _, _ = select.select([self.popen.stdout], [], [], timeout_s)
        line = self.popen.stdout.readline() if ready else ""
        if not line:
            self.kill()
            raise RuntimeError(f"bench_load was not done after {timeout_s} s" if not ready
                               else f"bench_load ended with {self.popen.returncode}")
        return json.loads(line)

    def kill(self):
        self.popen.kill()
        self.popen.wait()

    def end(self):
        self.popen.stdin.close()
        self.popen.wait()


def run_load(binary, port, **options):
    """Runs it to its end; an answer that is no success is an error of the benchmark."""
    load = Load(binary, port, **options)
    result = load.result()
    load.end()
    if result["errors"]:
        raise RuntimeError(f"{result['errors']} requests failed, first: {result['first_error']}")
    return result
